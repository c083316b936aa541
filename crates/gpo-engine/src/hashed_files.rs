//! The hashes of the files of a backup, taken while they are written.

use gpo_core::{GpoPath, Sidecar, SidecarFile, SourceError, SourceErrorKind, TreeWriter};
use sha2::{Digest, Sha256};

/// Refuses to write what would be too large to be read again.
pub(crate) fn check_size(name: &str, bytes: &[u8], largest: u64) -> Result<(), SourceError> {
    let size = bytes.len() as u64;
    if size <= largest {
        return Ok(());
    }
    let message = format!("the file would have {size} bytes, and more than {largest} are not read");
    Err(SourceError::new(
        SourceErrorKind::Unsupported,
        name,
        message,
    ))
}

/// Writes a backup, and notes the size and the SHA-256 of every file.
pub(crate) struct HashedFiles<'a> {
    to: &'a mut dyn TreeWriter,
    files: Vec<SidecarFile>,
    open: Option<(GpoPath, u64, Sha256)>,
}

impl<'a> HashedFiles<'a> {
    pub(crate) fn new(to: &'a mut dyn TreeWriter) -> Self {
        Self {
            to,
            files: Vec::new(),
            open: None,
        }
    }

    /// Writes the side-car, whose list becomes that of the files that were written.
    pub(crate) fn write_sidecar(mut self, mut sidecar: Sidecar) -> Result<u64, SourceError> {
        self.close();
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        sidecar.files = self.files;
        let invalid = |e| SourceError::invalid(Sidecar::NAME, e);
        let bytes = sidecar.to_bytes().map_err(invalid)?;
        check_size(Sidecar::NAME, &bytes, Sidecar::LARGEST)?;
        let path = GpoPath::from_name(Sidecar::NAME).map_err(invalid)?;
        self.to.create_file(&path)?;
        self.to.append(&bytes)?;
        Ok(bytes.len() as u64)
    }

    fn close(&mut self) {
        if let Some((path, size, hash)) = self.open.take() {
            self.files.push(SidecarFile {
                path,
                size,
                sha256: hash.finalize().into(),
            });
        }
    }
}

impl TreeWriter for HashedFiles<'_> {
    fn create_folder(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        self.to.create_folder(path)
    }

    fn create_file(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        self.close();
        self.to.create_file(path)?;
        self.open = Some((path.clone(), 0, Sha256::new()));
        Ok(())
    }

    fn append(&mut self, data: &[u8]) -> Result<(), SourceError> {
        if let Some((_, size, hash)) = &mut self.open {
            *size += data.len() as u64;
            hash.update(data);
        }
        self.to.append(data)
    }
}
