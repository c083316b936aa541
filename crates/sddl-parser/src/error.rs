//! What went wrong, and where.

use alloc::string::String;
use core::fmt;

/// The part of a security descriptor that an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The whole, where text is none of its parts.
    Descriptor,
    /// The fixed 20 bytes in front ([MS-DTYP] 2.4.6).
    Header,
    /// The owner's SID.
    Owner,
    /// The primary group's SID.
    Group,
    /// The discretionary ACL.
    Dacl,
    /// The system ACL.
    Sacl,
    /// An access control entry.
    Ace,
    /// A SID.
    Sid,
    /// A GUID.
    Guid,
    /// A conditional expression.
    Condition,
    /// The claim of a resource attribute ACE.
    ResourceAttribute,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Descriptor => "security descriptor",
            Self::Header => "header",
            Self::Owner => "owner",
            Self::Group => "group",
            Self::Dacl => "DACL",
            Self::Sacl => "SACL",
            Self::Ace => "ACE",
            Self::Sid => "SID",
            Self::Guid => "GUID",
            Self::Condition => "conditional expression",
            Self::ResourceAttribute => "resource attribute",
        })
    }
}

/// What kind of mistake an [`Error`] reports.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes end before the structure does.
    Truncated {
        /// Bytes that the structure needs.
        needed: usize,
        /// Bytes that are there.
        available: usize,
    },
    /// A revision that Windows does not know.
    Revision(u8),
    /// The control flag `SE_SELF_RELATIVE` is not set.
    NotSelfRelative,
    /// An offset points into the header or behind the end.
    OffsetOutOfRange(u32),
    /// This part shares bytes with another one.
    Overlap,
    /// A size field does not fit what it measures.
    BadSize(usize),
    /// A SID with more than 15 sub-authorities.
    TooManySubAuthorities(usize),
    /// The value does not fit a structure of at most 65,535 bytes.
    TooLarge(usize),
    /// The text is not what the grammar asks for: what was expected.
    Expected(&'static str),
    /// A number outside the range of its field.
    NumberOutOfRange,
    /// An alias such as `DA` that needs the SID of a domain, which was not given.
    NeedsDomainSid,
    /// An alias such as `EA` that needs the SID of the forest's root domain, which was not given.
    NeedsForestSid,
    /// An ACE of a type that Windows does not take in this ACL.
    AceNotAllowedHere,
    /// A part that is there twice.
    Duplicate,
    /// SDDL has no way to write this value.
    NoTextForm,
    /// Nested deeper than the limit.
    TooDeep,
    /// The bytes do not follow their format: what was expected.
    Malformed(&'static str),
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { needed, available } => {
                write!(f, "{needed} bytes needed, {available} there")
            }
            Self::Revision(r) => write!(f, "unknown revision {r}"),
            Self::NotSelfRelative => f.write_str("not in self-relative form"),
            Self::OffsetOutOfRange(o) => write!(f, "offset {o} out of range"),
            Self::Overlap => f.write_str("overlaps another part"),
            Self::BadSize(n) => write!(f, "size {n} does not fit the content"),
            Self::TooManySubAuthorities(n) => write!(f, "{n} sub-authorities, at most 15 allowed"),
            Self::TooLarge(n) => write!(f, "{n} bytes, more than its size field can hold"),
            Self::Expected(what) => write!(f, "expected {what}"),
            Self::NumberOutOfRange => f.write_str("number out of range"),
            Self::NeedsDomainSid => f.write_str("alias needs the SID of the domain"),
            Self::NeedsForestSid => f.write_str("alias needs the SID of the forest's root domain"),
            Self::AceNotAllowedHere => f.write_str("ACE type not allowed in this ACL"),
            Self::Duplicate => f.write_str("given twice"),
            Self::NoTextForm => f.write_str("has no form in SDDL"),
            Self::TooDeep => f.write_str("nested too deep"),
            Self::Malformed(what) => write!(f, "malformed, expected {what}"),
        }
    }
}

/// An error with its place.
///
/// For bytes, [`offset`](Self::offset) counts from the start of the value that was read. For text it
/// is the byte in the UTF-8 string, and [`character`](Self::character) is the same place in characters.
///
/// ```
/// use sddl_parser::{ErrorKind, SddlContext, SecurityDescriptor};
///
/// let error = SecurityDescriptor::from_sddl("D:(Q;;GA;;;SY)", &SddlContext::new()).unwrap_err();
/// assert_eq!(error.offset(), Some(3));
/// assert_eq!(error.kind(), &ErrorKind::Expected("an ACE type"));
/// assert_eq!(error.to_string(), "ACE: expected an ACE type, found \"Q;;GA;;;SY)\" (byte 3, character 3)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    part: Part,
    offset: Option<usize>,
    character: Option<usize>,
    found: Option<String>,
}

/// Text of the input that an error repeats, at most.
const FOUND_CHARACTERS: usize = 24;

impl Error {
    pub(crate) fn new(kind: ErrorKind, part: Part) -> Self {
        Self {
            kind,
            part,
            offset: None,
            character: None,
            found: None,
        }
    }

    #[cold]
    pub(crate) fn at(kind: ErrorKind, part: Part, offset: usize) -> Self {
        Self {
            offset: Some(offset),
            ..Self::new(kind, part)
        }
    }

    /// An error at byte `offset` of `text`.
    #[cold]
    pub(crate) fn in_text(kind: ErrorKind, part: Part, text: &str, offset: usize) -> Self {
        let mut start = offset.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let (before, rest) = text.split_at(start);
        Self {
            kind,
            part,
            offset: Some(start),
            character: Some(before.chars().count()),
            found: Some(rest.chars().take(FOUND_CHARACTERS).collect()),
        }
    }

    /// The same error, `base` bytes further in, as seen from the structure around.
    pub(crate) fn nested(mut self, base: usize) -> Self {
        self.offset = Some(base.saturating_add(self.offset.unwrap_or(0)));
        self
    }

    /// The same error, about a part that the reader of a smaller structure does not know.
    pub(crate) fn about(mut self, part: Part) -> Self {
        self.part = part;
        self
    }

    /// The same error of an ACL, which is read as a DACL, in the ACL that it is.
    pub(crate) fn in_acl(self, part: Part) -> Self {
        if self.part == Part::Dacl {
            self.about(part)
        } else {
            self
        }
    }

    /// What is wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The part that it is about.
    pub fn part(&self) -> Part {
        self.part
    }

    /// Where, in bytes; `None` when the value was built, not read.
    pub fn offset(&self) -> Option<usize> {
        self.offset
    }

    /// Where, in characters, when text was read.
    pub fn character(&self) -> Option<usize> {
        self.character
    }

    /// What stood there, when text was read: at most 24 characters, none at the end of the text.
    pub fn found(&self) -> Option<&str> {
        self.found.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.part, self.kind)?;
        match self.found.as_deref() {
            Some("") => f.write_str(", found the end of the text")?,
            // Debug form: the text may hold control characters.
            Some(found) => write!(f, ", found {found:?}")?,
            None => {}
        }
        match (self.offset, self.character) {
            (Some(byte), Some(character)) => write!(f, " (byte {byte}, character {character})"),
            (Some(byte), None) => write!(f, " (byte {byte})"),
            _ => Ok(()),
        }
    }
}

impl core::error::Error for Error {}
