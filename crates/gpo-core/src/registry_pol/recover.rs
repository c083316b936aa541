//! What can be saved of a damaged registry.pol.

use alloc::format;
use alloc::vec::Vec;

use super::RegistryPol;
use super::reader::{Cursor, HEADER, RegistryEntryRef, RegistryPolRef, find_nul};
use crate::damage::Damage;
use crate::error::{Error, ErrorKind};
use crate::size_limits::MOST_PIECES;

impl RegistryPol {
    /// Reads every entry that can be saved, and lists what is wrong.
    ///
    /// * An entry whose size is wrong ends at the `]` before the next `[`, or before the end of the
    ///   file.
    /// * What is no entry is skipped up to the next bytes that are one.
    ///
    /// The list is empty exactly for a file that [`parse`](Self::parse) takes.
    pub fn parse_lossy(bytes: &[u8]) -> (Self, Vec<Damage>) {
        let mut recovery = Recovery {
            bytes,
            offset: 0,
            entries: Vec::new(),
            damage: Vec::new(),
            no_end_from: bytes.len(),
        };
        match RegistryPolRef::parse(bytes) {
            Ok(_) => recovery.offset = HEADER,
            Err(error) => recovery.skip(error),
        }
        while recovery.offset < bytes.len() && recovery.entries.len() < MOST_PIECES {
            recovery.step();
        }
        recovery.leave_out_the_rest();
        let entries = recovery.entries.iter().map(RegistryEntryRef::to_entry);
        let pol = Self {
            entries: entries.collect(),
        };
        (pol, recovery.damage)
    }
}

struct Recovery<'a> {
    bytes: &'a [u8],
    offset: usize,
    entries: Vec<RegistryEntryRef<'a>>,
    damage: Vec<Damage>,
    /// From here on no `]` before a `[` or the end was found, so that nobody looks twice.
    no_end_from: usize,
}

impl<'a> Recovery<'a> {
    fn leave_out_the_rest(&mut self) {
        if self.offset < self.bytes.len() {
            let message = format!("the file has more than {MOST_PIECES} entries");
            self.damage.push(Damage {
                error: Error::new(ErrorKind::Limit, message),
                skipped: self.offset..self.bytes.len(),
            });
        }
    }

    fn step(&mut self) {
        let mut cursor = Cursor::at(self.bytes, self.offset);
        let error = match cursor.entry() {
            Ok(entry) => {
                self.entries.push(entry);
                self.offset = cursor.offset();
                return;
            }
            Err(error) => error.into_error(),
        };
        if let Some((entry, end)) = self.entry_of_wrong_size(self.offset) {
            self.damage.push(Damage {
                error,
                skipped: end..end,
            });
            self.entries.push(entry);
            self.offset = end;
        } else {
            self.skip(error);
        }
    }

    /// Goes on at the next bytes that are an entry.
    ///
    /// Entries that were tried in vain up to some NUL would fail behind it from any other start
    /// before that NUL, too, so each byte is read a fixed number of times.
    fn skip(&mut self, error: Error) {
        let start = self.offset;
        // One for each alignment of units: data may have an odd number of bytes.
        let mut tried_up_to = [0; 2];
        let mut next = self.bytes.len();
        let pairs = self
            .bytes
            .windows(2)
            .enumerate()
            .skip(start + usize::from(start >= HEADER));
        for (offset, pair) in pairs {
            let Some(tried) = tried_up_to.get_mut(offset % 2) else {
                continue;
            };
            if pair != b"[\0" || offset < *tried {
                continue;
            }
            if Cursor::at(self.bytes, offset).entry().is_ok()
                || self.entry_of_wrong_size(offset).is_some()
            {
                next = offset;
                break;
            }
            let rest = self.bytes.get(offset..).unwrap_or_default();
            *tried = find_nul(rest).map_or(self.bytes.len(), |length| offset + length);
        }
        self.damage.push(Damage {
            error,
            skipped: start..next,
        });
        self.offset = next;
    }

    /// The entry at `offset` whose head is good, without belief in its size, and where it ends.
    fn entry_of_wrong_size(&mut self, offset: usize) -> Option<(RegistryEntryRef<'a>, usize)> {
        let mut cursor = Cursor::at(self.bytes, offset);
        let head = cursor.head().ok()?;
        let start = cursor.offset();
        if start >= self.no_end_from {
            return None;
        }
        let rest = self.bytes.get(start..)?;
        let ends = |&(_, window): &(usize, &[u8])| {
            window.starts_with(b"]\0") && matches!(window.get(2..), Some([] | [b'[', 0]))
        };
        let length = rest
            .windows(4)
            .enumerate()
            .find(ends)
            .map(|(length, _)| length)
            .or_else(|| rest.ends_with(b"]\0").then(|| rest.len() - 2));
        let Some(length) = length else {
            self.no_end_from = start;
            return None;
        };
        let data = rest.get(..length)?;
        Some((head.with_data(data), start + length + 2))
    }
}
