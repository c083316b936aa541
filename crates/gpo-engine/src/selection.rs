//! Which GPOs of a domain an operation is about.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use gpo_core::{
    EntryKind, GpoId, GpoListing, Quoted, SourceError, SourceErrorKind, fold_name, same_name,
};

use crate::source::{Source, no_such_gpo, policies_folder};

/// A GPO, by its ID or by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GpoSelector {
    /// By its ID.
    Id(GpoId),
    /// By its display name, compared without case.
    Name(String),
}

impl FromStr for GpoSelector {
    type Err = Infallible;

    /// A GUID, with braces or without, is an ID; anything else is a name.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        let braced = format!("{{{text}}}");
        let id = text.parse().or_else(|_| braced.parse());
        Ok(id.map_or_else(|_| Self::Name(text.into()), Self::Id))
    }
}

impl fmt::Display for GpoSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::Name(name) => write!(f, "{}", Quoted::new(name)),
        }
    }
}

/// Which GPOs of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All of them: every container, and every folder in SYSVOL that is named like one.
    All,
    /// These, in this order.
    Gpos(Vec<GpoSelector>),
}

/// The GPOs that a selection means, and what is wrong with the rest of it.
pub(crate) struct Selected {
    pub(crate) gpos: Vec<GpoListing>,
    pub(crate) errors: Vec<SourceError>,
}

/// Finds the GPOs of a selection; all of them in the order of their names.
pub(crate) fn select(source: Source<'_>, selection: &Selection) -> Result<Selected, SourceError> {
    let mut gpos = Vec::new();
    let mut errors = Vec::new();
    match selection {
        Selection::All => {
            source.directory.list(&mut |gpo| {
                gpos.push(gpo);
                Ok(())
            })?;
            gpos.extend(orphans(source, &gpos)?);
            gpos.sort_by_cached_key(|gpo| (fold_name(&gpo.display_name), gpo.id));
        }
        Selection::Gpos(selectors) => {
            let by_name = selectors.iter().any(|s| matches!(s, GpoSelector::Name(_)));
            let mut all = Vec::new();
            if by_name {
                source.directory.list(&mut |gpo| {
                    all.push(gpo);
                    Ok(())
                })?;
            }
            for selector in selectors {
                match find(&all, selector) {
                    Ok(gpo) if gpos.iter().any(|there: &GpoListing| there.id == gpo.id) => {}
                    Ok(gpo) => gpos.push(gpo),
                    Err(error) => errors.push(error),
                }
            }
        }
    }
    Ok(Selected { gpos, errors })
}

fn find(all: &[GpoListing], selector: &GpoSelector) -> Result<GpoListing, SourceError> {
    let name = match selector {
        // Whether it is there shows when it is read.
        GpoSelector::Id(id) => {
            return Ok(GpoListing {
                id: *id,
                display_name: String::new(),
            });
        }
        GpoSelector::Name(name) => name,
    };
    let found: Vec<_> = all
        .iter()
        .filter(|gpo| same_name(&gpo.display_name, name))
        .collect();
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(SourceError::new(
            SourceErrorKind::NotFound,
            name,
            "the domain has no GPO of this name",
        )),
        several => {
            let ids: Vec<_> = several.iter().map(|gpo| gpo.id.to_string()).collect();
            let message = format!(
                "{} GPOs have this name, say which by its ID: {}",
                several.len(),
                ids.join(", ")
            );
            Err(SourceError::new(SourceErrorKind::Invalid, name, message))
        }
    }
}

/// Folders in SYSVOL that are named like a GPO and have no container.
fn orphans(source: Source<'_>, known: &[GpoListing]) -> Result<Vec<GpoListing>, SourceError> {
    let folder = policies_folder()?;
    let known: BTreeSet<GpoId> = known.iter().map(|gpo| gpo.id).collect();
    let mut orphans = Vec::new();
    source.sysvol.children(&folder, &mut |entry| {
        // What is no folder of a GPO (PolicyDefinitions, an unreadable name) is none of ours.
        if let Ok(entry) = entry
            && entry.kind == EntryKind::Folder
            && let Some(id) = entry
                .path
                .file_name()
                .and_then(|name| name.parse::<GpoId>().ok())
            && !known.contains(&id)
        {
            orphans.push(GpoListing {
                id,
                display_name: String::new(),
            });
        }
        Ok(())
    })?;
    Ok(orphans)
}

/// The ID of the one GPO in a domain that a selector means.
///
/// # Errors
///
/// [`SourceErrorKind::NotFound`] where no GPO has this name, [`SourceErrorKind::Invalid`] where
/// several have; any failure to read. Whether there is one of this ID shows when it is read.
pub fn find_gpo(source: Source<'_>, gpo: &GpoSelector) -> Result<GpoId, SourceError> {
    let mut selected = select(source, &Selection::Gpos(vec![gpo.clone()]))?;
    match (selected.gpos.pop(), selected.errors.pop()) {
        (Some(listing), _) => Ok(listing.id),
        (None, Some(error)) => Err(error),
        (None, None) => Err(no_such_gpo(gpo.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_an_id_with_and_without_braces() {
        let id = "{31B2F340-016D-11D2-945F-00C04FB984F9}";
        for text in [id, &id[1..37], &id.to_lowercase()] {
            let selector: GpoSelector = text.parse().unwrap();
            assert_eq!(selector, GpoSelector::Id(id.parse().unwrap()), "{text}");
        }
        let name: GpoSelector = "Default Domain Policy".parse().unwrap();
        assert_eq!(name, GpoSelector::Name("Default Domain Policy".into()));
    }
}
