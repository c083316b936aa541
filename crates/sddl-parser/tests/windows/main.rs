//! What Windows makes of SDDL: `sddl/` of the shared data.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use sddl_parser::{SddlContext, Sid};

mod pairs;
#[path = "../shared/mod.rs"]
mod shared;
mod texts;

/// The context of all pairs and texts.
fn context() -> SddlContext {
    let domain: Sid = "S-1-5-21-2457507606-2709100691-398136650".parse().unwrap();
    SddlContext::new().with_domain(domain).with_forest(domain)
}
