use crate::run::{domain, gpo};

#[test]
fn the_table_has_a_row_for_each_gpo() {
    let run = gpo(["gpos", "--from", &domain()]);
    assert_eq!((run.status, run.err.as_str()), (0, ""), "{run:?}");
    let lines = run.lines();
    assert_eq!(
        lines.len(),
        10,
        "a header, 8 containers and a folder without one"
    );
    let row = |name: &str| lines.iter().find(|line| line.contains(name)).unwrap();
    assert!(row("Versionen verschieden").contains("  2 (1) "));
    assert!(row("Verwaister Container").contains("  0 (-) "));
    let baseline = row("Grundschutz");
    assert!(baseline.contains("Tragbare Geräte"), "{baseline}");
    assert!(baseline.contains("(disabled, enforced)"), "{baseline}");
}

#[test]
fn json_tells_both_sides() {
    let json = gpo(["gpos", "--from", &domain(), "--json"]).json();
    assert_eq!(json["schema"], "gpo/gpos/1");
    assert_eq!(json["status"], "succeeded");
    let gpos = json["gpos"].as_array().unwrap();
    let gpo = |name: &str| gpos.iter().find(|gpo| gpo["gpo_name"] == name).unwrap();
    let differs = gpo("Versionen verschieden");
    assert_eq!(differs["versions_agree"], false);
    assert_eq!(differs["computer"]["version_directory"], 2);
    assert_eq!(differs["computer"]["version_sysvol"], 1);
    assert_eq!(differs["user"]["enabled"], false);
    let half = gpo("Verwaister Container");
    assert_eq!(half["in_sysvol"], false);
    assert!(half["user"]["version_sysvol"].is_null());
    let orphan = gpo("");
    assert_eq!(
        (&orphan["in_directory"], &orphan["in_sysvol"]),
        (&false.into(), &true.into())
    );
    let link = &gpo("Arbeitsplätze – Grundschutz")["links"][1];
    assert_eq!(
        (&link["enabled"], &link["enforced"]),
        (&false.into(), &true.into())
    );
}

#[test]
fn backups_are_a_source_too() {
    let backups = crate::run::Backups::new();
    let source = format!("backup:{}", backups.text());
    let json = gpo(["gpos", "--from", &source, "--json"]).json();
    assert_eq!(json["gpos"].as_array().unwrap().len(), 7);
}

/// Nobody listens there: the options alone are refused, before anybody is asked for a password.
#[test]
fn a_live_domain_is_asked_with_options_that_fit() {
    let user = ["--user", "admin@example.test"];
    for (address, options, says) in [
        (
            "ldaps://127.0.0.1:9",
            &["--user", "admin"][..],
            "user@dns.domain",
        ),
        ("ldap://127.0.0.1:9", &user, "--starttls"),
        (
            "ldaps://127.0.0.1:9",
            &["--user", "admin@example.test", "--dc", "dc1"],
            "names a controller",
        ),
        ("ldaps://127.0.0.1:9", &["--dc", "dc1"], ""),
        ("ldaps://127.0.0.1:9", &["--password-file", "x"], "--user"),
        (
            "ldaps://127.0.0.1:9",
            &[&user[..], &["--insecure", "--starttls"]].concat(),
            "--insecure",
        ),
    ] {
        let run = gpo([&["gpos", "--from", address], options].concat());
        assert_eq!(run.status, 2, "{run:?}");
        assert!(run.err.contains(says), "{run:?}");
    }
}
