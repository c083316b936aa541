use crate::run::{Backups, gpo};

#[test]
fn everything_is_shown() {
    let backups = Backups::new();
    let run = gpo([
        "show",
        backups.backup("Default Domain Policy").to_str().unwrap(),
    ]);
    assert_eq!((run.status, run.err.as_str()), (0, ""));
    for part in [
        "Default Domain Policy",
        "{31B2F340-016D-11D2-945F-00C04FB984F9}",
        "example.test",
        "{827D319E-6EAC-11D2-A4EA-00C04F79F83A} Security",
        "GptTmpl.inf",
        "NT AUTHORITY\\Authenticated Users: apply",
        "D:PAI",
        "gpo-sidecar.json",
        "DC=example,DC=test (enforced), place 0",
        "Owner             S-1-5-21-",
        "GPT.INI           [General]; ",
    ] {
        assert!(run.out.contains(part), "{part} is not in {}", run.out);
    }
}

#[test]
fn a_backup_of_a_set_is_named_by_its_id() {
    let backups = Backups::new();
    let id = backups.id("営業部 ログオン");
    let json = gpo(["show", backups.text(), "--id", &id, "--json"]).json();
    assert_eq!(json["schema"], "gpo/show/1");
    assert_eq!(json["backup"]["id"], id);
    assert_eq!(json["gpo"]["name"], "営業部 ログオン");
    assert_eq!(json["missing_files"], serde_json::json!([]));
    let extensions = json["extensions"].as_array().unwrap();
    assert!(
        extensions
            .iter()
            .any(|extension| extension["name"] == "Scripts")
    );

    let run = gpo(["show", backups.text()]);
    assert_eq!(run.status, 2);
    assert!(
        run.err.contains("say which by its ID, with --id"),
        "{}",
        run.err
    );
}
