//! Users, groups and computers by their SIDs and names.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use gpo_core::{
    DirectoryEntry, DomainPartition, Principal, PrincipalKind, PrincipalQuery, SourceError,
    same_name,
};
use ldap3::Scope;
use sddl_parser::Sid;

use crate::connection::Connection;
use crate::filter;
use crate::naming::Naming;
use crate::search::Search;
use crate::settings::Transport;

/// Principals in one search: filters of some thousand bytes are no trouble to a server.
const AT_ONCE: usize = 100;

/// Principals that are remembered; a domain has more, but no program asks for them all.
const REMEMBERED: usize = 10_000;

const ATTRIBUTES: &[&str] = &[
    "objectClass",
    "objectSid",
    "sAMAccountName",
    "userPrincipalName",
    "groupType",
    "sAMAccountType",
    // Of a foreign security principal, what its own domain calls it.
    "msDS-PrincipalName",
];

/// The principals that were asked for already, and the catalogue of the other domains.
#[derive(Debug, Default)]
pub(crate) struct Principals {
    known: Mutex<HashMap<PrincipalQuery, Option<Principal>>>,
    catalogue: OnceLock<Option<Connection>>,
}

impl Principals {
    /// One for each query, in the same order.
    pub(crate) fn find(
        &self,
        connection: &Connection,
        naming: &Naming,
        queries: &[PrincipalQuery],
    ) -> Result<Vec<Option<Principal>>, SourceError> {
        let mut known: HashMap<PrincipalQuery, Option<Principal>> = {
            let known = self.known();
            let known = queries
                .iter()
                .filter_map(|query| known.get_key_value(query));
            known
                .map(|(query, found)| (query.clone(), found.clone()))
                .collect()
        };
        let unknown = queries.iter().filter(|query| !known.contains_key(query));
        let unknown: Vec<PrincipalQuery> = unknown.cloned().collect();
        let own = naming.domain.dns_name.as_str();
        let mut new = unknown.clone();
        new.retain(|query| is_in_a_directory(query, naming));
        let mut found = search(connection, naming, &naming.domain.dn, &new)?;
        new.retain(|query| !found.iter().any(|p| query.is_for(p, own)));
        new.retain(|query| is_of_another_domain(query, naming));
        if let (false, Some(catalogue)) = (new.is_empty(), self.catalogue(connection)) {
            found.extend(search(catalogue, naming, "", &new)?);
        }
        known.extend(unknown.into_iter().map(|query| {
            let principal = found.iter().find(|p| query.is_for(p, own));
            (query, principal.cloned())
        }));
        let answer = |query| known.get(query).cloned().flatten();
        let answers = queries.iter().map(answer).collect();
        let mut remembered = self.known();
        if remembered.len() > REMEMBERED {
            remembered.clear();
        }
        remembered.extend(known);
        Ok(answers)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<PrincipalQuery, Option<Principal>>> {
        // Every change is one call: a panic elsewhere leaves nothing half done.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The global catalogue of the same controller, which knows the principals of the whole forest;
    /// not every controller has one.
    fn catalogue(&self, connection: &Connection) -> Option<&Connection> {
        let open = || {
            let settings = connection.settings();
            let port = match settings.transport {
                Transport::Ldaps => 3269,
                Transport::StartTls | Transport::Plain => 3268,
            };
            Connection::open(settings.at_port(port), connection.credentials().clone()).ok()
        };
        self.catalogue.get_or_init(open).as_ref()
    }
}

/// Whether a directory can know it: SIDs of domains and of `BUILTIN`, and names. Well-known ones
/// (`S-1-5-18`) are nobody's.
fn is_in_a_directory(query: &PrincipalQuery, naming: &Naming) -> bool {
    match query {
        PrincipalQuery::Sid(sid) => {
            sid.authority() == 5 && matches!(sid.sub_authorities().first(), Some(21 | 32))
        }
        PrincipalQuery::Name(name) => match name.split_once('\\') {
            None => !name.is_empty(),
            Some((domain, name)) => {
                !name.is_empty() && naming.partitions.iter().any(|p| is_called(p, domain))
            }
        },
    }
}

fn is_of_another_domain(query: &PrincipalQuery, naming: &Naming) -> bool {
    if naming.partitions.len() < 2 {
        return false;
    }
    match query {
        PrincipalQuery::Sid(sid) => sid.domain() != naming.domain.sid,
        PrincipalQuery::Name(name) => name.split_once('\\').is_some_and(|(domain, _)| {
            let own = naming.partitions.first();
            !own.is_some_and(|own| is_called(own, domain))
        }),
    }
}

fn is_called(partition: &DomainPartition, domain: &str) -> bool {
    let netbios = partition.netbios_name.as_deref();
    same_name(&partition.dns_name, domain) || netbios.is_some_and(|own| same_name(own, domain))
}

fn search(
    connection: &Connection,
    naming: &Naming,
    base: &str,
    queries: &[PrincipalQuery],
) -> Result<Vec<Principal>, SourceError> {
    let searches: Vec<Search> = queries
        .chunks(AT_ONCE)
        .map(|queries| {
            let filter = filter::one_of(queries.iter().map(|query| match query {
                PrincipalQuery::Sid(sid) => filter::equals("objectSid", &sid.to_bytes()),
                PrincipalQuery::Name(name) => {
                    let name = name
                        .split_once('\\')
                        .map_or(name.as_str(), |(_, name)| name);
                    filter::equals("sAMAccountName", name.as_bytes())
                }
            }));
            Search::below(base, Scope::Subtree, filter, ATTRIBUTES)
        })
        .collect();
    let mut found = Vec::new();
    for entries in connection.searches(searches)? {
        found.extend(entries?.iter().filter_map(|entry| principal(entry, naming)));
    }
    Ok(found)
}

fn principal(entry: &DirectoryEntry, naming: &Naming) -> Option<Principal> {
    let domain = DomainPartition::of_object(&entry.dn, &naming.partitions);
    Principal::from_entry(entry, &domain).or_else(|| foreign(entry))
}

/// A principal of a trusted domain. The directory keeps its SID, and asks its own domain for
/// `DOMAIN\name`.
fn foreign(entry: &DirectoryEntry) -> Option<Principal> {
    let sid = Sid::from_bytes(entry.value("objectSid")?).ok()?;
    let name = entry.text("msDS-PrincipalName").ok()?;
    let (netbios_domain, name) = name.split_once('\\')?;
    Some(Principal {
        sid,
        sam_account_name: name.into(),
        kind: PrincipalKind::Unknown,
        netbios_domain: netbios_domain.into(),
        dns_domain: String::new(),
        upn: String::new(),
    })
}
