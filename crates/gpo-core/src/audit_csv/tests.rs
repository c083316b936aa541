use super::*;
use alloc::string::String;
use alloc::vec;
use proptest::prelude::*;

fn audit(rows: &str) -> AuditCsv {
    AuditCsv::parse(format!("{HEADER}\r\n{rows}").as_bytes()).unwrap()
}

fn text(audit: &AuditCsv) -> String {
    String::from_utf8(audit.to_bytes().unwrap()).unwrap()
}

fn guid(number: u8) -> Guid {
    format!("{{0cce92{number:02x}-69ae-11d9-bed3-505054503030}}")
        .parse()
        .unwrap()
}

#[test]
fn there_are_59_subcategories() {
    for (number, name) in [
        (0x0f, None),
        (0x10, Some("Security State Change")),
        (0x4b, None),
    ] {
        assert_eq!(audit_subcategory_name(guid(number)), name);
    }
    assert_eq!(
        audit_subcategory_name(guid(0x4a)),
        Some("Token Right Adjusted")
    );
    assert_eq!(audit_subcategory_name(Guid::from_u128(0)), None);
    let other = "{0CCE9215-69AE-11D9-BED3-505054503031}".parse().unwrap();
    assert_eq!(audit_subcategory_name(other), None);
}

#[test]
fn an_empty_file_gets_a_header_before_its_first_row() {
    let mut empty = AuditCsv::parse(b"").unwrap();
    empty
        .set_subcategory(guid(0x15), AuditValue::Failure)
        .unwrap();
    assert!(text(&empty).starts_with(HEADER));
    assert_eq!(empty.rows().count(), 1);
}

#[test]
fn rows_are_of_three_kinds() {
    let audit = audit(
        ",System,Audit Logon,{0cce9215-69ae-11d9-bed3-505054503030},Success,,1\r\n\
         PC,S-1-5-32-545,x,{0CCE9216-69AE-11D9-BED3-505054503030},y,,7\r\n\
         PC,,Option:CrashOnAuditFail,,Disabled,,0\r\n\r\n\
         ,,FileGlobalSacl,,,,\"S:(AU;SA;FA;;;WD, \"\"x\"\")\"\r\nodd,row\r\n",
    );
    let rows: Vec<_> = audit.rows().collect();
    assert_eq!(rows[0].guid(), Some(guid(0x15)));
    assert_eq!(
        (rows[0].audit_value(), rows[0].user()),
        (Some(AuditValue::Success), None)
    );
    assert_eq!((rows[1].audit_value(), rows[1].line), (None, 3));
    assert_eq!(rows[1].user(), Some("S-1-5-32-545".parse().unwrap()));
    assert_eq!(
        (rows[2].option(), rows[2].guid()),
        (Some("CrashOnAuditFail"), None)
    );
    assert_eq!(rows[3].global_sacl(), Some("S:(AU;SA;FA;;;WD, \"x\")"));
    assert_eq!((rows.len(), audit.unknown_lines()), (4, vec![7]));
}

#[test]
fn edits_touch_only_what_they_change() {
    // In German.
    let before = ",System,Anmelden,{0CCE9215-69AE-11D9-BED3-505054503030},Erfolg,,1\r\n\
                  ,System,Abmelden,{0CCE9216-69AE-11D9-BED3-505054503030},Fehler,,2\r\n";
    for (number, value, after) in [
        (0x15, AuditValue::Success, before.to_owned()),
        (
            0x15,
            AuditValue::Failure,
            before.replace("Erfolg,,1", "Fehler,,2"),
        ),
        (
            0x15,
            AuditValue::None,
            before.replace("Erfolg,,1", "No Auditing,,0"),
        ),
        (
            0x48,
            AuditValue::Failure,
            before.to_owned()
                + ",System,Audit PNP Activity,{0cce9248-69ae-11d9-bed3-505054503030},Fehler,,2\r\n",
        ),
    ] {
        let mut audit = audit(before);
        audit.set_subcategory(guid(number), value).unwrap();
        assert_eq!(text(&audit), format!("{HEADER}\r\n{after}"));
    }
    let mut audit = audit(before);
    audit
        .set_column(2, AuditColumn::SettingValue, "a,\"b\"")
        .unwrap();
    assert!(text(&audit).contains(",Erfolg,,\"a,\"\"b\"\"\"\r\n"));
    for line in [0, 1, 9] {
        let error = audit
            .set_column(line, AuditColumn::PolicyTarget, "x")
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Missing);
    }
    let error = audit
        .set_subcategory(guid(0), AuditValue::None)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Value);
}

proptest! {
    #[test]
    fn any_line_is_a_row_or_unknown(lines in prop::collection::vec("[a,\" ]{0,14}", 0..6)) {
        let mut audit = audit(&lines.join("\r\n"));
        let before = audit.clone();
        for row in before.rows() {
            for column in AuditColumn::ALL {
                audit.set_column(row.line, column, row.column(column)).unwrap();
            }
        }
        prop_assert_eq!(&audit, &before);
        let rows = before.rows().count();
        let blank = lines.iter().filter(|line| line.trim().is_empty()).count();
        prop_assert!(rows + before.unknown_lines().len() + blank >= lines.len());
    }

    #[test]
    fn any_row_is_read_again(columns in prop::array::uniform7("[a,\"é ]{0,4}")) {
        let mut audit = AuditCsv::new().unwrap();
        audit.push_row(columns.each_ref().map(String::as_str)).unwrap();
        let read = AuditCsv::parse(&audit.to_bytes().unwrap()).unwrap();
        let row = read.rows().next().unwrap();
        prop_assert_eq!(AuditColumn::ALL.map(|column| row.column(column).to_owned()), columns);
    }
}

#[test]
fn a_quote_that_was_none_stays_none_when_another_is_taken_away() {
    let line = "\",,a,b,[\"c,,d\"";
    let mut audit = AuditCsv::parse(format!("header\n{line}\n").as_bytes()).unwrap();
    let before: Vec<String> = AuditColumn::ALL
        .map(|column| audit.rows().next().unwrap().column(column).to_owned())
        .to_vec();
    audit
        .set_column(2, AuditColumn::InclusionSetting, "e")
        .unwrap();
    let row = audit.rows().next().unwrap();
    for (column, before) in AuditColumn::ALL.into_iter().zip(&before) {
        let expected = match column {
            AuditColumn::InclusionSetting => "e",
            _ => before,
        };
        assert_eq!(row.column(column), expected);
    }
    let edited = String::from_utf8(audit.to_bytes().unwrap()).unwrap();
    assert_eq!(edited, "header\n\"\"\"\",,a,b,e,,\"d\"\"\"\n");
}
