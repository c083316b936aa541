//! What tests of Group Policy tools need: sources and stores in memory, and the suite of tests that
//! every adapter passes.
//!
//! ```
//! use gpo_testkit::{MemoryStore, conformance};
//!
//! conformance::store(&MemoryStore::default());
//! ```

pub mod conformance;
mod memory_domain;
mod memory_store;
mod memory_tree;
pub mod sample;

pub use memory_domain::MemoryDomain;
pub use memory_store::MemoryStore;
pub use memory_tree::MemoryTree;
