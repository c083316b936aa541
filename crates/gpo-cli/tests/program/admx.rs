use std::fs;

use gpo_core::{RegistryPol, RegistryValue};
use tempfile::TempDir;

use crate::run::{Run, gpo};

const ADMX: &str = r#"<policyDefinitions>
  <policyNamespaces><target prefix="c" namespace="Corp.Policies"/></policyNamespaces>
  <categories><category name="Corp" displayName="$(string.Corp)"/></categories>
  <policies>
    <policy name="Lock" class="Machine" displayName="$(string.Lock)" explainText="$(string.Why)"
      key="Software\Corp" valueName="Lock" presentation="$(presentation.Lock)">
      <parentCategory ref="Corp"/>
      <elements><decimal id="Minutes" valueName="LockAfter"/><text id="Pin" valueName="PinPassword"/>
        <list id="Hosts" key="Software\Corp\Hosts"/></elements>
    </policy>
    <policy name="Hide" class="User" displayName="Hide" key="Software\Corp" valueName="Hide"/>
  </policies>
</policyDefinitions>"#;
const ADML: &str = r#"<policyDefinitionResources><resources><stringTable>
  <string id="Corp">Corporation</string><string id="Lock">Lock the screen</string>
  <string id="Why">Nobody looks.</string></stringTable>
  <presentationTable><presentation id="Lock"><decimalTextBox refId="Minutes">Minutes:</decimalTextBox>
  <textBox refId="Pin"><label>PIN</label></textBox></presentation></presentationTable>
  </resources></policyDefinitionResources>"#;

/// A folder with a template and a registry.pol.
pub(crate) struct Folder {
    folder: TempDir,
}

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir_all(folder.path().join("templates/en-US")).unwrap();
        fs::create_dir(folder.path().join("Machine")).unwrap();
        let this = Self { folder };
        this.write("templates/corp.admx", ADMX.as_bytes());
        this.write("templates/en-US/corp.adml", ADML.as_bytes());
        let mut pol = RegistryPol::default();
        for (key, name, value) in [
            ("Corp", "Lock", RegistryValue::Dword(1)),
            ("Corp", "LockAfter", RegistryValue::Dword(10)),
            ("Corp", "PinPassword", RegistryValue::Sz("1234".into())),
            (r"Corp\Hosts", "a", RegistryValue::Sz("a".into())),
            ("Corp", "Hide", RegistryValue::Dword(1)),
            ("Corp", "Other", RegistryValue::Dword(1)),
            ("Else", "Other", RegistryValue::Dword(1)),
        ] {
            pol.set(&format!(r"Software\{key}"), name, value).unwrap();
        }
        this.write("Machine/registry.pol", &pol.to_bytes().unwrap());
        this
    }

    pub(crate) fn path(&self, below: &str) -> String {
        self.folder.path().join(below).display().to_string()
    }

    fn write(&self, below: &str, content: &[u8]) {
        fs::write(self.folder.path().join(below), content).unwrap();
    }

    fn admx(&self, args: &[&str]) -> Run {
        let templates = self.path("templates");
        let options = ["--admx", templates.as_str()];
        gpo(["admx"].iter().chain(args).chain(&options))
    }
}

#[test]
fn policies_are_listed_and_searched() {
    let folder = Folder::new();
    let lock = "Machine  Lock  Corporation/Lock the screen";
    let list = folder.admx(&["list"]);
    assert_eq!(
        list.lines(),
        ["CLASS    NAME  POLICY", lock, "User     Hide  /Hide"]
    );
    for text in ["LOCK THE", "nobody", "lockafter", r"corp\hosts"] {
        assert_eq!(
            folder.admx(&["search", text]).lines()[1..],
            [lock],
            "{text}"
        );
    }
    let json = folder.admx(&["search", "Minutes", "--json"]).json();
    assert_eq!(json["schema"], "gpo/admx-search/1");
    assert_eq!(json["policies"], serde_json::json!([]));
}

#[test]
fn a_policy_is_shown_by_any_of_its_names() {
    let folder = Folder::new();
    for name in ["lock", "Corp.Policies:Lock", "lock the screen"] {
        let run = folder.admx(&["show", name]);
        assert_eq!(
            run.lines(),
            [
                "Lock the screen",
                "  Name: Corp.Policies:Lock",
                "  Category: Corporation",
                "  Supported on: -",
                r"  Key: Software\Corp",
                "  Enabled:",
                "    Lock: REG_DWORD 1",
                "  Disabled:",
                "    Lock: deleted",
                "  Minutes (decimal): LockAfter",
                "  PIN (text): PinPassword",
                r"  Hosts (list): Software\Corp\Hosts\any value",
                "",
                "  Nobody looks.",
                "",
            ]
        );
    }
    let run = folder.admx(&["show", "Loc"]);
    assert!(
        run.status == 2 && run.err.contains("no policy is called \"Loc\""),
        "{run:?}"
    );
}

#[test]
fn a_file_is_explained_without_its_passwords() {
    let folder = Folder::new();
    let file = folder.path("Machine/registry.pol");
    let run = folder.admx(&["explain", &file]);
    assert_eq!(
        run.lines(),
        [
            "Corporation/Lock the screen: Enabled",
            "    Minutes: 10",
            "    PIN: (password, not shown)",
            "    Hosts: a=a",
            "",
            "In no policy:",
            r"Software\Corp\Hide",
            "    of the other half: Corp.Policies:Hide",
            r"Software\Corp\Other",
            "    no template has this value; in this key they have: Hide, Lock, LockAfter, PinPassword",
            r"Software\Else\Other",
            "    no template writes to this key",
        ]
    );
    let json = folder.admx(&["explain", &file, "--json"]);
    assert!(!json.out.contains("1234"), "{json:?}");
    let json = json.json();
    assert_eq!(
        json["policies"][0]["entries"],
        serde_json::json!([0, 1, 2, 3])
    );
    assert_eq!(json["rest"][0]["reason"], "other-half");
    let other = folder
        .admx(&["explain", &file, "--half", "User", "--json"])
        .json();
    assert_eq!(other["policies"][0]["name"], "Hide");
    assert_eq!(other["rest"].as_array().unwrap().len(), 6);
}

#[test]
fn a_key_or_value_is_explained() {
    let folder = Folder::new();
    for (args, expected) in [
        (
            &["HKLM\\Software\\Corp"][..],
            "Corporation/Lock the screen (Corp.Policies:Lock)",
        ),
        (&["HKCU:\\SOFTWARE\\Corp\\"], "/Hide (Corp.Policies:Hide)"),
        (
            &["Software\\Corp", "lockafter"],
            "Corporation/Lock the screen (Corp.Policies:Lock)",
        ),
        (
            &["Software\\Corp\\Hosts", "any"],
            "Corporation/Lock the screen (Corp.Policies:Lock)",
        ),
        (
            &["Software\\Corp", "x"],
            "No template writes this value. In this key they have: Hide, Lock, LockAfter, PinPassword",
        ),
        (&["Software"], "No template writes to this key."),
    ] {
        let args: Vec<_> = ["explain"].iter().chain(args).copied().collect();
        assert_eq!(folder.admx(&args).lines(), [expected], "{args:?}");
    }
}

#[test]
fn templates_come_from_the_central_store_of_a_domain() {
    let folder = Folder::new();
    let domain = folder.path("domain");
    let store = "domain/sysvol/corp.example/Policies/PolicyDefinitions/en-US";
    fs::create_dir_all(folder.path(store)).unwrap();
    let ldif = "dn: DC=corp,DC=example\nobjectClass: domainDNS\n";
    folder.write("domain/directory.ldif", ldif.as_bytes());
    let from = format!("dir:{domain}");
    let list = || gpo(["admx", "list", "--from", &from]);
    assert_eq!(list().lines().len(), 1);
    folder.write(
        "domain/sysvol/corp.example/Policies/PolicyDefinitions/corp.admx",
        ADMX.as_bytes(),
    );
    folder.write(&format!("{store}/corp.adml"), ADML.as_bytes());
    let run = list();
    assert!(run.status == 0 && run.lines().len() == 3, "{run:?}");
}

#[test]
fn a_broken_template_is_a_warning() {
    let folder = Folder::new();
    folder.write("templates/broken.admx", b"<policyDefinitions>\n<x");
    let run = folder.admx(&["list"]);
    assert!(run.status == 0 && run.lines().len() == 3, "{run:?}");
    assert!(
        run.err.contains("warning: broken.admx: line 2, column"),
        "{run:?}"
    );
    let run = gpo(["admx", "list", "--admx", &folder.path("gone")]);
    assert!(run.status == 2 && run.err.contains("gone"), "{run:?}");
    assert_eq!(gpo(["admx", "list"]).status, 2);
}
