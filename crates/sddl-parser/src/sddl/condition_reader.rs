//! Reading conditional expressions ([MS-DTYP] 2.5.1.1, `cond-expr`).

use alloc::string::String;
use alloc::vec::Vec;

use super::reader::Reader;
use crate::condition::{
    Attribute, AttributeSource, Condition, Integer, IntegerBase, IntegerSign, IntegerSize, Literal,
    MAX_DEPTH, MembershipOperator, Nested, Operand, RelationalOperator,
};
use crate::error::{Error, ErrorKind, Part};
use crate::sddl_context::SddlContext;
use crate::wide_string::WideString;

impl Condition {
    /// Reads a conditional expression with its parentheses, as it stands in an ACE.
    ///
    /// As in Windows, `&&` binds tighter than `||`, both go from left to right, and `!` needs
    /// parentheses behind it. Operators, and the prefixes of attributes, can have any case.
    ///
    /// # Errors
    /// What the grammar does not know; an alias of a domain that `context` does not know; a number
    /// of more than 64 bits; nesting deeper than 256 levels.
    pub fn from_sddl(text: &str, context: &SddlContext) -> Result<Self, Error> {
        let mut reader = Reader::new(text, context);
        let condition = reader.condition()?;
        reader.end(PART)?;
        Ok(condition)
    }
}

const PART: Part = Part::Condition;

/// Characters of every attribute name.
fn is_name_character(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b":./_".contains(&b)
}

/// Characters that names with a prefix have besides.
pub(super) fn is_literal_character(b: u8) -> bool {
    b"#$'*+-;?@[\\]^`{}~".contains(&b)
}

/// What stands in a pair of parentheses, as far as it was read.
struct Group {
    negated: bool,
    // What was joined by `||`, and what by `&&` since the last one.
    any: Option<Nested>,
    all: Option<Nested>,
}

impl Group {
    fn add(&mut self, term: Nested) {
        self.all = Some(match self.all.take() {
            None => term,
            Some(all) => all.and(term),
        });
    }

    fn end_of_and(&mut self) {
        self.any = match (self.any.take(), self.all.take()) {
            (Some(any), Some(all)) => Some(any.or(all)),
            (any, all) => any.or(all),
        };
    }

    /// The condition that it is; none without a term.
    fn close(mut self) -> Option<Nested> {
        self.end_of_and();
        self.any.map(|condition| {
            if self.negated {
                condition.not()
            } else {
                condition
            }
        })
    }
}

impl<'t> Reader<'t> {
    /// White space and the expression in its parentheses.
    ///
    /// Windows writes a chain of `&&` with as many parentheses as it has links, so they are kept
    /// on a stack of our own.
    pub(super) fn condition(&mut self) -> Result<Condition, Error> {
        self.at.skip_space();
        let mut groups = Vec::new();
        self.open(&mut groups, false)?;
        loop {
            self.at.skip_space();
            let negated = self.at.take(b'!');
            self.at.skip_space();
            if negated || self.at.peek() == Some(b'(') {
                self.open(&mut groups, negated)?;
                continue;
            }
            let mut term = Nested::leaf(self.comparison()?);
            // Puts the term where it belongs and closes what ends behind it.
            loop {
                let Some(group) = groups.last_mut() else {
                    return Ok(term.condition);
                };
                group.add(term);
                self.at.skip_space();
                if self.at.take_word("&&") {
                    break;
                }
                if self.at.take_word("||") {
                    group.end_of_and();
                    break;
                }
                self.at
                    .expect(b')', "a logical operator or a closing parenthesis", PART)?;
                let Some(closed) = groups.pop().and_then(Group::close) else {
                    return self.expected("a condition", PART);
                };
                if closed.depth > MAX_DEPTH {
                    return Err(self.at.error(ErrorKind::TooDeep, PART));
                }
                term = closed;
            }
        }
    }

    fn open(&mut self, groups: &mut Vec<Group>, negated: bool) -> Result<(), Error> {
        self.at.expect(b'(', "a condition in parentheses", PART)?;
        groups.push(Group {
            negated,
            any: None,
            all: None,
        });
        Ok(())
    }

    fn comparison(&mut self) -> Result<Condition, Error> {
        let word = self.word();
        if let Some(operator) = MembershipOperator::from_sddl(word) {
            self.at.advance(word.len());
            let sids = self.operand(Self::sids)?;
            return Ok(Condition::MemberOf { operator, sids });
        }
        for (name, exists) in [
            ("Exists", Condition::Exists as fn(_) -> _),
            ("Not_Exists", Condition::NotExists),
        ] {
            if word.eq_ignore_ascii_case(name.as_bytes()) {
                self.at.advance(word.len());
                return Ok(exists(self.operand(Self::attribute)?));
            }
        }
        let left = self.attribute()?;
        self.at.skip_space();
        let Some(operator) = self.relational_operator() else {
            return Ok(Condition::Attribute(left));
        };
        let right = self.operand(|reader| {
            if reader.at.peek() == Some(b'@') {
                reader.attribute().map(Operand::Attribute)
            } else {
                reader.literal().map(Operand::Literal)
            }
        })?;
        Ok(Condition::Compare {
            left,
            operator,
            right,
        })
    }

    /// The characters of names without prefix that stand here.
    fn word(&self) -> &'t [u8] {
        let rest = self.at.rest();
        rest.split(|&b| !is_name_character(b))
            .next()
            .unwrap_or_default()
    }

    fn relational_operator(&mut self) -> Option<RelationalOperator> {
        let word = match self.at.rest() {
            [b'=' | b'!' | b'<' | b'>', b'=', ..] => self.at.rest().get(..2)?,
            [b'<' | b'>', ..] => self.at.rest().get(..1)?,
            _ => self.word(),
        };
        let operator = RelationalOperator::from_sddl(word)?;
        self.at.advance(word.len());
        Some(operator)
    }

    /// An operand with the white space in front of it, perhaps in parentheses.
    fn operand<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        self.at.skip_space();
        let parentheses = self.at.take(b'(');
        if parentheses {
            self.at.skip_space();
        }
        let operand = read(self)?;
        if parentheses {
            self.at.skip_space();
            self.at.expect(b')', "a closing parenthesis", PART)?;
        }
        Ok(operand)
    }

    fn attribute(&mut self) -> Result<Attribute, Error> {
        let prefixes = [
            ("@User.", AttributeSource::User),
            ("@Device.", AttributeSource::Device),
            ("@Resource.", AttributeSource::Resource),
        ];
        let prefix = prefixes
            .iter()
            .find(|(prefix, _)| self.at.take_word(prefix));
        let name = match prefix {
            Some(_) => self.name(|b| is_name_character(b) || is_literal_character(b))?,
            // Nothing but a prefix begins with `@`.
            None if self.at.peek() == Some(b'@') => WideString::default(),
            None => self.name(|b| is_name_character(b) || b == b'@')?,
        };
        if name.is_empty() {
            return self.expected("an attribute", PART);
        }
        Ok(Attribute {
            source: prefix.map_or(AttributeSource::Local, |&(_, source)| source),
            name,
        })
    }

    /// A name of the characters that are `allowed`, of `%xxxx`, and of what is not ASCII.
    pub(super) fn name(&mut self, allowed: impl Fn(u8) -> bool) -> Result<WideString, Error> {
        let mut units = Vec::new();
        loop {
            let start = self.at.offset();
            let plain = self.at.take_until(|&b| b.is_ascii() && !allowed(b));
            // Cut at ASCII, so both ends are ends of characters.
            units.extend(
                core::str::from_utf8(plain)
                    .unwrap_or_default()
                    .encode_utf16(),
            );
            if !self.at.take(b'%') {
                return Ok(units.into());
            }
            let digits = self.at.rest().get(..4).unwrap_or_default();
            let unit = digits.iter().try_fold(0_u16, |unit, &b| {
                let digit = u16::try_from(char::from(b).to_digit(16)?).ok()?;
                Some(unit << 4 | digit)
            });
            let Some(unit) = unit.filter(|_| !digits.is_empty()) else {
                let kind = ErrorKind::Expected("% and four hexadecimal digits");
                return Err(self.at.error_at(start + plain.len(), kind, PART));
            };
            units.push(unit);
            self.at.advance(4);
        }
    }

    /// A SID or SIDs in braces.
    fn sids(&mut self) -> Result<Literal, Error> {
        if self.at.peek() == Some(b'{') {
            self.composite(Self::sid_literal)
        } else {
            self.sid_literal()
        }
    }

    fn literal(&mut self) -> Result<Literal, Error> {
        if self.at.peek() == Some(b'{') {
            self.composite(Self::scalar)
        } else {
            self.scalar()
        }
    }

    fn composite(
        &mut self,
        element: impl Fn(&mut Self) -> Result<Literal, Error>,
    ) -> Result<Literal, Error> {
        self.at.advance(1);
        let mut elements = Vec::new();
        loop {
            self.at.skip_space();
            elements.push(element(self)?);
            self.at.skip_space();
            if self.at.take(b'}') {
                return Ok(Literal::Composite(elements));
            }
            self.at.expect(b',', "a comma or a closing brace", PART)?;
        }
    }

    fn scalar(&mut self) -> Result<Literal, Error> {
        match self.at.peek() {
            Some(b'"') => self
                .string(PART)
                .map(|text| Literal::String(text.as_str().into())),
            Some(b'#') => {
                self.at.advance(1);
                self.octets(PART).map(Literal::Octets)
            }
            Some(b'0'..=b'9' | b'+' | b'-') => self.integer().map(Literal::Integer),
            _ => self.sid_literal(),
        }
    }

    fn sid_literal(&mut self) -> Result<Literal, Error> {
        if !self.at.take_word("SID(") {
            return self.expected("a value", PART);
        }
        self.at.skip_space();
        let sid = self.sid_until(|b| b == b')', PART)?;
        self.at.expect(b')', "a closing parenthesis", PART)?;
        Ok(Literal::Sid(sid))
    }

    /// A text in quotation marks; nothing in it is special.
    pub(super) fn string(&mut self, part: Part) -> Result<String, Error> {
        self.at.expect(b'"', "a text in quotation marks", part)?;
        let text = self.at.take_until(|&b| b == b'"');
        self.at.expect(b'"', "a closing quotation mark", part)?;
        // Cut at ASCII, so both ends are ends of characters.
        Ok(core::str::from_utf8(text).unwrap_or_default().into())
    }

    /// Pairs of hexadecimal digits, at least one; `#` is another zero.
    pub(super) fn octets(&mut self, part: Part) -> Result<Vec<u8>, Error> {
        let start = self.at.offset();
        let digits = self.at.take_until(|&b| b != b'#' && !b.is_ascii_hexdigit());
        let (pairs, rest) = digits.as_chunks::<2>();
        if !rest.is_empty() || pairs.is_empty() {
            let kind = ErrorKind::Expected("pairs of hexadecimal digits");
            return Err(self.at.error_at(start, kind, part));
        }
        let digit = |b: u8| {
            char::from(b)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        };
        let octet =
            |&[high, low]: &[u8; 2]| digit(high).unwrap_or(0) << 4 | digit(low).unwrap_or(0);
        Ok(pairs.iter().map(octet).collect())
    }

    fn integer(&mut self) -> Result<Integer, Error> {
        let start = self.at.clone();
        let (sign, base, magnitude) = self.number(PART)?;
        let value = i64::try_from(match sign {
            IntegerSign::Minus => -i128::from(magnitude),
            IntegerSign::Plus | IntegerSign::None => i128::from(magnitude),
        });
        let value = value.map_err(|_| start.error(ErrorKind::NumberOutOfRange, PART))?;
        Ok(Integer {
            value,
            sign,
            base,
            size: IntegerSize::Bits64,
        })
    }

    /// Sign, base and magnitude of a number: decimal, `0x` hexadecimal, `0` and more digits octal.
    pub(super) fn number(&mut self, part: Part) -> Result<(IntegerSign, IntegerBase, u64), Error> {
        let start = self.at.clone();
        let sign = match self.at.peek() {
            Some(b'+') => IntegerSign::Plus,
            Some(b'-') => IntegerSign::Minus,
            _ => IntegerSign::None,
        };
        self.at.advance(usize::from(sign != IntegerSign::None));
        let (base, radix, prefix) = match self.at.rest() {
            [b'0', b'x' | b'X', ..] => (IntegerBase::Hexadecimal, 16, 2),
            [b'0', b'0'..=b'9', ..] => (IntegerBase::Octal, 8, 1),
            _ => (IntegerBase::Decimal, 10, 0),
        };
        self.at.advance(prefix);
        let digits = self.at.take_until(|b| !b.is_ascii_alphanumeric());
        if digits.is_empty() || !digits.iter().all(|&b| char::from(b).is_digit(radix)) {
            return Err(start.error(ErrorKind::Expected("a number"), part));
        }
        let magnitude = digits.iter().try_fold(0_u64, |value, &b| {
            value
                .checked_mul(u64::from(radix))?
                .checked_add(char::from(b).to_digit(radix)?.into())
        });
        let magnitude = magnitude.ok_or_else(|| start.error(ErrorKind::NumberOutOfRange, part))?;
        Ok((sign, base, magnitude))
    }
}
