//! The links of GPOs, with what they are linked to.

use std::collections::{BTreeMap, BTreeSet};

use gpo_core::{
    Directory, DirectoryCapabilities, Dn, GpoId, GpoLink, SidecarLink, Som, SourceError,
    SourceErrorKind,
};

/// The links of these GPOs with what they are linked to, sorted by its name, one list for each in
/// the same order; no list at all where the source has no links.
///
/// # Errors
///
/// Any failure to read.
pub fn links_of(
    directory: &dyn Directory,
    ids: &[GpoId],
) -> Result<Vec<Vec<SidecarLink>>, SourceError> {
    let known = directory.capabilities();
    if !known.contains(DirectoryCapabilities::LINKS) {
        return Ok(Vec::new());
    }
    let mut links = directory.links(ids)?;
    links.iter_mut().for_each(sort_links);
    let linked: BTreeSet<&String> = links.iter().flatten().map(|link| &link.target).collect();
    let dns: Vec<String> = linked.into_iter().cloned().collect();
    let soms: BTreeMap<String, Som> = match directory.soms(&dns) {
        Ok(found) => found
            .into_iter()
            .flatten()
            .map(|som| (som_key(&som.dn), som))
            .collect(),
        Err(error) if error.kind() == SourceErrorKind::Unsupported => BTreeMap::new(),
        Err(error) => return Err(error),
    };
    let of_gpo = |links: Vec<GpoLink>| {
        let with_som = |link: GpoLink| SidecarLink {
            som: soms.get(&som_key(&link.target)).cloned(),
            link,
        };
        links.into_iter().map(with_som).collect()
    };
    Ok(links.into_iter().map(of_gpo).collect())
}

/// Sorts the links of a GPO by what they are linked to; what is linked twice is linked by the first.
pub(crate) fn sort_links(links: &mut Vec<GpoLink>) {
    links.sort_by_cached_key(|link| som_key(&link.target));
    links.dedup_by_key(|link| som_key(&link.target));
}

/// What names are sorted by, and found by.
pub(crate) fn som_key(dn: &str) -> String {
    Dn::new(dn).key()
}
