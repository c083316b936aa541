//! A domain to read from.

use gpo_core::{Directory, GpoId, GpoPath, Result, Sysvol};

/// A domain, for reading: its directory and its SYSVOL.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The directory side.
    pub directory: &'a dyn Directory,
    /// The SYSVOL side.
    pub sysvol: &'a dyn Sysvol,
}

impl<'a> Source<'a> {
    /// A domain whose two sides one adapter gives.
    pub fn of<T: Directory + Sysvol>(adapter: &'a T) -> Self {
        Self {
            directory: adapter,
            sysvol: adapter,
        }
    }
}

/// The folder of a GPO in SYSVOL.
pub(crate) fn sysvol_folder(id: GpoId) -> Result<GpoPath> {
    policies_folder()?.join(&id.to_string())
}

/// The folder of all GPOs in SYSVOL.
pub(crate) fn policies_folder() -> Result<GpoPath> {
    GpoPath::from_name("Policies")
}

/// The file of a GPO in SYSVOL that holds its version, and that no backup holds.
pub(crate) const GPT_INI: &str = "GPT.INI";
