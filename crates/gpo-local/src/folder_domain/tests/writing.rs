//! What writing changes, and what it leaves alone.

use super::*;

#[test]
fn what_is_written_the_same_changes_no_byte() {
    for line_end in ["\n", "\r\n"] {
        let export = EXPORT.replace('\n', line_end);
        let both = ["", "CN=User,"].map(|half| {
            format!("dn: {half}CN={ID},CN=Policies,CN=System,DC=Example,DC=test{line_end}objectClass: top{line_end}")
        });
        let halves = both[1].replace("CN=User", "CN=Machine") + line_end + &both[1];
        let export = export + line_end + &halves;
        let (folder, domain) = folder_with(DIRECTORY, export.as_bytes());
        let before = container(&domain, id());
        domain.put_container(&before).unwrap();
        let after = fs::read(folder.path().join(DIRECTORY)).unwrap();
        assert_eq!(String::from_utf8(after).unwrap(), export);
    }
}

#[test]
fn writing_changes_the_lines_of_what_is_written_only() {
    let (folder, domain) = export();
    let mut changed = container(&domain, id());
    changed.display_name = "New name".into();
    changed.wql_filter.clear();
    changed.machine_objects[0].children[0].children.clear();
    domain.put_container(&changed).unwrap();
    let after = fs::read_to_string(folder.path().join("Directory.LDIF")).unwrap();
    let package = EXPORT.find("dn: CN=p,").unwrap()..EXPORT.find("dn: CN=Class Store").unwrap();
    let mut expected = EXPORT.to_owned();
    expected.replace_range(package, "");
    let expected = expected
        .replace("DISPLAYNAME:: RMOpZmF1bHQ=", "DISPLAYNAME: New name")
        .replace(
            "gPCWQLFilter: [example.test;{39b2ba78-1111-2222-3333-444455556666};0]\n",
            "",
        );
    let halves = ["Machine", "User"].map(|half| {
        format!("\ndn: CN={half},CN={{6ac1786c-016F-11D2-945F-00C04fB984F9}},CN=Policies,CN=System,DC=Example,DC=test\nobjectClass: top\nobjectClass: container\n")
    });
    assert_eq!(after, expected + &halves.concat());
    assert_eq!(container(&domain, id()), changed);
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is left behind"
    );
}

#[test]
fn an_object_cannot_be_written_elsewhere() {
    let (folder, domain) = export();
    let before = fs::read(folder.path().join("Directory.LDIF")).unwrap();
    for rdn in ["CN=x,CN=Users,DC=Example,DC=test", "", "x", "CN=a,CN=b"] {
        let mut hostile = container(&domain, id());
        hostile.machine_objects[0].children[0].rdn = rdn.into();
        let error = domain.put_container(&hostile).unwrap_err();
        assert!(error.message().ends_with("is no relative name"), "{error}");
    }
    for name in ["a\nobjectSid", "dn", ""] {
        let mut hostile = container(&domain, id());
        hostile.machine_objects[0]
            .attributes
            .push(gpo_core::DirectoryAttribute {
                name: name.into(),
                values: vec![b"x".to_vec()],
            });
        assert!(domain.put_container(&hostile).is_err(), "{name}");
    }
    assert!(fs::read(folder.path().join("Directory.LDIF")).unwrap() == before);
    let mut odd = container(&domain, id());
    odd.user_objects = vec![gpo_core::DirectoryObject {
        rdn: "CN=a\ndn: CN=b".into(),
        class: "x\ny: z".into(),
        ..Default::default()
    }];
    domain.put_container(&odd).unwrap();
    assert_eq!(container(&domain, id()).user_objects, odd.user_objects);
}

#[test]
fn the_same_operations_give_the_same_bytes() {
    let write = || {
        let folder = tempfile::tempdir().unwrap();
        let domain = FolderDomain::open(folder.path()).unwrap();
        domain
            .create_domain(&sample::domain(), &sample::principals())
            .unwrap();
        domain.put_container(&sample::container(1)).unwrap();
        fs::read_to_string(folder.path().join(DIRECTORY)).unwrap()
    };
    let bytes = write();
    assert_eq!(bytes, write());
    assert!(!bytes.contains("when"), "no time is made up");
    let principals = sample::principals();
    let places = principals
        .iter()
        .map(|p| bytes.find(&sid_line(p.sid)).unwrap());
    assert!(places.is_sorted(), "principals in the order given");
}

/// The line of a SID in the file.
fn sid_line(sid: sddl_parser::Sid) -> String {
    let mut record = LdifRecord::new("x", gpo_core::LineEnd::Lf);
    record.set("objectSid", &[sid.to_bytes()]).unwrap();
    let mut document = LdifDocument::new(gpo_core::LineEnd::Lf);
    document.push(record);
    let text = String::from_utf8(document.to_bytes().unwrap()).unwrap();
    text.lines().last().unwrap().to_owned()
}

#[test]
fn principals_of_other_domains_keep_their_domain() {
    let folder = tempfile::tempdir().unwrap();
    let domain = FolderDomain::open(folder.path()).unwrap();
    let mut principals = sample::principals();
    let mut foreign = principals[1].clone();
    foreign.sid = "S-1-5-21-9-9-9-512".parse().unwrap();
    foreign.netbios_domain = "OTHER".into();
    foreign.dns_domain = "other.test".into();
    foreign.upn = "elsewhere@other.test".into();
    let mut twin = principals[0].clone();
    twin.sid = "S-1-5-21-9-9-8-500".parse().unwrap();
    principals.extend([foreign, twin]);
    domain
        .create_domain(&sample::domain(), &principals)
        .unwrap();
    let queries: Vec<_> = principals
        .iter()
        .map(|p| PrincipalQuery::Sid(p.sid))
        .collect();
    let found = domain.principals(&queries).unwrap();
    assert_eq!(found, principals.into_iter().map(Some).collect::<Vec<_>>());
}

#[cfg(unix)]
#[test]
fn links_in_sysvol_are_not_followed() {
    let outer = tempfile::tempdir().unwrap();
    fs::write(outer.path().join("secret"), "secret").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let domain = FolderDomain::open(folder.path()).unwrap();
    domain.create_domain(&sample::domain(), &[]).unwrap();
    let policies = folder.path().join("sysvol/example.test/Policies");
    std::os::unix::fs::symlink(outer.path(), policies.join("{A}")).unwrap();
    for path in ["Policies\\{A}\\secret", "Policies\\{a}\\secret"] {
        let error = domain.read_all(&path.parse().unwrap(), 100).unwrap_err();
        assert_eq!(error.message(), "a link, which is not followed");
    }
    let a: GpoPath = "Policies\\{A}".parse().unwrap();
    assert!(domain.walk(&a, &mut |_| Ok(())).is_err());
    // Nor does the list of one folder look into those in it.
    let mut found = 0;
    let mut count = |_| {
        found += 1;
        Ok(())
    };
    domain.children(&GpoPath::root(), &mut count).unwrap();
    assert_eq!(found, 1);
    // The link itself gives way to the new tree.
    domain
        .replace_tree(&a, &mut |tree| tree.create_file(&"secret".parse().unwrap()))
        .unwrap();
    assert_eq!(fs::read_dir(&policies).unwrap().count(), 1);
    assert_eq!(
        fs::read_to_string(outer.path().join("secret")).unwrap(),
        "secret"
    );
    assert!(!policies.join("{A}").is_symlink());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_container_is_read_as_it_was_written(
        first in strategies::container(),
        second in strategies::container(),
        principal in strategies::principal(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let domain = FolderDomain::open(folder.path()).unwrap();
        domain.create_domain(&sample::domain(), std::slice::from_ref(&principal)).unwrap();
        domain.put_container(&first).unwrap();
        prop_assert_eq!(&container(&domain, first.id), &first);
        let before = fs::read(folder.path().join(DIRECTORY)).unwrap();
        domain.put_container(&second).unwrap();
        let after = fs::read(folder.path().join(DIRECTORY)).unwrap();
        prop_assert!(after.starts_with(&before), "the records of the first stay");
        prop_assert_eq!(&container(&domain, second.id), &second);
        let found = domain.principals(&[PrincipalQuery::Sid(principal.sid)]).unwrap();
        prop_assert_eq!(found, [Some(principal)]);
    }

    #[test]
    fn any_file_is_read_or_refused(parts in prop::collection::vec("(dn: CN=\\{[0-9A]{8}-0000-0000-0000-000000000000\\},CN=Policies,CN=System,DC=x\n|dn: DC=x\n|objectClass: (domainDNS|groupPolicyContainer|group|msWMI-Som)\n|objectSid:: [A-Z=]{0,8}\n|gPLink: [\\[\\];A-Z:/{}-]{0,12}\n|flags: [0-9-]{0,12}\n|\n)", 0..20)) {
        let (_folder, domain) = folder_with(DIRECTORY, parts.concat().as_bytes());
        let mut ids = vec![GpoId::new(Guid::from_u128(1))];
        if domain.list(&mut |gpo| { ids.push(gpo.id); Ok(()) }).is_ok() {
            let _ = domain.domain().unwrap();
            for found in domain.containers(&ids).unwrap().into_iter().flatten().flatten() {
                domain.put_container(&found).unwrap();
                prop_assert_eq!(container(&domain, found.id), found);
            }
        }
    }
}

#[test]
fn writing_a_filter_or_links_changes_no_other_line() {
    let (folder, domain) = export();
    let path = folder.path().join("Directory.LDIF");
    let before = fs::read_to_string(&path).unwrap();
    let mut lab = domain
        .soms(&["ou=lab,dc=example,dc=test".into()])
        .unwrap()
        .remove(0)
        .unwrap();
    assert!(!lab.block_inheritance);
    domain.put_som(&lab).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
    lab.block_inheritance = true;
    domain.put_som(&lab).unwrap();
    let mut filter = domain.all_wmi_filters().unwrap().remove(0);
    domain.put_wmi_filter(&filter).unwrap();
    filter.name = "Notebooks".into();
    domain.put_wmi_filter(&filter).unwrap();
    let after = fs::read_to_string(&path).unwrap();
    let gone: Vec<_> = before
        .lines()
        .filter(|line| !after.contains(line))
        .collect();
    assert_eq!(gone, ["msWMI-Name: Laptops"]);
    let new: Vec<_> = after
        .lines()
        .filter(|line| !before.contains(line))
        .collect();
    assert_eq!(new, ["gPOptions: 1", "msWMI-Name: Notebooks"]);
}
