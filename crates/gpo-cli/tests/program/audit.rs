use crate::run::{gpo, gpo_with_input, policy_file};

#[test]
fn rows_are_named_by_their_guid_whatever_the_language() {
    let file = "Computername,Richtlinienziel,Unterkategorie,GUID,Einschluss,Ausschluss,Wert\r\n\
        ,System,Anmelden,{0CCE9215-69AE-11D9-BED3-505054503030},Erfolg und Fehler,,3\r\n\
        ,System,Option:CrashOnAuditFail,,Deaktiviert,,0\r\n\
        ,,FileGlobalSacl,,,,S:(AU;SAFA;FA;;;WD)\r\nnonsense\r\n";
    let run = gpo_with_input(["audit", "dump", "-"], file.as_bytes());
    assert_eq!(
        run.lines(),
        [
            "LINE  TARGET  SETTING                  VALUE",
            "2     System  Logon                    Success and Failure",
            "3     System  Option:CrashOnAuditFail  0",
            "4             FileGlobalSacl           S:(AU;SAFA;FA;;;WD)",
        ]
    );
    assert!(
        run.status == 0 && run.err.contains("standard input: line 5"),
        "{run:?}"
    );
    let json = gpo_with_input(["audit", "dump", "-", "--json"], file.as_bytes()).json();
    assert_eq!(
        json["rows"][0]["guid"],
        "{0CCE9215-69AE-11D9-BED3-505054503030}"
    );
    assert_eq!(json["unknown_lines"], serde_json::json!([5]));
}

#[test]
fn a_file_of_a_gpo_is_listed() {
    let path =
        "{10AD0002-6C1B-4F55-9B5C-7E3A4C2F0002}/MACHINE/Microsoft/Windows NT/Audit/audit.csv";
    let run = gpo([
        "audit".as_ref(),
        "dump".as_ref(),
        policy_file(path).as_os_str(),
    ]);
    assert!(run.status == 0 && run.lines().len() > 1, "{run:?}");
}
