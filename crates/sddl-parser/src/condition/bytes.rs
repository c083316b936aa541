//! Conditions as bytes: `artx` and tokens in postfix order ([MS-DTYP] 2.4.4.17.4).

use alloc::vec::Vec;

use super::{
    Attribute, AttributeSource, Condition, Integer, IntegerBase, IntegerSign, IntegerSize, Literal,
    MAX_DEPTH, MembershipOperator, Nested, Operand, RelationalOperator,
};
use crate::ace::Ace;
use crate::bytes::{array, u32_at};
use crate::error::{Error, ErrorKind, Part};
use crate::sid::Sid;
use crate::wide_string::WideString;

const SIGNATURE: &[u8; 4] = b"artx";
const STRING: u8 = 0x10;
const OCTETS: u8 = 0x18;
const COMPOSITE: u8 = 0x50;
const SID: u8 = 0x51;
const EXISTS: u8 = 0x87;
const NOT_EXISTS: u8 = 0x8d;
const AND: u8 = 0xa0;
const OR: u8 = 0xa1;
const NOT: u8 = 0xa2;

impl Ace {
    /// The condition; `None` unless the type [is conditional](crate::AceType::is_conditional).
    ///
    /// # Errors
    /// As [`Condition::from_bytes`]; an application can put anything else in such an ACE.
    pub fn condition(&self) -> Result<Option<Condition>, Error> {
        self.ace_type()
            .is_conditional()
            .then(|| Condition::from_bytes(self.data()))
            .transpose()
    }

    /// With this condition behind the SID.
    ///
    /// # Errors
    /// As [`Condition::to_bytes`] and [`Ace::with_data`].
    pub fn with_condition(self, condition: &Condition) -> Result<Self, Error> {
        self.with_data(condition.to_bytes()?)
    }
}

impl Condition {
    /// Reads a condition with its signature `artx` and the zero bytes that fill its last word.
    ///
    /// # Errors
    /// Another signature, tokens that are unknown, cut off or do not fit each other, nesting
    /// deeper than 256 levels.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.first_chunk() != Some(SIGNATURE) {
            return Err(malformed("the signature artx", 0));
        }
        let mut reader = Reader {
            bytes,
            offset: SIGNATURE.len(),
        };
        let mut stack = Vec::new();
        while let Some(&token) = bytes.get(reader.offset) {
            if token == 0 && bytes.iter().skip(reader.offset).all(|&b| b == 0) {
                break;
            }
            let start = reader.offset;
            let entry = reader.token(token, &mut stack)?;
            if entry.depth() > MAX_DEPTH {
                return Err(Error::at(ErrorKind::TooDeep, Part::Condition, start));
            }
            stack.push(entry);
        }
        let last = stack.pop().and_then(Entry::into_condition);
        match last {
            Some(nested) if stack.is_empty() => Ok(nested.condition),
            _ => Err(malformed("one condition", reader.offset)),
        }
    }

    /// The bytes as they stand behind the SID of an ACE, filled up to a multiple of four.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] for an empty [`And`](Self::And) or [`Or`](Self::Or) and for a
    /// composite inside a composite, [`ErrorKind::TooDeep`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let mut out = SIGNATURE.to_vec();
        self.write(&mut out, MAX_DEPTH)?;
        out.resize(out.len().next_multiple_of(4), 0);
        Ok(out)
    }

    fn write(&self, out: &mut Vec<u8>, depth: usize) -> Result<(), Error> {
        let depth = depth
            .checked_sub(1)
            .ok_or_else(|| Error::new(ErrorKind::TooDeep, Part::Condition))?;
        match self {
            Self::Attribute(attribute) => write_attribute(attribute, out)?,
            Self::Exists(attribute) => {
                write_attribute(attribute, out)?;
                out.push(EXISTS);
            }
            Self::NotExists(attribute) => {
                write_attribute(attribute, out)?;
                out.push(NOT_EXISTS);
            }
            Self::MemberOf { operator, sids } => {
                write_literal(sids, out)?;
                out.push(*operator as u8);
            }
            Self::Compare {
                left,
                operator,
                right,
            } => {
                write_attribute(left, out)?;
                match right {
                    Operand::Attribute(attribute) => write_attribute(attribute, out)?,
                    Operand::Literal(literal) => write_literal(literal, out)?,
                }
                out.push(*operator as u8);
            }
            Self::Not(condition) => {
                condition.write(out, depth)?;
                out.push(NOT);
            }
            Self::And(list) | Self::Or(list) => {
                let token = if matches!(self, Self::And(_)) {
                    AND
                } else {
                    OR
                };
                let (first, rest) = list
                    .split_first()
                    .ok_or_else(|| unwritable("at least one condition"))?;
                first.write(out, depth)?;
                for condition in rest {
                    condition.write(out, depth)?;
                    out.push(token);
                }
            }
        }
        Ok(())
    }
}

fn malformed(expected: &'static str, offset: usize) -> Error {
    Error::at(ErrorKind::Malformed(expected), Part::Condition, offset)
}

fn unwritable(expected: &'static str) -> Error {
    Error::new(ErrorKind::Malformed(expected), Part::Condition)
}

/// Token, length in 32 bits, content.
fn write_sized(token: u8, size: usize, out: &mut Vec<u8>) -> Result<(), Error> {
    let size =
        u32::try_from(size).map_err(|_| Error::new(ErrorKind::TooLarge(size), Part::Condition))?;
    out.push(token);
    out.extend_from_slice(&size.to_le_bytes());
    Ok(())
}

fn write_attribute(attribute: &Attribute, out: &mut Vec<u8>) -> Result<(), Error> {
    let token = match attribute.source {
        AttributeSource::Local => 0xf8,
        AttributeSource::User => 0xf9,
        AttributeSource::Resource => 0xfa,
        AttributeSource::Device => 0xfb,
    };
    write_sized(token, attribute.name.size(), out)?;
    attribute.name.write_le_bytes(out);
    Ok(())
}

fn write_literal(literal: &Literal, out: &mut Vec<u8>) -> Result<(), Error> {
    let Literal::Composite(elements) = literal else {
        return write_scalar(literal, out);
    };
    let start = out.len();
    write_sized(COMPOSITE, 0, out)?;
    let content = out.len();
    elements
        .iter()
        .try_for_each(|element| write_scalar(element, out))?;
    let mut header = Vec::new();
    write_sized(COMPOSITE, out.len() - content, &mut header)?;
    out.splice(start..content, header);
    Ok(())
}

fn write_scalar(literal: &Literal, out: &mut Vec<u8>) -> Result<(), Error> {
    match literal {
        Literal::Integer(integer) => {
            out.push(integer.size as u8);
            out.extend_from_slice(&integer.value.to_le_bytes());
            out.extend_from_slice(&[integer.sign as u8, integer.base as u8]);
        }
        Literal::String(text) => {
            write_sized(STRING, text.size(), out)?;
            text.write_le_bytes(out);
        }
        Literal::Octets(octets) => {
            write_sized(OCTETS, octets.len(), out)?;
            out.extend_from_slice(octets);
        }
        Literal::Sid(sid) => {
            write_sized(SID, sid.size(), out)?;
            sid.write_bytes(out);
        }
        Literal::Composite(_) => return Err(unwritable("no composite inside a composite")),
    }
    Ok(())
}

/// What stands on the stack while tokens are read.
enum Entry {
    Attribute(Attribute),
    Literal(Literal),
    Condition(Nested),
}

impl Entry {
    fn leaf(condition: Condition) -> Self {
        Self::Condition(Nested::leaf(condition))
    }

    fn depth(&self) -> usize {
        if let Self::Condition(nested) = self {
            nested.depth
        } else {
            1
        }
    }

    /// As an operand of a logical operator.
    fn into_condition(self) -> Option<Nested> {
        match self {
            Self::Attribute(attribute) => Some(Nested::leaf(Condition::Attribute(attribute))),
            Self::Condition(nested) => Some(nested),
            Self::Literal(_) => None,
        }
    }

    fn into_attribute(self) -> Option<Attribute> {
        if let Self::Attribute(attribute) = self {
            Some(attribute)
        } else {
            None
        }
    }

    fn into_operand(self) -> Option<Operand> {
        match self {
            Self::Attribute(attribute) => Some(Operand::Attribute(attribute)),
            Self::Literal(literal) => Some(Operand::Literal(literal)),
            Self::Condition(_) => None,
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    /// Reads the token here and applies it to the stack.
    fn token(&mut self, token: u8, stack: &mut Vec<Entry>) -> Result<Entry, Error> {
        let start = self.offset;
        if let Some(source) = attribute_source(token) {
            self.offset += 1;
            let name = self.string()?;
            return Ok(Entry::Attribute(Attribute { source, name }));
        }
        if token == COMPOSITE {
            return self.composite().map(Entry::Literal);
        }
        if token < COMPOSITE || token == SID {
            return self.scalar().map(Entry::Literal);
        }
        self.offset += 1;
        operation(token, stack).ok_or_else(|| malformed("operands for this token", start))
    }

    fn take(&mut self, size: usize) -> Result<&'a [u8], Error> {
        let rest = self.bytes.get(self.offset..).unwrap_or_default();
        let taken = rest.get(..size).ok_or_else(|| {
            let kind = ErrorKind::Truncated {
                needed: size,
                available: rest.len(),
            };
            Error::at(kind, Part::Condition, self.offset)
        })?;
        self.offset += size;
        Ok(taken)
    }

    /// What follows its length in 32 bits.
    fn sized(&mut self) -> Result<&'a [u8], Error> {
        let size = u32_at(self.take(4)?, 0).unwrap_or_default();
        self.take(usize::try_from(size).unwrap_or(usize::MAX))
    }

    fn string(&mut self) -> Result<WideString, Error> {
        let start = self.offset;
        WideString::from_le_bytes(self.sized()?)
            .ok_or_else(|| malformed("an even number of bytes in a string", start))
    }

    fn scalar(&mut self) -> Result<Literal, Error> {
        let start = self.offset;
        let token = self.take(1)?.first().copied().unwrap_or_default();
        if let Some(size) = integer_size(token) {
            let bytes = self.take(10)?;
            let value = array(bytes, 0).map(i64::from_le_bytes).unwrap_or_default();
            let notation = bytes.get(8).zip(bytes.get(9));
            let notation = notation.and_then(|(&s, &b)| integer_sign(s).zip(integer_base(b)));
            let (sign, base) =
                notation.ok_or_else(|| malformed("a known sign and base of a number", start))?;
            return Ok(Literal::Integer(Integer {
                value,
                sign,
                base,
                size,
            }));
        }
        match token {
            STRING => self.string().map(Literal::String),
            OCTETS => self.sized().map(|octets| Literal::Octets(octets.to_vec())),
            SID => {
                let at = self.offset + 4;
                let sid = Sid::from_bytes(self.sized()?);
                sid.map(Literal::Sid)
                    .map_err(|e| e.nested(at).about(Part::Condition))
            }
            _ => Err(malformed("a value", start)),
        }
    }

    fn composite(&mut self) -> Result<Literal, Error> {
        self.take(1)?;
        let at = self.offset + 4;
        let mut inner = Reader {
            bytes: self.sized()?,
            offset: 0,
        };
        let mut elements = Vec::new();
        while inner.offset < inner.bytes.len() {
            elements.push(inner.scalar().map_err(|error| error.nested(at))?);
        }
        Ok(Literal::Composite(elements))
    }
}

fn operation(token: u8, stack: &mut Vec<Entry>) -> Option<Entry> {
    if let Some(operator) = RelationalOperator::from_token(token) {
        let right = stack.pop()?.into_operand()?;
        let left = stack.pop()?.into_attribute()?;
        return Some(Entry::leaf(Condition::Compare {
            left,
            operator,
            right,
        }));
    }
    if let Some(operator) = MembershipOperator::from_token(token) {
        let Entry::Literal(sids) = stack.pop()? else {
            return None;
        };
        return Some(Entry::leaf(Condition::MemberOf { operator, sids }));
    }
    let condition = match token {
        EXISTS => Nested::leaf(Condition::Exists(stack.pop()?.into_attribute()?)),
        NOT_EXISTS => Nested::leaf(Condition::NotExists(stack.pop()?.into_attribute()?)),
        NOT => stack.pop()?.into_condition()?.not(),
        AND | OR => {
            let last = stack.pop()?.into_condition()?;
            let first = stack.pop()?.into_condition()?;
            if token == AND {
                first.and(last)
            } else {
                first.or(last)
            }
        }
        _ => return None,
    };
    Some(Entry::Condition(condition))
}

fn attribute_source(token: u8) -> Option<AttributeSource> {
    Some(match token {
        0xf8 => AttributeSource::Local,
        0xf9 => AttributeSource::User,
        0xfa => AttributeSource::Resource,
        0xfb => AttributeSource::Device,
        _ => return None,
    })
}

fn integer_size(token: u8) -> Option<IntegerSize> {
    Some(match token {
        1 => IntegerSize::Bits8,
        2 => IntegerSize::Bits16,
        3 => IntegerSize::Bits32,
        4 => IntegerSize::Bits64,
        _ => return None,
    })
}

fn integer_sign(code: u8) -> Option<IntegerSign> {
    Some(match code {
        1 => IntegerSign::Plus,
        2 => IntegerSign::Minus,
        3 => IntegerSign::None,
        _ => return None,
    })
}

fn integer_base(code: u8) -> Option<IntegerBase> {
    Some(match code {
        1 => IntegerBase::Octal,
        2 => IntegerBase::Decimal,
        3 => IntegerBase::Hexadecimal,
        _ => return None,
    })
}
