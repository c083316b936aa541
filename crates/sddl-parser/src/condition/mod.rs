//! Conditional expressions ([MS-DTYP] 2.4.4.17).

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::sid::Sid;
use crate::wide_string::WideString;

mod bytes;
mod evaluate;

pub use evaluate::{Claims, Ternary};

/// How deep conditions may be nested; chains of `&&` and `||` are not nested.
pub(crate) const MAX_DEPTH: usize = 256;

/// The condition of a callback ACE.
///
/// ```
/// use sddl_parser::{Attribute, AttributeSource, Condition, Literal, RelationalOperator, SddlContext};
///
/// let context = SddlContext::new();
/// let in_sales = Condition::Compare {
///     left: Attribute::new(AttributeSource::User, "Division"),
///     operator: RelationalOperator::Equal,
///     right: Literal::String("Sales".into()).into(),
/// };
/// let condition = Condition::Not(Box::new(in_sales));
/// assert_eq!(condition.to_sddl(&context)?, r#"(!(@USER.Division == "Sales"))"#);
/// assert_eq!(Condition::from_sddl(r#"(!(@User.Division=="Sales"))"#, &context)?, condition);
/// assert_eq!(Condition::from_bytes(&condition.to_bytes()?)?, condition);
/// # Ok::<(), sddl_parser::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// Whether the attribute has a value that is neither zero nor empty.
    Attribute(Attribute),
    /// Whether the attribute exists.
    Exists(Attribute),
    /// Whether it does not.
    NotExists(Attribute),
    /// Whether the user or the device is in groups.
    MemberOf {
        /// Who, and in how many of them.
        operator: MembershipOperator,
        /// A SID or a composite of SIDs.
        sids: Literal,
    },
    /// Compares an attribute.
    Compare {
        /// The attribute.
        left: Attribute,
        /// How.
        operator: RelationalOperator,
        /// What with.
        right: Operand,
    },
    /// The contrary.
    Not(Box<Condition>),
    /// All of them, at least one. `a && b && c` is one list of three; a list at the head of a list
    /// means the same and is read back as one.
    And(Vec<Condition>),
    /// Any of them, at least one. As [`And`](Self::And).
    Or(Vec<Condition>),
}

/// Where the value of an attribute comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttributeSource {
    /// From the application that asks: a name without prefix.
    Local,
    /// `@User.`: a claim of the user.
    User,
    /// `@Device.`: a claim of the device.
    Device,
    /// `@Resource.`: a resource attribute ACE.
    Resource,
}

/// The name of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Attribute {
    /// Where its value comes from.
    pub source: AttributeSource,
    /// Its name. Upper and lower case are the same.
    pub name: WideString,
}

impl Attribute {
    /// The attribute of this name.
    pub fn new(source: AttributeSource, name: &str) -> Self {
        Self {
            source,
            name: name.into(),
        }
    }
}

/// The right side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// Another attribute.
    Attribute(Attribute),
    /// A value.
    Literal(Literal),
}

impl From<Literal> for Operand {
    fn from(literal: Literal) -> Self {
        Self::Literal(literal)
    }
}

impl From<Attribute> for Operand {
    fn from(attribute: Attribute) -> Self {
        Self::Attribute(attribute)
    }
}

/// A value in a condition ([MS-DTYP] 2.4.4.17.5).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Literal {
    /// A number.
    Integer(Integer),
    /// A text.
    String(WideString),
    /// Bytes.
    Octets(Vec<u8>),
    /// A SID.
    Sid(Sid),
    /// Several values. A composite inside a composite is refused.
    Composite(Vec<Literal>),
}

/// A number and the way in which it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Integer {
    /// The number.
    pub value: i64,
    /// The sign in the text.
    pub sign: IntegerSign,
    /// The base in the text.
    pub base: IntegerBase,
    /// The size that is noted in the bytes, though the value always has 64 bits there.
    pub size: IntegerSize,
}

impl From<i64> for Integer {
    /// In decimal, with a sign if it is negative, noted as 64 bits.
    fn from(value: i64) -> Self {
        let sign = if value < 0 {
            IntegerSign::Minus
        } else {
            IntegerSign::None
        };
        Self {
            value,
            sign,
            base: IntegerBase::Decimal,
            size: IntegerSize::Bits64,
        }
    }
}

/// The sign in front of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum IntegerSign {
    /// `+`
    Plus = 1,
    /// `-`
    Minus = 2,
    /// No sign.
    None = 3,
}

/// The base of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum IntegerBase {
    /// `0…`
    Octal = 1,
    /// Without prefix.
    Decimal = 2,
    /// `0x…`
    Hexadecimal = 3,
}

/// The size noted with a number. Text is always read as 64 bits, as Windows does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum IntegerSize {
    Bits8 = 1,
    Bits16 = 2,
    Bits32 = 3,
    Bits64 = 4,
}

/// Names of an operator type: variant, token in the bytes, spelling in text.
macro_rules! operators {
    ($(#[$type_doc:meta])* $type:ident { $($(#[$doc:meta])* $name:ident = $token:literal $text:literal,)* }) => {
        $(#[$type_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum $type {
            $($(#[$doc])* $name = $token,)*
        }

        impl $type {
            /// As Windows spells it. Reading does not tell upper and lower case apart.
            pub fn sddl(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            pub(crate) fn from_token(token: u8) -> Option<Self> {
                match token {
                    $($token => Some(Self::$name),)*
                    _ => None,
                }
            }

            pub(crate) fn from_sddl(text: &[u8]) -> Option<Self> {
                [$(Self::$name),*]
                    .into_iter()
                    .find(|operator| operator.sddl().as_bytes().eq_ignore_ascii_case(text))
            }
        }
    };
}

operators! {
    /// The operators that compare ([MS-DTYP] 2.4.4.17.6).
    RelationalOperator {
        /// `==`: both have the same values.
        Equal = 0x80 "==",
        /// `!=`: they do not.
        NotEqual = 0x81 "!=",
        /// `<`
        Less = 0x82 "<",
        /// `<=`
        LessOrEqual = 0x83 "<=",
        /// `>`
        Greater = 0x84 ">",
        /// `>=`
        GreaterOrEqual = 0x85 ">=",
        /// `Contains`: the left side has all values of the right one.
        Contains = 0x86 "Contains",
        /// `Any_of`: the right side has any value of the left one.
        AnyOf = 0x88 "Any_of",
        /// `Not_Contains`
        NotContains = 0x8e "Not_Contains",
        /// `Not_Any_of`
        NotAnyOf = 0x8f "Not_Any_of",
    }
}

operators! {
    /// The operators about groups ([MS-DTYP] 2.4.4.17.6).
    MembershipOperator {
        /// The user is in all of them.
        MemberOf = 0x89 "Member_of",
        /// The device is in all of them.
        DeviceMemberOf = 0x8a "Device_Member_of",
        /// The user is in any of them.
        MemberOfAny = 0x8b "Member_of_any",
        /// The device is in any of them.
        DeviceMemberOfAny = 0x8c "Device_Member_of_any",
        /// The user is not in all of them.
        NotMemberOf = 0x90 "Not_Member_of",
        /// The device is not in all of them.
        NotDeviceMemberOf = 0x91 "Not_Device_Member_of",
        /// The user is in none of them.
        NotMemberOfAny = 0x92 "Not_Member_of_any",
        /// The device is in none of them.
        NotDeviceMemberOfAny = 0x93 "Not_Device_Member_of_any",
    }
}

impl Condition {
    /// This and the other: a list that grows at its end, so that a chain is not nested.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::And(mut list) => {
                list.push(other);
                Self::And(list)
            }
            first => Self::And([first, other].into()),
        }
    }

    /// This or the other. As [`and`](Self::and).
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Or(mut list) => {
                list.push(other);
                Self::Or(list)
            }
            first => Self::Or([first, other].into()),
        }
    }
}

/// A condition with how deep it is nested, while it is read.
pub(crate) struct Nested {
    pub(crate) condition: Condition,
    pub(crate) depth: usize,
}

impl Nested {
    /// A condition without conditions inside.
    pub(crate) fn leaf(condition: Condition) -> Self {
        Self {
            condition,
            depth: 1,
        }
    }

    pub(crate) fn not(self) -> Self {
        Self {
            condition: Condition::Not(Box::new(self.condition)),
            depth: self.depth + 1,
        }
    }

    pub(crate) fn and(self, last: Self) -> Self {
        let grows = matches!(self.condition, Condition::And(_));
        let depth = self.depth_with(&last, grows);
        Self {
            condition: self.condition.and(last.condition),
            depth,
        }
    }

    pub(crate) fn or(self, last: Self) -> Self {
        let grows = matches!(self.condition, Condition::Or(_));
        let depth = self.depth_with(&last, grows);
        Self {
            condition: self.condition.or(last.condition),
            depth,
        }
    }

    /// The depth of a list of both; one that grows at its end is not nested.
    fn depth_with(&self, last: &Self, grows: bool) -> usize {
        let first = if grows { self.depth } else { self.depth + 1 };
        first.max(last.depth + 1)
    }
}
