//! Lines of INF and INI files: sections in brackets, `key=value` entries, and everything else.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem::discriminant;
use core::ops::Range;

use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::reference::{
    Edit, Reference, ReferenceKind, ReferencePlace, ReferenceSetting, Replacements, add_references,
};
use crate::text::Encoding;
use crate::text_document::{DocumentLine, TextDocument};

/// An INF or INI file that keeps what it does not understand.
///
/// GPT.INI, GptTmpl.inf, scripts.ini and fdeploy.ini are such files. Any decodable text is one: a
/// line that is no section and no entry is kept and shown as [`InfItem::Other`].
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
    text: TextDocument,
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
    lines: &'a [DocumentLine],
}

/// What stands around keys and values without belonging to them.
const BLANKS: [char; 2] = [' ', '\t'];

impl<'a> InfItem<'a> {
    /// What this line is.
    pub fn of(line: &'a str) -> Self {
        let text = line.trim_matches(BLANKS);
        if let Some(header) = text.strip_prefix('[')
            && let Some((name, _)) = header.split_once(']')
        {
            return Self::Section(name);
        }
        match text.as_bytes().first() {
            None => Self::Blank,
            Some(b';') => Self::Comment(text),
            Some(_) => match text.split_once('=') {
                Some((key, value)) => Self::Entry {
                    key: key.trim_end_matches(BLANKS),
                    value: value.trim_start_matches(BLANKS),
                },
                None => Self::Other(text),
            },
        }
    }
}

impl<'a> InfSection<'a> {
    /// The lines below the header with their numbers, from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &'a str)> + use<'a> {
        (self.line + 1..).zip(self.lines.iter().map(DocumentLine::text))
    }

    /// The `key=value` lines.
    pub fn entries(&self) -> impl Iterator<Item = InfEntry<'a>> + use<'a> {
        self.lines()
            .filter_map(|(line, text)| match InfItem::of(text) {
                InfItem::Entry { key, value } => Some(InfEntry { line, key, value }),
                _ => None,
            })
    }
}

text_file!(InfDocument { text: TextDocument });

impl InfDocument {
    /// An empty file.
    pub fn new(encoding: Encoding, bom: bool) -> Self {
        let text = TextDocument::new(encoding, bom);
        Self { text }
    }

    /// The sections in file order. Lines before the first header belong to none.
    pub fn sections(&self) -> impl Iterator<Item = InfSection<'_>> {
        let mut rest = self.text.lines();
        let total = rest.len();
        core::iter::from_fn(move || {
            loop {
                let (header, below) = rest.split_first()?;
                let line = total - below.len();
                rest = below;
                if let InfItem::Section(name) = InfItem::of(header.text()) {
                    let next = below.iter().position(|line| is_section(line.text()));
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
        let line = entry_line(key, separator, value)?;
        self.insert_line_in(section, &line)
    }

    /// Adds a line behind the last one of a section.
    pub(crate) fn insert_line_in(&mut self, section: &str, text: &str) -> Result<()> {
        if !matches!(InfItem::of(text), InfItem::Entry { .. } | InfItem::Other(_)) {
            return Err(unwritable("a line of a section", text));
        }
        let place = self.sections_named(section).next().map(|found| {
            let last = found
                .lines()
                .filter(|(_, line)| InfItem::of(line) != InfItem::Blank)
                .last();
            last.map_or(found.line, |(number, _)| number)
        });
        if let Some(after) = place {
            self.text.insert_line(after, text)
        } else {
            self.push_section(section)?;
            self.text.push_line(text)
        }
    }

    /// Appends the header of a section.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a name with `]` or a line break.
    pub fn push_section(&mut self, name: &str) -> Result<()> {
        let line = format!("[{name}]");
        if InfItem::of(&line) != InfItem::Section(name) {
            return Err(unwritable("the name of a section", name));
        }
        self.text.push_line(&line)
    }

    /// Appends `key=value`.
    ///
    /// # Errors
    ///
    /// As [`set_value`](Self::set_value).
    pub fn push_entry(&mut self, key: &str, value: &str) -> Result<()> {
        self.text.push_line(&entry_line(key, "=", value)?)
    }

    /// Appends a line, whatever it means.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a line break in the line.
    pub fn push_line(&mut self, text: &str) -> Result<()> {
        self.text.push_line(text)
    }

    /// Removes a line, counted from 1; nothing happens where there is none.
    pub fn remove_line(&mut self, line: usize) {
        self.text.remove_line(line);
    }

    /// Puts other text in a place of a line, which stays the kind of line that it is.
    pub(crate) fn replace(&mut self, line: usize, place: Range<usize>, new: &str) -> Result<()> {
        let old = self.text.line(line);
        let (Some(head), Some(tail)) = (old.get(..place.start), old.get(place.end..)) else {
            return Ok(());
        };
        let edited = format!("{head}{new}{tail}");
        if discriminant(&InfItem::of(&edited)) != discriminant(&InfItem::of(old)) {
            return Err(unwritable("a part of that line", new));
        }
        self.text.replace(line, place, new)
    }

    /// Adds the parts of a piece of a line that are references.
    pub(crate) fn add_references(
        &self,
        found: &mut Vec<Reference>,
        setting: ReferenceSetting,
        line: usize,
        piece: &str,
        parts: Vec<(Range<usize>, ReferenceKind)>,
    ) {
        if let Some(at) = self.text.place_of(line, piece) {
            add_references(found, setting, piece, parts, |part| {
                let part = at.start + part.start..at.start + part.end;
                ReferencePlace::Line { line, part }
            });
        }
    }

    /// Edits references, in the order of their places; `check` says what cannot stand there.
    pub(crate) fn edit_references(
        &mut self,
        edits: &[Edit<'_>],
        check: &dyn Fn(&Reference, &str) -> Result<()>,
    ) -> Vec<Result<()>> {
        let check = |reference: &Reference, text: &str| {
            // Blanks around a value do not belong to it.
            let is_blank = text.trim_matches(BLANKS).len() != text.len();
            if is_blank || text.is_empty() || text.contains(['\r', '\n']) {
                return Err(reference.unwritable(text));
            }
            check(reference, text)
        };
        let mut results = Vec::with_capacity(edits.len());
        for group in edits.chunk_by(|(a, _), (b, _)| a.place.shares_text(&b.place)) {
            let line = match group.first() {
                Some((first, _)) => match first.place {
                    ReferencePlace::Line { line, .. } => line,
                    _ => 0,
                },
                None => continue,
            };
            let own = self.text.line(line);
            let found = Replacements::of(own, group, &check);
            let written = match found.apply(own) {
                Some(new) => self.replace(line, 0..own.len(), &new),
                None => Ok(()),
            };
            results.extend(found.results(written));
        }
        results
    }

    /// Puts another value behind the first `=` of a line.
    pub(crate) fn replace_value(&mut self, line: usize, value: &str) -> Result<()> {
        check_value(value)?;
        let text = self.text.line(line);
        let Some((before, old)) = text.split_once('=') else {
            return Ok(());
        };
        let start = before.len() + 1 + (old.len() - old.trim_start_matches(BLANKS).len());
        let end = start.max(text.trim_end_matches(BLANKS).len());
        self.replace(line, start..end, value)
    }
}

fn is_section(line: &str) -> bool {
    matches!(InfItem::of(line), InfItem::Section(_))
}

/// The line of an entry, if it would be read as that entry.
fn entry_line(key: &str, separator: &str, value: &str) -> Result<String> {
    check_value(value)?;
    let line = format!("{key}{separator}{value}");
    if InfItem::of(&line) != (InfItem::Entry { key, value }) {
        return Err(unwritable("the key of an entry", key));
    }
    Ok(line.trim_end_matches(BLANKS).to_owned())
}

fn check_value(value: &str) -> Result<()> {
    if value.contains(['\r', '\n']) || value != value.trim_matches(BLANKS) {
        return Err(unwritable(
            "a value without line breaks and blanks around it",
            value,
        ));
    }
    Ok(())
}

fn unwritable(what: &str, text: &str) -> Error {
    let message = format!("{} cannot be written as {what}", Quoted::new(text));
    Error::new(ErrorKind::Unwritable, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;
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
            assert_eq!(InfItem::of(line), item, "{line}");
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
