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

#[test]
fn gpos_are_found_by_what_they_have() {
    let find = |args: &[&str]| -> Vec<String> {
        let from = domain();
        let all = ["gpos", "--json", "--from", &from].into_iter();
        let run = gpo(all.chain(args.iter().copied()));
        assert_eq!(run.status, 0, "{run:?}");
        let json = run.json();
        let gpos = json["gpos"].as_array().unwrap().iter();
        gpos.map(|gpo| gpo["gpo_id"].as_str().unwrap()[1..9].to_uppercase())
            .collect()
    };
    let ou = "ou=arbeitsplätze, dc=example, dc=test";
    for (args, found) in [
        (&["--gpo", "default domain policy"][..], &["31B2F340"][..]),
        (&["--name", "DOMAIN"], &["31B2F340"]),
        (
            &["--linked-to", ou, "--name", "a"],
            &["10AD0001", "10AD0004", "10AD0005"],
        ),
        (
            &[
                "--linked-to",
                ou,
                "--not-name",
                "GRUNDSCHUTZ",
                "--not-name",
                "etage",
            ],
            &["10AD0005"],
        ),
        (&["--wmi-filter", "tragbare geräte"], &["10AD0001"]),
        (
            &[
                "--linked-to",
                ou,
                "--not-gpo",
                "{10AD0001-6C1B-4F55-9B5C-7E3A4C2F0001}",
            ],
            &["10AD0004", "10AD0005"],
        ),
        (
            &["--computer-extension", "security", "--name", "default"],
            &["31B2F340"],
        ),
        (
            &["--not-computer-extension", "security", "--name", "default"],
            &[],
        ),
        (
            &[
                "--trustee",
                "Authenticated Users",
                "--level",
                "read",
                "--name",
                "default",
            ],
            &["31B2F340"],
        ),
        (
            &[
                "--trustee",
                "S-1-5-11",
                "--level",
                "apply",
                "--not-level",
                "edit",
                "--name",
                "default",
            ],
            &["31B2F340"],
        ),
        (&["--trustee", "S-1-5-11", "--level", "edit"], &[]),
    ] {
        assert_eq!(find(args), found, "{args:?}");
    }
    for (args, says) in [
        (["--trustee", "S-1-5-11"], "--level"),
        (["--user-extension", "nonsense"], "Folder Redirection"),
        (["--wmi-filter", "nonsense"], "there is no WMI filter"),
        (["--gpo", "nonsense"], "no GPO of this name"),
    ] {
        let run = gpo(["gpos", "--from", &domain(), args[0], args[1]]);
        assert_eq!(run.status, 2, "{run:?}");
        assert!(run.err.contains(says), "{run:?}");
    }
}
