//! Claims as text: the data of a resource attribute ACE ([MS-DTYP] 2.5.1.1, `attribute-data`).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use super::condition_writer::{is_literal, write_name, write_octets, write_string};
use super::reader::Reader;
use super::writer::{infallible, write_sid};
use crate::claim::{Claim, ClaimValues};
use crate::condition::IntegerSign;
use crate::error::{Error, ErrorKind, Part};
use crate::sddl_context::SddlContext;

const PART: Part = Part::ResourceAttribute;

impl Claim {
    /// Reads a claim with its parentheses, as it stands in a resource attribute ACE.
    ///
    /// # Errors
    /// What the grammar does not know; a number out of the range of its type.
    pub fn from_sddl(text: &str, context: &SddlContext) -> Result<Self, Error> {
        let mut reader = Reader::new(text, context);
        let claim = reader.claim()?;
        reader.end(PART)?;
        Ok(claim)
    }

    /// Writes the claim with its parentheses.
    ///
    /// # Errors
    /// [`ErrorKind::NoTextForm`] for an empty octet string, and for a string with a quotation mark
    /// or one that is not UTF-16.
    pub fn to_sddl(&self, context: &SddlContext) -> Result<String, Error> {
        let mut out = String::new();
        write_claim(&mut out, self, context)?;
        Ok(out)
    }
}

impl Reader<'_> {
    /// White space and the claim in its parentheses.
    pub(super) fn claim(&mut self) -> Result<Claim, Error> {
        self.at.skip_space();
        self.at.expect(b'(', "a claim in parentheses", PART)?;
        self.at.skip_space();
        self.at.expect(b'"', "a name in quotation marks", PART)?;
        // Windows writes `%xxxx` for what is not plain; in quotation marks all is clear without.
        let name = self.name(|b| b != b'"' && b != b'%' && b != 0)?;
        self.at.expect(b'"', "a closing quotation mark", PART)?;
        if name.is_empty() || name.units().contains(&0) {
            return self.expected("a name without NUL", PART);
        }
        self.comma()?;
        let here = self.at.clone();
        let letters = self.letters();
        self.at.advance(2);
        self.comma()?;
        let flags = self.unsigned()?;
        let flags = u32::try_from(flags).or_else(|_| self.out_of_range())?;
        let values = match letters.as_ref() {
            Some(b"TI") => ClaimValues::Int64(self.values(Self::signed)?),
            Some(b"TU") => ClaimValues::Uint64(self.values(Self::unsigned)?),
            Some(b"TS") => ClaimValues::Strings(self.values(|reader| {
                let text = reader.string(PART)?;
                if text.contains('\0') {
                    return reader.expected("a text without NUL", PART);
                }
                Ok(text.as_str().into())
            })?),
            Some(b"TD") => ClaimValues::Sids(
                self.values(|reader| reader.sid_until(|b| matches!(b, b',' | b')'), PART))?,
            ),
            Some(b"TB") => ClaimValues::Booleans(self.values(Self::boolean)?),
            Some(b"TX") => ClaimValues::Octets(self.values(|reader| reader.octets(PART))?),
            _ => {
                let kind = ErrorKind::Expected("TI, TU, TS, TD, TB or TX");
                return Err(here.error(kind, PART));
            }
        };
        self.at
            .expect(b')', "a comma or a closing parenthesis", PART)?;
        Ok(Claim {
            name,
            flags,
            values,
        })
    }

    fn comma(&mut self) -> Result<(), Error> {
        self.at.skip_space();
        self.at.expect(b',', "a comma", PART)?;
        self.at.skip_space();
        Ok(())
    }

    /// Values, each with a comma in front of it.
    fn values<T>(
        &mut self,
        value: impl Fn(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut values = Vec::new();
        loop {
            self.at.skip_space();
            if !self.at.take(b',') {
                return Ok(values);
            }
            self.at.skip_space();
            values.push(value(self)?);
        }
    }

    fn out_of_range<T>(&self) -> Result<T, Error> {
        Err(self.at.error(ErrorKind::NumberOutOfRange, PART))
    }

    fn signed(&mut self) -> Result<i64, Error> {
        let (sign, _, magnitude) = self.number(PART)?;
        let value = i128::from(magnitude);
        let value = if sign == IntegerSign::Minus {
            -value
        } else {
            value
        };
        i64::try_from(value).or_else(|_| self.out_of_range())
    }

    fn unsigned(&mut self) -> Result<u64, Error> {
        match self.number(PART)? {
            (IntegerSign::Minus, _, 1..) => self.out_of_range(),
            (_, _, magnitude) => Ok(magnitude),
        }
    }

    fn boolean(&mut self) -> Result<bool, Error> {
        match self.unsigned()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => self.out_of_range(),
        }
    }
}

pub(super) fn write_claim(
    out: &mut String,
    claim: &Claim,
    context: &SddlContext,
) -> Result<(), Error> {
    out.push_str("(\"");
    write_name(out, &claim.name, is_literal);
    let letters = match &claim.values {
        ClaimValues::Int64(_) => "TI",
        ClaimValues::Uint64(_) => "TU",
        ClaimValues::Strings(_) => "TS",
        ClaimValues::Sids(_) => "TD",
        ClaimValues::Booleans(_) => "TB",
        ClaimValues::Octets(_) => "TX",
    };
    infallible(write!(out, "\",{letters},{:#x}", claim.flags));
    match &claim.values {
        ClaimValues::Int64(values) => {
            for value in values {
                infallible(write!(out, ",{value}"));
            }
        }
        ClaimValues::Uint64(values) => {
            for value in values {
                infallible(write!(out, ",{value}"));
            }
        }
        ClaimValues::Strings(values) => {
            for value in values {
                out.push(',');
                write_string(out, value, PART)?;
            }
        }
        ClaimValues::Sids(values) => {
            for value in values {
                out.push(',');
                write_sid(out, value, context);
            }
        }
        ClaimValues::Booleans(values) => {
            for &value in values {
                out.push_str(if value { ",1" } else { ",0" });
            }
        }
        ClaimValues::Octets(values) => {
            for value in values {
                if value.is_empty() {
                    return Err(Error::new(ErrorKind::NoTextForm, PART));
                }
                out.push(',');
                write_octets(out, value);
            }
        }
    }
    out.push(')');
    Ok(())
}
