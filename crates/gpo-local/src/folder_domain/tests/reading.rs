//! What is read of an export.

use super::*;

#[test]
fn an_export_is_read() {
    let (_folder, domain) = export();
    let found = domain.domain().unwrap();
    assert_eq!(found.dns_name, "Example.TEST");
    assert_eq!(found.dn, "DC=Example,DC=test");
    assert_eq!(found.netbios_name.as_deref(), Some("EXAMPLE"));
    assert_eq!(found.domain_controller, "DC7.example.test");
    assert_eq!(
        found.id.unwrap().to_string(),
        "{c517a4d0-ce5b-45e2-84c4-da9f7f73757c}"
    );
    assert_eq!(
        found.sid.unwrap().to_string(),
        "S-1-5-21-1004336348-1177238915-682003330"
    );
    let mut listed = Vec::new();
    domain
        .list(&mut |gpo| {
            listed.push((gpo.id.to_string(), gpo.display_name));
            Ok(())
        })
        .unwrap();
    assert_eq!(
        listed,
        [(
            ID.replace("AC1786C", "ac1786c").replace("4FB", "4fB"),
            "D\u{e9}fault".to_owned()
        )]
    );
    let lacks_sacl = DirectoryCapabilities::all() - DirectoryCapabilities::SACL;
    assert_eq!(
        domain.capabilities(),
        lacks_sacl - DirectoryCapabilities::OWNER
    );
}

#[test]
fn a_container_is_read_with_its_objects() {
    let (_folder, domain) = export();
    let found = container(&domain, id());
    assert_eq!(found.display_name, "D\u{e9}fault");
    assert_eq!((found.version.user(), found.version.machine()), (0xffff, 1));
    assert_eq!(found.status.bits(), u32::MAX);
    assert_eq!(
        found.wql_filter,
        "[example.test;{39b2ba78-1111-2222-3333-444455556666};0]"
    );
    assert_eq!(found.security_descriptor.unwrap().len(), 20);
    assert_eq!(found.when_created, "20240102030405.0Z");
    assert_eq!(found.user_objects, []);
    let [store] = &found.machine_objects[..] else {
        panic!("{:?}", found.machine_objects);
    };
    assert_eq!(
        (store.rdn.as_str(), store.class.as_str()),
        ("CN=Class Store", "classStore")
    );
    let packages = store.child("cn=packages").unwrap();
    let names: Vec<_> = packages
        .attributes
        .iter()
        .map(|a| a.name.as_str())
        .collect();
    assert_eq!(
        names,
        ["showInAdvancedViewOnly"],
        "the GUID of a plain container is none"
    );
    let package = &packages.children[0];
    assert_eq!(package.values("objectGUID")[0][0], 1);
    assert_eq!(package.values("msiFileList").len(), 2);
}

#[test]
fn an_object_without_the_one_above_it_is_an_error_of_its_gpo() {
    let export = EXPORT.replace("dn: CN=Class Store,", "dn: CN=Other,");
    let (_folder, domain) = folder_with(DIRECTORY, export.as_bytes());
    let error = domain.containers(&[id()]).unwrap().remove(0).unwrap_err();
    assert!(
        error
            .message()
            .ends_with("the object \"CN=Packages\" is there, but not \"CN=Class Store\" above it"),
        "{error}"
    );
}

#[test]
fn links_filters_and_principals_are_found() {
    let (_folder, domain) = export();
    let other = "{00000000-0000-0000-0000-000000000001}".parse().unwrap();
    let link = |target: &str, index, options: u32| GpoLink {
        target: target.into(),
        index,
        disabled: options & 1 != 0,
        enforced: options & 2 != 0,
    };
    let lab = "OU=Lab,DC=Example,DC=test";
    assert_eq!(
        domain.links(&[other, id()]).unwrap(),
        [
            vec![link(lab, 0, 3)],
            vec![link("DC=Example,DC=test", 0, 0), link(lab, 1, 2)]
        ]
    );
    let filter = "{39b2ba78-1111-2222-3333-444455556666}".parse().unwrap();
    let found = domain.wmi_filters(&[filter]).unwrap().remove(0).unwrap();
    assert_eq!(
        (found.name.as_str(), found.description.as_str()),
        ("Laptops", "")
    );
    assert_eq!(found.queries, "1;3;10;66;WQL;root\\CIMv2;SELECT x;");
    let sid = |text: &str| PrincipalQuery::Sid(text.parse().unwrap());
    let found = domain
        .principals(&[
            PrincipalQuery::Name("example\\domain admins".into()),
            sid("S-1-5-21-1004336348-1177238915-682003330-512"),
            sid("S-1-5-21-1-2-3-4"),
        ])
        .unwrap();
    let admins = found[0].clone().unwrap();
    assert_eq!(admins.kind, PrincipalKind::GlobalGroup);
    assert_eq!(admins.upn, "Domain Admins@Example.TEST");
    assert_eq!(admins.netbios_domain, "EXAMPLE");
    assert_eq!(found[1], Some(admins));
    assert_eq!(found[2], None, "a foreign security principal has no name");
}

#[test]
fn what_an_export_leaves_out_is_missing_and_not_made_up() {
    let export = "dn: DC=a,DC=b\nobjectClass: domainDNS\n";
    let (_folder, domain) = folder_with(DIRECTORY, export.as_bytes());
    let found = domain.domain().unwrap();
    assert_eq!(found.dns_name, "a.b");
    assert_eq!(found.domain_controller, "a.b");
    assert_eq!(
        (found.id, found.sid, found.netbios_name),
        (None, None, None)
    );
    let with_host = "\ndn: CN=X,DC=a,DC=b\nobjectClass: user\nobjectClass: computer\n\
                     userAccountControl: 532480\ndNSHostName: x.a.b\n";
    let (_folder, domain) = folder_with(DIRECTORY, (export.to_owned() + with_host).as_bytes());
    assert_eq!(domain.domain().unwrap().domain_controller, "x.a.b");
}

#[test]
fn what_is_no_domain_says_what_was_looked_for() {
    let (_folder, domain) = folder_with("readme.txt", b"");
    let error = domain.domain().unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::NotFound);
    assert_eq!(
        error.message(),
        "no domain is here: a folder of a domain has directory.ldif and sysvol/<dns name>/Policies"
    );
    assert!(!domain.is_vacant().unwrap());
    let error = domain.create_domain(&sample::domain(), &[]).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Exists);
    let (folder, domain) = folder_with(DIRECTORY, b"dn: CN=x\nobjectClass: top\n");
    let error = domain.domain().unwrap_err();
    assert!(
        error
            .message()
            .starts_with("no record with the objectClass domainDNS")
    );
    fs::write(folder.path().join(DIRECTORY), "dn: x\nno\n").unwrap();
    let error = domain.domain().unwrap_err();
    assert!(error.to_string().ends_with(
        "directory.ldif: line 2, column 1 (byte 6): \"no\" is no line of LDIF, \"attribute: value\""
    ));
    assert_eq!(
        FolderDomain::open("/missing").unwrap_err().kind(),
        SourceErrorKind::NotFound
    );
}

#[test]
fn a_domain_without_sysvol_names_the_folder_that_is_missing() {
    let (_folder, domain) = export();
    let error = domain
        .read_all(&"Policies\\x".parse().unwrap(), 1)
        .unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::NotFound);
    assert!(error.object().ends_with("/sysvol/Example.TEST"), "{error}");
}

#[test]
fn sysvol_is_found_in_any_case() {
    let (folder, domain) = export();
    let gpo = format!("SysVol/EXAMPLE.test/POLICIES/{}/gpt.INI", ID.to_lowercase());
    let gpo = folder.path().join(gpo);
    fs::create_dir_all(gpo.parent().unwrap()).unwrap();
    fs::write(&gpo, b"[General]").unwrap();
    let path = format!("Policies\\{ID}\\GPT.INI").parse().unwrap();
    assert_eq!(domain.read_all(&path, 100).unwrap(), b"[General]");
}

#[test]
fn a_change_of_the_file_is_seen() {
    let (folder, domain) = export();
    assert_eq!(container(&domain, id()).version.machine(), 1);
    let changed = EXPORT.replace("versionNumber: -65535", "versionNumber: -65534");
    fs::write(folder.path().join("Directory.LDIF"), changed).unwrap();
    assert_eq!(container(&domain, id()).version.machine(), 2);
}
