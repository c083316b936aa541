//! Which links change.

use gpo_core::{GpLink, GpLinkOptions, GpoId, Som};

use super::{LinkChange, LinkState, NewGpo};

/// A SOM that gets other links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SomChange {
    pub(crate) before: Som,
    pub(crate) after: Som,
}

/// The links of the GPO that differ.
pub(super) fn changes(id: GpoId, after: Option<&NewGpo>) -> Vec<LinkChange> {
    let soms = after.map(|new| new.soms.as_slice()).unwrap_or_default();
    let state = |som: &Som| {
        let (index, options) = GpLink::from_text(&som.links).get(id)?;
        Some(LinkState {
            index,
            disabled: options.contains(GpLinkOptions::DISABLED),
            enforced: options.contains(GpLinkOptions::ENFORCED),
        })
    };
    soms.iter()
        .map(|change| LinkChange {
            som_before: change.before.clone(),
            som_after: change.after.clone(),
            before: state(&change.before),
            after: state(&change.after),
        })
        .collect()
}
