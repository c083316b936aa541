//! Lines of INF and INI files: sections in brackets, `key=value` entries, and everything else.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem::discriminant;
use core::ops::Range;

use crate::error::{Error, ErrorKind, Position, Quoted, Result};
use crate::text::{Encoding, LineEnd, Text, lines};

/// An INF or INI file that keeps what it does not understand.
///
/// GPT.INI, GptTmpl.inf, scripts.ini and fdeploy.ini are such files. Any decodable text is one: a
/// line that is no section and no entry is kept and shown as [`InfItem::Other`]. The document holds
/// its lines, each with its own end; encoding and byte order mark belong to it.
///
/// Names of sections and keys are compared without ASCII case. A section that comes in several
/// pieces is one section; of a key that comes twice the first one counts.
///
/// ```
/// use gpo_core::InfDocument;
///
/// let file = b"; hand-made\n[General]\nVersion = 1\nodd line\n";
/// let mut ini = InfDocument::parse(file)?;
/// assert_eq!(ini.value("general", "version"), Some("1"));
///
/// ini.set_value("General", "Version", "2")?;
/// assert_eq!(ini.to_bytes()?, b"; hand-made\n[General]\nVersion = 2\nodd line\n");
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InfDocument {
    encoding: Encoding,
    bom: bool,
    lines: Vec<InfLine>,
}

/// A line of an INF file and how it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InfLine {
    text: String,
    end: LineEnd,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InfItem<'a> {
    /// Nothing but blanks.
    Blank,
    /// A line that starts with `;`, from there on.
    Comment(&'a str),
    /// `[name]`; what follows the bracket has no meaning.
    Section(&'a str),
    /// `key=value`, both without the blanks around them.
    Entry {
        /// What stands before the first `=`.
        key: &'a str,
        /// What stands behind it.
        value: &'a str,
    },
    /// Anything else, without the blanks around it.
    Other(&'a str),
}

/// An entry and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InfEntry<'a> {
    /// The line, from 1.
    pub line: usize,
    /// The key as written.
    pub key: &'a str,
    /// The value as written.
    pub value: &'a str,
}

/// A section: its header and the lines up to the next one.
#[derive(Clone, Copy, Debug)]
pub struct InfSection<'a> {
    /// The name as written.
    pub name: &'a str,
    /// The line of the header, from 1.
    pub line: usize,
    lines: &'a [InfLine],
}

/// What stands around keys and values without belonging to them.
const BLANKS: [char; 2] = [' ', '\t'];

impl InfLine {
    /// The line without its end.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How the line ends.
    pub fn end(&self) -> LineEnd {
        self.end
    }

    /// What the line is.
    pub fn item(&self) -> InfItem<'_> {
        let text = self.text.trim_matches(BLANKS);
        if let Some(header) = text.strip_prefix('[')
            && let Some((name, _)) = header.split_once(']')
        {
            return InfItem::Section(name);
        }
        match text.as_bytes().first() {
            None => InfItem::Blank,
            Some(b';') => InfItem::Comment(text),
            Some(_) => match text.split_once('=') {
                Some((key, value)) => InfItem::Entry {
                    key: key.trim_end_matches(BLANKS),
                    value: value.trim_start_matches(BLANKS),
                },
                None => InfItem::Other(text),
            },
        }
    }
}

impl<'a> InfSection<'a> {
    /// The lines below the header with their numbers, from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &'a InfLine)> + use<'a> {
        (self.line + 1..).zip(self.lines)
    }

    /// The `key=value` lines.
    pub fn entries(&self) -> impl Iterator<Item = InfEntry<'a>> + use<'a> {
        self.lines().filter_map(|(line, text)| match text.item() {
            InfItem::Entry { key, value } => Some(InfEntry { line, key, value }),
            _ => None,
        })
    }
}

impl InfDocument {
    /// An empty file.
    pub fn new(encoding: Encoding, bom: bool) -> Self {
        let lines = Vec::new();
        Self {
            encoding,
            bom,
            lines,
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encoding`] where the bytes are no text.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Ok(Self::from_text(&Text::decode(bytes)?))
    }

    /// Reads a file with U+FFFD for what is no text, and lists the byte ranges that were replaced.
    pub fn parse_lossy(bytes: &[u8]) -> (Self, Vec<Range<usize>>) {
        let (text, replaced) = Text::decode_lossy(bytes);
        (Self::from_text(&text), replaced)
    }

    fn from_text(text: &Text<'_>) -> Self {
        let lines = lines(text.as_str()).map(|line| InfLine {
            text: line.text.to_owned(),
            end: line.end,
        });
        Self {
            encoding: text.encoding(),
            bom: text.has_bom(),
            lines: lines.collect(),
        }
    }

    /// The bytes of the file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] where an edit brought in a character that the encoding of the file
    /// does not have.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.encoding.start(self.bom, &mut bytes);
        for (number, line) in (1..).zip(&self.lines) {
            self.encoding
                .append(&line.text, &mut bytes)
                .map_err(|error| error.at(self.position(number, 0)))?;
            self.encoding.append(line.end.as_str(), &mut bytes)?;
        }
        Ok(bytes)
    }

    /// The encoding of the file.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Whether the file starts with a byte order mark.
    pub fn has_bom(&self) -> bool {
        self.bom
    }

    /// All lines.
    pub fn lines(&self) -> &[InfLine] {
        &self.lines
    }

    /// The sections in file order. Lines before the first header belong to none.
    pub fn sections(&self) -> impl Iterator<Item = InfSection<'_>> {
        let mut rest = self.lines.as_slice();
        let total = rest.len();
        core::iter::from_fn(move || {
            loop {
                let (header, below) = rest.split_first()?;
                let line = total - below.len();
                rest = below;
                if let InfItem::Section(name) = header.item() {
                    let next = below.iter().position(InfLine::is_header);
                    let (lines, after) = below.split_at_checked(next.unwrap_or(below.len()))?;
                    rest = after;
                    return Some(InfSection { name, line, lines });
                }
            }
        })
    }

    /// The sections of this name.
    pub fn sections_named<'a>(&'a self, name: &str) -> impl Iterator<Item = InfSection<'a>> {
        self.sections()
            .filter(move |section| section.name.eq_ignore_ascii_case(name))
    }

    /// The first entry with this key in the sections of this name.
    pub fn entry<'a>(&'a self, section: &str, key: &str) -> Option<InfEntry<'a>> {
        self.sections_named(section)
            .flat_map(|section| section.entries())
            .find(|entry| entry.key.eq_ignore_ascii_case(key))
    }

    /// The value of that entry.
    pub fn value<'a>(&'a self, section: &str, key: &str) -> Option<&'a str> {
        self.entry(section, key).map(|entry| entry.value)
    }

    /// Sets the value of an entry and leaves the spacing around it. An entry or a section that is
    /// not there is added, the entry behind the last one of its section.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a value with a line break or blanks around it, or a section or
    /// key that would be read as something else.
    pub fn set_value(&mut self, section: &str, key: &str, value: &str) -> Result<()> {
        self.set_value_after(section, key, "=", value)
    }

    /// As [`set_value`](Self::set_value), with this between the key and value of a new entry.
    pub(crate) fn set_value_after(
        &mut self,
        section: &str,
        key: &str,
        separator: &str,
        value: &str,
    ) -> Result<()> {
        if let Some(entry) = self.entry(section, key) {
            let line = entry.line;
            return self.replace_value(line, value);
        }
        let entry = InfLine::entry(key, separator, value)?;
        self.insert_line_in(section, &entry.text)
    }

    /// Adds a line behind the last one of a section.
    pub(crate) fn insert_line_in(&mut self, section: &str, text: &str) -> Result<()> {
        let line = InfLine::new(text.to_owned())?;
        if !matches!(line.item(), InfItem::Entry { .. } | InfItem::Other(_)) {
            return Err(unwritable("a line of a section", text));
        }
        let header = InfLine::section(section)?;
        let place = self.sections_named(section).next().map(|found| {
            let last = found
                .lines()
                .filter(|(_, line)| line.item() != InfItem::Blank)
                .last();
            last.map_or(found.line, |(number, _)| number)
        });
        if let Some(after) = place {
            self.insert(after, line);
        } else {
            self.insert(self.lines.len(), header);
            self.insert(self.lines.len(), line);
        }
        Ok(())
    }

    /// Appends the header of a section.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a name with `]` or a line break.
    pub fn push_section(&mut self, name: &str) -> Result<()> {
        self.push_line(&InfLine::section(name)?.text)
    }

    /// Appends `key=value`.
    ///
    /// # Errors
    ///
    /// As [`set_value`](Self::set_value).
    pub fn push_entry(&mut self, key: &str, value: &str) -> Result<()> {
        self.push_line(&InfLine::entry(key, "=", value)?.text)
    }

    /// Appends a line, whatever it means, with the line end of the file (CRLF if it has none yet).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a line break in the line.
    pub fn push_line(&mut self, text: &str) -> Result<()> {
        let line = InfLine::new(text.to_owned())?;
        self.insert(self.lines.len(), line);
        Ok(())
    }

    /// Removes a line, counted from 1; nothing happens where there is none.
    pub fn remove_line(&mut self, line: usize) {
        if (1..=self.lines.len()).contains(&line) {
            self.lines.remove(line - 1);
        }
    }

    /// The place of byte `column`, from 0, of a line, counted from 1.
    pub fn position(&self, line: usize, column: usize) -> Position {
        let index = line.saturating_sub(1);
        let (before, rest) = self
            .lines
            .split_at_checked(index)
            .unwrap_or((&self.lines, &[]));
        let bom = if self.bom {
            self.encoding.bom().len()
        } else {
            0
        };
        let before: usize = before
            .iter()
            .map(|l| self.encoding.encoded_len(&l.text) + self.encoding.encoded_len(l.end.as_str()))
            .sum();
        let head = rest
            .first()
            .map_or("", |l| l.text.get(..column).unwrap_or(&l.text));
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position {
            offset: (bom + before + self.encoding.encoded_len(head)) as u64,
            line_column: Some((clamp(index + 1), clamp(head.chars().count() + 1))),
        }
    }

    /// An error at a part of a line: `part` has to be a piece of that line's text.
    pub(crate) fn error_at(
        &self,
        line: usize,
        part: &str,
        kind: ErrorKind,
        message: String,
    ) -> Error {
        let column = self.range_in_line(line, part).map_or(0, |part| part.start);
        Error::new(kind, message).at(self.position(line, column))
    }

    /// The text of a line, counted from 1; nothing where there is none.
    pub(crate) fn line_text(&self, line: usize) -> &str {
        let line = line.checked_sub(1).and_then(|index| self.lines.get(index));
        line.map_or("", |line| &line.text)
    }

    /// Where in a line a piece of that line's text stands. Its address tells, also where the same
    /// text comes twice.
    pub(crate) fn range_in_line(&self, line: usize, part: &str) -> Option<Range<usize>> {
        let text = self.line_text(line);
        let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
        let end = start.checked_add(part.len())?;
        (text.get(start..end)? == part).then_some(start..end)
    }

    /// Puts other text in a place of a line.
    pub(crate) fn replace_in_line(
        &mut self,
        line: usize,
        place: Range<usize>,
        new: &str,
    ) -> Result<()> {
        let Some(line) = line
            .checked_sub(1)
            .and_then(|index| self.lines.get_mut(index))
        else {
            return Ok(());
        };
        if line.text.get(place.clone()).is_none() {
            return Ok(());
        }
        let mut text = line.text.clone();
        text.replace_range(place, new);
        let edited = InfLine {
            end: line.end,
            ..InfLine::new(text)?
        };
        if discriminant(&edited.item()) != discriminant(&line.item()) {
            return Err(unwritable("a part of that line", new));
        }
        *line = edited;
        Ok(())
    }

    /// Puts another value behind the first `=` of a line.
    pub(crate) fn replace_value(&mut self, line: usize, value: &str) -> Result<()> {
        check_value(value)?;
        let text = self.line_text(line);
        let Some((before, old)) = text.split_once('=') else {
            return Ok(());
        };
        let start = before.len() + 1 + (old.len() - old.trim_start_matches(BLANKS).len());
        let end = start.max(text.trim_end_matches(BLANKS).len());
        self.replace_in_line(line, start..end, value)
    }

    /// Puts a line behind line `after`, counted from 1; 0 is the start.
    fn insert(&mut self, after: usize, mut line: InfLine) {
        let own = self
            .lines
            .iter()
            .map(|l| l.end)
            .find(|&end| end != LineEnd::Missing);
        line.end = own.unwrap_or_default();
        if let Some(last) = after
            .checked_sub(1)
            .and_then(|index| self.lines.get_mut(index))
            && last.end == LineEnd::Missing
        {
            // The file still ends without a line end.
            core::mem::swap(&mut last.end, &mut line.end);
        }
        self.lines.insert(after.min(self.lines.len()), line);
    }
}

impl InfLine {
    fn new(text: String) -> Result<Self> {
        check_one_line(&text)?;
        let end = LineEnd::CrLf;
        Ok(Self { text, end })
    }

    fn section(name: &str) -> Result<Self> {
        let line = Self::new(format!("[{name}]"))?;
        if line.item() != InfItem::Section(name) {
            return Err(unwritable("the name of a section", name));
        }
        Ok(line)
    }

    fn entry(key: &str, separator: &str, value: &str) -> Result<Self> {
        check_value(value)?;
        let text = format!("{key}{separator}{value}");
        let line = Self::new(text.trim_end_matches(BLANKS).to_owned())?;
        if line.item() != (InfItem::Entry { key, value }) {
            return Err(unwritable("the key of an entry", key));
        }
        Ok(line)
    }

    fn is_header(&self) -> bool {
        matches!(self.item(), InfItem::Section(_))
    }
}

fn check_one_line(text: &str) -> Result<()> {
    if text.contains(['\r', '\n']) {
        return Err(unwritable("one line", text));
    }
    Ok(())
}

fn check_value(value: &str) -> Result<()> {
    check_one_line(value)?;
    if value != value.trim_matches(BLANKS) {
        return Err(unwritable(
            "a value, since blanks around it are not kept,",
            value,
        ));
    }
    Ok(())
}

fn unwritable(what: &str, text: &str) -> Error {
    let message = format!(
        "{} cannot be written as {what} in an INF file",
        Quoted::new(text)
    );
    Error::new(ErrorKind::Unwritable, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec;
    use proptest::prelude::*;

    #[test]
    fn a_line_is_one_of_five_things() {
        for (line, item) in [
            ("", InfItem::Blank),
            (" \t", InfItem::Blank),
            (" ; a=b", InfItem::Comment("; a=b")),
            ("[a b] c=d", InfItem::Section("a b")),
            ("  []", InfItem::Section("")),
            (
                "[a=b",
                InfItem::Entry {
                    key: "[a",
                    value: "b",
                },
            ),
            (
                " a = b = c ",
                InfItem::Entry {
                    key: "a",
                    value: "b = c",
                },
            ),
            (
                "a=",
                InfItem::Entry {
                    key: "a",
                    value: "",
                },
            ),
            (
                "=b",
                InfItem::Entry {
                    key: "",
                    value: "b",
                },
            ),
            ("\"svc\",2,\"\"", InfItem::Other("\"svc\",2,\"\"")),
        ] {
            assert_eq!(
                InfLine::new(line.to_owned()).unwrap().item(),
                item,
                "{line}"
            );
        }
    }

    #[test]
    fn sections_may_come_twice_and_lines_before_the_first_belong_to_none() {
        let ini = InfDocument::parse(b"x=0\n[A]\nx=1\n[B]\n[a]\nx=2\n").unwrap();
        let read: Vec<_> = ini
            .sections()
            .flat_map(|s| s.entries().map(move |e| (s.name, s.line, e.line, e.value)))
            .collect();
        assert_eq!(read, [("A", 2, 3, "1"), ("a", 5, 6, "2")]);
        assert_eq!(ini.value("a", "X"), Some("1"));
    }

    #[test]
    fn edits_touch_only_what_they_change() {
        for (before, section, key, value, after) in [
            ("[g]\r\nv = 1 \r\n", "G", "V", "22", "[g]\r\nv = 22 \r\n"),
            ("[g]\r\nv= \r\n", "g", "v", "22", "[g]\r\nv= 22\r\n"),
            ("[g]\nv=1\n\n[h]\n", "g", "w", "2", "[g]\nv=1\nw=2\n\n[h]\n"),
            ("[g]\nv=1", "g", "w", "2", "[g]\nv=1\nw=2"),
            ("v=1\n", "g", "v", "2", "v=1\n[g]\nv=2\n"),
            ("", "g", "v", "2", "[g]\r\nv=2\r\n"),
        ] {
            let mut ini = InfDocument::parse(before.as_bytes()).unwrap();
            ini.set_value(section, key, value).unwrap();
            assert_eq!(String::from_utf8(ini.to_bytes().unwrap()).unwrap(), after);
        }
    }

    #[test]
    fn what_would_be_read_as_something_else_is_not_written() {
        let mut ini = InfDocument::new(Encoding::Utf8, false);
        for (section, key, value) in [
            ("a]b", "k", "v"),
            ("a\nb", "k", "v"),
            ("s", "k=", "v"),
            ("s", ";k", "v"),
            ("s", "[k]", "v"),
            ("s", " k", "v"),
            ("s", "k", " v"),
            ("s", "k", "v\r\n[x]"),
        ] {
            let error = ini.set_value(section, key, value).unwrap_err();
            assert_eq!(
                error.kind(),
                ErrorKind::Unwritable,
                "{section:?} {key:?} {value:?}"
            );
        }
        assert_eq!(ini.to_bytes().unwrap(), b"");
    }

    #[test]
    fn a_character_that_an_8_bit_file_lacks_is_an_error_at_its_line() {
        let mut ini = InfDocument::parse(b"[g]\nv=\xe9\n").unwrap();
        ini.set_value("g", "v", "\u{416}").unwrap();
        let error = ini.to_bytes().unwrap_err().to_string();
        assert!(error.starts_with("line 2, column 1 (byte 4): "), "{error}");
    }

    fn document() -> impl Strategy<Value = Vec<u8>> {
        let line = "[ \t]?(\\[[a-c=]{0,2}\\]?|;.|[a-c]{1,2} ?= ?[\\PC]{0,4}|\\PC{0,6})[ \t]?";
        let end = prop::sample::select(vec!["\r\n", "\n", "\r", ""]);
        let encoding =
            prop::sample::select(vec![Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be]);
        (prop::collection::vec((line, end), 0..12), encoding).prop_map(|(lines, encoding)| {
            let text: String = lines
                .into_iter()
                .flat_map(|(line, end)| [line, end.into()])
                .collect();
            Text::new(text, encoding, true).encode().unwrap()
        })
    }

    proptest! {
        #[test]
        fn bytes_survive(bytes in document()) {
            let ini = InfDocument::parse(&bytes).unwrap();
            prop_assert_eq!(ini.to_bytes().unwrap(), bytes.clone());
            let end = ini.position(ini.lines().len() + 1, 0);
            prop_assert_eq!(end.offset, bytes.len() as u64);
        }

        #[test]
        fn setting_a_value_to_itself_changes_nothing(bytes in document()) {
            let mut ini = InfDocument::parse(&bytes).unwrap();
            let before = ini.clone();
            for section in before.sections() {
                for entry in section.entries() {
                    let value = before.value(section.name, entry.key).unwrap();
                    ini.set_value(section.name, entry.key, value).unwrap();
                    ini.replace_value(entry.line, entry.value).unwrap();
                }
            }
            prop_assert_eq!(ini.to_bytes().unwrap(), bytes);
        }

        #[test]
        fn a_value_that_was_set_is_read(bytes in document(), key in "[a-c]{1,2}", value in "[\\PC]{0,6}") {
            let mut ini = InfDocument::parse(&bytes).unwrap();
            if ini.set_value("ab", &key, &value).is_ok() {
                let ini = InfDocument::parse(&ini.to_bytes().unwrap()).unwrap();
                prop_assert_eq!(ini.value("ab", &key), Some(value.as_str()));
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(ini) = InfDocument::parse(&bytes) {
                prop_assert_eq!(ini.to_bytes().unwrap(), bytes.clone());
            }
            let (ini, replaced) = InfDocument::parse_lossy(&bytes);
            prop_assert_eq!(replaced.is_empty(), ini.to_bytes().unwrap() == bytes);
        }
    }
}
