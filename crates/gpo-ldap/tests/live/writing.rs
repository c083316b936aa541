//! What is written is there, and what is refused leaves nothing behind.

use gpo_core::{
    DirectoryAttribute, DirectoryObject, DirectoryWrite, GpLink, GpLinkOptions, GpoStatus,
    GpoVersion, WmiFilter, unescape_rdn_value,
};
use gpo_testkit::{conformance, sample};
use sddl_parser::{SddlContext, SecurityDescriptor};

use super::*;

/// A GPO of its own for each test, and no trace of it afterwards.
struct Scratch<'a> {
    directory: &'a LdapDirectory,
    id: GpoId,
}

impl<'a> Scratch<'a> {
    fn new(directory: &'a LdapDirectory, n: u128) -> Self {
        let id = GpoId::new(Guid::from_u128(0x6c64_6170_0000 + n));
        // What a test that failed has left.
        let _ = directory.remove_container(id);
        Self { directory, id }
    }

    /// A container with what a directory takes: the sample has attributes that its schema has not.
    fn container(&self) -> GpoContainer {
        let plain = |rdn: &str, class: &str, children| DirectoryObject {
            rdn: rdn.into(),
            class: class.into(),
            attributes: Vec::new(),
            security_descriptor: None,
            children,
        };
        let mut package = plain("CN=a\\, b = c#", "packageRegistration", Vec::new());
        for (name, values) in [
            ("packageName", vec!["Pack\u{e9}".as_bytes().to_vec()]),
            ("msiScript", vec![vec![0, 0xff, 10, 13]]),
            (
                "msiFileList",
                vec![b"0:\\\\s\\a.msi".to_vec(), b"1:\\\\s\\b.mst".to_vec()],
            ),
        ] {
            let name = name.into();
            package.attributes.push(DirectoryAttribute { name, values });
        }
        let packages = plain("CN=Packages", "classStore", vec![package]);
        GpoContainer {
            id: self.id,
            display_name: format!("Test {} \u{e9}", self.id),
            file_sys_path: format!("\\\\gpo.test\\sysvol\\gpo.test\\Policies\\{}", self.id),
            machine_objects: vec![plain("CN=Class Store", "classStore", vec![packages])],
            user_objects: Vec::new(),
            // The server completes the descriptors of others.
            security_descriptor: None,
            ..sample::container(1)
        }
    }

    fn read(&self) -> Option<GpoContainer> {
        one(self.directory, self.id)
    }
}

impl Drop for Scratch<'_> {
    fn drop(&mut self) {
        let _ = self.directory.remove_container(self.id);
    }
}

/// Without what the server adds.
fn bare(mut container: GpoContainer) -> GpoContainer {
    fn clear(objects: &mut [DirectoryObject]) {
        for object in objects {
            // Servers have their own taste in escapes.
            object.rdn = unescape_rdn_value(&object.rdn).unwrap();
            object.security_descriptor = None;
            object.attributes.retain(|a| {
                let own = ["packageName", "msiScript", "msiFileList"];
                own.contains(&a.name.as_str())
            });
            object.attributes.sort_by(|a, b| b.name.cmp(&a.name));
            for attribute in &mut object.attributes {
                attribute.values.sort();
            }
            clear(&mut object.children);
        }
    }
    clear(&mut container.machine_objects);
    clear(&mut container.user_objects);
    container.when_created.clear();
    container.when_changed.clear();
    container.security_descriptor = None;
    container
}

#[test]
fn a_container_is_read_as_it_was_written() {
    let Some(server) = Server::find("a_container_is_read_as_it_was_written") else {
        return;
    };
    let directory = server.connect();
    let scratch = Scratch::new(&directory, 1);
    let mut container = scratch.container();
    directory.put_container(&container).unwrap();
    let found = scratch.read().unwrap();
    assert!(found.security_descriptor.is_some());
    let when_created = found.when_created.clone();
    assert_eq!(bare(found), bare(container.clone()));

    container.display_name = "Renamed".into();
    container.status = GpoStatus::COMPUTER_DISABLED;
    container.version = GpoVersion::new(u32::MAX);
    container.machine_extensions.clear();
    container.user_extensions = "[{A}{B}]".into();
    container.wql_filter = "[gpo.test;{C};0]".into();
    container.machine_objects[0].children[0].children[0]
        .attributes
        .remove(2);
    container.user_objects = vec![DirectoryObject {
        rdn: "CN=Microsoft".into(),
        class: "container".into(),
        ..DirectoryObject::default()
    }];
    directory.put_container(&container).unwrap();
    let found = scratch.read().unwrap();
    assert_eq!(found.when_created, when_created, "the same object");
    assert_eq!(bare(found), bare(container.clone()));

    container.machine_objects.clear();
    container.user_objects[0].class = "classStore".into();
    directory.put_container(&container).unwrap();
    assert_eq!(bare(scratch.read().unwrap()), bare(container.clone()));
    let before = scratch.read().unwrap();
    directory.put_container(&before).unwrap();
    let after = scratch.read().unwrap();
    assert!(after == before, "nothing differs, nothing is written");

    directory.remove_container(scratch.id).unwrap();
    assert_eq!(scratch.read(), None);
    let error = directory.remove_container(scratch.id).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::NotFound, "{error}");
}

#[test]
fn a_descriptor_is_read_back_byte_for_byte() {
    let Some(server) = Server::find("a_descriptor_is_read_back_byte_for_byte") else {
        return;
    };
    let directory = server.connect();
    let [domain, _] = default_policies();
    let descriptor = one(&directory, domain).unwrap().security_descriptor;
    let scratch = Scratch::new(&directory, 2);
    let mut container = scratch.container();
    // With the GPO, and to a GPO that is there.
    container.security_descriptor.clone_from(&descriptor);
    directory.put_container(&container).unwrap();
    assert_eq!(scratch.read().unwrap().security_descriptor, descriptor);
    let sddl = "D:P(A;CI;RPLCLORC;;;AU)(A;CI;CCDCLCSWRPWPDTLOSDRCWDWO;;;DA)";
    let other = sddl_of(sddl, &directory);
    container.security_descriptor = Some(other.clone());
    directory.put_container(&container).unwrap();
    let found = scratch.read().unwrap().security_descriptor.unwrap();
    let read = |bytes: &[u8]| SecurityDescriptor::from_bytes(bytes).unwrap();
    assert_eq!(
        read(&found).dacl().unwrap().aces,
        read(&other).dacl().unwrap().aces
    );
    let owner = read(&descriptor.unwrap()).owner().copied();
    assert_eq!(
        read(&found).owner().copied(),
        owner,
        "a part that is not given stays"
    );
}

fn sddl_of(text: &str, directory: &LdapDirectory) -> Vec<u8> {
    let context = SddlContext::new().with_domain(directory.domain().unwrap().sid.unwrap());
    SecurityDescriptor::from_sddl(text, &context)
        .unwrap()
        .to_bytes()
        .unwrap()
}

#[test]
fn a_new_gpo_that_is_refused_leaves_nothing() {
    let Some(server) = Server::find("a_new_gpo_that_is_refused_leaves_nothing") else {
        return;
    };
    let directory = server.connect();
    let scratch = Scratch::new(&directory, 3);
    let mut container = scratch.container();
    let package = &mut container.machine_objects[0].children[0].children[0];
    package.attributes.push(DirectoryAttribute {
        name: "noSuchAttribute".into(),
        values: vec![b"x".to_vec()],
    });
    let error = directory.put_container(&container).unwrap_err();
    assert!(error.object().contains("a\\, b"), "{error}");
    assert!(error.message().contains("removed again"), "{error}");
    assert_eq!(scratch.read(), None);

    // One that is there stays, and the message says what was changed.
    let package = &mut container.machine_objects[0].children[0].children[0];
    let bad = package.attributes.pop().unwrap();
    directory.put_container(&container).unwrap();
    container.machine_objects[0].children[0].children[0]
        .attributes
        .push(bad);
    container.machine_objects.insert(
        0,
        DirectoryObject {
            rdn: "CN=Microsoft".into(),
            class: "container".into(),
            ..DirectoryObject::default()
        },
    );
    container.display_name = "not to be".into();
    let error = directory.put_container(&container).unwrap_err();
    assert!(
        error.message().contains("changed: CN=Microsoft,"),
        "{error}"
    );
    assert_ne!(scratch.read().unwrap().display_name, "not to be");
}

#[test]
fn wmi_filters_and_links_are_written() {
    let Some(server) = Server::find("wmi_filters_and_links_are_written") else {
        return;
    };
    let directory = server.connect();
    let mut filter = WmiFilter {
        id: WmiFilterId::new(Guid::from_u128(0x6c64_6170)),
        name: "Laptops, \u{e9}".into(),
        description: String::new(),
        queries: "1;3;10;27;WQL;root\\CIMv2;SELECT * FROM Win32_Battery;".into(),
        author: "Administrator@gpo.test".into(),
        created: "20240102030405.123000-000".into(),
        changed: "20240102030405.123000-000".into(),
    };
    for name in ["Laptops", "Notebooks"] {
        filter.name = name.into();
        filter.description = format!("{name}.");
        directory.put_wmi_filter(&filter).unwrap();
        assert_eq!(
            directory.wmi_filters(&[filter.id]).unwrap(),
            [Some(filter.clone())]
        );
        assert!(directory.all_wmi_filters().unwrap().contains(&filter));
    }

    let [domain, _] = default_policies();
    let controllers = format!("OU=Domain Controllers,{}", server.dn());
    let before = directory
        .soms(std::slice::from_ref(&controllers))
        .unwrap()
        .remove(0)
        .unwrap();
    let mut links = GpLink::from_text(&before.links);
    let dn = format!("CN={domain},CN=Policies,CN=System,{}", server.dn());
    let both = GpLinkOptions::DISABLED | GpLinkOptions::ENFORCED;
    links.insert(usize::MAX, &dn, both).unwrap();
    let mut changed = before.clone();
    changed.links = links.to_string();
    changed.block_inheritance = !before.block_inheritance;
    directory.put_som(&changed).unwrap();
    let found = directory.links(&[domain]).unwrap().remove(0);
    assert!(
        found
            .iter()
            .any(|link| link.target == before.dn && link.disabled && link.enforced)
    );
    let read = directory.soms(std::slice::from_ref(&controllers)).unwrap();
    assert_eq!(read, [Some(changed)]);
    directory.put_som(&before).unwrap();
    assert_eq!(directory.soms(&[controllers]).unwrap(), [Some(before)]);
}

#[test]
fn a_domain_is_not_made() {
    let Some(server) = Server::find("a_domain_is_not_made") else {
        return;
    };
    let directory = server.connect();
    assert!(!directory.is_vacant().unwrap());
    let error = directory.create_domain(&sample::domain(), &[]).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Unsupported);
}

#[test]
fn it_conforms() {
    let Some(server) = Server::find("it_conforms") else {
        return;
    };
    assert_eq!(conformance::directory(&server.connect()), [""; 0]);
}
