//! What an import and a copy take over, and what they leave alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

mod common;

use common::{FILES, inst, store_of};
use gpo_core::{
    BackupStore, Contents, Directory, DirectoryWrite, Domain, GpLink, GpLinkOptions, GpoContainer,
    GpoId, GpoPath, GpoVersion, Principal, SourceErrorKind,
};
use gpo_engine::{
    Cancel, Copy, GpoChange, GpoSelector, Import, Journal, Mapping, MappingRule, Outcome, Plan,
    SettingsArea, Source, Stamps, Status, Target,
};
use gpo_testkit::{MemoryDomain, MemoryStore, sample};
use sddl_parser::{GpoPermission, SecurityDescriptor};

fn container(domain: &MemoryDomain, id: GpoId) -> GpoContainer {
    let found = domain.containers(&[id]).unwrap().remove(0).unwrap();
    found.unwrap()
}

fn paths(domain: &MemoryDomain, id: GpoId) -> Vec<String> {
    let folder: GpoPath = format!(r"Policies\{id}").parse().unwrap();
    let mut paths = Vec::new();
    domain
        .walk(&folder, &mut |entry| {
            let path = entry?.path.strip_prefix(&folder).unwrap();
            paths.push(path.as_str().to_owned());
            Ok(())
        })
        .unwrap();
    paths
}

fn read(domain: &MemoryDomain, id: GpoId, path: &str) -> Vec<u8> {
    let path = format!(r"Policies\{id}\{path}").parse().unwrap();
    domain.read_all(&path, u64::MAX).unwrap()
}

/// Imports the usual backup, of another GPO.
fn import(
    domain: &MemoryDomain,
    gpo: &str,
    with: impl FnOnce(Import<'_>) -> Outcome<Option<Plan>>,
) -> Outcome<Option<Plan>> {
    let store = store_of(&[inst(7)]);
    let backup = store.open(&store.backups().unwrap()[0]).unwrap();
    let selector: GpoSelector = gpo.parse().unwrap();
    with(Import::new(
        backup.as_ref(),
        Target::of(domain),
        selector,
        Stamps::system(),
    ))
}

#[expect(clippy::needless_pass_by_value, reason = "it is given as a function")]
fn run(import: Import<'_>) -> Outcome<Option<Plan>> {
    let state = MemoryStore::default();
    let journal = Journal::new(&state, Stamps::system());
    let outcome = import.run(&journal, &mut (), &Cancel::default());
    assert_eq!(state.backups().unwrap(), []);
    outcome
}

#[test]
fn an_import_takes_settings_and_description_only() {
    let domain = MemoryDomain::example();
    let id = sample::container(1).id;
    let dn = sample::domain().dn;
    let mut som = domain
        .soms(std::slice::from_ref(&dn))
        .unwrap()
        .remove(0)
        .unwrap();
    let mut links = GpLink::default();
    let own = format!("CN={id},CN=Policies,CN=System,{dn}");
    links.insert(0, &own, GpLinkOptions::ENFORCED).unwrap();
    som.links = links.to_string();
    domain.put_som(&som).unwrap();
    let before = container(&domain, id);
    let outcome = import(&domain, &id.to_string(), run);
    assert_eq!(outcome.status, Status::Succeeded, "{:?}", outcome.messages);
    let after = container(&domain, id);
    // The computer half has content, and its number goes up; 0xFFFF of the other stays.
    assert_eq!(before.version, GpoVersion::from_halves(0xffff, 1));
    assert_eq!(
        after.version,
        GpoVersion::from_halves(1, 2),
        "the user half has scripts, and wraps"
    );
    assert!(
        after
            .machine_extensions
            .contains("{827D319E-6EAC-11D2-A4EA-00C04F79F83A}")
    );
    assert_eq!(
        (&after.machine_objects[..], &after.user_objects[..]),
        (&[][..], &[][..])
    );
    let kept = GpoContainer {
        version: after.version,
        machine_extensions: after.machine_extensions.clone(),
        user_extensions: after.user_extensions.clone(),
        machine_objects: Vec::new(),
        user_objects: Vec::new(),
        ..before
    };
    assert_eq!(after, kept);
    for (path, bytes) in FILES {
        assert_eq!(read(&domain, id, path), bytes, "{path}");
    }
    assert_eq!(domain.soms(&[dn]).unwrap().remove(0), Some(som));
    let plan = outcome.value.unwrap();
    assert_eq!(
        (plan.operation, plan.change),
        ("import", GpoChange::Changed)
    );
    assert!(plan.permissions.is_empty() && plan.links.is_empty());
}

#[test]
fn a_gpo_that_is_not_there_is_made_only_when_that_was_said() {
    let domain = MemoryDomain::example();
    let error = import(&domain, "New", run);
    assert_eq!(error.status, Status::Failed);
    let made = import(&domain, "New", |import| run(import.create_if_needed(true)));
    assert_eq!(made.status, Status::Succeeded, "{:?}", made.messages);
    let plan = made.value.unwrap();
    assert_eq!(plan.change, GpoChange::Made);
    let new = container(&domain, plan.gpo_id);
    assert_ne!(new.id, inst(7).gpo_id);
    assert_eq!(
        (new.display_name.as_str(), new.version),
        ("New", GpoVersion::from_halves(1, 1))
    );
    let descriptor = SecurityDescriptor::from_bytes(&new.security_descriptor.unwrap()).unwrap();
    let levels = GpoPermission::of_acl(descriptor.dacl().unwrap());
    assert!(
        levels
            .iter()
            .any(|level| level.permission == GpoPermission::Apply)
    );
    // Again, into the one that is there now.
    let again = import(&domain, "new", |import| run(import.create_if_needed(true)));
    assert_eq!(again.value.unwrap().gpo_id, plan.gpo_id);
}

#[test]
fn only_some_areas_are_imported() {
    let domain = MemoryDomain::example();
    let id = sample::container(1).id;
    let before = container(&domain, id);
    let registry = read(&domain, id, r"Machine\registry.pol");
    let areas = [SettingsArea::Scripts];
    let outcome = import(&domain, &id.to_string(), |import| run(import.areas(areas)));
    assert_eq!(outcome.status, Status::Succeeded, "{:?}", outcome.messages);
    assert_eq!(read(&domain, id, r"Machine\registry.pol"), registry);
    assert_eq!(
        read(&domain, id, r"User\Scripts\Logon\hello.cmd"),
        b"echo hello\r\n"
    );
    assert!(
        !paths(&domain, id)
            .iter()
            .any(|path| path.contains("SecEdit") || path == "GPO.cmt")
    );
    let after = container(&domain, id);
    assert_eq!(after.machine_extensions, before.machine_extensions);
    assert_eq!(after.machine_objects, before.machine_objects);
    assert_eq!(
        after.version,
        GpoVersion::from_halves(1, 1),
        "only the user half changed"
    );
    let plan = outcome.value.unwrap();
    let changed: Vec<_> = plan
        .files
        .iter()
        .map(|change| change.path.as_str())
        .collect();
    assert!(changed.contains(&r"User\Scripts\Logon\hello.cmd") && changed.contains(&"GPT.INI"));
    assert!(
        !changed.iter().any(|path| path.ends_with("registry.pol")),
        "{changed:?}"
    );
}

#[test]
fn what_the_table_does_not_map_fails_where_only_it_counts() {
    let domain = MemoryDomain::example();
    let id = sample::container(1).id;
    let before = container(&domain, id);
    let mapping = Mapping::new().table_only(true);
    let store = store_of(&[inst(7)]);
    let mut tree = gpo_testkit::MemoryTree::clone(&store.backup(&inst(7).id.to_string()).unwrap());
    let path = r"DomainSysvol\GPO\Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf";
    let template = b"[Unicode]\r\nUnicode=yes\r\n[Version]\r\nsignature=\"$CHICAGO$\"\r\nRevision=1\r\n[Privilege Rights]\r\nSeDebugPrivilege = *S-1-5-21-1-2-3-1104\r\n";
    tree.put_file(&path.parse().unwrap(), template).unwrap();
    store.put_backup(&inst(7).id.to_string(), tree);
    let backup = store.open(&store.backups().unwrap()[0]).unwrap();
    let selector = GpoSelector::Id(id);
    let strict = Import::new(
        backup.as_ref(),
        Target::of(&domain),
        selector.clone(),
        Stamps::system(),
    );
    let outcome = run(strict.mapping(Some(&mapping)));
    assert_eq!(outcome.status, Status::Failed);
    assert!(outcome.value.unwrap().would_fail());
    assert_eq!(container(&domain, id), before);
    // With a rule it goes through, and the file is another.
    let rule = MappingRule::parse("S-1-5-21-1-2-3-1104", r"EXAMPLE\Domain Admins").unwrap();
    let mapping = mapping.with_rules([rule]).unwrap();
    let mapped = Import::new(
        backup.as_ref(),
        Target::of(&domain),
        selector,
        Stamps::system(),
    );
    let outcome = run(mapped.mapping(Some(&mapping)));
    assert_ne!(outcome.status, Status::Failed, "{:?}", outcome.messages);
    let admins = sample::domain().sid.unwrap().with_rid(512).unwrap();
    let path = r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf";
    let expected = format!("SeDebugPrivilege = *{admins}\r\n");
    assert!(read(&domain, id, path).ends_with(expected.as_bytes()));
    assert!(
        outcome
            .value
            .unwrap()
            .references
            .iter()
            .all(gpo_engine::MappedReference::is_mapped)
    );
}

#[test]
fn a_copy_is_a_new_gpo_without_links() {
    let domain = MemoryDomain::example();
    let original = sample::container(1).id;
    let mut linked = container(&domain, original);
    linked.wql_filter = "[example.test;{39B2BA78-1111-2222-3333-444455556666};0]".into();
    domain.put_container(&linked).unwrap();
    let state = MemoryStore::default();
    let journal = Journal::new(&state, Stamps::system());
    let source = Source::of(&domain);
    let copy = |name: Option<&str>, acl: bool| {
        let copy = Copy::new(source, original, Target::of(&domain), Stamps::system());
        let copy = name.map_or(copy.with_permissions(acl), |name| {
            Copy::new(source, original, Target::of(&domain), Stamps::system())
                .with_permissions(acl)
                .name(name)
        });
        copy.run(&journal, &mut (), &Cancel::default())
    };
    let plain = copy(None, false);
    assert_eq!(plain.status, Status::Succeeded, "{:?}", plain.messages);
    let plain = container(&domain, plain.value.unwrap().gpo_id);
    assert_eq!(
        plain.display_name,
        format!("Copy of {}", linked.display_name)
    );
    assert_ne!(plain.security_descriptor, linked.security_descriptor);
    assert_eq!(plain.wql_filter, linked.wql_filter);
    assert_eq!(plain.status, linked.status);
    assert_eq!(
        plain.version,
        GpoVersion::from_halves(1, 1),
        "it has objects in both halves"
    );
    assert_eq!(domain.links(&[plain.id]).unwrap(), [vec![]]);
    assert!(plain.file_sys_path.ends_with(&plain.id.to_string()));
    let second = copy(None, true).value.unwrap();
    assert_eq!(
        second.display_name,
        format!("Copy (2) of {}", linked.display_name)
    );
    let second = container(&domain, second.gpo_id);
    let dacl = |bytes: &Option<Vec<u8>>| {
        let descriptor = SecurityDescriptor::from_bytes(bytes.as_ref().unwrap()).unwrap();
        descriptor.dacl().cloned()
    };
    assert_eq!(
        dacl(&second.security_descriptor),
        dacl(&linked.security_descriptor)
    );
    let taken = copy(Some(&linked.display_name), false);
    assert_eq!(taken.status, Status::Failed);
    assert!(
        taken.messages[0].text.contains("of this name"),
        "{:?}",
        taken.messages
    );
}

#[test]
fn a_copy_to_another_domain_loses_its_wmi_filter() {
    let (from, mut other) = (MemoryDomain::example(), sample::domain());
    (other.id, other.dns_name, other.dn) = (None, "other.test".into(), "DC=other,DC=test".into());
    let to = MemoryDomain::new(other);
    let mut linked = container(&from, sample::container(1).id);
    linked.wql_filter = "[example.test;{39B2BA78-1111-2222-3333-444455556666};0]".into();
    from.put_container(&linked).unwrap();
    let state = MemoryStore::default();
    let outcome = Copy::new(
        Source::of(&from),
        linked.id,
        Target::of(&to),
        Stamps::system(),
    )
    .run(
        &Journal::new(&state, Stamps::system()),
        &mut (),
        &Cancel::default(),
    );
    assert_eq!(outcome.status, Status::Warnings, "{:?}", outcome.messages);
    let copy = container(&to, outcome.value.unwrap().gpo_id);
    assert_eq!(
        (copy.wql_filter.as_str(), copy.security_descriptor),
        ("", None)
    );
    assert!(copy.file_sys_path.starts_with(r"\\other.test\"));
}

/// In a security template a SID has a `*` before it, and is looked up without.
#[test]
fn a_copy_maps_the_sids_of_user_rights_by_the_names_that_the_source_knows() {
    let from = MemoryDomain::example();
    let id = sample::container(1).id;
    let office = sample::principals().pop().unwrap();
    let template = format!(
        "[Unicode]\r\nUnicode=yes\r\n[Privilege Rights]\r\nSeDebugPrivilege = *{}\r\n",
        office.sid
    );
    let path = r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf";
    let place = format!(r"Policies\{id}\{path}").parse().unwrap();
    from.edit_sysvol(|tree| tree.put_file(&place, template))
        .unwrap();
    let sid = "S-1-5-21-7-8-9".parse().unwrap();
    let to = MemoryDomain::new(Domain {
        dns_name: "other.test".into(),
        dn: "DC=other,DC=test".into(),
        netbios_name: Some("OTHER".into()),
        id: None,
        sid: Some(sid),
        ..sample::domain()
    });
    let there = sid.with_rid(4711).unwrap();
    to.add_principal(Principal {
        sid: there,
        netbios_domain: "OTHER".into(),
        dns_domain: "other.test".into(),
        ..office
    });
    let rule = MappingRule::parse(r"EXAMPLE\*", r"OTHER\*").unwrap();
    let mapping = Mapping::new().with_rules([rule]).unwrap();
    let state = MemoryStore::default();
    let outcome = Copy::new(Source::of(&from), id, Target::of(&to), Stamps::system())
        .mapping(Some(&mapping))
        .run(
            &Journal::new(&state, Stamps::system()),
            &mut (),
            &Cancel::default(),
        );
    let copy = outcome.value.unwrap().gpo_id;
    let expected = format!("SeDebugPrivilege = *{there}\r\n");
    let written = String::from_utf8(read(&to, copy, path)).unwrap();
    assert!(
        written.ends_with(&expected),
        "{written} {:?}",
        outcome.messages
    );
}

#[test]
fn a_gpo_that_changed_since_the_plan_is_not_written() {
    let domain = MemoryDomain::example();
    let id = sample::container(1).id;
    let outcome = import(&domain, &id.to_string(), |import| {
        let plan = import.plan().unwrap();
        let mut changed = container(&domain, id);
        changed.display_name = "renamed".into();
        domain.put_container(&changed).unwrap();
        let state = MemoryStore::default();
        let journal = Journal::new(&state, Stamps::system());
        import
            .apply(plan, &journal, &mut (), &Cancel::default())
            .map(Some)
    });
    assert_eq!(outcome.status, Status::Failed);
    assert!(
        outcome.messages[0].text.contains("changed since"),
        "{:?}",
        outcome.messages
    );
    assert_eq!(container(&domain, id).display_name, "renamed");
}

#[test]
fn a_second_writer_is_refused() {
    use gpo_core::SysvolWrite;
    let domain = MemoryDomain::example();
    let id = sample::container(1).id;
    let before = container(&domain, id);
    let held = domain.lock(id).unwrap();
    let outcome = import(&domain, &id.to_string(), run);
    assert_eq!(outcome.status, Status::Failed);
    assert_eq!(
        outcome.messages[0].error_code, 0x8007_0020,
        "{:?}",
        outcome.messages
    );
    assert_eq!(container(&domain, id), before);
    drop(held);
    assert_eq!(
        import(&domain, &id.to_string(), run).status,
        Status::Succeeded
    );
    assert_eq!(
        domain.lock(id).err().map(|e| e.kind()),
        None::<SourceErrorKind>
    );
}
