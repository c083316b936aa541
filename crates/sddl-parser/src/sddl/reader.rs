//! Reading SDDL text.

use alloc::vec::Vec;

use crate::access_mask::AccessMask;
use crate::ace::{Ace, AceFlags, ObjectTypes};
use crate::ace_type::AceType;
use crate::acl::Acl;
use crate::control::Control;
use crate::error::{Error, ErrorKind, Part};
use crate::guid::{self, Guid};
use crate::sddl::cursor::Cursor;
use crate::sddl::flags::{ACE_FLAGS, acl_flags};
use crate::sddl_context::SddlContext;
use crate::security_descriptor::SecurityDescriptor;
use crate::sid::Sid;

impl SecurityDescriptor {
    /// Reads SDDL, as Windows does ([MS-DTYP] 2.5.1, and where Windows takes more or less, Windows):
    ///
    /// * Parts can stand in any order, each at most once; `O`, `G`, `D`, `S` are upper case, all
    ///   other letters can have any case. White space can stand in front of parts, ACEs and the
    ///   fields of an ACE, and after an alias, but not after a number, a SID in digits, or around a GUID.
    /// * Numbers are decimal, hexadecimal or octal; a mask that is too large becomes `0xffffffff`,
    ///   a sub-authority 4294967295, and a negative mask counts down from 2³².
    /// * An ACE of a SACL is refused in the DACL, and the other way round.
    /// * Object ACEs make the ACL one of revision 4, otherwise it has 2. An object ACE without a GUID
    ///   (`OA`, `OD`, `OU`, `OL`) becomes an ordinary one, in an ACL of revision 4 with four spare bytes.
    ///
    /// # Errors
    /// Text that Windows would refuse; an alias of a domain that `context` does not know. The
    /// error says where, what was expected and what stood there.
    pub fn from_sddl(text: &str, context: &SddlContext) -> Result<Self, Error> {
        Reader::new(text, context).descriptor()
    }
}

impl Ace {
    /// Reads one ACE, with its parentheses, as [`SecurityDescriptor::from_sddl`] does; of types for
    /// a DACL and for a SACL.
    ///
    /// # Errors
    /// As there.
    pub fn from_sddl(text: &str, context: &SddlContext) -> Result<Self, Error> {
        let mut reader = Reader::new(text, context);
        let (ace, _) = reader.ace(None)?;
        reader.end(Part::Ace)?;
        Ok(ace)
    }
}

/// Reads a SID or an alias that fills `text`; white space may follow an alias. An error has its
/// offset in `text`.
pub(crate) fn sid(text: &[u8], context: &SddlContext) -> Result<Sid, (ErrorKind, usize)> {
    match text.trim_ascii_end() {
        // Two letters are an alias, even `S-`, which is none.
        &[a, b] => context
            .resolve([a.to_ascii_uppercase(), b.to_ascii_uppercase()])
            .map_err(|kind| (kind, 0)),
        [b'S' | b's', b'-', ..] => Sid::from_text(text),
        _ => Err((ErrorKind::Expected("a SID (S-1-…) or an alias"), 0)),
    }
}

/// A place in the text and the context to read it in.
pub(super) struct Reader<'t> {
    pub(super) at: Cursor<'t>,
    context: &'t SddlContext,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, context: &'t SddlContext) -> Self {
        Self {
            at: Cursor::new(text),
            context,
        }
    }
}

impl Reader<'_> {
    fn descriptor(&mut self) -> Result<SecurityDescriptor, Error> {
        let mut descriptor = SecurityDescriptor::new();
        let mut seen = [false; 4];
        loop {
            self.at.skip_space();
            let (part, index) = match self.at.rest() {
                [] => return Ok(descriptor),
                [b'O', b':', ..] => (Part::Owner, 0),
                [b'G', b':', ..] => (Part::Group, 1),
                [b'D', b':', ..] => (Part::Dacl, 2),
                [b'S', b':', ..] => (Part::Sacl, 3),
                _ => return self.expected("O:, G:, D: or S:", Part::Descriptor),
            };
            if seen
                .get_mut(index)
                .is_some_and(|seen| core::mem::replace(seen, true))
            {
                return Err(self.at.error(ErrorKind::Duplicate, part));
            }
            self.at.advance(2);
            self.at.skip_space();
            match part {
                Part::Owner => descriptor.set_owner(Some(self.principal(part)?)),
                Part::Group => descriptor.set_group(Some(self.principal(part)?)),
                _ => self.acl(&mut descriptor, part)?,
            }
        }
    }

    pub(super) fn expected<T>(&self, what: &'static str, part: Part) -> Result<T, Error> {
        Err(self.at.error(ErrorKind::Expected(what), part))
    }

    /// Nothing but white space may follow.
    pub(super) fn end(&mut self, part: Part) -> Result<(), Error> {
        self.at.skip_space();
        if self.at.rest().is_empty() {
            Ok(())
        } else {
            self.expected("the end", part)
        }
    }

    /// Owner or group. It ends in front of the next part: the letter before the next colon, as
    /// hexadecimal digits would run into a `D:`.
    fn principal(&mut self, part: Part) -> Result<Sid, Error> {
        let start = self.at.offset();
        let rest = self.at.rest();
        let end = rest
            .iter()
            .position(|&b| b == b':')
            .map_or(rest.len(), |colon| colon.max(1) - 1);
        let text = rest.get(..end).unwrap_or_default();
        let sid = sid(text, self.context)
            .map_err(|(kind, offset)| self.at.error_at(start + offset, kind, part))?;
        self.at.advance(end);
        Ok(sid)
    }

    fn acl(&mut self, descriptor: &mut SecurityDescriptor, part: Part) -> Result<(), Error> {
        let known = acl_flags(part);
        let mut flags = if part == Part::Dacl {
            Control::DACL_PRESENT
        } else {
            Control::SACL_PRESENT
        };
        let mut null = false;
        loop {
            self.at.skip_space();
            if self.at.take_word("NO_ACCESS_CONTROL") {
                null = true;
            } else if let Some((_, flag)) = known.iter().find(|(word, _)| self.at.take_word(word)) {
                flags |= *flag;
            } else {
                break;
            }
        }
        let mut aces = Vec::new();
        while self.at.peek() == Some(b'(') {
            if null {
                return self.expected("no ACE after NO_ACCESS_CONTROL", part);
            }
            aces.push(self.ace(Some(part))?);
            self.at.skip_space();
        }
        let acl = (!null).then(|| as_windows_makes_it(aces));
        if part == Part::Dacl {
            descriptor.set_dacl(acl);
        } else {
            descriptor.set_sacl(acl);
        }
        descriptor.set_control(descriptor.control() | flags);
        Ok(())
    }

    /// One ACE with its parentheses, for this ACL or for any, and whether it was written as an
    /// object ACE without a GUID.
    fn ace(&mut self, acl: Option<Part>) -> Result<(Ace, bool), Error> {
        let part = Part::Ace;
        self.at.expect(b'(', "an ACE", part)?;
        let ace_type = self.ace_type(acl)?;
        let flags = self.ace_flags(ace_type)?;
        let mask = self.rights(ace_type)?;
        let object_types = ObjectTypes::new(self.guid()?, self.guid()?);
        if object_types != ObjectTypes::default() && !ace_type.is_object() {
            return self.expected("no GUID in an ACE of this type", part);
        }
        let ordinary = ace_type.without_object_types();
        let was_object = object_types == ObjectTypes::default() && ordinary != ace_type;
        let ace_type = if was_object { ordinary } else { ace_type };
        self.at.skip_space();
        let sid = self.sid_until(|b| matches!(b, b';' | b')' | b'('), part)?;
        let Some(mut ace) = Ace::new(ace_type, mask, sid) else {
            return self.expected("an ACE type", part);
        };
        ace = ace.with_flags(flags).with_object_types(object_types);
        let here = self.at.clone();
        if ace_type.is_conditional() || ace_type == AceType::SYSTEM_RESOURCE_ATTRIBUTE {
            self.at
                .expect(b';', "a semicolon and a condition or a claim", part)?;
            let data = if ace_type.is_conditional() {
                self.condition()?.to_bytes()?
            } else {
                self.claim()?.to_bytes()?
            };
            ace = ace
                .with_data(data)
                .map_err(|error| here.error(error.kind().clone(), part))?;
            self.at.skip_space();
        }
        self.at.expect(b')', "the end of the ACE", part)?;
        Ok((ace, was_object))
    }

    /// A SID or an alias that goes up to a byte for which `end` holds.
    pub(super) fn sid_until(&mut self, end: impl Fn(u8) -> bool, part: Part) -> Result<Sid, Error> {
        let start = self.at.offset();
        let text = self.at.take_until(|&b| end(b));
        sid(text, self.context)
            .map_err(|(kind, offset)| self.at.error_at(start + offset, kind, part))
    }

    fn ace_type(&mut self, acl: Option<Part>) -> Result<AceType, Error> {
        self.at.skip_space();
        let here = self.at.clone();
        let mut letters = [0; 2];
        let text = self.at.take_until(|&b| b == b';');
        let upper = letters.get_mut(..text.len()).and_then(|upper| {
            upper.copy_from_slice(text);
            upper.make_ascii_uppercase();
            AceType::from_letters(upper)
        });
        let Some(ace_type) = upper else {
            return Err(here.error(ErrorKind::Expected("an ACE type"), Part::Ace));
        };
        if acl.is_some_and(|acl| ace_type.is_discretionary() != (acl == Part::Dacl)) {
            return Err(here.error(ErrorKind::AceNotAllowedHere, Part::Ace));
        }
        self.at.expect(b';', "a semicolon", Part::Ace)?;
        Ok(ace_type)
    }

    /// Two letters in upper case, if there are two bytes.
    pub(super) fn letters(&self) -> Option<[u8; 2]> {
        let &[a, b, ..] = self.at.rest() else {
            return None;
        };
        Some([a.to_ascii_uppercase(), b.to_ascii_uppercase()])
    }

    fn ace_flags(&mut self, ace_type: AceType) -> Result<AceFlags, Error> {
        let mut flags = AceFlags::empty();
        self.at.skip_space();
        while !self.at.take(b';') {
            self.at.skip_space();
            flags |= if let Some((_, flag)) =
                ACE_FLAGS.iter().find(|(word, _)| self.at.take_word(word))
            {
                *flag
            } else if ace_type == AceType::SYSTEM_ACCESS_FILTER && self.at.take_word("TP") {
                AceFlags::SUCCESSFUL_ACCESS
            } else {
                return self.expected("ACE flags", Part::Ace);
            };
        }
        Ok(flags)
    }

    fn rights(&mut self, ace_type: AceType) -> Result<AccessMask, Error> {
        self.at.skip_space();
        if matches!(self.at.peek(), Some(b'0'..=b'9' | b'-' | b'+')) {
            return self.numeric_rights();
        }
        let mut mask = AccessMask::empty();
        while !self.at.take(b';') {
            // White space can stand in front of a right, not behind the last one.
            self.at.skip_space();
            let right = self
                .letters()
                .and_then(|right| AccessMask::from_letters(right, ace_type));
            let Some(right) = right else {
                return self.expected("access rights", Part::Ace);
            };
            mask |= right;
            self.at.advance(2);
        }
        Ok(mask)
    }

    /// A mask as C's `wcstoul` reads it: sign, `0x` or `0` for the base, held at 2³² − 1.
    fn numeric_rights(&mut self) -> Result<AccessMask, Error> {
        let negative = self.at.peek() == Some(b'-');
        if negative || self.at.peek() == Some(b'+') {
            self.at.advance(1);
        }
        let radix = match self.at.rest() {
            [b'0', b'x' | b'X', ..] => {
                self.at.advance(2);
                16
            }
            [b'0', ..] => 8,
            _ => 10,
        };
        let mut value = Some(0_u32);
        let start = self.at.offset();
        while let Some(digit) = self.at.peek().and_then(|b| char::from(b).to_digit(radix)) {
            value = value.and_then(|value| value.checked_mul(radix)?.checked_add(digit));
            self.at.advance(1);
        }
        if self.at.offset() == start || !self.at.take(b';') {
            return self.expected("a number and a semicolon", Part::Ace);
        }
        let bits = match value {
            None => u32::MAX,
            Some(value) if negative => value.wrapping_neg(),
            Some(value) => value,
        };
        Ok(AccessMask::from_bits_retain(bits))
    }

    fn guid(&mut self) -> Result<Option<Guid>, Error> {
        let here = self.at.clone();
        self.at.skip_space();
        if self.at.take(b';') {
            return Ok(None);
        }
        // White space is taken only where there is no GUID.
        self.at = here;
        let rest = self.at.rest();
        let guid = rest.get(..guid::TEXT_LENGTH).and_then(Guid::from_text);
        if guid.is_none() || rest.get(guid::TEXT_LENGTH) != Some(&b';') {
            return self.expected("a GUID without braces and a semicolon", Part::Ace);
        }
        self.at.advance(guid::TEXT_LENGTH + 1);
        Ok(guid)
    }
}

/// An ACL as Windows makes it of ACEs in text, each with whether it was written as an object ACE
/// without a GUID.
///
/// Windows reads `(OA;;GA;;;SY)` as an ordinary ACE, but has then counted it as an object ACE: the
/// ACL gets revision 4 and four zero bytes at its end. When it writes such an ACL as text, nothing
/// tells of that. All known ACLs of this kind (7 of 7) have an ACE without rights beside another
/// one of the same type, flags and SID, and no other known ACL has that: so such an ACE is taken
/// for one that was an object ACE.
fn as_windows_makes_it(aces: Vec<(Ace, bool)>) -> Acl {
    let (aces, counted): (Vec<_>, Vec<_>) = aces.into_iter().unzip();
    let twin =
        |a: &Ace, b: &Ace| (a.ace_type(), a.flags(), a.sid()) == (b.ace_type(), b.flags(), b.sid());
    let is_trace = |i: usize, ace: &Ace| {
        let neighbours = [i.checked_sub(1), i.checked_add(1)];
        ace.mask() == Some(AccessMask::empty())
            && matches!(
                ace.ace_type(),
                AceType::ACCESS_ALLOWED | AceType::ACCESS_DENIED
            )
            && neighbours
                .into_iter()
                .flatten()
                .any(|j| aces.get(j).is_some_and(|b| twin(ace, b)))
    };
    let spare = aces.iter().zip(counted).enumerate();
    let spare = spare
        .filter(|&(i, (ace, counted))| counted || is_trace(i, ace))
        .count();
    let mut acl = Acl::new(aces);
    if spare > 0 {
        acl.revision = 4;
        acl.slack.resize(4 * spare, 0);
    }
    acl
}
