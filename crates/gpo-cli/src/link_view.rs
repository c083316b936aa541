//! Links of a GPO, as JSON and as text.

use gpo_core::{GpoLink, Quoted, SidecarLink};
use serde::Serialize;

/// A link of a GPO.
#[derive(Serialize)]
pub(crate) struct LinkView {
    target: String,
    order: usize,
    enabled: bool,
    enforced: bool,
}

/// A link, and what is known of what it is linked to.
#[derive(Serialize)]
pub(crate) struct SomLinkView {
    #[serde(flatten)]
    link: LinkView,
    block_inheritance: Option<bool>,
    gp_link: Option<String>,
}

impl From<&GpoLink> for LinkView {
    fn from(link: &GpoLink) -> Self {
        Self {
            target: link.target.clone(),
            order: link.index,
            enabled: !link.disabled,
            enforced: link.enforced,
        }
    }
}

impl From<&SidecarLink> for SomLinkView {
    fn from(known: &SidecarLink) -> Self {
        Self {
            link: LinkView::from(&known.link),
            block_inheritance: known.som.as_ref().map(|som| som.block_inheritance),
            gp_link: known.som.as_ref().map(|som| som.links.clone()),
        }
    }
}

/// What a GPO is linked to, with the options of the link.
pub(crate) fn link_text(link: &GpoLink) -> String {
    let target = Quoted::bare(&link.target);
    match (link.enforced, link.disabled) {
        (false, false) => target.to_string(),
        (true, false) => format!("{target} (enforced)"),
        (false, true) => format!("{target} (disabled)"),
        (true, true) => format!("{target} (disabled, enforced)"),
    }
}
