//! The smaller changes of a GPO.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

use gpo_core::{
    Contents, Directory, DirectoryWrite, GpLink, GpLinkOptions, GpoContainer, GpoId, GpoStatus,
    Guid, SourceErrorKind, WmiFilterId, parse_gpo_comment,
};
use gpo_engine::{
    AclConsistency, Cancel, EditGpo, GpoChange, Journal, Source, Stamps, Status, Target,
    add_permission, apply_plan, check_acl, plan_new_gpo, plan_removal,
};
use gpo_testkit::{MemoryDomain, MemoryStore, sample};
use sddl_parser::GpoPermission;

fn container(domain: &MemoryDomain, id: GpoId) -> Option<GpoContainer> {
    domain.containers(&[id]).unwrap().remove(0).unwrap()
}

#[test]
fn a_gpo_is_made_and_removed_and_its_links_stay() {
    let (domain, state) = (MemoryDomain::example(), MemoryStore::default());
    let (target, journal) = (Target::of(&domain), Journal::new(&state, Stamps::system()));
    let plan = plan_new_gpo(target, "New", Stamps::system()).unwrap();
    let id = plan.gpo_id;
    assert!(container(&domain, id).is_none(), "a plan writes nothing");
    let made = apply_plan(plan, target, &journal, &mut (), &Cancel::default());
    assert_eq!(made.status, Status::Succeeded, "{:?}", made.messages);
    assert_eq!(made.value.change, GpoChange::Made);
    assert_eq!(container(&domain, id).unwrap().version.value(), 0);
    let dn = sample::domain().dn;
    let mut som = domain
        .soms(std::slice::from_ref(&dn))
        .unwrap()
        .remove(0)
        .unwrap();
    let mut links = GpLink::default();
    let own = format!("CN={id},CN=Policies,CN=System,{dn}");
    links.insert(0, &own, GpLinkOptions::empty()).unwrap();
    som.links = links.to_string();
    domain.put_som(&som).unwrap();
    let plan = plan_removal(target, id).unwrap();
    let gone = apply_plan(plan, target, &journal, &mut (), &Cancel::default());
    assert_eq!(gone.status, Status::Succeeded, "{:?}", gone.messages);
    assert!(container(&domain, id).is_none());
    let folder = format!(r"Policies\{id}").parse().unwrap();
    assert!(domain.walk(&folder, &mut |_| Ok(())).is_err());
    assert_eq!(domain.links(&[id]).unwrap()[0].len(), 1);
    let again = plan_removal(target, id).unwrap_err();
    assert_eq!(again.kind(), SourceErrorKind::NotFound);
}

#[test]
fn name_status_description_and_filter_are_set_and_nothing_else() {
    let (domain, state) = (MemoryDomain::example(), MemoryStore::default());
    let journal = Journal::new(&state, Stamps::system());
    let id = sample::container(1).id;
    let before = container(&domain, id).unwrap();
    let filter = WmiFilterId::new(Guid::from_u128(7));
    let mut edit = EditGpo::open(Target::of(&domain), id).unwrap();
    edit.rename("Renamed")
        .set_status(GpoStatus::COMPUTER_DISABLED);
    edit.set_description("why it is there").unwrap();
    let missing = edit.set_wmi_filter(Some(filter)).err().unwrap();
    assert_eq!(missing.kind(), SourceErrorKind::NotFound);
    let done = edit.apply(&journal, &mut (), &Cancel::default()).unwrap();
    assert_eq!(done.status, Status::Succeeded, "{:?}", done.messages);
    let after = container(&domain, id).unwrap();
    let expected = GpoContainer {
        display_name: "Renamed".into(),
        status: GpoStatus::COMPUTER_DISABLED,
        ..before
    };
    assert_eq!(after, expected, "the version stays, too");
    let read = |name: &str| {
        let path = format!(r"Policies\{id}\{name}").parse().unwrap();
        domain.read_all(&path, 10_000)
    };
    let comment = parse_gpo_comment(&read("GPO.cmt").unwrap()).unwrap();
    assert_eq!(comment, "why it is there");
    assert_eq!(read(r"Machine\registry.pol").unwrap(), b"PReg\x01\0\0\0");
    let mut edit = EditGpo::open(Target::of(&domain), id).unwrap();
    edit.set_description("").unwrap();
    let done = edit.apply(&journal, &mut (), &Cancel::default()).unwrap();
    assert_eq!(done.status, Status::Succeeded, "{:?}", done.messages);
    assert!(read("GPO.cmt").is_err());
}

#[test]
fn permissions_are_changed_on_both_sides() {
    let (domain, state) = (MemoryDomain::example(), MemoryStore::default());
    let journal = Journal::new(&state, Stamps::system());
    let id = sample::container(1).id;
    let who = sample::principals()[4].sid;
    let mut edit = EditGpo::open(Target::of(&domain), id).unwrap();
    edit.change_permissions(|dacl| add_permission(dacl, who, GpoPermission::Edit).map(|_| ()))
        .unwrap();
    let plan = edit.plan().unwrap();
    assert_eq!(plan.permissions.len(), 1);
    assert_eq!(
        plan.permissions[0].name.as_deref(),
        Some(r"EXAMPLE\DnsAdmins")
    );
    let done = edit.apply(&journal, &mut (), &Cancel::default()).unwrap();
    assert_eq!(done.status, Status::Succeeded, "{:?}", done.messages);
    let consistent = check_acl(Source::of(&domain), id).unwrap();
    assert_eq!(consistent, AclConsistency::Consistent);
}
