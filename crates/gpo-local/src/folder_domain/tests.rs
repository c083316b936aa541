use super::*;

use std::fs;

use gpo_core::{Guid, PrincipalKind};
use gpo_testkit::{conformance, sample, strategies};
use proptest::prelude::*;
use tempfile::TempDir;

/// A domain as an administrator exports it: names in any case, folded lines, comments, objects
/// before those above them, other partitions.
const EXPORT: &str = r"# made by hand
dn:
dnsHostName: DC7.example.test

dn: DC=DomainDnsZones,DC=Example,DC=test
objectClass: domainDNS

dn: CN=Packages,CN=Class Store,CN=Machine,CN={6AC1786C-016F-11D2-945F-00C04fB98
 4F9},CN=Policies,CN=System,DC=Example,DC=test
objectClass: top
objectClass: container
cn: Packages
whenCreated: 20240102030405.0Z
showInAdvancedViewOnly: TRUE
objectGUID:: AAAAAAAAAAAAAAAAAAAAAA==

dn: CN=p,CN=Packages,CN=Class Store,CN=MACHINE,CN={6AC1786C-016F-11D2-945F-00C04fB984F9},CN=Policies,CN=System,DC=Example,DC=test
objectClass: top
objectClass: packageRegistration
objectGUID:: AQAAAAAAAAAAAAAAAAAAAA==
msiFileList: 0:\\srv\a.msi
msiFileList: 1:\\srv\b.msi

dn: CN=Class Store,CN=Machine,CN={6AC1786C-016F-11D2-945F-00C04fB984F9},CN=Policies,CN=System,DC=Example,DC=test
objectClass: top
objectClass: classStore

dn: CN={6ac1786c-016F-11D2-945F-00C04fB984F9},cn=policies,CN=System,DC=example,DC=TEST
changetype: add
objectClass: top
objectClass: container
objectClass: groupPolicyContainer
DISPLAYNAME:: RMOpZmF1bHQ=
versionNumber: -65535
flags: 4294967295
gPCFunctionalityVersion: 2
gPCFileSysPath: \\example.test\sysvol\example.test\Policies\{6AC1786C-016F-11D2-945F-00C04fB984F9}
gPCWQLFilter: [example.test;{39b2ba78-1111-2222-3333-444455556666};0]
nTSecurityDescriptor:: AQAAgAAAAAAAAAAAAAAAAAAAAAA=
whenCreated: 20240102030405.0Z
systemFlags: -1946157056

dn: CN=not a GUID,CN=Policies,CN=System,DC=Example,DC=test
objectClass: groupPolicyContainer

dn: DC=Example,DC=test
objectClass: top
objectClass: domain
objectClass: domainDNS
objectGUID:: 0KQXxVvO4kWExNqff3N1fA==
objectSid:: AQQAAAAAAAUVAAAA3PTcO4M9K0aCi6Yo
gPLink: [LDAP://cn={6AC1786C-016F-11D2-945F-00C04FB984F9},cn=policies,cn=system,DC=Example,DC=test;0]

dn: OU=Lab,DC=Example,DC=test
objectClass: organizationalUnit
gPLink: [LDAP://CN={00000000-0000-0000-0000-000000000001},CN=Policies,CN=System,DC=Example,DC=test;3][ldap://CN={6AC1786C-016F-11D2-945F-00C04FB984F9},CN=Policies,CN=System,DC=Example,DC=test;2]

dn: CN=EXAMPLE,CN=Partitions,CN=Configuration,DC=Example,DC=test
objectClass: crossRef
nCName: DC=example,DC=test
dnsRoot: Example.TEST
nETBIOSName: EXAMPLE

dn: CN={39B2BA78-1111-2222-3333-444455556666},CN=SOM,CN=WMIPolicy,CN=System,DC=Example,DC=test
objectClass: msWMI-Som
msWMI-ID: {39B2BA78-1111-2222-3333-444455556666}
msWMI-Name: Laptops
msWMI-Parm2: 1;3;10;66;WQL;root\CIMv2;SELECT x;

dn: CN=Domain Admins,CN=Users,DC=Example,DC=test
objectClass: top
objectClass: group
sAMAccountName: Domain Admins
objectSid:: AQUAAAAAAAUVAAAA3PTcO4M9K0aCi6YoAAIAAA==
groupType: -2147483646

dn: CN=S-1-5-21-1-2-3-4,CN=ForeignSecurityPrincipals,DC=Example,DC=test
objectClass: foreignSecurityPrincipal
objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAABAAAAA==

# search result
search: 2
result: 0 Success
";

const ID: &str = "{6AC1786C-016F-11D2-945F-00C04FB984F9}";

fn id() -> GpoId {
    ID.parse().unwrap()
}

fn folder_with(name: &str, bytes: &[u8]) -> (TempDir, FolderDomain) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    let domain = FolderDomain::open(folder.path()).unwrap();
    (folder, domain)
}

fn export() -> (TempDir, FolderDomain) {
    folder_with("Directory.LDIF", EXPORT.as_bytes())
}

fn container(domain: &FolderDomain, id: GpoId) -> GpoContainer {
    domain
        .containers(&[id])
        .unwrap()
        .remove(0)
        .unwrap()
        .unwrap()
}

#[test]
fn it_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let domain = FolderDomain::open(folder.path()).unwrap();
    let left_out = conformance::domain(&domain, &domain);
    assert_eq!(left_out, ["set_descriptor", "descriptors of folders"]);
}

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

#[test]
fn a_domain_half_made_is_made_again() {
    let (folder, domain) = folder_with(".hidden", b"");
    fs::create_dir_all(folder.path().join("SYSVOL/example.test/Policies")).unwrap();
    assert!(domain.is_vacant().unwrap());
    let file = folder.path().join("SYSVOL/example.test/file");
    fs::write(&file, "").unwrap();
    assert!(!domain.is_vacant().unwrap());
    fs::remove_file(file).unwrap();
    domain.create_domain(&sample::domain(), &[]).unwrap();
    assert_eq!(domain.domain().unwrap(), sample::domain());
}

#[test]
fn a_file_half_written_is_cleared_away() {
    let folder = tempfile::tempdir().unwrap();
    let domain = FolderDomain::open(folder.path()).unwrap();
    domain.create_domain(&sample::domain(), &[]).unwrap();
    let half = folder.path().join(".directory.ldif.partial-1-1");
    fs::write(&half, "dn: CN=").unwrap();
    domain.put_container(&sample::container(1)).unwrap();
    assert!(!half.exists());
}

#[test]
fn a_tree_half_swapped_is_put_right() {
    let folder = tempfile::tempdir().unwrap();
    let domain = FolderDomain::open(folder.path()).unwrap();
    domain.create_domain(&sample::domain(), &[]).unwrap();
    let policies = folder.path().join("sysvol/example.test/Policies");
    let make = |name: &str, content: &str| {
        fs::create_dir_all(policies.join(name)).unwrap();
        fs::write(policies.join(name).join("GPT.INI"), content).unwrap();
    };
    // Dead between the renames: only the old tree, set aside. Dead after them: both.
    make(".{A}.previous", "old A");
    make(".{B}.previous", "old B");
    make("{B}", "new B");
    make(".{C}.partial-1-1", "half of C");
    domain
        .replace_tree(&"Policies\\{D}".parse().unwrap(), &mut |_| Ok(()))
        .unwrap();
    let read = |name: &str| fs::read_to_string(policies.join(name).join("GPT.INI")).unwrap();
    assert_eq!((read("{A}"), read("{B}")), ("old A".into(), "new B".into()));
    let mut left: Vec<_> = fs::read_dir(&policies)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    left.sort();
    let half_made = if cfg!(unix) { 3 } else { 4 };
    assert_eq!(left.len(), half_made, "{left:?}");
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
fn a_lock_leaves_nothing_even_when_its_holder_died() {
    let folder = tempfile::tempdir().unwrap();
    let domain = FolderDomain::open(folder.path()).unwrap();
    domain.create_domain(&sample::domain(), &[]).unwrap();
    let id = sample::container(1).id;
    let name = format!(".{id}.lock");
    let names = || {
        let entries = fs::read_dir(folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names
            .filter(|name| name.starts_with('.'))
            .collect::<Vec<_>>()
    };
    let lock = domain.lock(id).unwrap();
    assert_eq!(names(), [name.as_str()]);
    drop(lock);
    assert_eq!(names(), [""; 0]);
    // What a dead process leaves: the next lock takes it over, and the next change removes it.
    fs::write(folder.path().join(&name), "").unwrap();
    drop(domain.lock(id).unwrap());
    assert_eq!(names(), [""; 0]);
    fs::write(folder.path().join(&name), "").unwrap();
    let held = domain.lock(sample::container(2).id).unwrap();
    domain.put_container(&sample::container(3)).unwrap();
    assert_eq!(names(), [format!(".{}.lock", sample::container(2).id)]);
    drop(held);
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
