//! The SYSVOL side of a domain.

use crate::contents::{Contents, TreeWriter};
use crate::path::GpoPath;
use crate::source_error::SourceError;

/// The SYSVOL side of a domain, for reading: the tree below `\\domain\SYSVOL\dns.name`, so that a
/// GPO is at `Policies\{GUID}`.
///
/// A trait of its own and not [`Contents`] alone, because SYSVOL also has descriptors and
/// attributes that a backup has not.
pub trait Sysvol: Contents {}

/// A SYSVOL that can be written.
pub trait SysvolWrite: Sysvol {
    /// Puts a whole new tree in the place of a folder, made if it is not there.
    ///
    /// `fill` writes the new tree; only when it has succeeded does the new tree take the place of
    /// the old one. How is the adapter's affair: a folder swaps, a file server cannot.
    ///
    /// # Errors
    ///
    /// What `fill` returned, or any failure to write; then the old tree is there as it was.
    fn replace_tree(
        &self,
        folder: &GpoPath,
        fill: &mut dyn FnMut(&mut dyn TreeWriter) -> Result<(), SourceError>,
    ) -> Result<(), SourceError>;
}
