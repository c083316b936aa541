//! `gpo wmi`.

use std::fs;

use crate::run::{Backups, domain, gpo};

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
    fs::write(mof, "no filter").unwrap();
    let wrong = gpo(["wmi", "import", mof, "--to", &to]);
    let named = wrong.err.starts_with(&format!("error: {mof}: line 1"));
    assert!(named && wrong.status == 2, "{wrong:?}");
}

#[test]
fn a_filter_comes_out_of_a_backup() {
    let (backups, place) = (Backups::new(), tempfile::tempdir().unwrap());
    let from = format!("backup:{}", backups.text());
    let list = |from: &str| gpo(["wmi", "list", "--json", "--from", from]).json();
    assert_eq!(list(&from)["filters"].as_array().unwrap().len(), 1);
    assert_eq!(list(&from), list(&domain()));

    let to = format!("dir:{}", place.path().display());
    let ldif = LDIF.split_once("\n\n").unwrap().0;
    fs::create_dir_all(place.path().join("sysvol/example.test/Policies")).unwrap();
    fs::write(place.path().join("directory.ldif"), ldif).unwrap();
    let id = backups.id("Arbeitsplätze – Grundschutz");
    let import = gpo(["wmi", "import", backups.text(), "--id", &id, "--to", &to]);
    assert!(import.out.starts_with("made {10AD00F1-"), "{import:?}");
    let plain = backups.backup("Default Domain Policy");
    let none = gpo(["wmi", "import", plain.to_str().unwrap(), "--to", &to]);
    assert_eq!(none.status, 2);
    assert!(
        none.err.contains("the backup holds no WMI filter"),
        "{none:?}"
    );
}
