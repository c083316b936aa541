//! The SYSVOL side of a domain.

use std::any::Any;
use std::boxed::Box;
use std::vec::Vec;

use crate::contents::{Contents, TreeWriter};
use crate::guid::GpoId;
use crate::path::GpoPath;
use crate::source_error::{SourceError, SourceErrorKind};

/// The SYSVOL side of a domain, for reading: the tree below `\\domain\SYSVOL\dns.name`, so that a
/// GPO is at `Policies\{GUID}`.
///
/// A trait of its own and not [`Contents`] alone, because SYSVOL also has descriptors, which a
/// backup has not.
pub trait Sysvol: Contents {
    /// The security descriptor of a file or folder, self-relative: owner, group and DACL. `None`
    /// where the source keeps no descriptors, as a folder of a Unix system, which is the default.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::NotFound`] where it is not there; any failure to read.
    fn descriptor(&self, path: &GpoPath) -> Result<Option<Vec<u8>>, SourceError> {
        let _ = path;
        Ok(None)
    }

    /// What is known to be damaged of the GPO in a folder: an error for each file, which names it.
    /// Only a source that keeps hashes, as backups with a side-car, knows of any; by default there
    /// are none.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::NotFound`] where the folder is not there; any failure to read.
    fn damage(&self, folder: &GpoPath) -> Result<Vec<SourceError>, SourceError> {
        let _ = folder;
        Ok(Vec::new())
    }
}

/// A SYSVOL that can be written.
pub trait SysvolWrite: Sysvol {
    /// Puts a whole new tree in the place of a folder, made if it is not there.
    ///
    /// `fill` writes the new tree; only when it has succeeded does the new tree take the place of
    /// the old one. How is the adapter's affair: a folder swaps, a file server cannot, and writes
    /// each file beside the old one, renames, and removes what is gone, `GPT.INI` last. The folder
    /// keeps its descriptor.
    ///
    /// # Errors
    ///
    /// What `fill` returned; then the old tree is there as it was. Any failure to write; then the
    /// old tree is there as it was, or, where trees cannot be swapped, the message says what was
    /// written, and who wants the old tree back has to write it again.
    fn replace_tree(
        &self,
        folder: &GpoPath,
        fill: &mut dyn FnMut(&mut dyn TreeWriter) -> Result<(), SourceError>,
    ) -> Result<(), SourceError>;

    /// Removes a folder with all that is in it.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::NotFound`] where it is not there; any failure to write.
    /// [`SourceErrorKind::Unsupported`] by default.
    fn remove_tree(&self, folder: &GpoPath) -> Result<(), SourceError> {
        let message = "it cannot remove folders";
        Err(SourceError::new(
            SourceErrorKind::Unsupported,
            folder.as_str(),
            message,
        ))
    }

    /// Gives a folder this descriptor (self-relative; owner and group are written where they are
    /// in it), and all that is below it what it inherits from there. Where the source keeps no
    /// descriptors, which is the default, there is nothing to do.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::NotFound`] where it is not there; any failure to write.
    fn set_descriptor(&self, folder: &GpoPath, descriptor: &[u8]) -> Result<(), SourceError> {
        let _ = (folder, descriptor);
        Ok(())
    }

    /// Keeps other writers that do the same from a GPO, until the value is dropped or its process
    /// or connection ends. Leaves nothing behind. By default nobody is kept away.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::Busy`] where another one holds it; any failure to write.
    fn lock(&self, gpo: GpoId) -> Result<Box<dyn Any + Send>, SourceError> {
        let _ = gpo;
        Ok(Box::new(()))
    }
}
