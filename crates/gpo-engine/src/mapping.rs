//! Mapping: what becomes of principals and paths in another domain.

use std::collections::BTreeMap;

use gpo_core::{
    Directory, Gpo, GpoPath, GpoReference, GpoReferences, MigrationTable, Principal, Result,
    SourceError, references,
};

mod account_name;
mod destination;
mod edit;
mod find_principal;
mod known_principals;
mod mapped_gpo;
mod mapping_csv;
mod mapping_rule;
mod messages;
mod permissions;
mod principal_lookup;
mod rule_table;
mod subject;

pub use find_principal::find_principal;
pub use mapped_gpo::{KeptReason, MappedGpo, MappedReference, ReferenceFate};
pub use mapping_csv::parse_mapping_csv;
pub use mapping_rule::{DomainNames, MappingRule};

pub(crate) use account_name::AccountName;
pub(crate) use destination::is_in_own_folder;
pub(crate) use known_principals::KnownPrincipals;
pub(crate) use rule_table::{RuleTable, mapping_place};
pub(crate) use subject::{Subject, is_of_domain};

use destination::Destinations;
use principal_lookup::PrincipalLookup;

/// What becomes of the principals and paths of a GPO that goes to another domain: a migration
/// table, and rules that no migration table can express.
///
/// For each reference ([`gpo_core::references`]) the entry for it counts; without one the entry
/// for the longest folder of a path; then the domains in the order of their rules. A principal is
/// matched by any form of its name, without case: as it stands in the setting, its SID, its UPN,
/// `DOMAIN\name`, `name@dns.domain`, `dns.domain\name`.
///
/// Where a SID stands, a SID is written: the destination is looked up in the domain that the GPO
/// goes to. Where a name stands, a name is written, in the form that stood there.
///
/// ```
/// use gpo_core::{Directory, Gpo, GpoPath, MigrationTable, Principal, SourceError};
/// use gpo_engine::{Mapping, MappingRule};
///
/// # fn demo(
/// #     gpo: &Gpo, principals: &[Principal], target: &dyn Directory,
/// #     read: impl FnMut(&GpoPath) -> Result<Vec<u8>, SourceError>,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let table = MigrationTable::parse(&std::fs::read("to-new.migtable")?)?;
/// let mapping = Mapping::new()
///     .with_table(&table)?
///     .with_rules([MappingRule::parse(r"OLD\*", r"NEW\*")?])?;
/// let mapped = mapping.map(gpo, principals, target, read)?;
/// for own in &mapped.references {
///     println!("{}: {} {}", own.reference.place, own.reference.text, own.fate);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    rules: RuleTable,
    like_gpmc: bool,
    table_only: bool,
    with_permissions: bool,
}

impl Mapping {
    /// A mapping without rules: everything stays as it is.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the entries of a migration table.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Value`](gpo_core::ErrorKind::Value), with the number of the mapping: a source
    /// that comes twice, without case, or is empty; a chain of entries that leads back to its
    /// start; a path that is none, or whose destination is none. An entry that lacks a part, as
    /// [`MigrationTable::entries`].
    pub fn with_table(mut self, table: &MigrationTable) -> Result<Self> {
        for (n, entry) in (1..).zip(table.entries()) {
            self.rules.add_mapping(n, entry?)?;
        }
        self.rules.check_cycles()?;
        Ok(self)
    }

    /// Adds rules.
    ///
    /// # Errors
    ///
    /// As [`with_table`](Self::with_table), with the number of the rule.
    pub fn with_rules(mut self, rules: impl IntoIterator<Item = MappingRule>) -> Result<Self> {
        for rule in rules {
            self.rules.add_rule(rule)?;
        }
        self.rules.check_cycles()?;
        Ok(self)
    }

    /// Whether only that is mapped which GPMC maps, and in the same way: user rights, restricted
    /// groups, services, registry keys, files, redirected folders, packages and the commands of
    /// scripts.ini; a path by the folder of its file and no folder above.
    #[must_use]
    pub fn like_gpmc(self, like_gpmc: bool) -> Self {
        Self { like_gpmc, ..self }
    }

    /// Whether a reference that no rule maps is an error (`GPM_MIGRATIONTABLE_ONLY`). What means
    /// the same in every domain needs no rule.
    #[must_use]
    pub fn table_only(self, table_only: bool) -> Self {
        Self { table_only, ..self }
    }

    /// Whether the security descriptors of the GPO and of its directory objects are mapped, too
    /// (`GPM_PROCESS_SECURITY`).
    #[must_use]
    pub fn with_permissions(self, with_permissions: bool) -> Self {
        Self {
            with_permissions,
            ..self
        }
    }

    /// Maps a GPO.
    ///
    /// `principals` are those that the source knows: of a backup
    /// [`SecurityGroup::principal`](gpo_core::SecurityGroup::principal), of a domain what its
    /// directory answers. `target` is the directory of the domain that the GPO goes to. `read`
    /// gives the content of a file of the GPO's inventory; a file that changes is read twice.
    ///
    /// # Errors
    ///
    /// What `read` and the directory returned. All else is said in [`MappedGpo::messages`].
    pub fn map(
        &self,
        gpo: &Gpo,
        principals: &[Principal],
        target: &dyn Directory,
        mut read: impl FnMut(&GpoPath) -> Result<Vec<u8>, SourceError>,
    ) -> Result<MappedGpo, SourceError> {
        let mut all = references(gpo, &mut read)?;
        if self.with_permissions {
            permissions::add(gpo, &mut all);
        }
        let GpoReferences { found, unread } = all;
        let known = KnownPrincipals::new(principals, &found);
        let destinations = Destinations {
            rules: &self.rules,
            exact_folder: self.like_gpmc,
            known: &known,
            gpo: gpo.id,
            target: (&target.domain()?).into(),
        };
        let mut lookup = PrincipalLookup::new(target);
        let fates = loop {
            let fate = |found: &GpoReference| {
                if self.like_gpmc && !found.reference.setting.is_mapped_by_gpmc() {
                    return ReferenceFate::Kept(KeptReason::NotMappedByGpmc);
                }
                destinations.of(&found.reference, &mut lookup)
            };
            let fates: Vec<_> = found.iter().map(fate).collect();
            if !lookup.fetch()? {
                break fates;
            }
        };
        let references = found.into_iter().zip(fates);
        let references = references.map(|(found, fate)| MappedReference {
            source: found.source,
            reference: found.reference,
            fate,
        });
        let mut mapped = MappedGpo {
            gpo: gpo.clone(),
            files: BTreeMap::new(),
            references: references.collect(),
            messages: Vec::new(),
        };
        edit::edit(&mut mapped, &mut read)?;
        mapped.messages = messages::messages(&mapped, &unread, self.table_only);
        Ok(mapped)
    }
}
