//! What every domain that can be read keeps to, whatever is in it.

use std::collections::BTreeMap;

use gpo_core::{
    Contents, Directory, DirectoryCapabilities, EntryKind, GpoContainer, GpoId, GpoListing,
    GpoPath, Guid, Piece, PrincipalQuery, SourceError, SourceErrorKind, Sysvol, WmiFilterId,
    WmiFilterLink, same_name,
};
use sddl_parser::{SecurityDescriptor, Sid};

use super::if_supported;

/// Tests a domain with at least one GPO, that nobody changes meanwhile: its directory and its
/// SYSVOL. Reads all of it several times, and writes nothing.
///
/// Returns what the adapters say they cannot do, which was left out.
pub fn source(directory: &dyn Directory, sysvol: &dyn Sysvol) -> Vec<&'static str> {
    let gpos = listed(directory);
    a_domain_has_its_names(directory);
    a_listing_stops_when_it_is_told(directory);
    containers_are_those_listed(directory, &gpos);
    what_is_not_there_is_none(directory);
    let containers = read(directory, &gpos);
    principals_are_found_by_their_names(directory, &containers);
    let mut left_out = Vec::new();
    if !descriptors_hold_what_is_promised(directory, &containers) {
        left_out.push("descriptors of containers");
    }
    if !links_have_targets(directory, &gpos) {
        left_out.push("links");
    }
    if wmi_filters_are_found(directory, &containers).is_none() {
        left_out.push("all_wmi_filters");
    }
    if soms_are_found_in_any_case(directory).is_none() {
        left_out.push("soms");
    }
    left_out.extend(trees_are_read_alike_in_every_way(sysvol, &gpos));
    several_threads_can_read(directory, sysvol, &gpos);
    left_out
}

fn listed(directory: &dyn Directory) -> Vec<GpoListing> {
    let mut gpos: Vec<GpoListing> = Vec::new();
    directory
        .list(&mut |gpo| {
            let twice = gpos.iter().any(|other| other.id == gpo.id);
            assert!(!twice, "{} is listed twice", gpo.id);
            gpos.push(gpo);
            Ok(())
        })
        .unwrap();
    assert!(!gpos.is_empty(), "a domain with a GPO is needed");
    gpos
}

fn read(directory: &dyn Directory, gpos: &[GpoListing]) -> Vec<GpoContainer> {
    let ids: Vec<_> = gpos.iter().map(|gpo| gpo.id).collect();
    let found = directory.containers(&ids).unwrap();
    assert_eq!(found.len(), ids.len(), "one for each");
    found
        .into_iter()
        .map(|container| container.unwrap().unwrap())
        .collect()
}

fn a_domain_has_its_names(directory: &dyn Directory) {
    let domain = directory.domain().unwrap();
    let labels: Vec<_> = domain.dns_name.split('.').collect();
    let dn = format!("DC={}", labels.join(",DC="));
    assert!(same_name(&domain.dn, &dn), "{} is not {dn}", domain.dn);
    assert_ne!(domain.netbios_name.as_deref(), Some(""));
}

fn a_listing_stops_when_it_is_told(directory: &dyn Directory) {
    let mut calls = 0;
    let stopped = directory.list(&mut |_| {
        calls += 1;
        Err(SourceError::new(SourceErrorKind::Other, "", "stop"))
    });
    assert_eq!(stopped.unwrap_err().message(), "stop");
    assert_eq!(calls, 1, "called again after it returned an error");
}

fn containers_are_those_listed(directory: &dyn Directory, gpos: &[GpoListing]) {
    let containers = read(directory, gpos);
    let ids: Vec<_> = gpos.iter().map(|gpo| gpo.id).collect();
    let versions = directory.versions(&ids).unwrap();
    for ((gpo, container), version) in gpos.iter().zip(&containers).zip(versions) {
        assert_eq!(container.id.to_string(), gpo.id.to_string(), "one spelling");
        assert_eq!(container.display_name, gpo.display_name);
        assert_eq!(version, Some(container.version));
    }
    // In another order and another case, one of them twice.
    let other: Vec<GpoId> = ids
        .iter()
        .rev()
        .chain(ids.first())
        .map(|id| id.guid().to_lower().into())
        .collect();
    let found = directory.containers(&other).unwrap();
    assert_eq!(found.len(), other.len());
    let expected = containers.iter().rev().chain(containers.first());
    for (found, expected) in found.into_iter().zip(expected) {
        assert_eq!(found.unwrap().as_ref(), Some(expected));
    }
}

fn what_is_not_there_is_none(directory: &dyn Directory) {
    let id = Guid::from_u128(u128::MAX);
    let (gpo, filter) = (GpoId::new(id), WmiFilterId::new(id));
    assert!(directory.containers(&[]).unwrap().is_empty());
    let found = directory.containers(&[gpo]).unwrap();
    assert!(matches!(found[..], [Ok(None)]));
    assert_eq!(directory.versions(&[gpo]).unwrap(), [None]);
    let known = directory.capabilities();
    if known.contains(DirectoryCapabilities::WMI_FILTERS) {
        assert_eq!(directory.wmi_filters(&[filter]).unwrap(), [None]);
    }
    if known.contains(DirectoryCapabilities::LINKS) {
        assert_eq!(directory.links(&[gpo]).unwrap(), [vec![]]);
    }
    let nobody = [
        PrincipalQuery::Sid(Sid::new(5, &[21, 1, 2, 3, 4_000_000_000]).unwrap()),
        PrincipalQuery::Name("no such name \u{e9}*()\\".into()),
    ];
    assert_eq!(directory.principals(&nobody).unwrap(), [None, None]);
    assert_eq!(directory.principals(&[]).unwrap(), []);
}

/// The descriptor of a container, unless what stands there is none.
fn descriptor(container: &GpoContainer) -> Option<SecurityDescriptor> {
    let bytes = container.security_descriptor.as_ref()?;
    SecurityDescriptor::from_bytes(bytes).ok()
}

/// Says whether any container has one.
fn descriptors_hold_what_is_promised(
    directory: &dyn Directory,
    containers: &[GpoContainer],
) -> bool {
    let owner = directory
        .capabilities()
        .contains(DirectoryCapabilities::OWNER);
    let descriptors: Vec<_> = containers.iter().filter_map(descriptor).collect();
    for descriptor in &descriptors {
        if owner {
            assert!(descriptor.owner().is_some(), "an owner is promised");
        }
    }
    !descriptors.is_empty()
}

/// The names that came with a SID are found, too. Not always with that SID: backups of two domains
/// that had one name after another hold two of each.
fn principals_are_found_by_their_names(directory: &dyn Directory, containers: &[GpoContainer]) {
    let mut sids: Vec<Sid> = Vec::new();
    for descriptor in containers.iter().filter_map(descriptor) {
        let aces = descriptor.dacl().map(|dacl| dacl.aces.clone());
        sids.extend(
            aces.unwrap_or_default()
                .iter()
                .filter_map(|ace| ace.sid().copied()),
        );
    }
    sids.sort();
    sids.dedup();
    let queries: Vec<_> = sids.iter().copied().map(PrincipalQuery::Sid).collect();
    let found = directory.principals(&queries).unwrap();
    assert_eq!(found.len(), sids.len());
    for (sid, principal) in sids.iter().zip(found) {
        let Some(principal) = principal else { continue };
        assert_eq!(principal.sid, *sid);
        let name = &principal.sam_account_name;
        let names = [&principal.netbios_domain, &principal.dns_domain]
            .into_iter()
            .filter(|domain| !domain.is_empty())
            .map(|domain| PrincipalQuery::Name(format!("{domain}\\{name}")));
        let names: Vec<_> = names.collect();
        for found in directory.principals(&names).unwrap() {
            let same = found.is_some_and(|found| same_name(&found.sam_account_name, name));
            assert!(same, "{names:?}");
        }
    }
}

/// Says whether the source has links.
fn links_have_targets(directory: &dyn Directory, gpos: &[GpoListing]) -> bool {
    if !directory
        .capabilities()
        .contains(DirectoryCapabilities::LINKS)
    {
        return false;
    }
    let ids: Vec<_> = gpos.iter().map(|gpo| gpo.id).collect();
    let links = directory.links(&ids).unwrap();
    assert_eq!(links.len(), ids.len());
    assert_eq!(
        directory.links(&ids[..1]).unwrap()[0],
        links[0],
        "alone as with others"
    );
    for link in links.iter().flatten() {
        assert!(link.target.contains('='), "{}", link.target);
    }
    true
}

fn wmi_filters_are_found(directory: &dyn Directory, containers: &[GpoContainer]) -> Option<()> {
    if directory
        .capabilities()
        .contains(DirectoryCapabilities::WMI_FILTERS)
    {
        for container in containers {
            let link = WmiFilterLink::from_text(container.wql_filter.trim());
            let Ok((id, _)) = link.target() else { continue };
            let found = directory.wmi_filters(&[id]).unwrap().remove(0);
            assert!(found.is_none_or(|filter| filter.id == id));
        }
    }
    let all = if_supported(directory.all_wmi_filters())?;
    let ids: Vec<_> = all.iter().map(|filter| filter.id).collect();
    let found: Vec<_> = all.into_iter().map(Some).collect();
    assert_eq!(directory.wmi_filters(&ids).unwrap(), found);
    Some(())
}

fn soms_are_found_in_any_case(directory: &dyn Directory) -> Option<()> {
    let dn = directory.domain().unwrap().dn;
    let asked = [
        dn.to_uppercase(),
        "OU=none,DC=none".into(),
        dn.to_lowercase(),
    ];
    let found = if_supported(directory.soms(&asked))?;
    assert_eq!(found[1], None);
    assert_eq!(found[0].as_ref().unwrap().dn, dn);
    assert_eq!(found[0], found[2]);
    Some(())
}

/// What is in a folder of SYSVOL; none where it is not there.
fn tree(sysvol: &dyn Contents, folder: &GpoPath) -> Option<BTreeMap<GpoPath, EntryKind>> {
    let mut found = BTreeMap::new();
    let walk = sysvol.walk(folder, &mut |entry| {
        let entry = entry?;
        let parent = entry.path.parent().unwrap();
        let known = parent == *folder || found.contains_key(&parent);
        assert!(known, "{} comes before its folder", entry.path);
        let twice = found.insert(entry.path, entry.kind);
        assert_eq!(twice, None);
        Ok(())
    });
    match walk {
        Err(error) if error.kind() == SourceErrorKind::NotFound => None,
        // Of a GPO that is not whole the source says so.
        Err(error) if error.kind() == SourceErrorKind::Invalid => None,
        walk => walk.map(|()| Some(found)).unwrap(),
    }
}

/// Says what the folders of these GPOs have not.
fn trees_are_read_alike_in_every_way(
    sysvol: &dyn Sysvol,
    gpos: &[GpoListing],
) -> Option<&'static str> {
    let (mut trees, mut descriptors) = (0, 0);
    for gpo in gpos {
        let folder: GpoPath = format!("Policies\\{}", gpo.id).parse().unwrap();
        let Some(tree) = tree(sysvol, &folder) else {
            continue;
        };
        trees += 1;
        let files = tree.iter().filter_map(|(path, kind)| match kind {
            EntryKind::File(size) => Some((path.clone(), *size)),
            EntryKind::Folder => None,
        });
        let (paths, sizes): (Vec<GpoPath>, Vec<u64>) = files.unzip();
        let mut together: Vec<Vec<u8>> = vec![Vec::new(); paths.len()];
        sysvol
            .read_many(&paths, 16, &mut |n, piece| {
                match piece {
                    Piece::Data(data) => together[n].extend_from_slice(data),
                    Piece::End => {}
                    Piece::Failed(error) => panic!("{error}"),
                }
                Ok(())
            })
            .unwrap();
        for ((path, size), bytes) in paths.iter().zip(sizes).zip(&together) {
            assert_eq!(bytes.len() as u64, size, "{path}");
            let lower: GpoPath = path.as_str().to_ascii_lowercase().parse().unwrap();
            assert!(sysvol.read_all(&lower, size).unwrap() == *bytes, "{path}");
        }
        let missing = folder.join("no such file").unwrap();
        let error = sysvol.read_all(&missing, 1).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::NotFound, "{error}");
        if let Some(bytes) = sysvol.descriptor(&folder).unwrap() {
            SecurityDescriptor::from_bytes(&bytes).unwrap();
            descriptors += 1;
        }
    }
    match (trees, descriptors) {
        (0, _) => Some("folders of GPOs"),
        (_, 0) => Some("descriptors of folders"),
        _ => None,
    }
}

fn several_threads_can_read(directory: &dyn Directory, sysvol: &dyn Sysvol, gpos: &[GpoListing]) {
    let folder: GpoPath = "Policies".parse().unwrap();
    let (containers, policies) = (read(directory, gpos), tree(sysvol, &folder));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                assert_eq!(read(directory, gpos), containers);
                assert_eq!(tree(sysvol, &folder), policies);
            });
        }
    });
}
