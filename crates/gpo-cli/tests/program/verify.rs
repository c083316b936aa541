use std::fs;

use crate::run::{Backups, gpo};

#[test]
fn the_exit_status_says_how_bad_it_is() {
    let backups = Backups::new();
    let run = gpo(["verify", "--round-trip", backups.text()]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(
        run.lines().len(),
        1,
        "one GPO has halves of different versions"
    );
    assert!(run.out.starts_with("warning: ") && run.out.contains("[versions-differ]"));
    assert_eq!(gpo(["verify", "--strict", backups.text()]).status, 1);

    let pol = backups.backup("Arbeitsplätze – Grundschutz");
    let pol = pol.join("DomainSysvol/GPO/Machine/registry.pol");
    let mut bytes = fs::read(&pol).unwrap();
    bytes.truncate(bytes.len() - 3);
    fs::write(&pol, bytes).unwrap();
    let run = gpo(["verify", backups.text()]);
    assert_eq!(run.status, 2);
    let errors: Vec<_> = run
        .lines()
        .into_iter()
        .filter(|line| line.starts_with("error: "))
        .collect();
    assert!(
        matches!(errors.as_slice(), [changed, invalid]
            if changed.ends_with("[changed-file]")
            && invalid.contains("registry.pol: byte ")
            && invalid.ends_with("[invalid-file]")),
        "{errors:?}"
    );
}

#[test]
fn several_paths_are_checked_and_json_says_all() {
    let (a, b) = (Backups::new(), Backups::new());
    let single = b.backup("Default Domain Policy");
    let run = gpo(["verify", "--json", a.text(), single.to_str().unwrap()]);
    let json = run.json();
    assert_eq!(json["schema"], "gpo/verify/1");
    assert_eq!(json["paths"][0]["backups"], 7);
    assert_eq!(json["paths"][1]["backups"], 1);
    assert_eq!(json["paths"][0]["findings"][0]["kind"], "versions-differ");
    assert_eq!(json["paths"][0]["findings"][0]["severity"], "warning");
}
