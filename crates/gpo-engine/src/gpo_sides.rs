//! Both sides of the GPOs of a domain, read some at a time.

use std::collections::{BTreeMap, BTreeSet};

use gpo_core::{
    DirectoryCapabilities, GpoContainer, GpoLink, GpoListing, GpoPath, GpoVersion, GptIni,
    LARGEST_GPT_INI, Piece, SourceError, SourceErrorKind, WmiFilter, WmiFilterId, WmiFilterLink,
};

use crate::observer::Cancel;
use crate::selection::{Selection, select};
use crate::source::{GPT_INI, Source, gpo_folder};

/// How many GPOs are asked for at once.
const AT_ONCE: usize = 64;
/// How many files of them.
const IN_FLIGHT: usize = 16;

/// A GPO as each side of the domain has it.
pub(crate) struct GpoSides {
    /// Its name is empty where there is no container.
    pub(crate) listing: GpoListing,
    /// None where there is no container.
    pub(crate) container: Option<GpoContainer>,
    /// Where it is in SYSVOL, or should be.
    pub(crate) folder: GpoPath,
    /// Whether it is there.
    pub(crate) in_sysvol: bool,
    /// What its GPT.INI says; none where there is no such file.
    pub(crate) sysvol_version: Result<Option<GpoVersion>, SourceError>,
    /// None where the source has no links.
    pub(crate) links: Option<Vec<GpoLink>>,
    /// The WMI filter that it is linked to; none where the directory has no such filter.
    pub(crate) wmi_filter: Option<WmiFilter>,
}

/// Visits every GPO that is on either side, in the order of their names; one that cannot be read
/// as an error. The visitor is also told how many there are.
pub(crate) fn visit_all(
    source: Source<'_>,
    cancel: &Cancel,
    visit: &mut dyn FnMut(u64, Result<GpoSides, SourceError>),
) -> Result<(), SourceError> {
    let gpos = select(source, &Selection::All)?.gpos;
    let mut filters = BTreeMap::new();
    for chunk in gpos.chunks(AT_ONCE) {
        cancel.check()?;
        for sides in read(source, chunk, &mut filters)? {
            visit(gpos.len() as u64, sides);
        }
    }
    Ok(())
}

fn read(
    source: Source<'_>,
    gpos: &[GpoListing],
    filters: &mut BTreeMap<WmiFilterId, Option<WmiFilter>>,
) -> Result<Vec<Result<GpoSides, SourceError>>, SourceError> {
    let ids: Vec<_> = gpos.iter().map(|gpo| gpo.id).collect();
    let containers = source.directory.containers(&ids)?;
    let mut folders = Vec::with_capacity(gpos.len());
    for (gpo, container) in gpos.iter().zip(&containers) {
        let spelled = match container {
            Ok(Some(container)) => container.id,
            _ => gpo.id,
        };
        folders.push(gpo_folder(spelled)?);
    }
    let versions = sysvol_versions(source, &folders)?;
    let known = source.directory.capabilities();
    let mut links = if known.contains(DirectoryCapabilities::LINKS) {
        Some(source.directory.links(&ids)?.into_iter())
    } else {
        None
    };
    if known.contains(DirectoryCapabilities::WMI_FILTERS) {
        learn_filters(source, containers.iter().flatten().flatten(), filters)?;
    }
    let sides = gpos.iter().zip(containers).zip(folders).zip(versions);
    let sides = sides.map(|(((listing, container), folder), sysvol_version)| {
        // One for each GPO, whether it can be read or not.
        let links = links.as_mut().map(|links| links.next().unwrap_or_default());
        let container = container?;
        let filter = container.as_ref().and_then(linked_filter);
        // Without a container it is listed because its folder is there.
        let in_sysvol = match (&container, &sysvol_version) {
            (Some(_), Ok(None)) => is_there(source, &folder)?,
            _ => true,
        };
        Ok(GpoSides {
            listing: listing.clone(),
            container,
            folder,
            in_sysvol,
            sysvol_version,
            links,
            wmi_filter: filter.and_then(|id| filters.get(&id).cloned().flatten()),
        })
    });
    Ok(sides.collect())
}

fn is_there(source: Source<'_>, folder: &GpoPath) -> Result<bool, SourceError> {
    let mut seen = false;
    let listed = source.sysvol.children(folder, &mut |_| {
        seen = true;
        Err(SourceError::new(SourceErrorKind::Cancelled, "", ""))
    });
    match listed {
        Err(error) if error.kind() == SourceErrorKind::NotFound => Ok(false),
        Err(error) if !seen => Err(error),
        _ => Ok(true),
    }
}

/// The WMI filter that a container is linked to; none where it is linked to none, or by no link.
pub(crate) fn linked_filter(container: &GpoContainer) -> Option<WmiFilterId> {
    let link = WmiFilterLink::from_text(container.wql_filter.trim());
    link.target().ok().map(|(id, _)| id)
}

/// Asks, in one request, for those filters that are not known yet.
fn learn_filters<'a>(
    source: Source<'_>,
    containers: impl Iterator<Item = &'a GpoContainer>,
    filters: &mut BTreeMap<WmiFilterId, Option<WmiFilter>>,
) -> Result<(), SourceError> {
    let linked: BTreeSet<WmiFilterId> = containers
        .filter_map(linked_filter)
        .filter(|id| !filters.contains_key(id))
        .collect();
    if linked.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = linked.into_iter().collect();
    let found = source.directory.wmi_filters(&ids)?;
    filters.extend(ids.into_iter().zip(found));
    Ok(())
}

/// The versions in the GPT.INI of these folders, asked for together.
fn sysvol_versions(
    source: Source<'_>,
    folders: &[GpoPath],
) -> Result<Vec<Result<Option<GpoVersion>, SourceError>>, SourceError> {
    let mut paths = Vec::with_capacity(folders.len());
    for folder in folders {
        let path = folder.join(GPT_INI);
        paths.push(path.map_err(|e| SourceError::invalid(folder.as_str(), e))?);
    }
    let mut files: Vec<_> = paths.iter().map(|_| Ok(Some(Vec::new()))).collect();
    source
        .sysvol
        .read_many(&paths, IN_FLIGHT, &mut |n, piece| {
            let Some(file) = files.get_mut(n) else {
                return Ok(());
            };
            match (piece, &mut *file) {
                (Piece::Data(data), Ok(Some(bytes)))
                    if (bytes.len() + data.len()) as u64 <= LARGEST_GPT_INI =>
                {
                    bytes.extend_from_slice(data);
                }
                (Piece::Data(_), Ok(Some(_))) => {
                    let message = format!("the file is larger than {LARGEST_GPT_INI} bytes");
                    *file = Err(SourceError::new(SourceErrorKind::Invalid, GPT_INI, message));
                }
                (Piece::Failed(error), _) if error.kind() == SourceErrorKind::NotFound => {
                    *file = Ok(None);
                }
                (Piece::Failed(error), _) => *file = Err(error),
                (Piece::End | Piece::Data(_), _) => {}
            }
            Ok(())
        })?;
    let version = |file: Result<Option<Vec<u8>>, SourceError>| {
        let Some(bytes) = file? else { return Ok(None) };
        let version = GptIni::parse(&bytes).and_then(|ini| ini.version());
        version
            .map(Some)
            .map_err(|e| SourceError::invalid(GPT_INI, e))
    };
    Ok(files.into_iter().map(version).collect())
}
