//! A file that several readers read at once, each at a place of its own.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

/// How much is read at once where less is asked for, in bytes.
const CHUNK: usize = 16 * 1024;

/// A reader with a place of its own in a file that it shares.
#[derive(Clone, Debug)]
pub(crate) struct SharedFile {
    file: Arc<File>,
    size: u64,
    offset: u64,
    /// What was read from `buffered_at` on.
    buffer: Vec<u8>,
    buffered_at: u64,
}

impl SharedFile {
    pub(crate) fn new(file: File) -> io::Result<Self> {
        Ok(Self {
            size: file.metadata()?.len(),
            file: Arc::new(file),
            offset: 0,
            buffer: Vec::new(),
            buffered_at: 0,
        })
    }

    /// What is buffered from the reader's place on.
    fn buffered(&self) -> &[u8] {
        let skip = self.offset.checked_sub(self.buffered_at);
        skip.and_then(|skip| self.buffer.get(usize::try_from(skip).ok()?..))
            .unwrap_or_default()
    }
}

impl Read for SharedFile {
    fn read(&mut self, wanted: &mut [u8]) -> io::Result<usize> {
        if self.buffered().is_empty() {
            if wanted.len() >= CHUNK {
                let read = read_at(&self.file, wanted, self.offset)?;
                self.offset += read as u64;
                return Ok(read);
            }
            self.buffer.resize(CHUNK, 0);
            let read = read_at(&self.file, &mut self.buffer, self.offset)?;
            self.buffer.truncate(read);
            self.buffered_at = self.offset;
        }
        let read = self.buffered().read(wanted)?;
        self.offset += read as u64;
        Ok(read)
    }
}

impl Seek for SharedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(distance) => self.size.checked_add_signed(distance),
            SeekFrom::Current(distance) => self.offset.checked_add_signed(distance),
        };
        self.offset = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.offset)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}
