//! Links: put back from a side-car, and changed one by one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

use gpo_core::{
    BackupStore, BackupTime, Directory, DirectoryWrite, GpLink, GpLinkOptions, GpoId, Som,
    SourceErrorKind,
};
use gpo_engine::{
    Backup, BackupReport, Cancel, EditGpo, GpoSelector, Journal, Plan, Restore, Selection, Source,
    Stamps, Status, Target, report_gpo,
};
use gpo_testkit::{MemoryDomain, MemoryStore, sample};

const OU: &str = "OU=Sales,DC=example,DC=test";

fn gpo(n: u32) -> GpoId {
    sample::container(n).id
}

fn link(n: u32, options: u32) -> String {
    let dn = "cn=policies,cn=system,DC=example,DC=test";
    format!("[LDAP://cn={},{dn};{options}]", gpo(n))
}

/// A domain with two GPOs and an OU with these links.
fn domain(links: &str, block_inheritance: bool) -> MemoryDomain {
    let domain = MemoryDomain::example();
    domain.put_container(&sample::container(2)).unwrap();
    domain.edit_sysvol(|sysvol| {
        let ini = format!(r"Policies\{}\GPT.INI", gpo(2)).parse().unwrap();
        let bytes = b"[General]\r\nVersion=4294901761\r\n";
        sysvol.put_file(&ini, bytes.to_vec()).unwrap();
    });
    domain.add_som(Som {
        dn: OU.into(),
        links: links.into(),
        block_inheritance,
    });
    domain
}

fn ou(domain: &MemoryDomain) -> Som {
    domain.soms(&[OU.into()]).unwrap().remove(0).unwrap()
}

fn set(domain: &MemoryDomain, links: &str, block_inheritance: bool) {
    let dn = OU.into();
    let links = links.into();
    domain
        .put_som(&Som {
            dn,
            links,
            block_inheritance,
        })
        .unwrap();
}

fn backup(domain: &MemoryDomain) -> MemoryStore {
    let store = MemoryStore::default();
    let outcome = Backup::new(Source::of(domain), &store, Stamps::system()).run(
        &Selection::All,
        &mut (),
        &Cancel::default(),
    );
    assert_ne!(outcome.status, Status::Failed, "{:?}", outcome.messages);
    store
}

/// Restores the backups in this order, with links.
fn restore(domain: &MemoryDomain, store: &MemoryStore, reverse: bool) -> Vec<Plan> {
    let state = MemoryStore::default();
    let journal = Journal::new(&state, Stamps::system());
    let mut folders = store.backups().unwrap();
    if reverse {
        folders.reverse();
    }
    let restore = |folder| {
        let contents = store.open(folder).unwrap();
        let outcome = Restore::new(contents.as_ref(), Target::of(domain), Stamps::system())
            .with_links(true)
            .run(&journal, &mut (), &Cancel::default());
        assert_ne!(outcome.status, Status::Failed, "{:?}", outcome.messages);
        outcome.value.unwrap()
    };
    let plans = folders.iter().map(restore).collect();
    assert!(state.backups().unwrap().is_empty(), "the journal is empty");
    plans
}

#[test]
fn links_come_back_with_their_order_and_options_in_whatever_order_they_are_restored() {
    let before = [link(1, 2), link(2, 1)].concat();
    for reverse in [false, true] {
        let domain = domain(&before, true);
        let store = backup(&domain);
        set(&domain, "", false);
        let plans = restore(&domain, &store, reverse);
        assert_eq!(
            (ou(&domain).links, ou(&domain).block_inheritance),
            (before.clone(), true)
        );
        let first = &plans[0].links[0];
        assert_eq!(first.before, None);
        assert_eq!(first.som_before.links, "");
        assert!(
            plans[0]
                .messages
                .iter()
                .any(|m| m.text.contains("blocks inheritance again"))
        );
        // The second time nothing is left to be put back.
        assert!(
            restore(&domain, &store, reverse)
                .iter()
                .all(|plan| plan.links.is_empty())
        );
    }
}

#[test]
fn links_of_others_stay_where_they_are() {
    let domain = domain(&[link(1, 0), link(2, 2)].concat(), false);
    let store = backup(&domain);
    let other = "[LDAP://cn={99999999-0000-4000-8000-000000000000},cn=policies,cn=system,DC=x;0]";
    for (now, then) in [
        (
            [other, &link(2, 0)].concat(),
            [other, &link(1, 0), &link(2, 2)].concat(),
        ),
        (
            [&link(2, 6), other].concat(),
            [&link(1, 0), &link(2, 6), other].concat(),
        ),
        (
            [link(2, 2), link(1, 0)].concat(),
            [link(1, 0), link(2, 2)].concat(),
        ),
    ] {
        set(&domain, &now, false);
        restore(&domain, &store, false);
        assert_eq!(ou(&domain).links, then, "from {now}");
    }
}

#[test]
fn a_som_that_is_gone_is_a_warning() {
    let full = domain(&link(1, 0), false);
    let store = backup(&full);
    let other = MemoryDomain::example();
    let plans = restore(&other, &store, false);
    let told: Vec<_> = plans.iter().flat_map(|plan| &plan.messages).collect();
    assert!(
        told.iter()
            .any(|m| m.text.starts_with(OU) && m.text.contains("is not there")),
        "{told:?}"
    );
}

#[test]
fn a_som_that_changed_since_the_plan_is_left_alone() {
    let domain = domain(&link(1, 0), false);
    let store = backup(&domain);
    set(&domain, "", false);
    let folders = store.backups().unwrap();
    let opened: Vec<_> = folders
        .iter()
        .map(|folder| store.open(folder).unwrap())
        .collect();
    let restores = opened.iter().map(|contents| {
        let restore = Restore::new(contents.as_ref(), Target::of(&domain), Stamps::system());
        restore.with_links(true)
    });
    let mut plans = restores.map(|restore| (restore.plan().unwrap(), restore));
    let (plan, restore) = plans.find(|(plan, _)| !plan.links.is_empty()).unwrap();
    assert_eq!(plan.links.len(), 1);
    set(&domain, &link(2, 0), false);
    let state = MemoryStore::default();
    let journal = Journal::new(&state, Stamps::system());
    let outcome = restore.apply(plan, &journal, &mut (), &Cancel::default());
    assert_eq!(outcome.status, Status::Failed);
    assert_eq!(ou(&domain).links, link(2, 0));
}

#[test]
fn links_are_added_changed_and_removed() {
    let domain = domain(&link(2, 0), false);
    let state = MemoryStore::default();
    let journal = Journal::new(&state, Stamps::system());
    let apply = |edit: &EditGpo<'_>| {
        let outcome = edit.apply(&journal, &mut (), &Cancel::default()).unwrap();
        assert_eq!(outcome.status, Status::Succeeded, "{:?}", outcome.messages);
    };
    let open = || EditGpo::open(Target::of(&domain), gpo(1)).unwrap();

    let mut edit = open();
    edit.add_link(OU, GpLinkOptions::ENFORCED, 0).unwrap();
    apply(&edit);
    assert_eq!(ou(&domain).links, [link(1, 2), link(2, 0)].concat());

    let mut edit = open();
    edit.change_link(OU, |options| options | GpLinkOptions::DISABLED, Some(9))
        .unwrap();
    apply(&edit);
    assert_eq!(ou(&domain).links, [link(2, 0), link(1, 3)].concat());

    let again = open()
        .add_link(OU, GpLinkOptions::empty(), 0)
        .err()
        .unwrap();
    assert_eq!(again.kind(), SourceErrorKind::Invalid);
    let nowhere = open()
        .add_link("OU=x,DC=test", GpLinkOptions::empty(), 0)
        .err()
        .unwrap();
    assert_eq!(nowhere.kind(), SourceErrorKind::NotFound);

    let mut edit = open();
    edit.remove_link(OU).unwrap();
    apply(&edit);
    assert_eq!(ou(&domain).links, link(2, 0));
    assert!(open().remove_link(OU).is_err());
    assert!(open().change_link(OU, |options| options, None).is_err());
    assert_eq!(GpLink::from_text(&ou(&domain).links).len(), 1);
}

/// A directory may hold two links of one GPO in one place; clients take the first.
#[test]
fn the_report_of_a_gpo_and_that_in_its_backup_have_the_same_links() {
    let domain = domain(&(link(1, 2) + &link(1, 0)), false);
    let store = MemoryStore::default();
    let outcome = Backup::new(Source::of(&domain), &store, Stamps::system()).run(
        &Selection::Gpos(vec![GpoSelector::Id(gpo(1))]),
        &mut (),
        &Cancel::default(),
    );
    assert_eq!(outcome.status, Status::Succeeded, "{:?}", outcome.messages);
    let stored = BackupReport::read(&store, &store.backups().unwrap()[0], None).unwrap();
    let live = report_gpo(
        Source::of(&domain),
        &GpoSelector::Id(gpo(1)),
        BackupTime::EPOCH,
        None,
        &Cancel::default(),
    )
    .unwrap();
    assert_eq!(stored.report.links.len(), 1);
    assert_eq!(live.links, stored.report.links);
}
