//! What is wrong or doubtful about a migration table.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use gpo_core::{
    Directory, Error, MigrationDestination, MigrationEntry, MigrationSourceKind, MigrationTable,
    Principal, PrincipalKind, PrincipalQuery, Quoted, SourceError, fold_name,
};
use sddl_parser::Sid;

use crate::mapping::{AccountName, RuleTable, is_of_domain, mapping_place};
use crate::status::Severity;

/// Something about a migration table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFinding {
    /// What it is; says how bad it is, too.
    pub kind: TableFindingKind,
    /// The mapping, from 1; none where it is about the table.
    pub mapping: Option<usize>,
    /// What stands there, and what was expected, for a person.
    pub text: String,
}

/// What is found in a migration table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TableFindingKind {
    /// A mapping lacks its type, source or destination, or cannot be used: the source is empty or
    /// comes twice, a path is none, a path has no destination, a chain leads back to its start.
    Invalid,
    /// A type that GPMC does not know.
    UnknownType,
    /// The destination is not known in the domain.
    UnknownDestination,
    /// The source stays as it is, and is not known in the domain.
    UnknownSource,
    /// The destination is of another kind than the type says.
    OtherKind,
    /// A text that somebody was to replace: `ADD YOUR DOMAIN ADMINS`.
    Placeholder,
    /// The source seems to have been edited where the destination should have been: it is in a
    /// form that GPMC does not write for its type, or in the domain that others go to.
    EditedSource,
}

impl TableFindingKind {
    /// The name for programs: lower case, with hyphens.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::UnknownType => "unknown-type",
            Self::UnknownDestination => "unknown-destination",
            Self::UnknownSource => "unknown-source",
            Self::OtherKind => "other-kind",
            Self::Placeholder => "placeholder",
            Self::EditedSource => "edited-source",
        }
    }

    /// How bad it is. An error: GPMC, or this engine, refuses the table or the GPO.
    pub const fn severity(self) -> Severity {
        match self {
            Self::Invalid | Self::UnknownType | Self::UnknownDestination => Severity::Error,
            Self::UnknownSource | Self::OtherKind | Self::Placeholder | Self::EditedSource => {
                Severity::Warning
            }
        }
    }
}

impl fmt::Display for TableFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.kind.severity())?;
        if let Some(mapping) = self.mapping {
            write!(f, "mapping {mapping}: ")?;
        }
        write!(f, "{} [{}]", Quoted::bare(&self.text), self.kind.name())
    }
}

/// Whether a migration table can be used: that each mapping is whole, of a type that GPMC knows,
/// that no source comes twice or leads back to itself, and that paths are paths.
///
/// ```
/// use gpo_core::{MigrationDestination, MigrationEntry, MigrationSourceKind, MigrationTable};
/// use gpo_engine::validate_table;
///
/// let table = MigrationTable::from_entries(&[MigrationEntry {
///     kind: MigrationSourceKind::UncPath,
///     source: r"\\old\it".into(),
///     destination: MigrationDestination::None,
/// }])?;
/// let finding = &validate_table(&table)[0];
/// assert_eq!(
///     finding.to_string(),
///     "error: mapping 1: a path cannot be mapped to no destination [invalid]"
/// );
/// # Ok::<(), gpo_core::Error>(())
/// ```
pub fn validate_table(table: &MigrationTable) -> Vec<TableFinding> {
    let mut findings = Vec::new();
    let mut rules = RuleTable::default();
    for (n, entry) in numbered(table) {
        let mut add = |kind, text: String| {
            findings.push(TableFinding {
                kind,
                mapping: Some(n),
                text,
            });
        };
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                add(TableFindingKind::Invalid, without_place(n, &error));
                continue;
            }
        };
        if let MigrationSourceKind::Principal(PrincipalKind::Other(name)) = &entry.kind {
            let name = Quoted::new(name);
            add(
                TableFindingKind::UnknownType,
                format!("GPMC knows no type {name}"),
            );
        }
        if let Err(error) = rules.add_mapping(n, entry) {
            add(TableFindingKind::Invalid, without_place(n, &error));
        }
    }
    if let Err(error) = rules.check_cycles() {
        findings.push(TableFinding {
            kind: TableFindingKind::Invalid,
            mapping: None,
            text: error.message().to_owned(),
        });
    }
    findings
}

/// Whether the destinations of a migration table, and the sources that stay as they are, are known
/// in a domain, and of the kind that the type says. Paths are not looked for.
///
/// # Errors
///
/// Any failure to read the directory.
pub fn validate_destinations(
    table: &MigrationTable,
    target: &dyn Directory,
) -> Result<Vec<TableFinding>, SourceError> {
    let domain = target.domain()?;
    let own = domain.netbios_name.unwrap_or(domain.dns_name);
    let (mut wanted, mut queries) = (Vec::new(), Vec::new());
    for (n, entry) in numbered(table) {
        let Ok(MigrationEntry {
            kind: MigrationSourceKind::Principal(kind),
            source,
            destination,
        }) = entry
        else {
            continue;
        };
        let unknown = match destination {
            MigrationDestination::SameAsSource => TableFindingKind::UnknownSource,
            _ => TableFindingKind::UnknownDestination,
        };
        let name = match destination {
            MigrationDestination::Set(text) => text,
            MigrationDestination::ByRelativeName => {
                format!("{own}\\{}", AccountName::of(&source).name())
            }
            MigrationDestination::SameAsSource => source,
            MigrationDestination::None => continue,
        };
        if let Some(query) = query(&name) {
            wanted.push(Wanted {
                mapping: n,
                kind,
                name,
                unknown,
            });
            queries.push(query);
        }
    }
    let found = target.principals(&queries)?;
    let findings = wanted
        .into_iter()
        .zip(found.into_iter().chain(std::iter::repeat(None)))
        .filter_map(|(wanted, found)| wanted.finding(found.as_ref()));
    Ok(findings.collect())
}

/// How to ask for a destination; `None` for what is the same everywhere.
fn query(name: &str) -> Option<PrincipalQuery> {
    if let Ok(sid) = name.parse::<Sid>() {
        return is_of_domain(&sid).then_some(PrincipalQuery::Sid(sid));
    }
    if Sid::from_well_known_name(name).is_some() {
        return None;
    }
    Some(PrincipalQuery::Name(match AccountName::of(name) {
        AccountName::AtDomain { name, domain } => format!("{domain}\\{name}"),
        AccountName::InDomain { .. } | AccountName::Bare(_) => name.to_owned(),
    }))
}

/// A principal that a mapping leads to.
struct Wanted {
    mapping: usize,
    kind: PrincipalKind,
    name: String,
    /// What it is where the domain does not know it.
    unknown: TableFindingKind,
}

impl Wanted {
    fn finding(&self, found: Option<&Principal>) -> Option<TableFinding> {
        let finding = |kind, text| {
            Some(TableFinding {
                kind,
                mapping: Some(self.mapping),
                text,
            })
        };
        let (name, kind) = (Quoted::new(&self.name), &self.kind);
        let Some(found) = found else {
            return finding(self.unknown, format!("the domain does not know {name}"));
        };
        let is_open =
            |kind: &PrincipalKind| matches!(kind, PrincipalKind::Unknown | PrincipalKind::Other(_));
        if is_open(kind) || is_open(&found.kind) || found.kind == *kind {
            return None;
        }
        let (is, said) = (found.kind.name(), kind.name());
        finding(
            TableFindingKind::OtherKind,
            format!("{name} is a {is}, the mapping is for a {said}"),
        )
    }
}

/// All that [`validate_table`] finds, and what is doubtful: placeholders, sources that somebody
/// seems to have edited.
pub fn lint_table(table: &MigrationTable) -> Vec<TableFinding> {
    let mut findings = validate_table(table);
    let entries: Vec<_> = numbered(table)
        .filter_map(|(n, entry)| Some((n, entry.ok()?)))
        .collect();
    let goals = goals(&entries);
    for (n, entry) in &entries {
        let MigrationSourceKind::Principal(kind) = &entry.kind else {
            continue;
        };
        let mut add = |kind, text| {
            findings.push(TableFinding {
                kind,
                mapping: Some(*n),
                text,
            });
        };
        let source = Quoted::new(&entry.source);
        match &entry.destination {
            MigrationDestination::Set(to) if is_placeholder(to) => {
                let to = Quoted::new(to);
                add(
                    TableFindingKind::Placeholder,
                    format!("the destination {to} is a placeholder"),
                );
            }
            MigrationDestination::Set(_) | MigrationDestination::None => {}
            MigrationDestination::SameAsSource | MigrationDestination::ByRelativeName => {
                if is_placeholder(&entry.source) {
                    let text = format!("the placeholder {source} has no destination");
                    add(TableFindingKind::Placeholder, text);
                }
            }
        }
        let name = AccountName::of(&entry.source);
        let is_named = !matches!(kind, PrincipalKind::Unknown | PrincipalKind::Other(_));
        if is_named && !matches!(name, AccountName::AtDomain { .. }) {
            let text = format!(
                "GPMC writes a {} as name@dns.domain, here is {source}",
                kind.name()
            );
            add(TableFindingKind::EditedSource, text);
        } else if let Some(domain) = name.domain()
            && let Some(other) = goals.get(&fold_name(domain)).filter(|other| *other != n)
        {
            let text = format!("{source} is in the domain that mapping {other} goes to");
            add(TableFindingKind::EditedSource, text);
        }
    }
    findings.sort_by_key(|finding| (finding.mapping, finding.kind));
    findings
}

/// The domains that principals go to and none comes from but by the same name, each with the
/// first mapping that does.
fn goals(entries: &[(usize, MigrationEntry)]) -> HashMap<String, usize> {
    let domain = |text: &str| AccountName::of(text).domain().map(fold_name);
    let mut goals = HashMap::new();
    let mut origins = BTreeSet::new();
    for (n, entry) in entries {
        if let MigrationDestination::Set(to) = &entry.destination
            && !to.starts_with(r"\\")
            && let Some(goal) = domain(to)
            && domain(&entry.source).as_ref() != Some(&goal)
        {
            goals.entry(goal).or_insert(*n);
            origins.extend(domain(&entry.source));
        }
    }
    goals.retain(|goal, _| !origins.contains(goal));
    goals
}

/// What DISA's baselines and common templates leave for their users to fill in.
fn is_placeholder(text: &str) -> bool {
    let text = text.to_ascii_uppercase();
    ["ADD YOUR ", "CHANGEME", "CHANGE ME", "REPLACE ME"]
        .iter()
        .any(|mark| text.contains(mark))
}

fn numbered(
    table: &MigrationTable,
) -> impl Iterator<Item = (usize, Result<MigrationEntry, Error>)> {
    (1..).zip(table.entries())
}

/// The message of an error without the mapping that it begins with.
fn without_place(n: usize, error: &Error) -> String {
    let message = error.message();
    let rest = message.strip_prefix(&mapping_place(n)).unwrap_or(message);
    rest.trim_start_matches([':', ' ']).to_owned()
}
