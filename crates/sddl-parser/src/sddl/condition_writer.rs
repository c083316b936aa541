//! Writing conditional expressions.

use alloc::string::{String, ToString};
use core::fmt::Write;

use super::condition_reader::is_literal_character;
use super::writer::{infallible, write_sid};
use crate::condition::{
    Attribute, AttributeSource, Condition, Integer, IntegerBase, IntegerSign, Literal, MAX_DEPTH,
    MembershipOperator, Operand,
};
use crate::error::{Error, ErrorKind, Part};
use crate::sddl_context::SddlContext;
use crate::wide_string::WideString;

impl Condition {
    /// Writes the expression as Windows does: parentheses around every part of it, prefixes of
    /// attributes in upper case, characters of a name that could be mistaken as `%xxxx`.
    ///
    /// # Errors
    /// [`ErrorKind::NoTextForm`] for an empty list, composite or octet string and a composite in a
    /// composite, which Windows does not write either, and for a string with a quotation mark or
    /// one that is not UTF-16; [`ErrorKind::TooDeep`].
    pub fn to_sddl(&self, context: &SddlContext) -> Result<String, Error> {
        let mut out = String::new();
        write_condition(&mut out, self, context, MAX_DEPTH)?;
        Ok(out)
    }
}

fn no_text_form() -> Error {
    Error::new(ErrorKind::NoTextForm, Part::Condition)
}

pub(super) fn write_condition(
    out: &mut String,
    condition: &Condition,
    context: &SddlContext,
    depth: usize,
) -> Result<(), Error> {
    let depth = depth
        .checked_sub(1)
        .ok_or_else(|| Error::new(ErrorKind::TooDeep, Part::Condition))?;
    let (list, operator) = match condition {
        Condition::And(list) => (list, " && "),
        Condition::Or(list) => (list, " || "),
        _ => {
            out.push('(');
            write_simple(out, condition, context, depth)?;
            out.push(')');
            return Ok(());
        }
    };
    let (first, rest) = list.split_first().ok_or_else(no_text_form)?;
    // `((a && b) && c)`: the chain goes from left to right.
    out.extend(rest.iter().map(|_| '('));
    write_condition(out, first, context, depth)?;
    for condition in rest {
        out.push_str(operator);
        write_condition(out, condition, context, depth)?;
        out.push(')');
    }
    Ok(())
}

/// Everything but lists, without the parentheses.
fn write_simple(
    out: &mut String,
    condition: &Condition,
    context: &SddlContext,
    depth: usize,
) -> Result<(), Error> {
    match condition {
        Condition::Attribute(attribute) => write_attribute(out, attribute),
        Condition::Exists(attribute) => {
            out.push_str("Exists ");
            write_attribute(out, attribute);
        }
        Condition::NotExists(attribute) => {
            out.push_str("Not_Exists ");
            write_attribute(out, attribute);
        }
        Condition::MemberOf { operator, sids } => {
            out.push_str(operator.sddl());
            out.push(' ');
            write_literal(out, sids, context)?;
        }
        Condition::Compare {
            left,
            operator,
            right,
        } => {
            write_attribute(out, left);
            out.push(' ');
            out.push_str(operator.sddl());
            out.push(' ');
            match right {
                Operand::Attribute(attribute) => write_attribute(out, attribute),
                Operand::Literal(literal) => write_literal(out, literal, context)?,
            }
        }
        Condition::Not(condition) => {
            out.push('!');
            write_condition(out, condition, context, depth)?;
        }
        Condition::And(_) | Condition::Or(_) => write_condition(out, condition, context, depth)?,
    }
    Ok(())
}

fn write_attribute(out: &mut String, attribute: &Attribute) {
    out.push_str(match attribute.source {
        AttributeSource::Local => "",
        AttributeSource::User => "@USER.",
        AttributeSource::Device => "@DEVICE.",
        AttributeSource::Resource => "@RESOURCE.",
    });
    let local = attribute.source == AttributeSource::Local;
    let mut name = attribute.name.clone();
    if let (true, Some((first, rest))) = (local && is_operator(&name), name.units().split_first()) {
        // Without prefix it would be read as an operator.
        infallible(write!(out, "%{first:04x}"));
        name = rest.to_vec().into();
    }
    write_name(out, &name, |c| {
        // A name without prefix is written as it is, as far as it can be read again.
        if local {
            !c.is_ascii() || c == '@'
        } else {
            is_literal(c)
        }
    });
}

/// Whether a name without prefix is that of an operator in front of its operand.
fn is_operator(name: &WideString) -> bool {
    let name = name.to_string();
    MembershipOperator::from_sddl(name.as_bytes()).is_some()
        || ["Exists", "Not_Exists"]
            .iter()
            .any(|exists| name.eq_ignore_ascii_case(exists))
}

/// A character that needs no escape in a name with a prefix.
pub(super) fn is_literal(c: char) -> bool {
    u8::try_from(c).is_ok_and(is_literal_character)
}

/// Writes a name; what is neither a plain character nor `also_plain` becomes `%xxxx`.
pub(super) fn write_name(out: &mut String, name: &WideString, also_plain: impl Fn(char) -> bool) {
    for (i, c) in char::decode_utf16(name.units().iter().copied()).enumerate() {
        match c {
            Ok(c) if c.is_ascii_alphanumeric() || ":./_".contains(c) => out.push(c),
            Ok(c) if also_plain(c) && (c != '@' || i > 0) => out.push(c),
            Ok(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    infallible(write!(out, "%{unit:04x}"));
                }
            }
            Err(lone) => infallible(write!(out, "%{:04x}", lone.unpaired_surrogate())),
        }
    }
}

fn write_literal(out: &mut String, literal: &Literal, context: &SddlContext) -> Result<(), Error> {
    let Literal::Composite(elements) = literal else {
        return write_scalar(out, literal, context);
    };
    if elements.is_empty() {
        return Err(no_text_form());
    }
    out.push('{');
    for (i, element) in elements.iter().enumerate() {
        out.push_str(if i > 0 { ", " } else { "" });
        write_scalar(out, element, context)?;
    }
    out.push('}');
    Ok(())
}

fn write_scalar(out: &mut String, literal: &Literal, context: &SddlContext) -> Result<(), Error> {
    match literal {
        Literal::Integer(integer) => write_integer(out, *integer),
        Literal::String(text) => write_string(out, text, Part::Condition)?,
        Literal::Octets(octets) if !octets.is_empty() => {
            out.push('#');
            write_octets(out, octets);
        }
        Literal::Sid(sid) => {
            out.push_str("SID(");
            write_sid(out, sid, context);
            out.push(')');
        }
        Literal::Composite(_) | Literal::Octets(_) => return Err(no_text_form()),
    }
    Ok(())
}

fn write_integer(out: &mut String, integer: Integer) {
    // The sign is a notation of its own: without one, Windows prints the 64 bits as they are.
    let magnitude = match integer.sign {
        IntegerSign::Minus => integer.value.wrapping_neg(),
        IntegerSign::Plus | IntegerSign::None => integer.value,
    }
    .cast_unsigned();
    out.push_str(match integer.sign {
        IntegerSign::Plus => "+",
        IntegerSign::Minus => "-",
        IntegerSign::None => "",
    });
    infallible(match integer.base {
        IntegerBase::Octal => write!(out, "0{magnitude:o}"),
        IntegerBase::Decimal => write!(out, "{magnitude}"),
        IntegerBase::Hexadecimal => write!(out, "{magnitude:#x}"),
    });
}

pub(super) fn write_octets(out: &mut String, octets: &[u8]) {
    for octet in octets {
        infallible(write!(out, "{octet:02x}"));
    }
}

pub(super) fn write_string(out: &mut String, text: &WideString, part: Part) -> Result<(), Error> {
    out.push('"');
    for c in char::decode_utf16(text.units().iter().copied()) {
        match c {
            Ok('"') | Err(_) => return Err(Error::new(ErrorKind::NoTextForm, part)),
            Ok(c) => out.push(c),
        }
    }
    out.push('"');
    Ok(())
}
