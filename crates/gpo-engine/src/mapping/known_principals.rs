//! What is known of the principals that a GPO names, in the domain that it comes from.

use std::collections::{BTreeMap, HashMap};

use gpo_core::{
    GpoPath, GpoReference, Principal, PrincipalKind, ReferenceKind, ReferencePlace,
    ReferenceSource, XmlPath, fold_name,
};
use sddl_parser::Sid;

use super::account_name::AccountName;
use super::mapping_rule::DomainNames;

/// Principals by SID and by any of their names, and the domains that they are of.
#[derive(Debug, Default)]
pub(crate) struct KnownPrincipals {
    by_sid: BTreeMap<Sid, Principal>,
    by_name: HashMap<String, Sid>,
    domains: Vec<DomainNames>,
}

impl KnownPrincipals {
    /// What a backup or a directory says, and what the GPO itself says: in preferences a name
    /// often stands beside the SID. What the GPO says never replaces what is known already.
    pub(crate) fn new(principals: &[Principal], references: &[GpoReference]) -> Self {
        let mut known = Self::default();
        for principal in principals {
            known.add(principal.clone());
        }
        for (sid, name) in pairs(references) {
            let name = AccountName::of(name);
            let (Some(domain), false) = (name.domain(), name.is_of_no_domain()) else {
                continue;
            };
            let dotted = domain.contains('.');
            let given = DomainNames {
                netbios: (!dotted).then(|| domain.to_owned()),
                dns: dotted.then(|| domain.to_owned()),
                sid: None,
            };
            let all = known.domain(&given);
            let dns_domain = all.dns.unwrap_or_default();
            known.add(Principal {
                sid,
                sam_account_name: name.name().to_owned(),
                kind: PrincipalKind::Unknown,
                netbios_domain: all.netbios.unwrap_or_default(),
                upn: if dns_domain.is_empty() {
                    String::new()
                } else {
                    format!("{}@{dns_domain}", name.name())
                },
                dns_domain,
            });
        }
        known
    }

    fn add(&mut self, principal: Principal) {
        if self.by_sid.contains_key(&principal.sid) {
            return;
        }
        for name in names(&principal) {
            self.by_name
                .entry(fold_name(&name))
                .or_insert(principal.sid);
        }
        let some = |name: &String| Some(name.clone()).filter(|name| !name.is_empty());
        let domain = DomainNames {
            netbios: some(&principal.netbios_domain),
            dns: some(&principal.dns_domain),
            sid: principal.sid.domain(),
        };
        if (domain.netbios.is_some() || domain.dns.is_some()) && !self.domains.contains(&domain) {
            self.domains.push(domain);
        }
        self.by_sid.insert(principal.sid, principal);
    }

    pub(crate) fn of_sid(&self, sid: &Sid) -> Option<&Principal> {
        self.by_sid.get(sid)
    }

    /// The principal with this name, in any of its forms with a domain.
    pub(crate) fn of_name(&self, name: &str) -> Option<&Principal> {
        self.by_sid.get(self.by_name.get(&fold_name(name))?)
    }

    /// The domain with all the names that are known of it.
    pub(crate) fn domain(&self, named: &DomainNames) -> DomainNames {
        let same = self.domains.iter().filter(|known| known.shares_name(named));
        same.fold(named.clone(), |all, known| all.or(known))
    }
}

/// The names of a principal, each with its domain.
pub(crate) fn names(principal: &Principal) -> Vec<String> {
    let Principal {
        sam_account_name: name,
        netbios_domain: netbios,
        dns_domain: dns,
        upn,
        ..
    } = principal;
    let mut names = Vec::new();
    if !upn.is_empty() {
        names.push(upn.clone());
    }
    if !netbios.is_empty() {
        names.push(format!("{netbios}\\{name}"));
    }
    if !dns.is_empty() {
        names.extend([format!("{name}@{dns}"), format!("{dns}\\{name}")]);
    }
    names
}

/// SIDs and names that are attributes of the same element, if it has one of each.
fn pairs(references: &[GpoReference]) -> Vec<(Sid, &str)> {
    let mut pairs = Vec::new();
    for group in references.chunk_by(|a, b| element(a).is_some() && element(a) == element(b)) {
        let sids: Vec<Sid> = group.iter().filter_map(|r| r.reference.sid()).collect();
        let is_name = |r: &&GpoReference| r.reference.kind == ReferenceKind::Account;
        let mut names = group.iter().filter(is_name);
        if let ([sid], Some(name), None) = (sids.as_slice(), names.next(), names.next()) {
            pairs.push((*sid, name.reference.text.as_str()));
        }
    }
    pairs
}

fn element(found: &GpoReference) -> Option<(&GpoPath, &XmlPath)> {
    match (&found.source, &found.reference.place) {
        (ReferenceSource::File(file), ReferencePlace::Xml { element, .. }) => Some((file, element)),
        _ => None,
    }
}
