//! The types of ACEs.

use core::fmt;

/// The type of an ACE ([MS-DTYP] 2.4.4.1): any byte, with names for those that Windows defines.
///
/// ```
/// use sddl_parser::AceType;
///
/// assert_eq!(AceType::ACCESS_ALLOWED_OBJECT.sddl(), Some("OA"));
/// assert!(AceType::ACCESS_ALLOWED_OBJECT.is_object());
/// assert_eq!(format!("{:?}", AceType(0x77)), "AceType(0x77)");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AceType(pub u8);

/// Constant, value, SDDL letters (empty: none), and whether it can stand in a DACL.
macro_rules! ace_types {
    ($($(#[$doc:meta])* $name:ident = $value:literal $letters:literal;)*) => {
        impl AceType {
            $($(#[$doc])* pub const $name: Self = Self($value);)*

            /// The letters that SDDL has for it. Windows has none for [`ACCESS_ALLOWED_COMPOUND`](Self::ACCESS_ALLOWED_COMPOUND),
            /// the callback forms of alarms and of object ACEs that deny or audit, and types it does not know.
            pub fn sddl(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some($letters).filter(|letters| !letters.is_empty()),)*
                    _ => None,
                }
            }

            /// The type of these letters, in upper case.
            pub(crate) fn from_letters(letters: &[u8]) -> Option<Self> {
                $(if !$letters.is_empty() && letters == $letters.as_bytes() {
                    return Some(Self::$name);
                })*
                None
            }
        }

        impl fmt::Debug for AceType {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {
                    $(Self::$name => f.write_str(concat!("AceType::", stringify!($name))),)*
                    Self(other) => write!(f, "AceType({other:#04x})"),
                }
            }
        }
    };
}

ace_types! {
    /// `A`: gives rights (2.4.4.2).
    ACCESS_ALLOWED = 0x00 "A";
    /// `D`: denies rights (2.4.4.4).
    ACCESS_DENIED = 0x01 "D";
    /// `AU`: logs access (2.4.4.10).
    SYSTEM_AUDIT = 0x02 "AU";
    /// `AL`: reserved.
    SYSTEM_ALARM = 0x03 "AL";
    /// Reserved; its layout is kept as bytes.
    ACCESS_ALLOWED_COMPOUND = 0x04 "";
    /// `OA`: gives rights on a property, a child class or an extended right (2.4.4.3).
    ACCESS_ALLOWED_OBJECT = 0x05 "OA";
    /// `OD`: denies them (2.4.4.5).
    ACCESS_DENIED_OBJECT = 0x06 "OD";
    /// `OU`: logs their use (2.4.4.11).
    SYSTEM_AUDIT_OBJECT = 0x07 "OU";
    /// `OL`: reserved.
    SYSTEM_ALARM_OBJECT = 0x08 "OL";
    /// `XA`: gives rights on a condition (2.4.4.6).
    ACCESS_ALLOWED_CALLBACK = 0x09 "XA";
    /// `XD`: denies rights on a condition (2.4.4.7).
    ACCESS_DENIED_CALLBACK = 0x0a "XD";
    /// `ZA`: as `OA`, on a condition (2.4.4.8).
    ACCESS_ALLOWED_CALLBACK_OBJECT = 0x0b "ZA";
    /// As `OD`, on a condition (2.4.4.9).
    ACCESS_DENIED_CALLBACK_OBJECT = 0x0c "";
    /// `XU`: logs access on a condition (2.4.4.12).
    SYSTEM_AUDIT_CALLBACK = 0x0d "XU";
    /// Reserved.
    SYSTEM_ALARM_CALLBACK = 0x0e "";
    /// As `OU`, on a condition (2.4.4.14).
    SYSTEM_AUDIT_CALLBACK_OBJECT = 0x0f "";
    /// Reserved.
    SYSTEM_ALARM_CALLBACK_OBJECT = 0x10 "";
    /// `ML`: the integrity level of the object (2.4.4.13).
    SYSTEM_MANDATORY_LABEL = 0x11 "ML";
    /// `RA`: a claim about the object (2.4.4.15).
    SYSTEM_RESOURCE_ATTRIBUTE = 0x12 "RA";
    /// `SP`: the central access policy of the object (2.4.4.16).
    SYSTEM_SCOPED_POLICY_ID = 0x13 "SP";
    /// `TL`: the trust level of a protected process (`winnt.h`).
    SYSTEM_PROCESS_TRUST_LABEL = 0x14 "TL";
    /// `FL`: limits what other ACEs give (`winnt.h`).
    SYSTEM_ACCESS_FILTER = 0x15 "FL";
}

impl AceType {
    /// Whether an object type and an inherited object type can stand between mask and SID.
    pub fn is_object(self) -> bool {
        matches!(self.0, 0x05..=0x08 | 0x0b | 0x0c | 0x0f | 0x10)
    }

    /// The type that Windows makes of an object ACE without a GUID in text.
    pub(crate) fn without_object_types(self) -> Self {
        match self {
            Self::ACCESS_ALLOWED_OBJECT => Self::ACCESS_ALLOWED,
            Self::ACCESS_DENIED_OBJECT => Self::ACCESS_DENIED,
            Self::SYSTEM_AUDIT_OBJECT => Self::SYSTEM_AUDIT,
            Self::SYSTEM_ALARM_OBJECT => Self::SYSTEM_ALARM,
            other => other,
        }
    }

    /// Whether the ACE is one on a condition: a callback type or the access filter.
    pub fn is_conditional(self) -> bool {
        matches!(self.0, 0x09..=0x10 | 0x15)
    }

    /// Whether the ACE gives or denies rights, and so belongs in a DACL. The other types that
    /// Windows defines belong in a SACL; SDDL does not take one in the other's place.
    pub fn is_discretionary(self) -> bool {
        matches!(self.0, 0x00 | 0x01 | 0x04..=0x06 | 0x09..=0x0c)
    }

    /// Whether the ACE gives rights.
    pub fn allows(self) -> bool {
        matches!(self.0, 0x00 | 0x05 | 0x09 | 0x0b)
    }

    /// Whether the ACE denies rights.
    pub fn denies(self) -> bool {
        matches!(self.0, 0x01 | 0x06 | 0x0a | 0x0c)
    }

    /// Whether the layout is known: mask, object types where there are any, SID, data.
    pub(crate) fn has_trustee(self) -> bool {
        self.0 <= 0x15 && self != Self::ACCESS_ALLOWED_COMPOUND
    }
}
