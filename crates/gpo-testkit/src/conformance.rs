//! The tests that every adapter passes: the contract of the traits, in a form that runs.
//!
//! One function for each kind of adapter. It runs all the tests, and panics, as a test does, at the
//! first rule that does not hold. What an adapter may leave out, and says it does, is returned, so
//! that a test of its own says how much was tested.
//!
//! | function | for |
//! |---|---|
//! | [`source`] | a domain to read from, whatever is in it: [`Directory`](gpo_core::Directory) and [`Sysvol`](gpo_core::Sysvol) |
//! | [`domain`] | a domain to write to: all that follows, and [`source`] |
//! | [`directory`] | [`DirectoryWrite`] |
//! | [`sysvol`] | [`SysvolWrite`] |
//! | [`contents`] | [`Contents`](gpo_core::Contents), any tree of files |
//! | [`store`] | [`BackupStoreWrite`](gpo_core::BackupStoreWrite) |
//!
//! ```
//! use gpo_testkit::{MemoryDomain, conformance};
//!
//! let domain = MemoryDomain::default();
//! assert_eq!(conformance::domain(&domain, &domain), [""; 0]);
//! ```
#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

use gpo_core::{DirectoryWrite, SourceError, SourceErrorKind, SysvolWrite};

use crate::sample;

mod contents;
mod directory;
mod sample_tree;
mod source;
mod store;
mod sysvol;

pub use contents::contents;
pub use directory::directory;
pub use sample_tree::SampleTree;
pub use source::source;
pub use store::store;
pub use sysvol::sysvol;

/// Tests a domain that can be written, both sides of it, as [`directory`], [`sysvol`] and [`source`]
/// say.
pub fn domain(directory: &dyn DirectoryWrite, sysvol: &dyn SysvolWrite) -> Vec<&'static str> {
    let mut left_out = self::directory(directory);
    left_out.extend(self::sysvol(sysvol));
    // Something to read.
    let container = sample::container(1);
    let folder = format!("Policies\\{}", container.id).parse().unwrap();
    directory.put_container(&container).unwrap();
    sysvol
        .replace_tree(&folder, &mut |tree| SampleTree::default().write(tree))
        .unwrap();
    left_out.extend(source(directory, sysvol));
    if_supported(directory.remove_container(container.id));
    if_supported(sysvol.remove_tree(&folder));
    left_out
}

/// What was done; none where the adapter says that it cannot do it.
fn if_supported<T>(result: Result<T, SourceError>) -> Option<T> {
    match result {
        Err(error) if error.kind() == SourceErrorKind::Unsupported => None,
        result => Some(result.unwrap()),
    }
}
