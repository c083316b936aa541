//! Evaluation of conditions ([MS-DTYP] 2.5.3.1.5 and 2.4.4.17.6).

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::Not;

use super::{
    Attribute, AttributeSource, Condition, Literal, MembershipOperator, Operand, RelationalOperator,
};
use crate::claim::{Claim, ClaimValues};
use crate::sid::Sid;
use crate::wide_string::WideString;

/// True, false, or neither: what a condition gives when an attribute is missing or values cannot
/// be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ternary {
    /// It holds.
    True,
    /// It does not.
    False,
    /// It cannot be told.
    Unknown,
}

impl From<bool> for Ternary {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl Not for Ternary {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

/// What a condition is evaluated against.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// Attributes without prefix, given by the application.
    pub local: Vec<Claim>,
    /// `@User.`
    pub user: Vec<Claim>,
    /// `@Device.`
    pub device: Vec<Claim>,
    /// `@Resource.`: the claims of the object's resource attribute ACEs.
    pub resource: Vec<Claim>,
    /// The SIDs of the user and of the user's groups.
    pub user_sids: Vec<Sid>,
    /// The SIDs of the device and of its groups.
    pub device_sids: Vec<Sid>,
}

impl Claims {
    /// The claim that an attribute names, if there is one that counts.
    fn find(&self, attribute: &Attribute) -> Option<&Claim> {
        let claims = match attribute.source {
            AttributeSource::Local => &self.local,
            AttributeSource::User => &self.user,
            AttributeSource::Device => &self.device,
            AttributeSource::Resource => &self.resource,
        };
        claims.iter().find(|claim| {
            claim.flags & Claim::DISABLED == 0 && claim.name.eq_ignore_case(&attribute.name)
        })
    }

    /// The values of an attribute; `None` when there are none.
    fn values(&self, attribute: &Attribute) -> Option<Vec<Scalar<'_>>> {
        let claim = self.find(attribute)?;
        let case_sensitive = claim.flags & Claim::CASE_SENSITIVE != 0;
        let values: Vec<_> = match &claim.values {
            ClaimValues::Int64(values) => {
                values.iter().map(|&v| Scalar::Number(v.into())).collect()
            }
            ClaimValues::Uint64(values) => {
                values.iter().map(|&v| Scalar::Number(v.into())).collect()
            }
            ClaimValues::Booleans(values) => {
                values.iter().map(|&v| Scalar::Number(v.into())).collect()
            }
            ClaimValues::Strings(values) => values
                .iter()
                .map(|text| Scalar::String {
                    text,
                    case_sensitive,
                })
                .collect(),
            ClaimValues::Sids(values) => values.iter().map(Scalar::Sid).collect(),
            ClaimValues::Octets(values) => values.iter().map(|v| Scalar::Octets(v)).collect(),
        };
        (!values.is_empty()).then_some(values)
    }
}

/// One value. Booleans are the numbers 0 and 1, as literals have no form for them.
#[derive(Clone, Copy)]
enum Scalar<'a> {
    Number(i128),
    String {
        text: &'a WideString,
        case_sensitive: bool,
    },
    Octets(&'a [u8]),
    Sid(&'a Sid),
}

impl Scalar<'_> {
    /// The order of two values; `None` for values of different types.
    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Some(a.cmp(&b)),
            (
                Self::String {
                    text: a,
                    case_sensitive: left,
                },
                Self::String {
                    text: b,
                    case_sensitive: right,
                },
            ) => Some(if left || right {
                a.cmp(b)
            } else {
                a.cmp_ignore_case(b)
            }),
            (Self::Octets(a), Self::Octets(b)) => Some(a.cmp(b)),
            (Self::Sid(a), Self::Sid(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// Whether the value counts as true where a condition stands.
    fn is_true(self) -> Ternary {
        match self {
            Self::Number(value) => (value != 0).into(),
            Self::String { text, .. } => (!text.is_empty()).into(),
            Self::Octets(_) | Self::Sid(_) => Ternary::Unknown,
        }
    }
}

impl Condition {
    /// Evaluates the condition.
    ///
    /// A missing attribute and a comparison that makes no sense give [`Ternary::Unknown`], which
    /// goes through `&&`, `||` and `!` by the rules of three-valued logic. In an access check, an
    /// ACE that allows counts only when its condition is true, one that denies unless it is false.
    ///
    /// ```
    /// use sddl_parser::{Claim, Claims, ClaimValues, Condition, SddlContext, Ternary};
    ///
    /// let condition = Condition::from_sddl("(@User.clearance >= 3)", &SddlContext::new())?;
    /// let mut claims = Claims::default();
    /// assert_eq!(condition.evaluate(&claims), Ternary::Unknown);
    /// claims.user.push(Claim::new("Clearance", ClaimValues::Int64(vec![5])));
    /// assert_eq!(condition.evaluate(&claims), Ternary::True);
    /// # Ok::<(), sddl_parser::Error>(())
    /// ```
    pub fn evaluate(&self, claims: &Claims) -> Ternary {
        match self {
            Self::Attribute(attribute) => match claims.values(attribute).as_deref() {
                Some(&[value]) => value.is_true(),
                _ => Ternary::Unknown,
            },
            Self::Exists(attribute) => claims.values(attribute).is_some().into(),
            Self::NotExists(attribute) => claims.values(attribute).is_none().into(),
            Self::MemberOf { operator, sids } => membership(*operator, sids, claims),
            Self::Compare {
                left,
                operator,
                right,
            } => {
                let right = match right {
                    Operand::Attribute(attribute) => claims.values(attribute),
                    Operand::Literal(literal) => literal_values(literal),
                };
                match (claims.values(left), right) {
                    (Some(left), Some(right)) => relation(*operator, &left, &right),
                    _ => Ternary::Unknown,
                }
            }
            Self::Not(condition) => !condition.evaluate(claims),
            Self::And(list) => all(list, claims, Ternary::False),
            Self::Or(list) => all(list, claims, Ternary::True),
        }
    }
}

/// `&&` ends at the first false, `||` at the first true: `decisive`. Without one, an unknown in
/// the list makes the result unknown. An empty list, which cannot be written, is unknown.
fn all(list: &[Condition], claims: &Claims, decisive: Ternary) -> Ternary {
    let mut result = if list.is_empty() {
        Ternary::Unknown
    } else {
        !decisive
    };
    for condition in list {
        match condition.evaluate(claims) {
            value if value == decisive => return decisive,
            Ternary::Unknown => result = Ternary::Unknown,
            Ternary::True | Ternary::False => {}
        }
    }
    result
}

fn literal_values(literal: &Literal) -> Option<Vec<Scalar<'_>>> {
    let scalar = |literal| {
        Some(match literal {
            &Literal::Integer(integer) => Scalar::Number(integer.value.into()),
            Literal::String(text) => Scalar::String {
                text,
                case_sensitive: false,
            },
            Literal::Octets(octets) => Scalar::Octets(octets),
            Literal::Sid(sid) => Scalar::Sid(sid),
            Literal::Composite(_) => return None,
        })
    };
    match literal {
        Literal::Composite(elements) if elements.is_empty() => None,
        Literal::Composite(elements) => elements.iter().map(scalar).collect(),
        single => scalar(single).map(|value| [value].into()),
    }
}

fn membership(operator: MembershipOperator, sids: &Literal, claims: &Claims) -> Ternary {
    use MembershipOperator as Op;
    let Some(wanted) = literal_values(sids) else {
        return Ternary::Unknown;
    };
    let wanted: Option<Vec<&Sid>> = wanted
        .into_iter()
        .map(|value| {
            if let Scalar::Sid(sid) = value {
                Some(sid)
            } else {
                None
            }
        })
        .collect();
    let Some(wanted) = wanted else {
        return Ternary::Unknown;
    };
    let (held, any, negated) = match operator {
        Op::MemberOf => (&claims.user_sids, false, false),
        Op::DeviceMemberOf => (&claims.device_sids, false, false),
        Op::MemberOfAny => (&claims.user_sids, true, false),
        Op::DeviceMemberOfAny => (&claims.device_sids, true, false),
        Op::NotMemberOf => (&claims.user_sids, false, true),
        Op::NotDeviceMemberOf => (&claims.device_sids, false, true),
        Op::NotMemberOfAny => (&claims.user_sids, true, true),
        Op::NotDeviceMemberOfAny => (&claims.device_sids, true, true),
    };
    let mut wanted = wanted.into_iter();
    let member = if any {
        wanted.any(|sid| held.contains(sid))
    } else {
        wanted.all(|sid| held.contains(sid))
    };
    (member != negated).into()
}

fn relation(operator: RelationalOperator, left: &[Scalar<'_>], right: &[Scalar<'_>]) -> Ternary {
    use RelationalOperator as Op;
    match operator {
        Op::Equal => equal(left, right),
        Op::NotEqual => !equal(left, right),
        Op::Less => order(left, right, Ordering::is_lt),
        Op::LessOrEqual => order(left, right, Ordering::is_le),
        Op::Greater => order(left, right, Ordering::is_gt),
        Op::GreaterOrEqual => order(left, right, Ordering::is_ge),
        Op::Contains => quantified(left, right, contains_all),
        Op::NotContains => !quantified(left, right, contains_all),
        Op::AnyOf => quantified(left, right, contains_any),
        Op::NotAnyOf => !quantified(left, right, contains_any),
    }
}

/// The same values, in any order and number.
fn equal(left: &[Scalar<'_>], right: &[Scalar<'_>]) -> Ternary {
    quantified(left, right, |left, right| {
        contains_all(left, right) && contains_all(right, left)
    })
}

/// Of single values of the same type; SIDs have no order.
fn order(left: &[Scalar<'_>], right: &[Scalar<'_>], holds: fn(Ordering) -> bool) -> Ternary {
    match (left, right) {
        ([Scalar::Sid(_)], _) => Ternary::Unknown,
        ([left], [right]) => left
            .compare(*right)
            .map_or(Ternary::Unknown, |o| holds(o).into()),
        _ => Ternary::Unknown,
    }
}

/// Whether `holds`, if all values have the same type.
fn quantified(
    left: &[Scalar<'_>],
    right: &[Scalar<'_>],
    holds: impl Fn(&[Scalar<'_>], &[Scalar<'_>]) -> bool,
) -> Ternary {
    let Some(first) = left.first() else {
        return Ternary::Unknown;
    };
    let mut all = left.iter().chain(right);
    if all.all(|value| first.compare(*value).is_some()) {
        holds(left, right).into()
    } else {
        Ternary::Unknown
    }
}

fn contains(set: &[Scalar<'_>], value: Scalar<'_>) -> bool {
    set.iter()
        .any(|other| value.compare(*other) == Some(Ordering::Equal))
}

fn contains_all(set: &[Scalar<'_>], values: &[Scalar<'_>]) -> bool {
    values.iter().all(|&value| contains(set, value))
}

fn contains_any(set: &[Scalar<'_>], values: &[Scalar<'_>]) -> bool {
    values.iter().any(|&value| contains(set, value))
}
