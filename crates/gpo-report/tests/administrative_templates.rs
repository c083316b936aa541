//! The policies of templates in a report: their order, their controls, their comments.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use gpo_admx::{AdmxSet, Template, TemplateResources};
use gpo_core::{Gpo, GpoStatus, HalfVersion, RegistryPol, RegistryValue};
use gpo_report::{GpoFiles, Report, ReportElement, ReportSource};

const ADMX: &str = r#"<policyDefinitions>
  <policyNamespaces><target prefix="c" namespace="Corp"/></policyNamespaces>
  <supportedOn><definitions><definition name="Any" displayName="Any Windows"/></definitions></supportedOn>
  <categories>
    <category name="Outer" displayName="Corp"/>
    <category name="Inner" displayName="Inner"><parentCategory ref="Outer"/></category>
  </categories>
  <policies>
    <policy name="All" class="Machine" displayName="All controls" explainText="$(string.Why)" key="K"
      valueName="All" presentation="$(presentation.All)">
      <parentCategory ref="Inner"/><supportedOn ref="Any"/>
      <elements>
        <text id="Text" valueName="Text"/><text id="Pin" valueName="Password"/>
        <decimal id="Number" valueName="Number"/><boolean id="Check" valueName="Check"/>
        <enum id="Drop" valueName="Drop"><item displayName="$(string.One)"><value><decimal value="1"/></value></item></enum>
        <list id="List" key="K\List" explicitValue="true" additive="true" valuePrefix=""/>
        <multiText id="Lines" valueName="Lines"/>
      </elements>
    </policy>
    <policy name="Zoo" class="Machine" displayName="Zoo" key="K" valueName="Zoo"><parentCategory ref="Outer"/></policy>
    <policy name="Ape" class="Machine" displayName="Ape" key="K" valueName="Ape"><parentCategory ref="Outer"/></policy>
    <policy name="Said" class="Both" displayName="Said" key="K" valueName="Said"><parentCategory ref="Outer"/></policy>
  </policies>
</policyDefinitions>"#;
const ADML: &str = r#"<policyDefinitionResources><resources><stringTable>
  <string id="Why">One
two</string><string id="One">The first</string></stringTable>
  <presentationTable><presentation id="All">
    <text>Read</text><textBox refId="Text"><label>Text:</label></textBox><textBox refId="Pin"><label>Pin</label></textBox>
    <decimalTextBox refId="Number">Number</decimalTextBox><checkBox refId="Check">Check</checkBox>
    <dropdownList refId="Drop">Drop</dropdownList><listBox refId="List">List</listBox>
    <multiTextBox refId="Lines">Lines</multiTextBox><textBox refId="Gone"><label>Gone</label></textBox>
  </presentation></presentationTable></resources></policyDefinitionResources>"#;
const COMMENTS: &str = r#"<policyComments><policyNamespaces><using prefix="ns0" namespace="Corp"/></policyNamespaces>
  <comments><admTemplate>
    <comment policyRef="ns0:Zoo" commentText="$(resource.zoo)"/><comment policyRef="ns0:Said" commentText="later"/>
    <comment policyRef="ns0:Unknown" commentText="x"/><comment policyRef="ns1:Zoo" commentText="x"/>
  </admTemplate></comments><resources><stringTable><string id="zoo">asked
for</string></stringTable></resources></policyComments>"#;

/// The settings of registry.pol in the report on a GPO with these values.
fn registry_settings(values: &[(&str, RegistryValue)]) -> Vec<ReportElement> {
    let mut set = AdmxSet::default();
    let template = Template::parse(ADMX.as_bytes()).unwrap();
    assert_eq!(template.warnings, []);
    let texts = TemplateResources::parse(ADML.as_bytes()).unwrap();
    set.add("corp.admx", template, texts);
    let mut pol = RegistryPol::default();
    for (place, value) in values {
        let (key, name) = place.rsplit_once('\\').unwrap();
        pol.set(key, name, value.clone()).unwrap();
    }
    let mut files = GpoFiles::default();
    for (path, bytes) in [
        (r"Machine\registry.pol", pol.to_bytes().unwrap()),
        (
            r"Machine\comment.cmtx",
            COMMENTS.replace('\n', "\r\n").into(),
        ),
    ] {
        files.insert(path.parse().unwrap(), bytes);
    }
    let registry = "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]";
    let gpo = Gpo {
        id: "{31B2F340-016D-11D2-945F-00C04FB984F9}".parse().unwrap(),
        domain: "example.test".into(),
        display_name: "Test".into(),
        status: GpoStatus::default(),
        machine_version: HalfVersion::default(),
        user_version: HalfVersion::default(),
        machine_extensions: gpo_core::ExtensionList::from_text(registry),
        user_extensions: gpo_core::ExtensionList::default(),
        wmi_filter: None,
        wmi_filter_name: String::new(),
        security_descriptor: None,
        inventory: gpo_core::Inventory::default(),
        machine_objects: Vec::new(),
        user_objects: Vec::new(),
    };
    let source = ReportSource {
        files: Some(&files),
        admx: Some(&set),
        ..ReportSource::at("2026-04-22T18:36:39Z".parse().unwrap())
    };
    let report = Report::of_gpo(&gpo, &source);
    let extensions = &report.computer.extensions;
    let registry = extensions.iter().find(|e| e.name == "Registry").unwrap();
    registry.settings().unwrap().to_elements()
}

/// An element with what is in it, `Name(text Child(…))`.
fn shown(element: &ReportElement) -> String {
    let children: Vec<_> = element.children.iter().map(shown).collect();
    format!("{}({}{})", element.name, element.text, children.join(" "))
}

fn dword(place: &str, number: u32) -> (&str, RegistryValue) {
    (place, RegistryValue::Dword(number))
}

#[test]
fn policies_come_by_category_and_name_then_comments_then_other_values() {
    let settings = registry_settings(&[
        dword(r"K\All", 1),
        dword(r"K\Other", 7),
        dword(r"K\Zoo", 1),
        dword(r"K\Ape", 1),
    ]);
    let names = settings.iter().map(|element| {
        let parts = ["Name", "State", "Comment", "KeyPath"];
        let parts = parts.iter().filter_map(|part| element.child(part));
        let texts: Vec<_> = parts.map(|part| part.text.as_str()).collect();
        format!("{} {}", element.name, texts.join("/"))
    });
    assert_eq!(
        names.collect::<Vec<_>>(),
        [
            "Policy Ape/Enabled",
            "Policy Zoo/Enabled/asked\r\nfor",
            "Policy All controls/Enabled",
            "Policy Said/NotConfigured/later",
            "RegistrySetting K",
            "Blocked ",
        ]
    );
}

#[test]
fn a_control_shows_the_value_of_its_element() {
    let settings = registry_settings(&[
        dword(r"K\All", 1),
        (r"K\Text", RegistryValue::Sz("a <b>".into())),
        (r"K\Password", RegistryValue::Sz("secret".into())),
        dword(r"K\Check", 0),
        dword(r"K\Drop", 1),
        (r"K\List\x", RegistryValue::Sz("y".into())),
        (r"K\Lines", RegistryValue::MultiSz(Vec::new())),
    ]);
    let policy = &settings[0];
    let parts: Vec<_> = policy.children.iter().map(shown).collect();
    assert_eq!(
        parts,
        [
            "Name(All controls)",
            "State(Enabled)",
            "Explain(One\r\ntwo)",
            "Supported(Any Windows)",
            "Category(Corp/Inner)",
            "Text(Name(Read))",
            "EditText(Name(Text:) State(Enabled) Value(a <b>))",
            "EditText(Name(Pin) State(Enabled) Value((password, not shown)))",
            "Numeric(Name(Number) State(NotConfigured))",
            "CheckBox(Name(Check) State(Disabled))",
            "DropDownList(Name(Drop) State(Enabled) Value(Name(The first)))",
            "ListBox(Name(List) State(Enabled) ExplicitValue(true) Additive(true) ValuePrefix() \
             Value(Element(Name(x) Data(y))))",
            "MultiText(Name(Lines) State(Enabled) Value(string()))",
        ]
    );
}
