use std::fs;

use crate::run::{domain, gpo};

#[test]
fn the_exit_status_is_1_where_something_was_found() {
    let run = gpo(["check", "--from", &domain()]);
    assert_eq!(run.status, 1, "{run:?}");
    let kinds = ["[no-container]", "[versions-differ]", "[no-folder]"];
    let lines = run.lines();
    assert_eq!(lines.len(), kinds.len(), "{lines:?}");
    for (line, kind) in lines.iter().zip(kinds) {
        assert!(line.ends_with(kind), "{line}");
    }
    assert!(lines[2].starts_with("error: Verwaister Container {10AD0007-"));
    let json = gpo(["check", "--from", &domain(), "--json"]).json();
    assert_eq!(json["schema"], "gpo/check/1");
    assert_eq!((&json["errors"], &json["warnings"]), (&2.into(), &1.into()));
    assert_eq!(json["gpos"][0]["findings"][0]["kind"], "no-container");
    assert_eq!(json["gpos"].as_array().unwrap().len(), 9);
}

#[test]
fn it_is_0_where_all_is_good_and_2_where_nothing_can_be_checked() {
    let copy = tempfile::tempdir().unwrap();
    let source = copy.path().join("domain");
    let from = format!("dir:{}", source.display());
    assert_eq!(gpo(["check", "--from", &from]).status, 2, "no such folder");
    // A domain with one GPO of those in testdata/.
    let testdata = domain().replacen("dir:", "", 1);
    let ldif = fs::read_to_string(format!("{testdata}/directory.ldif")).unwrap();
    let records = ldif.split("\n\n").filter(|record| {
        !record.contains(",CN=Policies,CN=System,") || record.contains("CN={31B2F340-")
    });
    let records: Vec<_> = records.collect();
    let policies = "sysvol/example.test/Policies/{31B2F340-016D-11D2-945F-00C04FB984F9}";
    let template = "MACHINE/Microsoft/Windows NT/SecEdit";
    fs::create_dir_all(source.join(policies).join(template)).unwrap();
    for file in ["GPT.INI", &format!("{template}/GptTmpl.inf")] {
        let from = format!("{testdata}/{policies}/{file}");
        fs::copy(from, source.join(policies).join(file)).unwrap();
    }
    fs::write(source.join("directory.ldif"), records.join("\n\n")).unwrap();
    let run = gpo(["check", "--from", &from]);
    assert_eq!((run.status, run.out.as_str()), (0, ""), "{run:?}");
}
