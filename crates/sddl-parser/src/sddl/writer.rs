//! Writing SDDL text.

use alloc::string::String;
use core::fmt;

use super::claim_text::write_claim;
use super::condition_writer::write_condition;
use super::flags::{ACE_FLAGS, acl_flags};
use crate::access_mask::AccessMask;
use crate::ace::{Ace, AceFlags};
use crate::ace_type::AceType;
use crate::acl::Acl;
use crate::condition::MAX_DEPTH;
use crate::control::Control;
use crate::error::{Error, ErrorKind, Part};
use crate::sddl_context::SddlContext;
use crate::security_descriptor::SecurityDescriptor;
use crate::sid::Sid;

impl SecurityDescriptor {
    /// Writes SDDL as Windows does: owner, group, DACL, SACL, each where there is one; aliases
    /// where there are some in `context`; rights from the lowest bit up.
    ///
    /// SDDL has no place for reserved fields, slack and the default flags: they are not written. An
    /// object ACE without a GUID is written as one, though Windows reads it as an ordinary one.
    ///
    /// # Errors
    /// [`ErrorKind::NoTextForm`] with an ACE of a type that SDDL does not know, or a condition or a
    /// claim that cannot be written; [`ErrorKind::Malformed`] and others where their bytes are broken.
    pub fn to_sddl(&self, context: &SddlContext) -> Result<String, Error> {
        // Text is seldom three times as long as the bytes.
        let mut out = String::with_capacity(3 * self.size());
        for (letter, sid) in [("O:", self.owner()), ("G:", self.group())] {
            if let Some(sid) = sid {
                out.push_str(letter);
                write_sid(&mut out, sid, context);
            }
        }
        if self.control().contains(Control::DACL_PRESENT) {
            out.push_str("D:");
            let flags = acl_flags(Part::Dacl);
            write_acl(&mut out, self.dacl(), self.control(), &flags, context)?;
        }
        if self.control().contains(Control::SACL_PRESENT) {
            out.push_str("S:");
            let flags = acl_flags(Part::Sacl);
            write_acl(&mut out, self.sacl(), self.control(), &flags, context)?;
        }
        Ok(out)
    }
}

impl Ace {
    /// Writes the ACE with its parentheses, as [`SecurityDescriptor::to_sddl`] does.
    ///
    /// # Errors
    /// As there.
    pub fn to_sddl(&self, context: &SddlContext) -> Result<String, Error> {
        let mut out = String::new();
        write_ace(&mut out, self, context)?;
        Ok(out)
    }
}

/// Writing into a `String` cannot fail.
pub(super) fn infallible(result: fmt::Result) {
    debug_assert!(result.is_ok());
}

pub(super) fn write_sid(out: &mut String, sid: &Sid, context: &SddlContext) {
    match context.alias(sid) {
        Some(alias) => out.push_str(alias),
        None => infallible(sid.write_text(out)),
    }
}

fn write_acl(
    out: &mut String,
    acl: Option<&Acl>,
    control: Control,
    flags: &[(&str, Control)],
    context: &SddlContext,
) -> Result<(), Error> {
    for (letters, _) in flags.iter().filter(|&&(_, flag)| control.contains(flag)) {
        out.push_str(letters);
    }
    let Some(acl) = acl else {
        out.push_str("NO_ACCESS_CONTROL");
        return Ok(());
    };
    acl.aces
        .iter()
        .try_for_each(|ace| write_ace(out, ace, context))
}

fn write_ace(out: &mut String, ace: &Ace, context: &SddlContext) -> Result<(), Error> {
    let ace_type = ace.ace_type();
    let (Some(letters), Some(sid)) = (ace_type.sddl(), ace.sid()) else {
        return Err(Error::new(ErrorKind::NoTextForm, Part::Ace));
    };
    out.push('(');
    out.push_str(letters);
    out.push(';');
    for (letters, flag) in ACE_FLAGS
        .iter()
        .filter(|&&(_, flag)| ace.flags().contains(flag))
    {
        let trust_protected =
            ace_type == AceType::SYSTEM_ACCESS_FILTER && *flag == AceFlags::SUCCESSFUL_ACCESS;
        out.push_str(if trust_protected { "TP" } else { letters });
    }
    out.push(';');
    let mask = ace.mask().unwrap_or(AccessMask::empty());
    infallible(mask.write_letters(out, ace_type, context.object_type()));
    out.push(';');
    let types = ace.object_types().unwrap_or_default();
    for guid in [types.object_type, types.inherited_object_type] {
        if let Some(guid) = guid {
            out.push_str(core::str::from_utf8(&guid.to_text()).unwrap_or_default());
        }
        out.push(';');
    }
    write_sid(out, sid, context);
    if let Some(condition) = ace.condition()? {
        out.push(';');
        write_condition(out, &condition, context, MAX_DEPTH)?;
    }
    if let Some(claim) = ace.claim()? {
        out.push(';');
        write_claim(out, &claim, context)?;
    }
    out.push(')');
    Ok(())
}
