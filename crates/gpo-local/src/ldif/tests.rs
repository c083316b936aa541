use super::*;

use proptest::prelude::*;

fn round_trip(bytes: &[u8]) -> LdifDocument {
    let document = LdifDocument::parse(bytes).unwrap();
    assert!(document.to_bytes().unwrap() == bytes);
    document
}

fn utf16(text: &str, bom: bool) -> Vec<u8> {
    Text::new(text, Encoding::Utf16Le, bom).encode().unwrap()
}

/// As `ldapsearch` writes it, folded, with its summary.
const LDAPSEARCH: &str = "\
# extended LDIF
#
# LDAPv3
# base <DC=example,DC=test> with scope subtree
#

# example.test
dn: DC=example,DC=test
objectClass: top
objectClass: domainDNS
objectGUID:: 0KQXxVvO4kWExNqff3N1
 fA==
description: a long
  line
empty:

# search reference
ref: ldap://other.example.test/DC=other,DC=example,DC=test

dn:: T1U9w7xiZXIsREM9ZXhhbXBsZSxEQz10ZXN0
ou:: w7xiZXI=

# search result
search: 2
result: 0 Success

# numResponses: 3
# numEntries: 2
";

#[test]
fn an_export_of_ldapsearch_is_read_and_written_back() {
    for text in [LDAPSEARCH.to_owned(), LDAPSEARCH.replace('\n', "\r\n")] {
        let document = round_trip(text.as_bytes());
        let records: Vec<_> = document.records().collect();
        assert_eq!(records.len(), 2);
        assert_eq!(records[0].dn(), "DC=example,DC=test");
        assert!(records[0].has_class("DOMAINdns"));
        assert_eq!(records[0].value("objectguid").unwrap().len(), 16);
        assert_eq!(records[0].text("description").unwrap(), "a long line");
        assert_eq!(records[0].text("empty").unwrap(), "");
        assert_eq!(records[0].attributes().count(), 5);
        assert_eq!(records[1].dn(), "OU=\u{fc}ber,DC=example,DC=test");
        assert_eq!(records[1].text("OU").unwrap(), "\u{fc}ber");
    }
}

#[test]
fn an_export_of_ldifde_is_read_and_written_back() {
    let text = "dn: CN=\u{4e0a}\u{a0a},DC=x\r\nchangetype: add\r\ncn: \u{4e0a}\u{a0a}\r\nx: 1\r\n\r\n\
                dn: DC=x\r\nchangetype: ADD\r\n\r\n";
    for bytes in [
        utf16(text, true),
        utf16(text, false),
        Text::new(text, Encoding::Utf16Be, true).encode().unwrap(),
        text.as_bytes().to_vec(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
    ] {
        let mut document = round_trip(&bytes);
        let records: Vec<_> = document.records().collect();
        assert_eq!(records.len(), 2);
        let attributes: Vec<_> = records[0].attributes().map(|(name, _)| name).collect();
        assert_eq!(attributes, ["cn", "x"]);
        document
            .record_mut("dc=X")
            .unwrap()
            .set("y", &["2"])
            .unwrap();
        let text = text.replace("ADD\r\n", "ADD\r\ny: 2\r\n");
        let expected = Text::new(text, document.encoding, document.bom).encode();
        assert_eq!(document.to_bytes(), expected);
    }
}

#[test]
fn what_is_no_ldif_is_an_error_at_its_line() {
    for (text, message) in [
        (
            "dn: a\nno colon\n",
            "line 2, column 1 (byte 6): \"no colon\" is no line of LDIF, \"attribute: value\"",
        ),
        (
            "dn: a\nx y: 1\n",
            "line 2, column 1 (byte 6): \"x y\" is no name of an attribute",
        ),
        (
            "dn: a\n: 1\n",
            "line 2, column 1 (byte 6): \"\" is no name of an attribute",
        ),
        (
            "\n\n# c\n c\ncn: a\n",
            "line 5, column 1 (byte 9): a record begins with \"dn:\", not \"cn\"",
        ),
        (
            "dn: a\ndn: b\n",
            "line 2, column 1 (byte 6): a second \"dn:\" without an empty line before it",
        ),
        (
            "dn: a\nx:: !\n",
            "line 2, column 1 (byte 6): the value of x is no base64: \" !\"",
        ),
        (
            "dn:: /w==\n",
            "line 1, column 1 (byte 0): the distinguished name is no UTF-8",
        ),
        (
            "version: 2\n",
            "line 1, column 1 (byte 0): LDIF has version 1, not \"2\"",
        ),
        (
            "dn: a\nx:< file:///etc/passwd\n",
            "line 2, column 1 (byte 6): the value of x is given by URL, which is not read",
        ),
        (
            "dn: a\nx: 1\n\ndn: b\nchangetype: modify\n",
            "line 5, column 1 (byte 18): the record is a change (\"modify\"), not an object",
        ),
        (
            "dn: a\nchangetype: delete\n",
            "line 2, column 1 (byte 6): the record is a change (\"delete\"), not an object",
        ),
        (
            "dn: a\nna\n me: x\n",
            "line 2, column 1 (byte 6): the name of the attribute name is folded",
        ),
    ] {
        let error = LdifDocument::parse(text.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    let error = LdifDocument::parse(b"dn: a\nx: \xff\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 2, column 1 (byte 9): the bytes from here are no UTF-8; LDIF is UTF-8 or UTF-16"
    );
    let error = LdifDocument::parse(&utf16("dn: \u{e9}\r\nno\r\n", true)).unwrap_err();
    assert_eq!(error.position().unwrap().offset, 16);
    let twice = [&utf16("dn: a\n\n", true)[..], &utf16("dn: b\n", true)].concat();
    assert!(LdifDocument::parse(&twice).is_err());
}

#[test]
fn a_record_is_appended_after_an_empty_line() {
    for (before, after) in [
        ("", "dn: b\n"),
        ("dn: a", "dn: a\n\ndn: b\n"),
        ("dn: a\r\n", "dn: a\r\n\r\ndn: b\n"),
        ("dn: a\n\n", "dn: a\n\ndn: b\n"),
        ("dn: a\n\n\n# c", "dn: a\n\n\n# c\n\ndn: b\n"),
        ("\n", "\ndn: b\n"),
    ] {
        let mut document = LdifDocument::parse(before.as_bytes()).unwrap();
        document.push(LdifRecord::new("b", LineEnd::Lf));
        assert_eq!(
            String::from_utf8(document.to_bytes().unwrap()).unwrap(),
            after
        );
    }
}

#[test]
fn an_attribute_is_changed_in_its_place() {
    let before = "# c\ndn: a\nA: 1\n# d\nb:: AA==\nA: 2\n 2\nc: 3";
    for (name, values, after) in [
        ("a", &["1", "22"][..], before),
        (
            "a",
            &["22", "1"],
            "# c\ndn: a\nA: 22\nA: 1\n# d\nb:: AA==\nc: 3",
        ),
        ("a", &[], "# c\ndn: a\n# d\nb:: AA==\nc: 3"),
        ("B", &["x"], "# c\ndn: a\nA: 1\n# d\nb: x\nA: 2\n 2\nc: 3"),
        (
            "new",
            &[" y", "", "\u{e9}", ":", "z "],
            &format!("{before}\nnew:: IHk=\nnew:\nnew:: w6k=\nnew:: Og==\nnew:: eiA=\n"),
        ),
    ] {
        let mut document = LdifDocument::parse(before.as_bytes()).unwrap();
        document.record_mut("A").unwrap().set(name, values).unwrap();
        assert_eq!(
            String::from_utf8(document.to_bytes().unwrap()).unwrap(),
            after
        );
    }
}

#[test]
fn a_name_cannot_bring_lines_of_its_own() {
    let mut record = LdifRecord::new("a", LineEnd::Lf);
    for name in [
        "",
        "x: 1\ny",
        "a b",
        "dn",
        "ChangeType",
        "control",
        "\u{e9}",
    ] {
        let error = record.set(name, &["1"]).unwrap_err();
        assert_eq!(error.kind(), gpo_core::ErrorKind::Unwritable);
    }
    assert_eq!(record.attributes().count(), 0);
}

#[test]
fn a_record_over_the_limit_is_refused() {
    let large = [b"dn: a\nx: ".to_vec(), vec![b'y'; 65 << 20]].concat();
    let error = LdifDocument::parse(&large).unwrap_err();
    assert_eq!(error.kind(), gpo_core::ErrorKind::Limit);
}

/// Any file that LDIF allows, and some that it does not.
fn file() -> impl Strategy<Value = String> {
    let line = "(dn|cn|x|changetype|version|result|#|)(: ?|:: ?|:<)?(add|YQ==|a b|\u{e9}|)(\n |\r\n |)[a-b]{0,2}\r?\n";
    prop::collection::vec(
        prop_oneof![line, Just("\n".to_owned()), Just("dn: a\n".to_owned())],
        0..12,
    )
    .prop_map(|lines| lines.concat())
}

proptest! {
    #[test]
    fn what_is_read_is_written_back(text in file(), encoding in 0..4) {
        let bytes = match encoding {
            0 => text.into_bytes(),
            1 => utf16(&text, true),
            2 => utf16(&text, false),
            _ => Text::new(text, Encoding::Utf16Be, true).encode().unwrap(),
        };
        if let Ok(document) = LdifDocument::parse(&bytes) {
            prop_assert_eq!(document.to_bytes().unwrap(), bytes);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        if let Ok(document) = LdifDocument::parse(&bytes) {
            prop_assert_eq!(document.to_bytes().unwrap(), bytes);
        }
    }

    #[test]
    fn any_value_is_written_so_that_it_is_read_again(
        values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..9), 0..4),
        text in "[ -~\u{e9}\n]{0,9}",
    ) {
        let mut document = LdifDocument::new(LineEnd::CrLf);
        let mut record = LdifRecord::new("CN=\u{e9},DC=x", LineEnd::CrLf);
        record.set("x", &values).unwrap();
        record.set("y", &[&text]).unwrap();
        document.push(record.clone());
        document.push(LdifRecord::new(" odd ", LineEnd::CrLf));
        let read = LdifDocument::parse(&document.to_bytes().unwrap()).unwrap();
        let records: Vec<_> = read.records().collect();
        prop_assert_eq!(records.len(), 2);
        prop_assert_eq!(records[0].dn(), "CN=\u{e9},DC=x");
        prop_assert_eq!(records[1].dn(), " odd ");
        prop_assert_eq!(records[0].values("X").collect::<Vec<_>>(), values);
        prop_assert_eq!(records[0].text("y").unwrap(), text);
    }

    #[test]
    fn an_edit_changes_the_lines_of_one_attribute_only(
        before in "(# [a-z]{0,3}\n|x: [a-z]{0,3}\n|y:: YWI\n =\n){0,4}",
        after in "(# [a-z]{0,3}\n|x: [a-z]{0,3}\n|y:: YWI\n =\n){0,4}",
        value in "[a-z]{1,3}",
    ) {
        let file = |changed: &str| {
            format!("# head\n\ndn: a\n{before}\ndn: b\n{before}z: 0\n{changed}{after}\ndn: c\n{after}")
        };
        let mut document = LdifDocument::parse(file("edit: old\n").as_bytes()).unwrap();
        document.record_mut("B").unwrap().set("EDIT", &[&value]).unwrap();
        let bytes = document.to_bytes().unwrap();
        prop_assert_eq!(String::from_utf8(bytes).unwrap(), file(&format!("edit: {value}\n")));
        document.record_mut("b").unwrap().set::<&str>("edit", &[]).unwrap();
        prop_assert_eq!(String::from_utf8(document.to_bytes().unwrap()).unwrap(), file(""));
    }
}
