//! Which principals a backup lists, and in which order.

use alloc::collections::BTreeSet;
use alloc::string::ToString;
use alloc::vec::Vec;

use sddl_parser::Sid;

use crate::path::fold_name;
use crate::principal::{Principal, PrincipalQuery};
use crate::reference::ReferenceSetting;
use crate::security_group::{GroupSource, SecurityGroup};
use crate::security_template::{PrincipalRole, SecurityTemplate, TemplatePrincipal};

/// The `SecurityGroups` of a backup.
///
/// `dacl` are the trustees of the GPO's DACL; `settings` are the [`template_principals`] of its
/// security template and the groups of redirected folders, of each only where the GPO lists the
/// extension. `known` says what the directory knows of a SID.
///
/// GPMC's rules (census of 1,771 backups):
///
/// * Of the DACL, the principals of a domain are listed, well-known ones never.
/// * First comes what is no object of the directory: the template read backwards, the first
///   occurrence wins (122 of 123 lists). A well-known principal has its bare name only, one that
///   nobody knows its SID only. Service accounts (`S-1-5-80`, `-82`, `-83`, `-90`, `-99`) are left
///   out (66 of 69). A name is listed as it stands, also one that the directory knows (2 of 2).
/// * Then the principals of domains, in the order of their creation (1,677 of 1,744 lists). One
///   that is in DACL and settings counts for the settings (27 of 27).
pub fn principal_list(
    dacl: &[Sid],
    settings: &[PrincipalQuery],
    mut known: impl FnMut(&Sid) -> Option<Principal>,
) -> Vec<SecurityGroup> {
    let mut list = Lists::default();
    for query in settings.iter().rev() {
        let sid = match query {
            PrincipalQuery::Name(name) => {
                list.add_name(name);
                continue;
            }
            PrincipalQuery::Sid(sid) => sid,
        };
        match known(sid) {
            _ if is_service(sid) => {}
            Some(principal) if is_of_domain(sid) => {
                list.add_principal(principal, GroupSource::Settings);
            }
            Some(principal) => list.add_name(&principal.sam_account_name),
            None => match bare_well_known_name(sid) {
                Some(name) => list.add_name(name),
                None => list.add_unresolved(*sid, GroupSource::Settings),
            },
        }
    }
    for sid in dacl.iter().filter(|sid| is_of_domain(sid)) {
        match known(sid) {
            Some(principal) => list.add_principal(principal, GroupSource::Dacl),
            None => list.add_unresolved(*sid, GroupSource::Dacl),
        }
    }
    list.finish()
}

/// The principals of a security template as [`principal_list`] takes them: those of user rights and
/// restricted groups in the order of the file, of a membership line the members before the group;
/// then those of domains that permissions name.
pub fn template_principals(template: &SecurityTemplate) -> Vec<PrincipalQuery> {
    let mut principals: Vec<_> = template.principals().collect();
    principals.sort_by_key(|principal| (principal.line, principal.role == PrincipalRole::Group));
    let query = |principal: &TemplatePrincipal<'_>| match principal.sid() {
        Some(sid) => PrincipalQuery::Sid(sid),
        None => PrincipalQuery::Name(principal.text.trim_start_matches('*').into()),
    };
    let mut queries: Vec<_> = principals.iter().map(query).collect();
    let references = template.references().into_iter();
    let permissions = references.filter(|reference| {
        matches!(reference.setting, ReferenceSetting::SecuredObject(_)) && reference.is_listed()
    });
    queries.extend(permissions.filter_map(|reference| reference.sid().map(PrincipalQuery::Sid)));
    queries
}

#[derive(Default)]
struct Lists {
    unresolved: Vec<SecurityGroup>,
    principals: Vec<(Sid, SecurityGroup)>,
    names: BTreeSet<alloc::string::String>,
    sids: BTreeSet<Sid>,
}

impl Lists {
    fn add_name(&mut self, name: &str) {
        if self.names.insert(fold_name(name)) {
            self.unresolved.push(SecurityGroup::named(name));
        }
    }

    fn add_unresolved(&mut self, sid: Sid, source: GroupSource) {
        if self.sids.insert(sid) {
            self.unresolved
                .push(SecurityGroup::unresolved(sid.to_string(), source));
        }
    }

    fn add_principal(&mut self, principal: Principal, source: GroupSource) {
        if self.sids.insert(principal.sid) {
            self.principals.push((
                principal.sid,
                SecurityGroup::of_principal(principal, source),
            ));
        }
    }

    fn finish(mut self) -> Vec<SecurityGroup> {
        self.principals
            .sort_by_key(|(sid, _)| (creation_rank(sid), *sid));
        self.unresolved
            .extend(self.principals.into_iter().map(|(_, group)| group));
        self.unresolved
    }
}

/// When a domain makes its principals. The census has 500, 1000 and 1001, 515, 516, 518, 519, 512,
/// 513, 520, 521, 526 and then what people made, from 1101; the places of the others are inferred.
const CREATION_ORDER: [u32; 23] = [
    500, 501, 1000, 1001, 502, 515, 516, 518, 519, 517, 512, 513, 514, 520, 553, 571, 572, 521,
    498, 522, 525, 526, 527,
];

fn creation_rank(sid: &Sid) -> (usize, u32) {
    let rid = sid.rid().unwrap_or_default();
    let place = CREATION_ORDER.iter().position(|&known| known == rid);
    (place.unwrap_or(CREATION_ORDER.len()), rid)
}

/// The name of a principal that is the same on every machine, without its authority.
fn bare_well_known_name(sid: &Sid) -> Option<&'static str> {
    let name = sid.well_known_name().filter(|_| !is_of_domain(sid))?;
    name.rsplit('\\').next()
}

/// `S-1-5-21-…`: an account of a domain or of a machine.
fn is_of_domain(sid: &Sid) -> bool {
    sid.authority() == 5 && sid.sub_authorities().first() == Some(&21)
}

fn is_service(sid: &Sid) -> bool {
    sid.authority() == 5 && matches!(sid.sub_authorities().first(), Some(80 | 82 | 83 | 90 | 99))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::PrincipalKind;
    use alloc::string::String;

    fn sid(text: &str) -> Sid {
        text.parse().unwrap()
    }

    fn domain(rid: u32) -> Sid {
        sid(&alloc::format!("S-1-5-21-1-2-3-{rid}"))
    }

    fn lookup(sid: &Sid) -> Option<Principal> {
        let found = || Principal {
            sid: *sid,
            sam_account_name: alloc::format!("r{}", sid.rid().unwrap_or(0)),
            kind: PrincipalKind::GlobalGroup,
            netbios_domain: String::from("EX"),
            dns_domain: String::from("ex.test"),
            upn: String::new(),
        };
        (is_of_domain(sid) && sid.rid() != Some(9999)).then(found)
    }

    #[test]
    fn settings_backwards_then_principals_by_creation() {
        let dacl = [
            domain(512),
            sid("S-1-5-11"),
            domain(519),
            domain(1105),
            domain(9999),
        ];
        let template = [
            PrincipalQuery::Sid(sid("S-1-5-32-544")),
            PrincipalQuery::Sid(domain(1105)),
            PrincipalQuery::Sid(sid("S-1-5-80-0")),
            PrincipalQuery::Name(String::from("ADD YOUR DOMAIN ADMINS")),
            PrincipalQuery::Sid(sid("S-1-5-19")),
            PrincipalQuery::Sid(sid("S-1-5-32-544")),
        ];
        let list = principal_list(&dacl, &template, lookup);
        let shown: Vec<_> = list
            .iter()
            .map(|g| {
                (
                    g.sam_account_name.as_str(),
                    g.sid.as_str(),
                    g.source.as_text(),
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("Administrators", "", None),
                ("LOCAL SERVICE", "", None),
                ("ADD YOUR DOMAIN ADMINS", "", None),
                ("", "S-1-5-21-1-2-3-9999", Some("FromDACL")),
                ("r519", "S-1-5-21-1-2-3-519", Some("FromDACL")),
                ("r512", "S-1-5-21-1-2-3-512", Some("FromDACL")),
                ("r1105", "S-1-5-21-1-2-3-1105", None),
            ]
        );
    }
}
