//! A domain to write to.

use gpo_core::{DirectoryWrite, SysvolWrite};

use crate::source::Source;

/// A domain to write to: its directory and its SYSVOL.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// The directory side.
    pub directory: &'a dyn DirectoryWrite,
    /// The SYSVOL side.
    pub sysvol: &'a dyn SysvolWrite,
}

impl<'a> Target<'a> {
    /// A domain whose two sides one adapter gives.
    pub fn of<T: DirectoryWrite + SysvolWrite>(adapter: &'a T) -> Self {
        Self {
            directory: adapter,
            sysvol: adapter,
        }
    }

    /// The same domain, for reading.
    pub fn source(self) -> Source<'a> {
        Source {
            directory: self.directory,
            sysvol: self.sysvol,
        }
    }
}
