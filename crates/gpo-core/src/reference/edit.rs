//! Edits of references, all those of one text at once.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::{Reference, ReferencePlace, ReferenceSetting};
use crate::error::{Error, Result};

/// What is to stand in the place of a reference; nothing takes it out.
pub(crate) type Edit<'a> = (&'a Reference, Option<&'a str>);

/// The parts of a text that get another text, from left to right, and what became of each edit.
pub(crate) struct Replacements<'a> {
    pub(crate) parts: Vec<(Range<usize>, &'a str)>,
    pub(crate) results: Vec<Result<()>>,
}

impl<'a> Replacements<'a> {
    /// The edits of one text, in the order of their places; `check` says what cannot stand there.
    pub(crate) fn of(
        own: &str,
        edits: &[Edit<'a>],
        check: &dyn Fn(&Reference, &str) -> Result<()>,
    ) -> Self {
        let mut parts: Vec<(Range<usize>, &str)> = Vec::new();
        // Where the list starts, as long as nothing of it is left.
        let mut list_start = None;
        let mut edit = |(reference, text): &Edit<'a>| {
            let part = reference.place.part().ok_or_else(|| reference.missing())?;
            if own.get(part.clone()) != Some(reference.text.as_str()) {
                return Err(reference.missing());
            }
            let (part, text) = match text {
                Some(text) if *text == reference.text => return Ok(()),
                Some(text) => {
                    check(reference, text)?;
                    (part.clone(), *text)
                }
                None => {
                    let is_first = list_start == Some(part.start);
                    let out = removal(own, reference, is_first);
                    let out = out.ok_or_else(|| reference.irremovable())?;
                    if out.start == part.start {
                        list_start = Some(out.end);
                    }
                    (out, "")
                }
            };
            match parts.last() {
                // Two settings may share a line.
                Some(last) if *last == (part.clone(), text) => return Ok(()),
                Some((last, _)) if last.end > part.start => return Err(reference.missing()),
                _ => {}
            }
            parts.push((part, text));
            Ok(())
        };
        let results = edits.iter().map(&mut edit).collect();
        Self { parts, results }
    }

    /// The text with the parts replaced; `None` where nothing changes.
    pub(crate) fn apply(&self, own: &str) -> Option<String> {
        if self.parts.is_empty() {
            return None;
        }
        let mut new = String::with_capacity(own.len());
        let mut at = 0;
        for (part, text) in &self.parts {
            new.push_str(own.get(at..part.start).unwrap_or_default());
            new.push_str(text);
            at = part.end;
        }
        new.push_str(own.get(at..).unwrap_or_default());
        Some(new)
    }

    /// The results, all of them this error where the text as a whole cannot be written.
    pub(crate) fn results(self, written: Result<()>) -> Vec<Result<()>> {
        match written {
            Ok(()) => self.results,
            Err(error) => failed(self.results.len(), &error),
        }
    }
}

/// The same error for several edits.
pub(crate) fn failed(count: usize, error: &Error) -> Vec<Result<()>> {
    core::iter::repeat_n(Err(error.clone()), count).collect()
}

/// The result of a single edit.
pub(crate) fn one(results: Vec<Result<()>>) -> Result<()> {
    results.into_iter().collect()
}

/// What is taken out of a text with a reference; `is_first` says that nothing is left of the list
/// before it.
fn removal(own: &str, reference: &Reference, is_first: bool) -> Option<Range<usize>> {
    let part = reference.place.part()?;
    match reference.setting {
        ReferenceSetting::UserRight | ReferenceSetting::RestrictedGroup => {
            list_item(own, part, is_first)
        }
        ReferenceSetting::SecuredObject(_)
        | ReferenceSetting::SecurityOption
        | ReferenceSetting::RegistryPolicy
        | ReferenceSetting::FirewallRule
        | ReferenceSetting::GlobalSacl => ace(own, part),
        _ => None,
    }
}

impl ReferencePlace {
    /// Which part of its text the reference is.
    fn part(&self) -> Option<&Range<usize>> {
        match self {
            Self::Line { part, .. }
            | Self::Column { part, .. }
            | Self::Xml { part, .. }
            | Self::Registry { part, .. }
            | Self::Attribute { part, .. } => Some(part),
            Self::Descriptor(_) => None,
        }
    }

    /// The place in a text file, to sort by.
    pub(crate) fn line_and_start(&self) -> (usize, usize) {
        match self {
            Self::Line { line, part } | Self::Column { line, part, .. } => (*line, part.start),
            _ => (0, 0),
        }
    }

    /// Whether both are parts of the same text.
    pub(crate) fn shares_text(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Line { line: a, .. }, Self::Line { line: b, .. }) => a == b,
            (
                Self::Column { line, column, .. },
                Self::Column {
                    line: other_line,
                    column: other_column,
                    ..
                },
            ) => (line, column) == (other_line, other_column),
            (
                Self::Xml {
                    element, attribute, ..
                },
                Self::Xml {
                    element: other_element,
                    attribute: other_attribute,
                    ..
                },
            ) => (element, attribute) == (other_element, other_attribute),
            (
                Self::Registry { entry, of, .. },
                Self::Registry {
                    entry: other_entry,
                    of: other_of,
                    ..
                },
            ) => (entry, of) == (other_entry, other_of),
            (
                Self::Attribute { name, value, .. },
                Self::Attribute {
                    name: other_name,
                    value: other_value,
                    ..
                },
            ) => (name, value) == (other_name, other_value),
            _ => false,
        }
    }
}

/// The part of a list between commas that holds `item` and nothing else, with one of the commas
/// and the blanks beside it; `None` where the item shares its place.
fn list_item(text: &str, item: &Range<usize>, is_first: bool) -> Option<Range<usize>> {
    let blanks = [' ', '\t'];
    let before = text.get(..item.start)?.trim_end_matches(blanks);
    let rest = text.get(item.end..)?;
    let after = rest.trim_start_matches(blanks);
    let end = text.len() - after.len();
    if !is_first && before.ends_with(',') && (after.is_empty() || after.starts_with(',')) {
        return Some(before.len() - 1..end);
    }
    if !is_first && !before.ends_with('=') {
        return None;
    }
    match after.strip_prefix(',') {
        Some(next) => Some(item.start..text.len() - next.trim_start_matches(blanks).len()),
        None => after.is_empty().then_some(item.start..item.end),
    }
}

/// The ACE of an SDDL text whose trustee is `sid`, from its `(` to its `)`.
///
/// `None` where the SID is an owner, a group, in the condition of an ACE, or in no ACE at all. An
/// ACE that ends in a condition or an attribute is refused as well: others may stand in there.
fn ace(text: &str, sid: &Range<usize>) -> Option<Range<usize>> {
    let before = text.get(..sid.start)?;
    let start = before.rfind(['(', ')'])?;
    let fields = before.get(start..)?.strip_prefix('(')?;
    let is_trustee = fields.bytes().filter(|&b| b == b';').count() == 5 && fields.ends_with(';');
    let ends = text.get(sid.end..)?.starts_with(')');
    (is_trustee && ends).then_some(start..sid.end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn without(
        text: &str,
        item: &str,
        part: fn(&str, &Range<usize>) -> Option<Range<usize>>,
    ) -> Option<alloc::string::String> {
        let start = text.find(item)?;
        let part = part(text, &(start..start + item.len()))?;
        let mut text = text.to_string();
        text.replace_range(part, "");
        Some(text)
    }

    #[test]
    fn an_item_goes_with_one_comma() {
        for (text, after) in [
            ("A = x", Some("A = ")),
            ("A = x,b", Some("A = b")),
            ("A = x , b", Some("A = b")),
            ("A=b, x ,c", Some("A=b,c")),
            ("A=b,x", Some("A=b")),
            ("x__Members = b", None),
        ] {
            assert_eq!(
                without(text, "x", |text, item| list_item(text, item, false)).as_deref(),
                after,
                "{text}"
            );
        }
    }

    #[test]
    fn an_ace_goes_as_a_whole() {
        let sid = "S-1-5-21-1-2-3-4";
        for (text, after) in [
            ("D:(A;;GA;;;SID)(A;;GA;;;BA)", Some("D:(A;;GA;;;BA)")),
            (
                r#"M\v=1,"O:BAG:BAD:(A;;RC;;;BA)(A;;RC;;;SID)""#,
                Some(r#"M\v=1,"O:BAG:BAD:(A;;RC;;;BA)""#),
            ),
            (
                "|Name=(x|LUAuth=O:LSD:(A;;CC;;;SID)|",
                Some("|Name=(x|LUAuth=O:LSD:|"),
            ),
            ("O:SIDD:(A;;GA;;;BA)", None),
            ("D:(XA;;GA;;;WD;(Member_of{SID(SID)}))", None),
            ("D:(XA;;GA;;;SID;(a==1))", None),
            ("(SID)", None),
        ] {
            let text = text.replacen("SID", sid, usize::from(!text.contains("of{SID")));
            let text = text.replace("(SID)", &alloc::format!("({sid})"));
            assert_eq!(without(&text, sid, ace).as_deref(), after, "{text}");
        }
    }
}
