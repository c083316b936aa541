//! Folders of templates as they are found.

use gpo_admx::{AdmxSet, ControlKind};
use gpo_core::{Encoding, GpoPath, Text};
use gpo_testkit::MemoryTree;

use crate::common::load;

const ADMX: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<policyDefinitions xmlns="http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions">
  <policyNamespaces><target prefix="a" namespace="A"/><using prefix="b" namespace="B"/></policyNamespaces>
  <categories><category name="Inner" displayName="$(string.Inner)"><parentCategory ref="b:Outer"/></category></categories>
  <policies><policy name="P" class="Both" displayName="$(string.P)" explainText="$(string.Help)" key="K"
    valueName="V" presentation="$(presentation.P)">
    <parentCategory ref="Inner"/><supportedOn ref="b: Windows"/>
  </policy></policies>
</policyDefinitions>"#;
const ADML: &str = r#"<policyDefinitionResources><resources><stringTable>
  <string id="P">Größe</string><string id="Inner">Inner</string><string id="Help"> a
b </string></stringTable><presentationTable><presentation id="P">
  <text>Read this</text>
  <textBox refId="x"><label>Name: </label><defaultValue>d</defaultValue></textBox>
  <comboBox refId="x"><label>Pick</label><default>d</default><suggestion>s</suggestion></comboBox>
  <decimalTextBox refId="x" defaultValue="5">Number</decimalTextBox>
  <checkBox refId="x" defaultChecked="true">Check</checkBox>
  <dropdownList refId="x" defaultItem="2">Drop</dropdownList>
  <listBox refId="x"/><multiTextBox refId="x">Lines</multiTextBox>
  <longDecimalTextBox refId="x">Long</longDecimalTextBox>
</presentation></presentationTable></resources></policyDefinitionResources>"#;
const OTHER: &str = r#"<policyDefinitions><policyNamespaces><target prefix="other" namespace="B"/></policyNamespaces>
  <supportedOn><definitions><definition name="Windows" displayName="Any Windows"/></definitions></supportedOn>
  <categories><category name="Outer" displayName="Outer"/></categories></policyDefinitions>"#;
const NO_TEXTS: &str = "<policyDefinitionResources/>";

fn utf16(text: &str) -> Vec<u8> {
    Text::new(text, Encoding::Utf16Le, true).encode().unwrap()
}

#[test]
fn a_policy_has_its_texts_and_its_place() {
    let crlf = ADML.replace('\n', "\r\n");
    let set = load(&[
        ("A.admx", &utf16(ADMX)),
        (r"en-US\a.adml", crlf.as_bytes()),
        ("b.ADMX", OTHER.as_bytes()),
        (r"en-US\b.adml", NO_TEXTS.as_bytes()),
        ("notes.txt", b"no template"),
    ]);
    assert_eq!(set.warnings(), []);
    let policy = set.policy("A", "P").unwrap();
    assert_eq!(policy.display_name(), "Größe");
    assert_eq!(policy.explain_text(), " a\nb ");
    assert_eq!(policy.categories(), ["Outer", "Inner"]);
    assert_eq!(policy.supported_on(), Some("Any Windows"));
    assert_eq!((policy.namespace(), policy.file_name()), ("A", "A.admx"));
    let controls = policy.presentation().unwrap().controls.iter();
    let controls: Vec<_> = controls
        .map(|control| (control.label.as_str(), &control.kind))
        .collect();
    assert_eq!(
        controls,
        [
            ("Read this", &ControlKind::Text),
            ("Name: ", &ControlKind::TextBox(Some("d".into()))),
            (
                "Pick",
                &ControlKind::ComboBox(Some("d".into()), vec!["s".into()])
            ),
            ("Number", &ControlKind::DecimalTextBox(Some(5))),
            ("Check", &ControlKind::CheckBox(true)),
            ("Drop", &ControlKind::DropdownList(Some(2))),
            ("", &ControlKind::ListBox),
            ("Lines", &ControlKind::MultiTextBox),
            ("Long", &ControlKind::LongDecimalTextBox(None)),
        ]
    );
}

#[test]
fn a_language_falls_back_to_english_file_by_file() {
    let mut tree = MemoryTree::default();
    for (path, content) in [
        (r"Store\a.admx", ADMX),
        (r"Store\b.admx", OTHER),
        (r"Store\de-de\a.adml", &ADML.replace("Größe", "Umfang")),
        (r"Store\en-US\A.adml", ADML),
        (r"Store\en-US\b.adml", NO_TEXTS),
        (r"Store\fr-FR\b.adml", NO_TEXTS),
    ] {
        tree.put_file(&path.parse().unwrap(), content).unwrap();
    }
    for (language, name) in [("de-DE", "Umfang"), ("fr-FR", "Größe"), ("xx", "Größe")] {
        let set = AdmxSet::load(&tree, &"store".parse().unwrap(), language).unwrap();
        assert_eq!(set.warnings(), [], "{language}");
        assert_eq!(set.policy("A", "P").unwrap().display_name(), name);
    }
    let error = AdmxSet::load(&tree, &"gone".parse().unwrap(), "en-US").unwrap_err();
    assert!(error.to_string().contains("gone"), "{error}");
    assert!(
        AdmxSet::load(&MemoryTree::default(), &GpoPath::root(), "en-US")
            .unwrap()
            .is_empty()
    );
}

/// The warnings about the template `a`, made of these files, and how many policies it has.
fn warnings(admx: &[u8], texts: Option<&[u8]>) -> (Vec<String>, usize) {
    let mut files = vec![
        ("a.admx", admx),
        ("b.admx", OTHER.as_bytes()),
        (r"en-US\b.adml", NO_TEXTS.as_bytes()),
    ];
    files.extend(texts.map(|texts| (r"en-US\a.adml", texts)));
    let set = load(&files);
    let warnings = set.warnings().iter().map(ToString::to_string);
    (warnings.collect(), set.policies().count())
}

#[test]
fn a_wrong_policy_is_left_out_with_its_file_and_place() {
    for (from, to, warning) in [
        (" class=\"Both\"", "", "policy has no attribute class"),
        (
            "Both",
            "All",
            "the class \"All\" is not Machine, User or Both",
        ),
        ("key=\"K\"", "", "policy has no attribute key"),
        (
            "<parentCategory ref=\"Inner\"/>",
            "<enabledValue/>",
            "enabledValue holds no decimal, longDecimal, string or delete",
        ),
        (
            "<parentCategory ref=\"Inner\"/>",
            "<enabledValue><decimal value='-1'/></enabledValue>",
            "value=\"-1\" of decimal is no number that fits there",
        ),
        (
            "<parentCategory ref=\"Inner\"/>",
            "<elements><dword/></elements>",
            "\"dword\" is no kind of element",
        ),
    ] {
        let expected = format!("a.admx: policy 1 \"P\" is left out: {warning}");
        let found = warnings(ADMX.replace(from, to).as_bytes(), Some(ADML.as_bytes()));
        assert_eq!(found, (vec![expected], 0));
    }
}

#[test]
fn what_is_missing_is_named() {
    let is_gone = |what: &str| format!("a.admx: the {what} is not there");
    for (from, to, warning) in [
        ("Inner\"/>", "b:Gone\"/>", is_gone("category \"b:Gone\"")),
        (
            "b: Windows",
            "c:Windows",
            is_gone("supportedOn definition \"c:Windows\""),
        ),
        ("string.P)", "string.Q)", is_gone("string \"$(string.Q)\"")),
        (
            "presentation.P",
            "presentation.Q",
            is_gone("presentation \"$(presentation.Q)\""),
        ),
    ] {
        let found = warnings(ADMX.replace(from, to).as_bytes(), Some(ADML.as_bytes()));
        assert_eq!(found, (vec![warning], 1));
    }
}

#[test]
fn a_wrong_text_is_left_out_with_its_file() {
    for (from, to, warning) in [
        (
            "id=\"Inner\"",
            "id=\"P\"",
            "the string \"P\" is there twice; the first counts",
        ),
        (
            "<string id=\"Inner\"",
            "<string",
            "a string is left out: string has no attribute id",
        ),
        (
            "textBox refId=\"x\"",
            "textBox",
            "a presentation is left out: textBox has no attribute refId",
        ),
    ] {
        let (warnings, policies) =
            warnings(ADMX.as_bytes(), Some(ADML.replace(from, to).as_bytes()));
        assert_eq!(policies, 1);
        assert_eq!(warnings[0], format!(r"en-US\a.adml: {warning}"));
    }
}

#[test]
fn a_wrong_file_is_left_out() {
    let root = "the root element is \"x\", expected policyDefinition";
    for (admx, adml, policies, warning) in [
        (
            "<policyDefinitions",
            Some(ADML),
            0,
            "a.admx: line 1, column",
        ),
        ("<x/>", Some(ADML), 0, &format!("a.admx: {root}s")),
        (
            "<policyDefinitions/>",
            Some(ADML),
            0,
            "a.admx: policyNamespaces holds no target namespace",
        ),
        (
            ADMX,
            Some("<x/>"),
            1,
            &format!(r"en-US\a.adml: {root}Resources"),
        ),
        (ADMX, None, 1, "a.admx: there are no texts for it in en-US"),
    ] {
        let (warnings, found) = warnings(admx.as_bytes(), adml.map(str::as_bytes));
        assert_eq!(found, policies);
        assert!(
            warnings.iter().any(|own| own.starts_with(warning)),
            "{warning}: {warnings:?}"
        );
    }
}

#[test]
fn eight_bit_texts_are_read_with_a_warning() {
    let adml: Vec<u8> = ADML
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    let set = load(&[("a.admx", ADMX.as_bytes()), (r"en-US\a.adml", &adml)]);
    assert_eq!(set.policy("A", "P").unwrap().display_name(), "Größe");
    let warning = set.warnings()[0].to_string();
    assert!(warning.starts_with(r"en-US\a.adml: byte 71: "), "{warning}");
    assert!(warning.ends_with("read as Windows-1252"), "{warning}");
}

#[test]
fn the_first_of_two_templates_with_one_namespace_counts() {
    let set = load(&[("z.admx", ADMX.as_bytes()), ("A.admx", ADMX.as_bytes())]);
    assert_eq!(set.len(), 1);
    assert_eq!(set.policies().next().unwrap().file_name(), "A.admx");
    let warnings: Vec<_> = set.warnings().iter().map(ToString::to_string).collect();
    assert!(
        warnings
            .iter()
            .any(|w| w == "z.admx: its namespace \"A\" is that of A.admx; this file is left out"),
        "{warnings:?}"
    );
}

#[test]
fn categories_that_go_in_circles_end() {
    let circle = ADMX.replace("b:Outer", "Inner");
    let set = load(&[
        ("a.admx", circle.as_bytes()),
        (r"en-US\a.adml", ADML.as_bytes()),
    ]);
    let categories = set.policy("A", "P").unwrap().categories();
    assert!(categories.len() < 100 && categories.iter().all(|name| *name == "Inner"));
}
