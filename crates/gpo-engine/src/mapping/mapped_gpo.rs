//! A GPO as it will be in another domain.

use std::collections::BTreeMap;
use std::fmt;

use gpo_core::{Gpo, GpoPath, Quoted, Reference, ReferenceSource};

use crate::status::StatusMessage;

/// A GPO whose principals and paths are those of another domain.
#[derive(Clone, Debug)]
pub struct MappedGpo {
    /// The GPO: its directory objects are mapped, and its inventory has the new sizes.
    pub gpo: Gpo,
    /// The content of the files that changed. All others stay as they are.
    pub files: BTreeMap<GpoPath, Vec<u8>>,
    /// Every reference and what became of it: those of files by path, then those of objects.
    pub references: Vec<MappedReference>,
    /// What a user should know. An error: the GPO is not fit to be written.
    pub messages: Vec<StatusMessage>,
}

/// A reference and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedReference {
    /// The file or object that it is in.
    pub source: ReferenceSource,
    /// The reference as it was.
    pub reference: Reference,
    /// What became of it.
    pub fate: ReferenceFate,
}

/// What became of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReferenceFate {
    /// Another text stands in its place.
    Replaced {
        /// The text.
        by: String,
        /// The rule that says so.
        rule: String,
        /// Whether the domain that the GPO goes to knows the principal; true for paths, which
        /// nobody looks up.
        is_known: bool,
    },
    /// It is gone from its setting.
    Removed {
        /// The rule that says so.
        rule: String,
    },
    /// It stays.
    Kept(KeptReason),
}

/// Why a reference stays.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeptReason {
    /// It means the same in every domain: `S-1-5-32-544`, `NT AUTHORITY\SYSTEM`, `%LogonUser%`.
    SameEverywhere,
    /// It is a path in the GPO's own folder in SYSVOL, which follows from where the GPO goes to.
    OwnFolder,
    /// It names an account of the machine: a name without a domain in preferences.
    OfMachine,
    /// A rule says that it stays.
    SameAsSource {
        /// The rule.
        rule: String,
        /// Whether the domain that the GPO goes to knows the principal; true for paths.
        is_known: bool,
    },
    /// There is no rule for it.
    NoRule,
    /// GPMC does not map what stands there, and the mapping is [like
    /// GPMC's](crate::Mapping::like_gpmc).
    NotMappedByGpmc,
    /// The domain that the GPO goes to does not know the principal that a rule names.
    Unresolved {
        /// The rule.
        rule: String,
        /// What was looked for.
        destination: String,
        /// Whether the rule is for this principal alone, not for its domain.
        is_entry: bool,
    },
    /// The place cannot hold what a rule says.
    Unwritable {
        /// The rule.
        rule: String,
        /// Why not.
        why: String,
    },
}

impl MappedReference {
    /// Whether a rule says what becomes of the reference and that was done, or no rule is needed.
    /// A mapping that may use nothing but its rules fails where this is false.
    pub fn is_mapped(&self) -> bool {
        !matches!(
            self.fate,
            ReferenceFate::Kept(
                KeptReason::NoRule | KeptReason::Unresolved { .. } | KeptReason::Unwritable { .. }
            )
        )
    }
}

impl fmt::Display for ReferenceFate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unknown = |is_known: bool| if is_known { "" } else { ", not known there" };
        match self {
            Self::Replaced { by, rule, is_known } => {
                let (by, unknown) = (Quoted::bare(by), unknown(*is_known));
                write!(f, "becomes {by}{unknown} ({rule})")
            }
            Self::Removed { rule } => write!(f, "is taken out ({rule})"),
            Self::Kept(KeptReason::SameAsSource { rule, is_known }) => {
                write!(f, "stays{} ({rule})", unknown(*is_known))
            }
            Self::Kept(KeptReason::SameEverywhere) => f.write_str("stays: the same everywhere"),
            Self::Kept(KeptReason::OwnFolder) => f.write_str("stays: in the GPO's own folder"),
            Self::Kept(KeptReason::OfMachine) => f.write_str("stays: an account of the machine"),
            Self::Kept(KeptReason::NoRule) => f.write_str("stays: no rule is for it"),
            Self::Kept(KeptReason::NotMappedByGpmc) => {
                f.write_str("stays: GPMC does not map what stands there")
            }
            Self::Kept(KeptReason::Unresolved {
                rule, destination, ..
            }) => {
                let destination = Quoted::new(destination);
                write!(f, "stays: {destination} is not known there ({rule})")
            }
            Self::Kept(KeptReason::Unwritable { rule, why }) => {
                write!(f, "stays: {} ({rule})", Quoted::bare(why))
            }
        }
    }
}
