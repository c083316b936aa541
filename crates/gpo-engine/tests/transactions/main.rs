//! A GPO is written wholly or not at all: each call of an operation fails, or is the last that its
//! process makes, and afterwards the GPO is exactly the old or exactly the new one, on both sides,
//! and no lock, no stage and no journal is left.
//!
//! In memory each call meets a fault; in a folder each call that writes, and there a process of its
//! own really ends. `live` does the same with a domain controller.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

#[cfg(unix)]
mod folder;
mod memory;
mod operation;
#[cfg(unix)]
mod race;
mod snapshot;
mod tally;
mod two_writers;

use operation::Operation;

/// Those that change no settings.
const SMALLER: [Operation; 10] = [
    Operation::Create,
    Operation::Delete,
    Operation::Rename,
    Operation::Status,
    Operation::Description,
    Operation::WmiFilter,
    Operation::Permissions,
    Operation::Link,
    Operation::Edit,
    Operation::FixAcl,
];
