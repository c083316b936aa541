//! What tests of Group Policy tools need.
//!
//! * [`MemoryDomain`] and [`MemoryStore`]: a source and a store without a file system.
//! * [`Faulty`]: any source or store, with a fault at the n-th call; [`FaultCount`]: what came of
//!   that.
//! * [`strategies`]: any value of the model, for property tests; [`sample`]: some fixed ones.
//! * [`rebuild`]: documents made of what the typed views of others read.
//! * [`conformance`]: the tests that every adapter passes.
//!
//! ```
//! use gpo_testkit::{MemoryStore, conformance};
//!
//! conformance::store(&MemoryStore::default());
//! ```

pub mod conformance;
mod fault_count;
mod faults;
mod memory_domain;
mod memory_store;
mod memory_tree;
pub mod rebuild;
pub mod sample;
pub mod strategies;

pub use fault_count::FaultCount;
pub use faults::{Fault, Faults, Faulty};
pub use memory_domain::MemoryDomain;
pub use memory_store::MemoryStore;
pub use memory_tree::MemoryTree;

// The README's example runs with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
