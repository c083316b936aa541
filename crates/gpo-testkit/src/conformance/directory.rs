//! What every directory that can be written keeps to.

use gpo_core::{
    DirectoryObject, DirectoryWrite, GpLink, GpLinkOptions, GpoContainer, GpoId, Guid,
    PrincipalQuery, SourceErrorKind, WmiFilter, WmiFilterId,
};

use sddl_parser::{Acl, SecurityDescriptor};

use super::if_supported;
use crate::sample;

/// Tests a directory in which the GPOs of [`sample::container`] are not there yet; they are not
/// there any more at the end. What an adapter says it cannot do
/// ([`SourceErrorKind::Unsupported`]) is left out.
///
/// A place without a domain becomes that of [`sample::domain`], and then principals are tested,
/// too. A WMI filter of the ID `{00000000-0000-0000-0000-00000000F117}` is left behind.
///
/// Returns what was left out.
pub fn directory(directory: &dyn DirectoryWrite) -> Vec<&'static str> {
    if directory.is_vacant().unwrap() {
        a_vacant_place_becomes_a_domain(directory);
        principals_are_found_by_sid_and_by_name(directory);
    }
    a_domain_is_made_once(directory);
    what_is_not_there_is_none(directory);
    a_container_is_read_as_it_was_written(directory);
    a_container_is_found_in_any_case(directory);
    what_is_not_held_stays(directory);
    objects_that_are_gone_are_removed(directory);
    several_are_read_in_the_order_asked_for(directory);
    several_threads_can_write(directory);
    let mut left_out = Vec::new();
    if a_wmi_filter_is_made_and_replaced(directory).is_none() {
        left_out.push("put_wmi_filter");
    }
    if links_are_replaced(directory).is_none() {
        left_out.push("put_som");
    }
    if a_container_is_removed_with_all_below_it(directory).is_none() {
        left_out.push("remove_container");
    }
    left_out
}

/// The GPOs that the tests make.
fn made() -> impl Iterator<Item = u32> {
    let by_threads = (1..5).flat_map(|thread| (0..3).map(move |n| 100 * thread + n));
    (1..5).chain(by_threads)
}

fn a_vacant_place_becomes_a_domain(directory: &dyn DirectoryWrite) {
    let error = directory.domain().unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::NotFound, "{error}");
    let error = directory.put_container(&sample::container(1)).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::NotFound, "{error}");
    directory
        .create_domain(&sample::domain(), &sample::principals())
        .unwrap();
    assert!(!directory.is_vacant().unwrap());
    assert_eq!(directory.domain().unwrap(), sample::domain());
}

fn a_domain_is_made_once(directory: &dyn DirectoryWrite) {
    let before = directory.domain().unwrap();
    let mut other = sample::domain();
    other.dns_name = "other.test".into();
    let error = directory.create_domain(&other, &[]).unwrap_err();
    let kinds = [SourceErrorKind::Exists, SourceErrorKind::Unsupported];
    assert!(kinds.contains(&error.kind()), "{error}");
    assert_eq!(directory.domain().unwrap(), before);
}

fn principals_are_found_by_sid_and_by_name(directory: &dyn DirectoryWrite) {
    let principals = sample::principals();
    let mut queries = Vec::new();
    let mut expected = Vec::new();
    let missing = principals[0].sid.with_rid(1).unwrap();
    for principal in &principals {
        let name = &principal.sam_account_name;
        for query in [
            PrincipalQuery::Sid(principal.sid),
            PrincipalQuery::Name(name.clone()),
            PrincipalQuery::Name(name.to_uppercase()),
            PrincipalQuery::Name(format!("example\\{name}")),
            PrincipalQuery::Name(format!("Example.Test\\{name}")),
        ] {
            queries.push(query);
            expected.push(Some(principal.clone()));
        }
        queries.push(PrincipalQuery::Name(format!("OTHER\\{name}")));
        expected.push(None);
    }
    queries.push(PrincipalQuery::Sid(missing));
    queries.push(PrincipalQuery::Name("nobody".into()));
    expected.extend([None, None]);
    assert_eq!(directory.principals(&queries).unwrap(), expected);
    assert_eq!(directory.principals(&[]).unwrap(), []);
}

fn what_is_not_there_is_none(directory: &dyn DirectoryWrite) {
    let id = Guid::from_u128(u128::MAX);
    let (gpo, filter) = (GpoId::new(id), WmiFilterId::new(id));
    let found = directory.containers(&[gpo]).unwrap();
    assert!(matches!(found[..], [Ok(None)]));
    assert!(directory.containers(&[]).unwrap().is_empty());
    assert_eq!(directory.wmi_filters(&[filter]).unwrap(), [None]);
    assert_eq!(directory.links(&[gpo]).unwrap(), [vec![]]);
}

fn read(directory: &dyn DirectoryWrite, id: GpoId) -> GpoContainer {
    let mut found = directory.containers(&[id]).unwrap();
    assert_eq!(found.len(), 1);
    found.remove(0).unwrap().unwrap()
}

/// Directories keep no order among attributes, values and objects, and a descriptor comes with the
/// SACL that it had, the directory's control bits and its revision of ACLs.
fn sorted(mut container: GpoContainer) -> GpoContainer {
    fn without_sacl(descriptor: &mut Option<Vec<u8>>) {
        let Some(bytes) = descriptor else { return };
        let read = SecurityDescriptor::from_bytes(bytes).unwrap();
        let mut kept = SecurityDescriptor::new();
        kept.set_owner(read.owner().copied());
        kept.set_group(read.group().copied());
        kept.set_dacl(read.dacl().map(|dacl| Acl::new(dacl.aces.clone())));
        *bytes = kept.to_bytes().unwrap();
    }
    fn sort(objects: &mut [DirectoryObject]) {
        objects.sort_by(|a, b| a.rdn.cmp(&b.rdn));
        for object in objects {
            without_sacl(&mut object.security_descriptor);
            // A directory gives an object a GUID of its own, and what its class demands.
            let own = ["objectGUID", "showInAdvancedViewOnly"];
            object
                .attributes
                .retain(|a| !own.contains(&a.name.as_str()));
            object.attributes.sort_by(|a, b| a.name.cmp(&b.name));
            for attribute in &mut object.attributes {
                attribute.values.sort();
            }
            sort(&mut object.children);
        }
    }
    without_sacl(&mut container.security_descriptor);
    sort(&mut container.machine_objects);
    sort(&mut container.user_objects);
    // The directory's own.
    container.when_created.clear();
    container.when_changed.clear();
    container
}

fn assert_holds(directory: &dyn DirectoryWrite, expected: &GpoContainer) {
    let found = read(directory, expected.id);
    assert_eq!(found.id.to_string(), expected.id.to_string());
    assert_eq!(sorted(found), sorted(expected.clone()));
}

fn a_container_is_read_as_it_was_written(directory: &dyn DirectoryWrite) {
    let first = sample::container(1);
    directory.put_container(&first).unwrap();
    assert_holds(directory, &first);
    let mut listed = Vec::new();
    directory
        .list(&mut |gpo| {
            listed.push((gpo.id, gpo.display_name));
            Ok(())
        })
        .unwrap();
    assert!(listed.contains(&(first.id, first.display_name.clone())));
    let stop = directory.list(&mut |_| {
        let kind = SourceErrorKind::Cancelled;
        Err(gpo_core::SourceError::new(kind, "", "stop"))
    });
    assert_eq!(stop.unwrap_err().message(), "stop");
    let mut changed = sample::container(2);
    changed.id = first.id;
    changed.machine_extensions = String::new();
    changed.user_extensions = first.machine_extensions;
    changed.wql_filter = "[example.test;{39b2ba78-1111-2222-3333-444455556666};0]".into();
    directory.put_container(&changed).unwrap();
    assert_holds(directory, &changed);
}

fn a_container_is_found_in_any_case(directory: &dyn DirectoryWrite) {
    let container = sample::container(1);
    let lower = GpoId::new(container.id.guid().to_lower());
    let found = read(directory, lower);
    assert_eq!(found.id.to_string(), container.id.to_string());
    let mut changed = container.clone();
    changed.id = lower;
    directory.put_container(&changed).unwrap();
    assert_holds(directory, &container);
    let mut count = 0;
    directory
        .list(&mut |gpo| {
            count += u32::from(gpo.id == lower);
            Ok(())
        })
        .unwrap();
    assert_eq!(count, 1, "two containers with one name");
}

fn what_is_not_held_stays(directory: &dyn DirectoryWrite) {
    let container = sample::container(1);
    let mut changed = container.clone();
    changed.security_descriptor = None;
    changed.display_name = "changed".into();
    directory.put_container(&changed).unwrap();
    changed.security_descriptor = container.security_descriptor;
    assert_holds(directory, &changed);
}

fn objects_that_are_gone_are_removed(directory: &dyn DirectoryWrite) {
    let mut container = sample::container(1);
    container.machine_objects.remove(1);
    container.machine_objects[0].children[0].children.clear();
    container.machine_objects[0].attributes.remove(0);
    container.user_objects[0].rdn = "CN=Other".into();
    directory.put_container(&container).unwrap();
    assert_holds(directory, &container);
    container.machine_objects.clear();
    container.user_objects.clear();
    directory.put_container(&container).unwrap();
    assert_holds(directory, &container);
    let full = sample::container(1);
    directory.put_container(&full).unwrap();
    assert_holds(directory, &full);
}

fn several_are_read_in_the_order_asked_for(directory: &dyn DirectoryWrite) {
    for n in 2..5 {
        directory.put_container(&sample::container(n)).unwrap();
    }
    let asked = [4, 2, 99, 3, 2, 1];
    let ids = asked.map(|n| sample::container(n).id);
    let found = directory.containers(&ids).unwrap();
    assert_eq!(found.len(), asked.len());
    for (n, found) in asked.into_iter().zip(found) {
        let found = found.unwrap().map(|found| found.id);
        assert_eq!(found, (n != 99).then(|| sample::container(n).id));
    }
    assert_eq!(directory.links(&ids).unwrap().len(), asked.len());
}

fn several_threads_can_write(directory: &dyn DirectoryWrite) {
    std::thread::scope(|scope| {
        for thread in 1..5 {
            scope.spawn(move || {
                for n in 0..3 {
                    let container = sample::container(100 * thread + n);
                    directory.put_container(&container).unwrap();
                    assert_holds(directory, &container);
                }
            });
        }
    });
    for n in made().filter(|n| *n >= 100) {
        assert_holds(directory, &sample::container(n));
    }
}

fn a_container_is_removed_with_all_below_it(directory: &dyn DirectoryWrite) -> Option<()> {
    let container = sample::container(2);
    if_supported(directory.remove_container(container.id))?;
    let found = directory.containers(&[container.id, sample::container(3).id]);
    assert!(matches!(found.unwrap()[..], [Ok(None), Ok(Some(_))]));
    let error = directory.remove_container(container.id).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::NotFound, "{error}");
    directory.put_container(&container).unwrap();
    assert_holds(directory, &container);
    for n in made() {
        let lower = sample::container(n).id.guid().to_lower();
        directory.remove_container(lower.into()).unwrap();
    }
    Some(())
}

fn a_wmi_filter_is_made_and_replaced(directory: &dyn DirectoryWrite) -> Option<()> {
    let mut filter = WmiFilter {
        id: WmiFilterId::new(Guid::from_u128(0xf117)),
        name: "Laptops, \u{e9}".into(),
        description: String::new(),
        queries: "1;3;10;61;WQL;root\\CIMv2;SELECT * FROM Win32_Battery WHERE BatteryStatus <> 0;"
            .into(),
        author: "admin@example.test".into(),
        created: "20240102030405.123000-000".into(),
        changed: "20240102030405.123000-000".into(),
    };
    for name in ["Laptops", "Notebooks"] {
        filter.name = name.into();
        filter.description = format!("{name}.");
        if_supported(directory.put_wmi_filter(&filter))?;
        let found = directory.wmi_filters(&[filter.id]).unwrap();
        assert_eq!(found, [Some(filter.clone())]);
        let all = directory.all_wmi_filters().unwrap();
        let own: Vec<_> = all.iter().filter(|f| f.id == filter.id).collect();
        assert_eq!(own, [&filter]);
    }
    Some(())
}

/// Tried on the domain itself, where there is no doubt that it is one; it is left as it was.
fn links_are_replaced(directory: &dyn DirectoryWrite) -> Option<()> {
    let domain = directory.domain().unwrap();
    let Some(before) = if_supported(directory.soms(std::slice::from_ref(&domain.dn)))?.remove(0)
    else {
        panic!("the domain itself is no SOM");
    };
    assert_eq!(before.dn, domain.dn);
    let id = sample::container(3).id;
    let mut links = GpLink::from_text(&before.links);
    let dn = format!("CN={id},CN=Policies,CN=System,{}", domain.dn);
    let options = GpLinkOptions::DISABLED | GpLinkOptions::ENFORCED;
    links.insert(usize::MAX, &dn, options).unwrap();
    let mut changed = before.clone();
    changed.links = links.to_string();
    changed.block_inheritance = !before.block_inheritance;
    if_supported(directory.put_som(&changed))?;
    let found = directory.soms(&[domain.dn.to_uppercase(), "OU=none,DC=none".into()]);
    assert_eq!(found.unwrap(), [Some(changed), None]);
    let found = directory.links(&[id]).unwrap().remove(0);
    let place = found
        .iter()
        .map(|link| (link.index, link.disabled, link.enforced));
    assert_eq!(place.collect::<Vec<_>>(), [(links.len() - 1, true, true)]);
    directory.put_som(&before).unwrap();
    assert_eq!(
        directory.soms(&[domain.dn]).unwrap(),
        [Some(before.clone())]
    );
    let missing = gpo_core::Som {
        dn: "OU=none,DC=none".into(),
        ..before
    };
    let error = directory.put_som(&missing).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::NotFound, "{error}");
    Some(())
}
