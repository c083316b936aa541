//! `gpo wmi`.

use std::fs;

use crate::run::gpo;

const LDIF: &str = "dn: DC=example,DC=test\nobjectClass: domainDNS\n\n\
    dn: CN={39B2BA78-1111-2222-3333-444455556666},CN=SOM,CN=WMIPolicy,CN=System,DC=example,DC=test\n\
    objectClass: msWMI-Som\nmsWMI-ID: {39B2BA78-1111-2222-3333-444455556666}\n\
    msWMI-Name: Laptops\nmsWMI-Parm2: 1;3;10;27;WQL;root\\CIMv2;SELECT * FROM Win32_Battery;\n";

#[test]
fn a_filter_goes_from_one_domain_to_another() {
    let place = tempfile::tempdir().unwrap();
    let folder = |name: &str, ldif: &str| {
        let folder = place.path().join(name);
        fs::create_dir_all(folder.join("sysvol/example.test/Policies")).unwrap();
        fs::write(folder.join("directory.ldif"), ldif).unwrap();
        format!("dir:{}", folder.display())
    };
    let from = folder("from", LDIF);
    let to = folder("to", LDIF.split_once("\n\n").unwrap().0);
    let mof = place.path().join("laptops.mof");
    let mof = mof.to_str().unwrap();
    let export = gpo(["wmi", "export", "laptops", "--from", &from, "-o", mof]);
    assert_eq!(export.status, 0, "{export:?}");
    let planned = gpo(["wmi", "import", mof, "--to", &to, "--dry-run"]);
    assert!(planned.out.starts_with("would make"), "{planned:?}");
    assert_eq!(gpo(["wmi", "list", "--from", &to]).out, "");
    for verb in ["made", "replaced"] {
        let import = gpo(["wmi", "import", mof, "--to", &to]);
        assert!(import.out.starts_with(verb), "{import:?}");
    }
    let list = |domain: &str| gpo(["wmi", "list", "--from", domain, "--json"]).json();
    assert_eq!(list(&to), list(&from));
    assert_eq!(list(&to)["filters"][0]["name"], "Laptops");
    let missing = gpo(["wmi", "export", "nothing", "--from", &from]);
    assert_eq!(missing.status, 2, "{missing:?}");
}
