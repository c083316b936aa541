//! LDIF ([RFC 2849]), as a document that writes back what it read.
//!
//! Read is what `ldapsearch`, `ldbsearch` and `ldifde` export: folded and unfolded lines, base64
//! values, comments, CRLF and LF, UTF-8 with and without byte order mark, UTF-16 (`ldifde -u`). A
//! record may say `changetype: add`, as ldifde writes it; other changes are refused, since a file of
//! changes is not the state of a directory. A value given by URL (`jpegPhoto:< file:///…`) is
//! refused, too: it would read any file that the writer of the LDIF names.
//!
//! [RFC 2849]: https://www.rfc-editor.org/rfc/rfc2849

mod block;
mod line;
mod record;

use std::io;

use gpo_core::{Dn, Encoding, Error, LineEnd, Text};

pub(crate) use block::{Block, BlockReader, Place};
pub use record::LdifRecord;

/// An LDIF file: its records, and what stands between them.
///
/// ```
/// use gpo_local::LdifDocument;
///
/// let file = b"version: 1\n\n# a comment\ndn: OU=Lab,DC=example,DC=test\nou: Lab\ngPOptions: 0\n";
/// let mut document = LdifDocument::parse(file)?;
/// let lab = document.record_mut("ou=lab,dc=Example,dc=Test").ok_or("no such record")?;
/// assert_eq!(lab.text("ou").as_deref(), Some("Lab"));
/// lab.set("gPOptions", &[b"1"])?;
/// assert!(document.to_bytes()?.ends_with(b"# a comment\ndn: OU=Lab,DC=example,DC=test\nou: Lab\ngPOptions: 1\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LdifDocument {
    parts: Vec<Part>,
    encoding: Encoding,
    bom: bool,
    line_end: LineEnd,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Record(LdifRecord),
    /// Comments, the version, the summary of ldapsearch.
    Other(String),
}

impl LdifDocument {
    /// An empty file in UTF-8.
    pub fn new(line_end: LineEnd) -> Self {
        Self {
            parts: vec![Part::Other(format!("version: 1{0}{0}", line_end.as_str()))],
            encoding: Encoding::Utf8,
            bom: false,
            line_end,
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// What is wrong, with line and byte: bytes that are no text, a line that is no attribute, a
    /// change other than `add`, a value by URL, a record without `dn:`.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = BlockReader::new(bytes).map_err(unreadable)?;
        let mut document = Self {
            parts: Vec::new(),
            encoding: reader.encoding(),
            bom: reader.has_bom(),
            line_end: LineEnd::Missing,
        };
        while let Some(block) = reader.next_block().map_err(unreadable)? {
            let text = block.text()?;
            if document.line_end == LineEnd::Missing {
                document.line_end = first_line_end(&text);
            }
            document.parts.push(match block.record(&text)? {
                Some(record) => Part::Record(record),
                None => Part::Other(text.into_owned()),
            });
        }
        if document.line_end == LineEnd::Missing {
            document.line_end = LineEnd::Lf;
        }
        Ok(document)
    }

    /// The bytes of the file.
    ///
    /// # Errors
    ///
    /// None for a file in Unicode, which every LDIF is.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Record(record) => record.write(&mut text),
                Part::Other(other) => text.push_str(other),
            }
        }
        Text::new(text, self.encoding, self.bom).encode()
    }

    /// How the lines of the file end: as the first one does.
    pub fn line_end(&self) -> LineEnd {
        self.line_end
    }

    /// The records in the order of the file.
    pub fn records(&self) -> impl Iterator<Item = &LdifRecord> {
        self.parts.iter().filter_map(|part| match part {
            Part::Record(record) => Some(record),
            Part::Other(_) => None,
        })
    }

    /// The record with this distinguished name, the first if there are several.
    pub fn record_mut(&mut self, dn: &str) -> Option<&mut LdifRecord> {
        let dn = Dn::new(dn);
        self.parts.iter_mut().find_map(|part| match part {
            Part::Record(record) if Dn::new(record.dn()) == dn => Some(record),
            _ => None,
        })
    }

    /// Changes the record with this distinguished name; appends the one that `make` gives where
    /// there is none.
    pub(crate) fn edit(
        &mut self,
        dn: &str,
        make: impl FnOnce(LineEnd) -> Result<LdifRecord, Error>,
        change: impl FnOnce(&mut LdifRecord) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if let Some(record) = self.record_mut(dn) {
            return change(record);
        }
        let mut record = make(self.line_end)?;
        change(&mut record)?;
        self.push(record);
        Ok(())
    }

    /// Appends a record, with an empty line in between.
    pub fn push(&mut self, record: LdifRecord) {
        let end = self.line_end.as_str();
        match self.parts.last_mut() {
            Some(Part::Record(last)) => last.close(end),
            Some(Part::Other(last)) => close(last, end),
            None => {}
        }
        self.parts.push(Part::Record(record));
    }

    /// Takes out the records that `keep` refuses, with the comments that stand right before or
    /// within them.
    pub fn retain(&mut self, mut keep: impl FnMut(&LdifRecord) -> bool) {
        self.parts.retain(|part| match part {
            Part::Record(record) => keep(record),
            Part::Other(_) => true,
        });
    }
}

/// Makes text end with an empty line, if there is any text.
fn close(text: &mut String, end: &str) {
    if text.is_empty() {
        return;
    }
    if !text.ends_with('\n') {
        text.push_str(end);
    }
    let before = text.trim_end_matches(['\r', '\n']).len();
    let ends = text.bytes().skip(before).filter(|&b| b == b'\n').count();
    if ends < 2 && before > 0 {
        text.push_str(end);
    }
}

fn first_line_end(text: &str) -> LineEnd {
    match text.split_once('\n') {
        Some((line, _)) if line.ends_with('\r') => LineEnd::CrLf,
        Some(_) => LineEnd::Lf,
        None => LineEnd::Missing,
    }
}

/// Reading memory fails only where a block is over the limit.
fn unreadable(error: io::Error) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => error,
        Err(error) => Error::new(gpo_core::ErrorKind::Limit, error.to_string()),
    }
}

#[cfg(test)]
mod tests;
