use std::fs;

use crate::run::{Backups, domain, gpo};

#[test]
fn a_folder_holds_what_the_domain_holds() {
    let place = tempfile::tempdir().unwrap();
    let to = format!("dir:{}/copy", place.path().display());
    let planned = gpo(["export", "--from", &domain(), "--to", &to, "--dry-run"]);
    assert!(
        planned
            .out
            .starts_with("would export example.test: 9 GPOs\n"),
        "{planned:?}"
    );
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);

    let run = gpo(["export", "--from", &domain(), "--to", &to, "--json"]);
    assert_eq!(run.status, 0, "{run:?}");
    let json = run.json();
    assert_eq!(json["schema"], "gpo/export/1");
    assert_eq!(
        (&json["soms"], &json["wmi_filters"]),
        (&5.into(), &1.into())
    );
    // What a GPO is linked to has no order.
    let list = |from: &str| {
        let mut json = gpo(["gpos", "--from", from, "--json"]).json();
        for gpo in json["gpos"].as_array_mut().unwrap() {
            let links = gpo["links"].as_array_mut().unwrap();
            links.sort_by_key(|link| link["target"].to_string());
        }
        json
    };
    assert_eq!(list(&to), list(&domain()));
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);

    let again = gpo(["export", "--from", &domain(), "--to", &to]);
    assert_eq!(again.status, 2);
    assert!(
        again.err.contains("there is something already"),
        "{again:?}"
    );
    let nowhere = gpo(["export", "--from", &domain(), "--to", "backup:x"]);
    assert!(nowhere.err.contains("--to dir:PATH"), "{nowhere:?}");
}

#[test]
fn backups_become_a_domain_with_links_and_filters() {
    let (backups, place) = (Backups::new(), tempfile::tempdir().unwrap());
    let to = format!("dir:{}/copy", place.path().display());
    let from = format!("backup:{}", backups.text());
    let run = gpo(["export", "--from", &from, "--to", &to]);
    assert_eq!(run.status, 0, "{run:?}");
    let links = |from: &str| gpo(["links", "show", "--from", from, "--json"]).json();
    assert_eq!(links(&to)["gpos"].as_array().unwrap().len(), 7);
    assert!(
        gpo(["wmi", "list", "--from", &to])
            .out
            .contains("Tragbare Geräte")
    );
    assert!(
        gpo(["wmi", "list", "--from", &from])
            .out
            .contains("Tragbare Geräte")
    );
}
