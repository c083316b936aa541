//! Users, groups and computers, as the directory names them.

use alloc::string::String;

use sddl_parser::Sid;

/// What kind of principal it is, as Backup.xml and migration tables name it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalKind {
    /// A user account.
    User,
    /// A computer account.
    Computer,
    /// A domain-local or built-in group.
    LocalGroup,
    /// A global group.
    GlobalGroup,
    /// A universal group.
    UniversalGroup,
    /// Not known: a well-known principal, or one that the directory does not find.
    Unknown,
    /// A type that this crate does not know, as it stands.
    Other(String),
}

impl PrincipalKind {
    /// The name in Backup.xml.
    pub fn name(&self) -> &str {
        match self {
            Self::User => "User",
            Self::Computer => "Computer",
            Self::LocalGroup => "LocalGroup",
            Self::GlobalGroup => "GlobalGroup",
            Self::UniversalGroup => "UniversalGroup",
            Self::Unknown => "Unknown",
            Self::Other(name) => name,
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Self {
        match name {
            "User" => Self::User,
            "Computer" => Self::Computer,
            "LocalGroup" => Self::LocalGroup,
            "GlobalGroup" => Self::GlobalGroup,
            "UniversalGroup" => Self::UniversalGroup,
            "Unknown" => Self::Unknown,
            other => Self::Other(other.into()),
        }
    }
}

/// A principal that the directory knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Principal {
    /// Its SID.
    pub sid: Sid,
    /// Its name without domain: `sAMAccountName`, or the name of a well-known principal.
    pub sam_account_name: String,
    /// What it is.
    pub kind: PrincipalKind,
    /// The NetBIOS name of its domain; empty for well-known principals.
    pub netbios_domain: String,
    /// The DNS name of its domain; empty for well-known principals.
    pub dns_domain: String,
    /// `userPrincipalName`, or `name@dns.domain` where it has none; GPMC writes it for groups, too.
    pub upn: String,
}

/// A principal as a setting names it, or as somebody asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalQuery {
    /// By its SID.
    Sid(Sid),
    /// By its name, with or without a domain in front (`EXAMPLE\Domain Admins`).
    Name(String),
}
