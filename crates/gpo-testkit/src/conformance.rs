//! The tests that every adapter passes.
//!
//! Each function runs all the tests of one trait against an adapter, and panics, as a test does,
//! at the first rule that does not hold. Call it from a test of the adapter's crate.
#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

mod contents;
mod directory;
mod sample_tree;
mod store;
mod sysvol;

pub use contents::contents;
pub use directory::directory;
pub use sample_tree::SampleTree;
pub use store::store;
pub use sysvol::sysvol;
