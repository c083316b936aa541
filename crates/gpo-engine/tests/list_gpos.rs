//! The GPOs of a domain as `list_gpos` lists them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

use gpo_core::{DirectoryWrite, GpoVersion, Half, Som, SysvolWrite};
use gpo_engine::{Cancel, GpoSummary, Source, Status, list_gpos};
use gpo_testkit::{MemoryDomain, sample};

fn list(domain: &MemoryDomain) -> Vec<GpoSummary> {
    let outcome = list_gpos(Source::of(domain), &Cancel::default());
    assert_eq!(outcome.status, Status::Succeeded, "{:?}", outcome.messages);
    outcome.value
}

#[test]
fn both_sides_links_and_filter_are_told() {
    let domain = MemoryDomain::example();
    let filter = sample::wmi_filter(1);
    let id = filter.id;
    domain.add_wmi_filter(filter);
    let mut container = sample::container(1);
    container.wql_filter = format!("[example.test;{id};0]");
    container.version = GpoVersion::from_halves(3, 4);
    domain.put_container(&container).unwrap();
    domain.add_som(Som {
        dn: "OU=x,DC=example,DC=test".into(),
        links: format!(
            "[LDAP://CN={},CN=Policies,CN=System,DC=example,DC=test;2]",
            container.id
        ),
        block_inheritance: false,
    });
    let gpos = list(&domain);
    let [gpo] = &gpos[..] else { panic!("{gpos:?}") };
    assert_eq!(gpo.display_name, container.display_name);
    assert_eq!(gpo.status, Some(container.status));
    let user = gpo.version(Half::User);
    assert_eq!((user.directory, user.sysvol), (3, 65535));
    assert!(!gpo.versions_agree());
    let (link, name) = gpo.wmi_filter.as_ref().unwrap();
    assert_eq!(
        (link.as_str(), name.as_deref()),
        (container.wql_filter.as_str(), Some("Laptops"))
    );
    let links = gpo.links.as_ref().unwrap();
    assert_eq!((links.len(), links[0].enforced), (1, true));
}

#[test]
fn half_a_gpo_is_listed() {
    let domain = MemoryDomain::example();
    let (both, no_folder) = (sample::container(1), sample::container(2));
    domain.put_container(&no_folder).unwrap();
    let folder = format!("Policies\\{}", sample::container(3).id);
    domain
        .replace_tree(&folder.parse().unwrap(), &mut |_| Ok(()))
        .unwrap();
    let found: Vec<_> = list(&domain)
        .iter()
        .map(|gpo| (gpo.id, gpo.directory_version.is_some(), gpo.in_sysvol))
        .collect();
    let orphan = sample::container(3).id;
    let expected = [
        (orphan, false, true),
        (both.id, true, true),
        (no_folder.id, true, false),
    ];
    assert_eq!(
        found, expected,
        "in the order of the names, of which the first has none"
    );
}

#[test]
fn many_gpos_are_all_listed() {
    let domain = MemoryDomain::example();
    for n in 0..300 {
        domain.put_container(&sample::container(n)).unwrap();
    }
    let mut ids: Vec<_> = list(&domain).iter().map(|gpo| gpo.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 300);
}
