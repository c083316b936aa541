//! What is backed up is restored, whatever the GPO: over another state of it, and after it was
//! removed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

use std::collections::BTreeMap;

use gpo_core::{
    BackupStore, Contents, Directory, DirectoryObject, DirectoryWrite, GpoContainer, GpoId,
    GpoPath, GpoVersion, GptIni, SysvolWrite, WmiFilter, WmiFilterLink, fold_name,
};
use gpo_engine::{Backup, Cancel, Journal, Restore, Selection, Source, Stamps, Status, Target};
use gpo_testkit::{MemoryDomain, MemoryStore, sample, strategies};
use proptest::prelude::*;
use sddl_parser::{Acl, SecurityDescriptor};

fn folder(id: GpoId) -> GpoPath {
    format!(r"Policies\{id}").parse().unwrap()
}

/// What a restore brings back; versions go up, and of the descriptor it is the DACL.
fn comparable(mut container: GpoContainer) -> GpoContainer {
    fn sort(objects: &mut [DirectoryObject]) {
        for object in &mut *objects {
            object.rdn = fold_name(&object.rdn);
            object.class = fold_name(&object.class);
            object.security_descriptor = None;
            let own = |name: &str| name.eq_ignore_ascii_case("objectGUID");
            object
                .attributes
                .retain(|a| !a.values.is_empty() && !own(&a.name));
            for attribute in &mut object.attributes {
                attribute.name = fold_name(&attribute.name);
                attribute.values.sort();
            }
            object.attributes.sort_by(|a, b| a.name.cmp(&b.name));
            sort(&mut object.children);
        }
        objects.sort_by(|a, b| a.rdn.cmp(&b.rdn));
    }
    sort(&mut container.machine_objects);
    sort(&mut container.user_objects);
    container.version = GpoVersion::default();
    container.wql_filter = fold_name(&container.wql_filter);
    container.when_created.clear();
    container.when_changed.clear();
    container.file_sys_path.clear();
    container.security_descriptor = None;
    container
}

fn files(domain: &MemoryDomain, id: GpoId) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    domain
        .walk(&folder(id), &mut |entry| {
            let path = entry?.path;
            let name = fold_name(path.strip_prefix(&folder(id)).unwrap().as_str());
            let bytes = domain.read_all(&path, u64::MAX);
            if name != "GPT.INI" && name != "MACHINE" && name != "USER" {
                files.insert(name, bytes.unwrap_or_default());
            }
            Ok(())
        })
        .unwrap();
    files
}

fn dacl(container: &GpoContainer) -> Option<Acl> {
    let bytes = container.security_descriptor.as_ref().unwrap();
    let descriptor = SecurityDescriptor::from_bytes(bytes).unwrap();
    descriptor.dacl().cloned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_is_backed_up_is_restored(
        mut container in strategies::container(),
        tree in strategies::tree(),
        removed: bool,
    ) {
        let domain = MemoryDomain::new(sample::domain());
        let id = container.id;
        // A backup of a GPO without a name has its ID in the place of it.
        container.display_name.insert(0, 'n');
        domain.put_container(&container).unwrap();
        domain.replace_tree(&folder(id), &mut |writer| {
            for (path, content) in &tree {
                match content {
                    None => writer.create_folder(path)?,
                    Some(bytes) => {
                        writer.create_file(path)?;
                        writer.append(bytes)?;
                    }
                }
            }
            Ok(())
        }).unwrap();
        let old_dacl = dacl(&container);
        if !container.wql_filter.is_empty() {
            let link = WmiFilterLink::from_text(container.wql_filter.as_str());
            domain.add_wmi_filter(WmiFilter {
                id: link.target().unwrap().0,
                ..sample::wmi_filter(1)
            });
        }
        let (before, old_files) = (comparable(container), files(&domain, id));
        let store = MemoryStore::default();
        let backup = Backup::new(Source::of(&domain), &store, Stamps::system()).report(false);
        let made = backup.run(&Selection::All, &mut (), &Cancel::default());
        prop_assume!(made.status != Status::Failed);
        if removed {
            domain.remove_container(id).unwrap();
            domain.remove_tree(&folder(id)).unwrap();
        } else {
            let mut other = sample::container(1);
            other.id = id;
            domain.put_container(&other).unwrap();
        }
        let contents = store.open(&store.backups().unwrap()[0]).unwrap();
        let state = MemoryStore::default();
        let journal = Journal::new(&state, Stamps::system());
        let restored = Restore::new(contents.as_ref(), Target::of(&domain), Stamps::system())
            .run(&journal, &mut (), &Cancel::default());
        prop_assert_ne!(restored.status, Status::Failed, "{:?}", restored.messages);
        let now = domain.containers(&[id]).unwrap().remove(0).unwrap().unwrap();
        prop_assert_eq!(dacl(&now), old_dacl);
        let ini = domain.read_all(&folder(id).join("GPT.INI").unwrap(), u64::MAX).unwrap();
        let ini = GptIni::parse(&ini).unwrap();
        prop_assert_eq!(ini.version().unwrap(), now.version, "both sides");
        prop_assert_eq!(comparable(now), before);
        prop_assert_eq!(files(&domain, id), old_files);
        prop_assert!(state.backups().unwrap().is_empty());
    }
}
