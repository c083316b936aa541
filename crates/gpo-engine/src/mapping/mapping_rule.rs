//! Rules of a mapping, as people write them.

use std::fmt;

use gpo_core::{
    Domain, Error, ErrorKind, MigrationDestination, MigrationEntry, MigrationSourceKind,
    PrincipalKind, Quoted, Result,
};
use sddl_parser::Sid;

/// A rule: what becomes of a principal, of a path, or of a whole domain.
///
/// | source | destination | what it maps |
/// |---|---|---|
/// | `OLD\*` | `NEW\*` | the accounts of a domain, by its NetBIOS name |
/// | `*@old.example`, `*.old.example` | `*@new.example` | the accounts of a domain by its DNS name, and the servers in it |
/// | `S-1-5-21-1-2-3-*` | `S-1-5-21-7-8-9-*` | the SIDs of a domain; accounts without a known name keep their RID |
/// | `\\old\share` | `\\new\share` | a path and what lies below it |
/// | `OLD\Red`, `red@old.example`, a SID, a name | likewise | a principal |
///
/// The destination of a principal may also be one of `<Same As Source>`, `<No Destination>` and
/// `<Map By Relative Name>`, as GPMC's editor shows them.
///
/// ```
/// use gpo_engine::MappingRule;
///
/// let rule = MappingRule::parse(r"OLD\*", r"NEW\*")?;
/// assert_eq!(rule.to_string(), r"OLD\* -> NEW\*");
/// assert!(MappingRule::parse(r"OLD\*", r"NEW\Red").is_err());
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MappingRule {
    /// For one principal, or for a path and what lies below it.
    Entry(MigrationEntry),
    /// For all principals of a domain, and for its servers where both DNS names are given.
    Domain {
        /// The domain that the settings come from.
        from: DomainNames,
        /// The domain that they go to.
        to: DomainNames,
        /// Whether a SID of which no name is known keeps its RID (from 1000; those below are the
        /// same accounts in every domain). Only right where the new domain was made with the
        /// accounts of the old one.
        keep_rids: bool,
    },
}

/// What a domain is called. What is not given is found out, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainNames {
    /// Its NetBIOS name.
    pub netbios: Option<String>,
    /// Its DNS name.
    pub dns: Option<String>,
    /// Its SID.
    pub sid: Option<Sid>,
}

impl From<&Domain> for DomainNames {
    fn from(domain: &Domain) -> Self {
        Self {
            netbios: domain.netbios_name.clone(),
            dns: Some(domain.dns_name.clone()),
            sid: domain.sid,
        }
    }
}

impl DomainNames {
    /// Whether both have a name of the same kind that is the same.
    pub(super) fn shares_name(&self, other: &Self) -> bool {
        let same = |a: &Option<String>, b: &Option<String>| matches!((a, b), (Some(a), Some(b)) if gpo_core::same_name(a, b));
        same(&self.netbios, &other.netbios)
            || same(&self.dns, &other.dns)
            || (self.sid.is_some() && self.sid == other.sid)
    }

    /// The same domain, with the names that `other` knows in addition.
    pub(super) fn or(&self, other: &Self) -> Self {
        Self {
            netbios: self.netbios.clone().or_else(|| other.netbios.clone()),
            dns: self.dns.clone().or_else(|| other.dns.clone()),
            sid: self.sid.or(other.sid),
        }
    }

    /// One name of it, as a rule writes it.
    pub(super) fn pattern(&self) -> String {
        match self {
            Self {
                netbios: Some(name),
                ..
            } => format!("{name}\\*"),
            Self {
                dns: Some(name), ..
            } => format!("*@{name}"),
            Self { sid: Some(sid), .. } => format!("{sid}-*"),
            Self { .. } => "*".into(),
        }
    }

    /// The domain of a pattern; `None` where the text is none.
    fn of_pattern(text: &str) -> Option<Self> {
        if let Some(name) = text.strip_suffix("\\*")
            && !name.contains('\\')
        {
            let name = Some(name.to_owned()).filter(|name| !name.is_empty())?;
            return Some(if name.contains('.') {
                Self {
                    dns: Some(name),
                    ..Self::default()
                }
            } else {
                Self {
                    netbios: Some(name),
                    ..Self::default()
                }
            });
        }
        if let Some(name) = text.strip_prefix("*@").or_else(|| text.strip_prefix("*.")) {
            let dns = Some(name.to_owned()).filter(|name| !name.is_empty());
            return Some(Self {
                dns: Some(dns?),
                ..Self::default()
            });
        }
        let sid: Sid = text.strip_suffix("-*").unwrap_or(text).parse().ok()?;
        sid.is_domain().then(|| Self {
            sid: Some(sid),
            ..Self::default()
        })
    }
}

const KEYWORDS: [(&str, MigrationDestination); 3] = [
    ("<same as source>", MigrationDestination::SameAsSource),
    ("<no destination>", MigrationDestination::None),
    (
        "<map by relative name>",
        MigrationDestination::ByRelativeName,
    ),
];

impl MappingRule {
    /// The rule that source and destination say.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Value`] where one of them is empty, or the two do not go together.
    pub fn parse(source: &str, destination: &str) -> Result<Self> {
        let bad = |expected: &str| {
            let message = format!(
                "{} cannot be mapped to {}: {expected}",
                Quoted::new(source),
                Quoted::new(destination)
            );
            Error::new(ErrorKind::Value, message)
        };
        if source.is_empty() || destination.is_empty() {
            return Err(bad("neither may be empty"));
        }
        if let Some(from) = DomainNames::of_pattern(source) {
            let to = DomainNames::of_pattern(destination);
            let to = to.ok_or_else(|| bad("a domain is expected, as in NEW\\*"))?;
            if from.sid.is_some() != to.sid.is_some() {
                return Err(bad("SIDs go to SIDs, names to names"));
            }
            let keep_rids = from.sid.is_some();
            return Ok(Self::Domain {
                from,
                to,
                keep_rids,
            });
        }
        if destination.contains('*') || DomainNames::of_pattern(destination).is_some() {
            return Err(bad("a whole domain goes to another only"));
        }
        let kind = if source.starts_with(r"\\") {
            MigrationSourceKind::UncPath
        } else {
            MigrationSourceKind::Principal(PrincipalKind::Unknown)
        };
        let keyword = KEYWORDS
            .into_iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(destination));
        let destination = match keyword {
            Some((_, destination)) => destination,
            None => MigrationDestination::Set(destination.to_owned()),
        };
        Ok(Self::Entry(MigrationEntry {
            kind,
            source: source.to_owned(),
            destination,
        }))
    }

    /// The rule for all accounts and servers of a domain.
    pub fn of_domains(from: &Domain, to: &Domain) -> Self {
        Self::Domain {
            from: from.into(),
            to: to.into(),
            keep_rids: false,
        }
    }
}

impl fmt::Display for MappingRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(entry) => {
                let keyword = KEYWORDS.iter().find(|(_, own)| *own == entry.destination);
                let destination = match (&entry.destination, keyword) {
                    (MigrationDestination::Set(text), _) => text,
                    (_, Some((word, _))) => *word,
                    (_, None) => "",
                };
                let (source, destination) =
                    (Quoted::bare(&entry.source), Quoted::bare(destination));
                write!(f, "{source} -> {destination}")
            }
            Self::Domain { from, to, .. } => {
                let (from, to) = (from.pattern(), to.pattern());
                write!(f, "{} -> {}", Quoted::bare(&from), Quoted::bare(&to))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_one_of_five_kinds() {
        for (source, destination, shown) in [
            (r"OLD\*", r"NEW\*", r"OLD\* -> NEW\*"),
            (
                r"old.example\*",
                "*@new.example",
                "*@old.example -> *@new.example",
            ),
            (
                "*.old.example",
                "*.new.example",
                "*@old.example -> *@new.example",
            ),
            (r"OLD\*", "*@new.example", r"OLD\* -> *@new.example"),
            (
                "S-1-5-21-1-2-3",
                "S-1-5-21-7-8-9-*",
                "S-1-5-21-1-2-3-* -> S-1-5-21-7-8-9-*",
            ),
            (r"\\old\a", r"\\new\b", r"\\old\a -> \\new\b"),
            ("Red", "<no destination>", "Red -> <no destination>"),
            (
                "S-1-5-21-1-2-3-4",
                r"NEW\Red",
                r"S-1-5-21-1-2-3-4 -> NEW\Red",
            ),
        ] {
            let rule = MappingRule::parse(source, destination).unwrap();
            assert_eq!(rule.to_string(), shown);
        }
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        for (source, destination) in [
            ("", "x"),
            ("x", ""),
            (r"\*", r"NEW\*"),
            (r"OLD\*", r"NEW\Red"),
            (r"OLD\Red", r"NEW\*"),
            ("S-1-5-21-1-2-3-*", r"NEW\*"),
            (r"OLD\*", "S-1-5-21-1-2-3-*"),
        ] {
            let error = MappingRule::parse(source, destination).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Value, "{source} {destination}");
        }
    }
}
