//! What can be saved of a damaged file.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::vec::Vec;
use core::ops::Range;

use super::read::{read_root, start};
use super::{StartTag, XmlDocument, XmlElement, XmlNode};
use crate::damage::Damage;
use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::text::{Text, TextPlace};
use crate::xml_character::illegal_character;
use crate::xml_form::XmlForm;
use crate::xml_reader::{Content, Vocabulary, XmlReader, check_size};

/// The elements of a format that can be lost without the others: items in lists.
pub(crate) struct XmlParts {
    /// The local names of elements below the root that hold such elements or one another.
    pub(crate) containers: &'static [&'static str],
    /// Whether an element, of which only the start tag is known, is one of a container, which is given
    /// by its local name.
    pub(crate) is_part: fn(container: &str, element: &XmlElement) -> bool,
    /// The element that says for whom a container applies. A container that may have lost it is left
    /// out with all that is in it.
    pub(crate) condition: Option<&'static str>,
}

impl XmlDocument {
    /// Reads a file as far as it is XML: where it ends to be, the elements of the root that are whole
    /// up to there, and what is wrong. The list is empty exactly for a file that
    /// [`parse`](Self::parse) takes.
    ///
    /// What is not whole is left out, not cut: an item of preferences without the targeting behind it
    /// would apply to all. A format that knows its items, such as
    /// [`Preferences`](crate::Preferences::parse_lossy), goes on at the next one.
    ///
    /// ```
    /// use gpo_core::{Preferences, XmlDocument};
    ///
    /// let file = b"<Drives><Drive clsid='{1}' name='S:'/><Drive clsid='{1}' name='T:'><Filters></Drive>\
    ///     <Drive clsid='{1}' name='U:'/></Drives>";
    /// let (document, damage) = XmlDocument::parse_lossy(file)?;
    /// assert_eq!(document.root.elements().count(), 1);
    /// assert_eq!(damage[0].skipped, 38..114);
    ///
    /// let (drives, damage) = Preferences::parse_lossy(file)?;
    /// let names: Vec<_> = drives.items().map(|item| item.name()).collect();
    /// assert_eq!(names, ["S:", "U:"]);
    /// assert_eq!(damage[0].skipped, 38..84);
    /// # Ok::<(), gpo_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse) where not even the root element starts.
    pub fn parse_lossy(bytes: &[u8]) -> Result<(Self, Vec<Damage>)> {
        Self::recover(bytes, None)
    }

    /// Reads what can be saved of a format, or of a file of which nothing is known.
    pub(crate) fn recover(
        bytes: &[u8],
        parts: Option<&'static XmlParts>,
    ) -> Result<(Self, Vec<Damage>)> {
        let error = match Self::parse(bytes) {
            Ok(document) => return Ok((document, Vec::new())),
            Err(error) => error,
        };
        let (text, replaced) = Text::decode_xml_lossy(bytes);
        // What the strict reader does not even begin.
        if check_size(text.as_str()).is_err() || text.as_str().starts_with('\u{feff}') {
            return Err(error);
        }
        let mut reader = XmlReader::at(&text, &Vocabulary::OPEN, text.start(), 0);
        let (prolog, root) = reader.root()?;
        let root = start(&root);
        let is_empty = reader.raw().ends_with("/>");
        let mut recovery = Recovery {
            text: &text,
            parts,
            at: reader.position(),
            place: text.start(),
            has_illegal: illegal_character(text.as_str()).is_some(),
            open: Vec::from([Container {
                element: root,
                start: text.start(),
                may_lack_condition: false,
            }]),
            damage: Vec::new(),
        };
        let root = if is_empty {
            recovery.open.pop().map(|root| root.element)
        } else {
            recovery.run()
        };
        let Some(root) = root else { return Err(error) };
        let epilog = recovery.epilog();
        let mut damage = recovery.damage;
        move_places(&mut damage, &replaced, &text);
        damage.extend(replaced.into_iter().map(|range| Damage {
            error:
                Error::new(ErrorKind::Encoding, "these bytes are no text").at_offset(range.start),
            skipped: range,
        }));
        if damage.is_empty() {
            // What the strict reader refuses is never taken in silence.
            damage.push(Damage {
                error,
                skipped: 0..0,
            });
        }
        damage.sort_by_key(|damage| damage.skipped.start);
        let form = XmlForm::of(&text, prolog, epilog);
        Ok((Self { form, root }, damage))
    }
}

struct Recovery<'a> {
    text: &'a Text<'a>,
    parts: Option<&'static XmlParts>,
    /// Up to here the text has been read.
    at: usize,
    /// A place not behind `at`: places are counted on from it, each stretch once.
    place: TextPlace,
    has_illegal: bool,
    /// The root and the containers that are open, each in the one before it.
    open: Vec<Container>,
    damage: Vec<Damage>,
}

struct Container {
    element: XmlElement,
    start: TextPlace,
    may_lack_condition: bool,
}

/// A piece of a container, and where it ends.
enum Piece {
    Node(XmlNode),
    Container(XmlElement),
}

impl<'a> Recovery<'a> {
    /// Reads the content of the root element; gives the element.
    fn run(&mut self) -> Option<XmlElement> {
        loop {
            let rest = self.rest(self.at);
            if rest.is_empty() {
                let end = self.file_place(self.at).1;
                if self.damage.last().is_none_or(|last| last.skipped.end < end) {
                    self.note(ErrorKind::Truncated, "the document ends within an element");
                }
                return self.close(0, false);
            } else if let Some((level, length)) = self.end_tag(rest) {
                if level + 1 < self.open.len() {
                    self.note(
                        ErrorKind::Xml,
                        "an element ends here, and one in it does not",
                    );
                }
                let space = rest.get(2..length - 1).unwrap_or_default();
                self.close(level + 1, false);
                if let Some(container) = self.open.last_mut() {
                    let name = container.element.name().len();
                    let space = space.get(name..).unwrap_or_default().to_owned();
                    container.element.end = Some(space);
                }
                self.at += length;
                if let Some(root) = self.close(level, true) {
                    return Some(root);
                }
                continue;
            }
            match self.piece() {
                Ok((piece, end)) => {
                    match piece {
                        Piece::Container(element) => {
                            let start = self.file_place(self.at).0;
                            self.open.push(Container {
                                element,
                                start,
                                may_lack_condition: false,
                            });
                        }
                        Piece::Node(node) => self.push(node),
                    }
                    self.at = end;
                }
                Err(error) => self.skip(error),
            }
        }
    }

    /// What follows the root element.
    fn epilog(&mut self) -> &'a str {
        let place = self.file_place(self.at).0;
        let mut reader = XmlReader::at(self.text, &Vocabulary::OPEN, place, 0);
        match reader.finish() {
            Ok(epilog) if illegal_character(epilog).is_none() => epilog,
            Ok(_) => {
                let message = "a character that XML does not allow";
                self.skip_to_end(Error::new(ErrorKind::Xml, message).at(place.position));
                ""
            }
            Err(error) => {
                self.skip_to_end(error);
                ""
            }
        }
    }

    /// The piece at `at`, which is no end tag.
    fn piece(&mut self) -> Result<(Piece, usize)> {
        let place = self.file_place(self.at).0;
        let depth = self.open.len();
        let mut reader = XmlReader::at(self.text, &Vocabulary::OPEN, place, depth);
        let text = self.rest(self.at);
        let text_end = self.at + text.find('<').unwrap_or(text.len());
        let piece = match reader.next()? {
            Content::Element(tag) => {
                let element = start(&tag);
                let last = self.open.len() - 1;
                let parts = self.parts;
                let name = element.local_name();
                let is_container = parts.is_some_and(|parts| parts.containers.contains(&name));
                let is_part = self.is_part(last, &element);
                if is_container && is_part && !is_empty(&reader) {
                    Piece::Container(element)
                } else if parts.is_some_and(|parts| !is_part && parts.condition != Some(name)) {
                    let message = format!("{} is none of the elements here", Quoted::new(name));
                    return Err(reader.error(ErrorKind::Syntax, message));
                } else {
                    let element = read_root(&mut reader, &mut Vec::from([element]))?;
                    Piece::Node(XmlNode::Element(element))
                }
            }
            Content::Other(raw) => Piece::Node(XmlNode::Other(raw.to_owned())),
            Content::Text(_) => {
                // A text with references comes in pieces; a section is one.
                while reader.position() < text_end {
                    reader.next()?;
                }
                let raw = text.get(..reader.position() - self.at).unwrap_or_default();
                Piece::Node(XmlNode::Text(raw.to_owned()))
            }
            Content::End => return Err(reader.error(ErrorKind::Xml, "no element ends here")),
        };
        let end = reader.position();
        let raw = text.get(..end - self.at).unwrap_or_default();
        if self.has_illegal
            && let Some((_, c)) = illegal_character(raw)
        {
            let message = format!("the character U+{:04X} is not allowed in XML", u32::from(c));
            return Err(Error::new(ErrorKind::Xml, message).at(place.position));
        }
        Ok((piece, end))
    }

    /// Goes on at the next part, or at the end tag of what is open.
    fn skip(&mut self, error: Error) {
        let (stop, level) = self.next_part();
        let from = self.file_place(self.at).1;
        let skipped = self.text.as_str().get(self.at..stop).unwrap_or_default();
        let condition = self.parts.and_then(|parts| parts.condition);
        let condition = condition.map(|name| format!("<{name}"));
        if condition.is_some_and(|condition| skipped.contains(&condition)) {
            for container in &mut self.open {
                container.may_lack_condition = true;
            }
        }
        let to = self.file_place(stop).1;
        self.damage.push(Damage {
            error,
            skipped: from..to,
        });
        self.at = stop;
        self.close(level + 1, false);
    }

    fn skip_to_end(&mut self, error: Error) {
        let from = self.file_place(self.at).1;
        let to = self.file_place(self.text.as_str().len()).1;
        self.damage.push(Damage {
            error,
            skipped: from..to,
        });
    }

    /// Where the next part starts or a container ends, behind what stands at `at`, and the number of
    /// the container that it belongs to.
    ///
    /// No start tag has a `<` in it, so that each byte is looked at a fixed number of times.
    fn next_part(&self) -> (usize, usize) {
        let level = self.open.len() - 1;
        let mut at = self.at;
        loop {
            let rest = self.rest(at);
            let Some(after) = rest.strip_prefix('<') else {
                match rest.find('<') {
                    Some(length) => at += length,
                    None => return (self.text.as_str().len(), level),
                }
                continue;
            };
            let length = match after.as_bytes().first() {
                // What does not end reaches to the end of the file.
                Some(b'!' | b'?') => match length_of_other(rest) {
                    Some(length) => length,
                    None => return (self.text.as_str().len(), level),
                },
                _ if at == self.at => 1,
                Some(b'/') => match self.end_tag(rest) {
                    Some((level, _)) => return (at, level),
                    None => 1,
                },
                _ => match self.part(after) {
                    Some(level) => return (at, level),
                    None => 1,
                },
            };
            at += length;
        }
    }

    /// The container that an element belongs to whose start tag stands here, from behind its `<`.
    fn part(&self, after: &str) -> Option<usize> {
        let tag = after.split_once('<').map_or(after, |(tag, _)| tag);
        let mut quote = None;
        let length = tag.bytes().position(|b| {
            let was_outside = quote.is_none();
            quote = match quote {
                Some(own) => (b != own).then_some(own),
                None => matches!(b, b'"' | b'\'').then_some(b),
            };
            was_outside && b == b'>'
        })?;
        let tag = tag.get(..length)?;
        let start = StartTag::read(tag.strip_suffix('/').unwrap_or(tag))?;
        let element = XmlElement {
            start,
            nodes: Vec::new(),
            end: None,
        };
        (0..self.open.len())
            .rev()
            .find(|&level| self.is_part(level, &element))
    }

    fn is_part(&self, level: usize, element: &XmlElement) -> bool {
        let parts = self.parts.zip(self.open.get(level));
        parts.is_some_and(|(parts, own)| (parts.is_part)(own.element.local_name(), element))
    }

    /// The innermost container that the end tag at the start of a text ends, and the tag's length.
    fn end_tag(&self, rest: &str) -> Option<(usize, usize)> {
        let name = rest.strip_prefix("</")?;
        let containers = self.open.iter().enumerate().rev();
        let mut ends = containers.filter_map(|(level, container)| {
            let space = name.strip_prefix(container.element.name())?;
            let length = space
                .bytes()
                .position(|b| b == b'>' || !b.is_ascii_whitespace())?;
            let length = length + 1;
            space
                .get(..length)?
                .ends_with('>')
                .then_some((level, rest.len() - space.len() + length))
        });
        ends.next()
    }

    /// Ends the containers from this one on; gives the root element where it is among them.
    fn close(&mut self, level: usize, is_whole: bool) -> Option<XmlElement> {
        while self.open.len() > level {
            let Container {
                mut element,
                start,
                may_lack_condition,
            } = self.open.pop()?;
            element.end.get_or_insert_default();
            if self.open.is_empty() {
                return Some(element);
            }
            let has_condition = |name| element.element(name).is_some();
            if let Some(condition) = self.parts.and_then(|parts| parts.condition)
                && (may_lack_condition || !is_whole)
                && !has_condition(condition)
            {
                let message = format!(
                    "the element {} is left out, since its {condition} may be lost",
                    Quoted::new(element.name())
                );
                let from = Self::file_offset(start);
                let to = self.file_place(self.at).1;
                self.damage.push(Damage {
                    error: Error::new(ErrorKind::Missing, message).at(start.position),
                    skipped: from..to,
                });
            } else {
                self.push(XmlNode::Element(element));
            }
        }
        None
    }

    fn push(&mut self, node: XmlNode) {
        if let Some(container) = self.open.last_mut() {
            container.element.push(node);
        }
    }

    /// Something wrong at `at`, by which nothing is lost.
    fn note(&mut self, kind: ErrorKind, message: &'static str) {
        let (place, offset) = self.file_place(self.at);
        self.damage.push(Damage {
            error: Error::new(kind, message).at(place.position),
            skipped: offset..offset,
        });
    }

    fn rest(&self, at: usize) -> &'a str {
        self.text.as_str().get(at..).unwrap_or_default()
    }

    /// A byte of the text and its place in the file. Places asked for never go back.
    fn file_place(&mut self, offset: usize) -> (TextPlace, usize) {
        let position = self.text.position_behind(&self.place, offset);
        self.place = TextPlace { offset, position };
        (self.place, Self::file_offset(self.place))
    }

    fn file_offset(place: TextPlace) -> usize {
        usize::try_from(place.position.offset).unwrap_or(usize::MAX)
    }
}

/// Corrects places behind bytes that are no text: they were counted with the character that replaced
/// these.
fn move_places(damage: &mut [Damage], replaced: &[Range<usize>], text: &Text<'_>) {
    let width = text.encoding().encoded_len("\u{fffd}");
    // Where what was replaced ends, as counted, and as it is.
    let mut ends = Vec::with_capacity(replaced.len());
    let (mut counted, mut real) = (0, 0);
    for range in replaced {
        counted += range.start - real + width;
        real = range.end;
        ends.push((counted, real));
    }
    let moved = |offset: usize| {
        let before = ends.partition_point(|(counted, _)| *counted <= offset);
        let last = before.checked_sub(1).and_then(|last| ends.get(last));
        last.map_or(offset, |(counted, real)| offset - counted + real)
    };
    for damage in damage {
        damage.skipped = moved(damage.skipped.start)..moved(damage.skipped.end);
        damage.error.move_offset(moved);
    }
}

fn is_empty(reader: &XmlReader<'_>) -> bool {
    reader.raw().ends_with("/>")
}

/// The length of the comment, section or instruction at the start of a text; none for one without an
/// end, and for anything else that starts with `<!`.
fn length_of_other(text: &str) -> Option<usize> {
    for (start, end) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")] {
        if let Some(rest) = text.strip_prefix(start) {
            return Some(start.len() + rest.find(end)? + end.len());
        }
    }
    None
}

#[cfg(test)]
mod tests;
