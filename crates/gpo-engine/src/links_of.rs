//! The links of GPOs, with what they are linked to.

use std::collections::{BTreeMap, BTreeSet};

use gpo_core::{
    Directory, DirectoryCapabilities, Dn, GpoId, SidecarLink, Som, SourceError, SourceErrorKind,
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
    let links = directory.links(ids)?;
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
    let of_gpo = |links: Vec<gpo_core::GpoLink>| {
        let with_som = |link: gpo_core::GpoLink| SidecarLink {
            som: soms.get(&som_key(&link.target)).cloned(),
            link,
        };
        let mut links: Vec<_> = links.into_iter().map(with_som).collect();
        links.sort_by_cached_key(|known| som_key(&known.link.target));
        // A GPO that is linked twice to the same is linked by the first.
        links.dedup_by_key(|known| som_key(&known.link.target));
        links
    };
    Ok(links.into_iter().map(of_gpo).collect())
}

/// What names are sorted by, and found by.
pub(crate) fn som_key(dn: &str) -> String {
    Dn::new(dn).key()
}
