//! Users, groups and computers, as the directory names them.

use alloc::format;
use alloc::string::String;

use sddl_parser::Sid;

use crate::directory_entry::DirectoryEntry;
use crate::domain_partition::DomainPartition;
use crate::path::same_name;

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

impl Principal {
    /// The principal that an entry is, in its domain; none for what is none.
    ///
    /// A foreign security principal has a SID, but no name: only its own domain knows that.
    pub fn from_entry(entry: &DirectoryEntry, domain: &DomainPartition) -> Option<Self> {
        let sid = Sid::from_bytes(entry.value("objectSid")?).ok()?;
        let text = |name| entry.text(name).ok().filter(|text| !text.is_empty());
        let sam_account_name = text("sAMAccountName")?;
        let upn = text("userPrincipalName")
            .unwrap_or_else(|| format!("{sam_account_name}@{}", domain.dns_name));
        Some(Self {
            sid,
            kind: PrincipalKind::of_entry(entry),
            sam_account_name,
            netbios_domain: domain.netbios_name.clone().unwrap_or_default(),
            dns_domain: domain.dns_name.clone(),
            upn,
        })
    }
}

impl PrincipalKind {
    /// The kind by `groupType` and class, else by `sAMAccountType` ([MS-ADTS] 2.2.12, [MS-SAMR]
    /// 2.2.1.9).
    fn of_entry(entry: &DirectoryEntry) -> Self {
        if let Ok(kind @ 1..) = entry.number("groupType") {
            return match kind {
                kind if kind & 2 != 0 => Self::GlobalGroup,
                kind if kind & 8 != 0 => Self::UniversalGroup,
                _ => Self::LocalGroup,
            };
        }
        if entry.has_class("computer") {
            return Self::Computer;
        }
        if entry.has_class("user") {
            return Self::User;
        }
        match entry.number("sAMAccountType") {
            Ok(0x1000_0000 | 0x1000_0001) => Self::GlobalGroup,
            Ok(0x2000_0000 | 0x2000_0001) => Self::LocalGroup,
            Ok(0x3000_0000) => Self::User,
            Ok(0x3000_0001) => Self::Computer,
            _ => Self::Unknown,
        }
    }
}

/// A principal as a setting names it, or as somebody asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalQuery {
    /// By its SID.
    Sid(Sid),
    /// By its name, with or without a domain in front (`EXAMPLE\Domain Admins`).
    Name(String),
}

impl PrincipalQuery {
    /// Whether this principal is asked for in a domain, by its DNS name. Names have no case; one
    /// without a domain in front is of that domain, and a domain in front may be a DNS or a NetBIOS
    /// name.
    ///
    /// ```
    /// use gpo_core::{Principal, PrincipalKind, PrincipalQuery};
    ///
    /// let admins = Principal {
    ///     sid: "S-1-5-21-1-2-3-512".parse()?,
    ///     sam_account_name: "Domain Admins".into(),
    ///     kind: PrincipalKind::GlobalGroup,
    ///     netbios_domain: "EXAMPLE".into(),
    ///     dns_domain: "example.test".into(),
    ///     upn: "Domain Admins@example.test".into(),
    /// };
    /// let asks = |name: &str| PrincipalQuery::Name(name.into()).is_for(&admins, "example.test");
    /// assert!(asks("domain admins") && asks(r"example\Domain Admins"));
    /// assert!(!asks(r"OTHER\Domain Admins"));
    /// # Ok::<(), sddl_parser::Error>(())
    /// ```
    pub fn is_for(&self, principal: &Principal, domain: &str) -> bool {
        match self {
            Self::Sid(sid) => principal.sid == *sid,
            Self::Name(name) => {
                let (domain, name) = name.split_once('\\').unwrap_or((domain, name));
                let domains = [&principal.netbios_domain, &principal.dns_domain];
                same_name(&principal.sam_account_name, name)
                    && domains.iter().any(|own| same_name(own, domain))
            }
        }
    }
}
