//! The principals that a backup lists, so that a migration table can be made from it.

use alloc::boxed::Box;
use alloc::string::String;

use crate::foreign::Foreign;
use crate::principal::{Principal, PrincipalKind};

/// A `Group` of Backup.xml: a user, computer or group, whatever the name says.
///
/// A well-known principal has a name and nothing else; one that nobody knows has its SID and
/// nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityGroup {
    /// Where the GPO names it.
    pub source: GroupSource,
    /// Its SID; empty for a well-known principal, and for a name that no directory knows.
    pub sid: String,
    /// Its name without domain.
    pub sam_account_name: String,
    /// What it is.
    pub kind: PrincipalKind,
    /// The NetBIOS name of its domain.
    pub netbios_domain: String,
    /// The DNS name of its domain.
    pub dns_domain: String,
    /// `name@dns.domain`, for groups, too.
    pub upn: String,
    /// What is unknown in it.
    pub foreign: Option<Box<Foreign>>,
}

/// Where a GPO names a principal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GroupSource {
    /// In its settings, perhaps in its DACL, too (census: 27 of 27).
    Settings,
    /// In its DACL only: `bkp:Source="FromDACL"`.
    Dacl,
    /// A `bkp:Source` that this crate does not know.
    Other(String),
}

impl GroupSource {
    /// The value of `bkp:Source`; none for settings.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Settings => None,
            Self::Dacl => Some("FromDACL"),
            Self::Other(text) => Some(text),
        }
    }

    /// The source with this `bkp:Source`.
    pub fn from_text(text: &str) -> Self {
        match text {
            "FromDACL" => Self::Dacl,
            other => Self::Other(other.into()),
        }
    }
}

impl SecurityGroup {
    /// A principal that the directory knows.
    pub fn of_principal(principal: Principal, source: GroupSource) -> Self {
        Self {
            source,
            sid: alloc::format!("{}", principal.sid),
            sam_account_name: principal.sam_account_name,
            kind: principal.kind,
            netbios_domain: principal.netbios_domain,
            dns_domain: principal.dns_domain,
            upn: principal.upn,
            foreign: None,
        }
    }

    /// The principal, where the backup has its SID and its name.
    pub fn principal(&self) -> Option<Principal> {
        Some(Principal {
            sid: self
                .sid
                .parse()
                .ok()
                .filter(|_| !self.sam_account_name.is_empty())?,
            sam_account_name: self.sam_account_name.clone(),
            kind: self.kind.clone(),
            netbios_domain: self.netbios_domain.clone(),
            dns_domain: self.dns_domain.clone(),
            upn: self.upn.clone(),
        })
    }

    /// A principal with a name only: a well-known one, or one that the directory does not find.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            sam_account_name: name.into(),
            ..Self::unknown()
        }
    }

    /// A principal with a SID only, which the directory does not find.
    pub fn unresolved(sid: impl Into<String>, source: GroupSource) -> Self {
        Self {
            source,
            sid: sid.into(),
            ..Self::unknown()
        }
    }

    fn unknown() -> Self {
        Self {
            source: GroupSource::Settings,
            sid: String::new(),
            sam_account_name: String::new(),
            kind: PrincipalKind::Unknown,
            netbios_domain: String::new(),
            dns_domain: String::new(),
            upn: String::new(),
            foreign: None,
        }
    }
}
