//! Group Policy objects.
#![no_std]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod error;
mod guid;
mod path;

pub use error::{Error, ErrorKind, Position, Quoted, Result};
pub use guid::{BackupId, DomainId, GpoId, Guid, WmiFilterId};
pub use path::{GpoPath, compare_names, fold_name, same_name};
