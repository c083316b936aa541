//! The file formats on real files: all of them are read and written back, and the broken ones among
//! them are refused for the reason that `broken.tsv` names.
//!
//! The files lie in `$GPO_SHARED`, else in `../shared` beside the project's root.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed step is a failed test"
)]

mod audit_csv;
mod inf;
mod lgpo_text;
mod other_files;
#[cfg(feature = "xml")]
mod problems;
#[cfg(feature = "xml")]
mod references;
mod registry_pol;
mod shared;
#[cfg(feature = "xml")]
mod software_package;
#[cfg(feature = "xml")]
mod xml;
