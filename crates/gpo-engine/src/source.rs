//! A domain to read from.

use gpo_core::{
    Directory, GpoId, GpoListing, GpoPath, LARGEST_GPT_INI, SourceError, SourceErrorKind, Sysvol,
};

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
pub(crate) fn gpo_folder(id: GpoId) -> Result<GpoPath, SourceError> {
    let folder = policies_folder()?.join(&id.to_string());
    folder.map_err(|e| SourceError::invalid(id.to_string(), e))
}

/// The folder of all GPOs in SYSVOL.
pub(crate) fn policies_folder() -> Result<GpoPath, SourceError> {
    let name = "Policies";
    GpoPath::from_name(name).map_err(|e| SourceError::invalid(name, e))
}

/// A GPO in messages: its name, if it is known, and its ID.
pub(crate) fn object_name(gpo: &GpoListing) -> String {
    if gpo.display_name.is_empty() {
        gpo.id.to_string()
    } else {
        format!("{} {}", gpo.display_name, gpo.id)
    }
}

/// The error about a GPO that is on neither side of its domain.
pub(crate) fn no_such_gpo(object: impl Into<String>) -> SourceError {
    let message = "the domain has no such GPO";
    SourceError::new(SourceErrorKind::NotFound, object, message)
}

/// GPT.INI in the folder of a GPO; `None` where there is no such file.
pub(crate) fn read_gpt_ini(
    sysvol: &dyn Sysvol,
    folder: &GpoPath,
) -> Result<Option<Vec<u8>>, SourceError> {
    let path = folder.join(GPT_INI);
    let path = path.map_err(|e| SourceError::invalid(GPT_INI, e))?;
    match sysvol.read_all(&path, LARGEST_GPT_INI) {
        Err(error) if error.kind() == SourceErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

/// The file of a GPO in SYSVOL that holds its version, and that no backup holds.
pub(crate) const GPT_INI: &str = "GPT.INI";
