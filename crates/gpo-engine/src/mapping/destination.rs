//! What becomes of one reference.

use gpo_core::{GpoId, Guid, MigrationDestination, Principal, Reference, ReferenceKind, same_name};
use sddl_parser::Sid;

use super::account_name::AccountName;
use super::known_principals::{KnownPrincipals, names};
use super::mapped_gpo::{KeptReason, ReferenceFate};
use super::mapping_rule::DomainNames;
use super::principal_lookup::PrincipalLookup;
use super::rule_table::{DomainRule, EntryRule, RuleTable};
use super::subject::{Subject, is_of_domain};

/// What it takes to say what becomes of a reference.
pub(super) struct Destinations<'a> {
    pub(super) rules: &'a RuleTable,
    /// Whether a path is looked for by its folder only.
    pub(super) exact_folder: bool,
    pub(super) known: &'a KnownPrincipals,
    /// The GPO, whose own folder no rule is for.
    pub(super) gpo: GpoId,
    /// The domain that the GPO goes to.
    pub(super) target: DomainNames,
}

/// What stands in the place afterwards, and whether the domain knows it; or what it does not know.
type Found = Result<(String, bool), String>;

impl Destinations<'_> {
    pub(super) fn of(
        &self,
        reference: &Reference,
        lookup: &mut PrincipalLookup<'_>,
    ) -> ReferenceFate {
        match reference.kind {
            ReferenceKind::UncPath => self.of_path(&reference.text),
            ReferenceKind::Sid | ReferenceKind::Account => {
                self.of_principal(&Subject::of(reference, self.known), lookup)
            }
        }
    }

    fn of_path(&self, path: &str) -> ReferenceFate {
        if is_in_own_folder(path, self.gpo) {
            return ReferenceFate::Kept(KeptReason::OwnFolder);
        }
        let entry = if self.exact_folder {
            self.rules.folder(path)
        } else {
            self.rules.path(path)
        };
        if let Some((entry, length)) = entry {
            let rule = entry.shown.clone();
            return match &entry.destination {
                MigrationDestination::Set(to) => {
                    let rest = path.get(length..).unwrap_or_default();
                    ReferenceFate::Replaced {
                        by: to.trim_end_matches('\\').to_owned() + rest,
                        rule,
                        is_known: true,
                    }
                }
                // The table refuses any other for a path.
                _ => ReferenceFate::Kept(KeptReason::SameAsSource {
                    rule,
                    is_known: true,
                }),
            };
        }
        let by_domain = self.rules.domains.iter().find_map(|rule| {
            Some(ReferenceFate::Replaced {
                by: in_other_domain(path, &rule.from, &rule.to)?,
                rule: rule.shown.clone(),
                is_known: true,
            })
        });
        by_domain.unwrap_or(ReferenceFate::Kept(KeptReason::NoRule))
    }

    fn of_principal(
        &self,
        subject: &Subject<'_>,
        lookup: &mut PrincipalLookup<'_>,
    ) -> ReferenceFate {
        let forms = subject.forms();
        if let Some(entry) = self.rules.principal(forms.iter().map(String::as_str)) {
            return self.by_entry(entry, subject, lookup);
        }
        if subject.is_same_everywhere() {
            return ReferenceFate::Kept(KeptReason::SameEverywhere);
        }
        if subject.principal.is_none() && subject.is_of_machine() {
            return ReferenceFate::Kept(KeptReason::OfMachine);
        }
        let own = subject.domain();
        let mut kept = KeptReason::NoRule;
        for rule in &self.rules.domains {
            if !self.known.domain(&rule.from).shares_name(&own) {
                continue;
            }
            match self.by_domain(rule, subject, lookup) {
                ReferenceFate::Kept(reason) if kept == KeptReason::NoRule => kept = reason,
                ReferenceFate::Kept(_) => {}
                fate => return fate,
            }
        }
        ReferenceFate::Kept(kept)
    }

    fn by_entry(
        &self,
        entry: &EntryRule,
        subject: &Subject<'_>,
        lookup: &mut PrincipalLookup<'_>,
    ) -> ReferenceFate {
        let rule = entry.shown.clone();
        let found = match &entry.destination {
            MigrationDestination::None => return ReferenceFate::Removed { rule },
            MigrationDestination::SameAsSource => return same_as_source(rule, subject, lookup),
            MigrationDestination::Set(text) => explicit(text, subject, lookup),
            // Accounts that every domain has keep their RID under any name.
            MigrationDestination::ByRelativeName => in_domain(subject, &self.target, false, lookup),
        };
        fate(rule, found, true)
    }

    fn by_domain(
        &self,
        rule: &DomainRule,
        subject: &Subject<'_>,
        lookup: &mut PrincipalLookup<'_>,
    ) -> ReferenceFate {
        let to = if rule.to.shares_name(&self.target) {
            rule.to.or(&self.target)
        } else {
            rule.to.clone()
        };
        let found = in_domain(subject, &to, rule.keep_rids, lookup);
        fate(rule.shown.clone(), found, false)
    }
}

fn fate(rule: String, found: Found, is_entry: bool) -> ReferenceFate {
    match found {
        Ok((by, is_known)) => ReferenceFate::Replaced { by, rule, is_known },
        Err(destination) => ReferenceFate::Kept(KeptReason::Unresolved {
            rule,
            destination,
            is_entry,
        }),
    }
}

/// The destination that an entry gives as text.
fn explicit(text: &str, subject: &Subject<'_>, lookup: &mut PrincipalLookup<'_>) -> Found {
    let text = text.strip_prefix('*').unwrap_or(text);
    let written: Option<Sid> = text.parse().ok();
    let well_known = Sid::from_well_known_name(text);
    let there = match (written, well_known) {
        (Some(sid), _) if is_of_domain(&sid) => lookup.sid(sid),
        (Some(_), _) | (None, Some(_)) => None,
        (None, None) => lookup.name(text),
    };
    let sid = written.or(well_known);
    let is_known = there.is_some() || sid.is_some_and(|sid| !is_of_domain(&sid));
    let sid = sid.or_else(|| there.as_ref().map(|principal| principal.sid));
    let Some(form) = subject.form() else {
        let sid = sid.ok_or_else(|| text.to_owned())?;
        return Ok((subject.with_sid(&sid), is_known));
    };
    if let Some(sid) = written {
        let name = there.map(|there| subject.with_principal(&there));
        let name = name.or_else(|| {
            let name = sid.well_known_name().filter(|_| !is_of_domain(&sid));
            name.map(str::to_owned)
        });
        return match name {
            Some(name) => Ok((name, is_known)),
            None if subject.takes_either() => Ok((subject.with_sid(&sid), is_known)),
            None => Err(text.to_owned()),
        };
    }
    // Windows looks up NAME@dns.domain for users only, so a name takes the form of the setting.
    let same_form = matches!(form, AccountName::AtDomain { .. });
    match (AccountName::of(text), there) {
        (AccountName::AtDomain { .. }, Some(there)) if !same_form => {
            Ok((subject.with_principal(&there), true))
        }
        _ => Ok((text.to_owned(), is_known)),
    }
}

/// The same principal, looked up again where the GPO goes to.
fn same_as_source(
    rule: String,
    subject: &Subject<'_>,
    lookup: &mut PrincipalLookup<'_>,
) -> ReferenceFate {
    let kept = |is_known| {
        ReferenceFate::Kept(KeptReason::SameAsSource {
            rule: rule.clone(),
            is_known,
        })
    };
    if subject.is_same_everywhere() {
        return kept(true);
    }
    let own = subject.form().map(|_| subject.text().to_owned());
    let names = subject
        .principal
        .map(names)
        .into_iter()
        .flatten()
        .chain(own);
    // All are asked for, so that one question to the directory does.
    let found: Vec<Principal> = names.filter_map(|name| lookup.name(&name)).collect();
    match (found.first(), subject.sid.filter(|_| subject.is_sid())) {
        (Some(there), Some(sid)) if there.sid != sid => ReferenceFate::Replaced {
            by: subject.with_sid(&there.sid),
            rule,
            is_known: true,
        },
        (None, Some(sid)) => kept(lookup.sid(sid).is_some()),
        (there, _) => kept(there.is_some()),
    }
}

/// The principal of the same name in another domain, or the one with the same RID.
fn in_domain(
    subject: &Subject<'_>,
    to: &DomainNames,
    keep_rids: bool,
    lookup: &mut PrincipalLookup<'_>,
) -> Found {
    let netbios = to.netbios.as_deref().unwrap_or_default();
    let dns = to.dns.as_deref().unwrap_or_default();
    let domain = if netbios.is_empty() { dns } else { netbios };
    let name = subject.name().filter(|_| !domain.is_empty());
    let of_name = name.and_then(|name| lookup.name(&format!("{domain}\\{name}")));
    let rid = subject.rid();
    let sid = to.sid.zip(rid).and_then(|(sid, rid)| sid.with_rid(rid));
    let of_sid = sid.and_then(|sid| lookup.sid(sid));
    let fixed = subject.is_in_every_domain();
    if fixed && let Some(there) = &of_sid {
        return Ok((subject.with_principal(there), true));
    }
    if let Some(there) = &of_name {
        return Ok((subject.with_principal(there), true));
    }
    let unknown = || match (name, rid) {
        (Some(name), _) => format!("{domain}\\{name}"),
        (None, Some(rid)) => format!("RID {rid} of {}", to.pattern()),
        (None, None) => to.pattern(),
    };
    // Somebody else may have the RID there.
    let is_other =
        |there: &Principal| name.is_some_and(|name| !same_name(&there.sam_account_name, name));
    let may_keep = fixed || (keep_rids && !of_sid.as_ref().is_some_and(is_other));
    match (subject.form(), sid) {
        (None, Some(sid)) if may_keep => Ok((subject.with_sid(&sid), of_sid.is_some())),
        // Whoever has a SID has to be found, so that SID and name go on to agree.
        (Some(form), _)
            if rid.is_none()
                && let Some(name) = name =>
        {
            Ok((form.like_this(netbios, dns, name), false))
        }
        _ => Err(unknown()),
    }
}

/// Whether a path lies in the folder of a GPO in SYSVOL:
/// `\\server\sysvol\dns.domain\Policies\{GUID}\…`.
pub(crate) fn is_in_own_folder(path: &str, gpo: GpoId) -> bool {
    let mut parts = path.trim_start_matches('\\').split('\\').skip(1);
    let is_sysvol = parts.next().is_some_and(|share| same_name(share, "sysvol"));
    let is_policies = parts.nth(1).is_some_and(|name| same_name(name, "Policies"));
    let id = parts.next().and_then(|id| id.parse::<Guid>().ok());
    is_sysvol && is_policies && id.map(GpoId::new) == Some(gpo)
}

/// A path with the servers, and the name, of another domain; `None` where it has none.
///
/// Only names that the rule gives count, not those that are found out: `OLD\*` is about accounts.
fn in_other_domain(path: &str, from: &DomainNames, to: &DomainNames) -> Option<String> {
    let (from_dns, to_dns) = (from.dns.as_deref()?, to.dns.as_deref()?);
    let rest = path.strip_prefix(r"\\")?;
    let mut parts: Vec<String> = rest.split('\\').map(str::to_owned).collect();
    let mut changed = false;
    for (n, part) in parts.iter_mut().enumerate() {
        // `\\server@SSL@8443\share` is a path of WebDAV.
        let host = part.split('@').next().unwrap_or_default();
        let tail = part.get(host.len()..).unwrap_or_default();
        let netbios = from.netbios.as_deref().zip(to.netbios.as_deref());
        let new = match (n, netbios) {
            _ if same_name(host, from_dns) => to_dns.to_owned(),
            (0, Some((from, to))) if same_name(host, from) => to.to_owned(),
            (0, _) => match host_below(host, from_dns) {
                Some(host) => format!("{host}{to_dns}"),
                None => continue,
            },
            _ => continue,
        };
        *part = new + tail;
        changed = true;
    }
    changed.then(|| format!(r"\\{}", parts.join("\\")))
}

/// The part before the domain, with its dot, of a server in it.
fn host_below<'a>(server: &'a str, domain: &str) -> Option<&'a str> {
    let length = server.len().checked_sub(domain.len())?;
    let (host, own) = server.split_at_checked(length)?;
    (host.ends_with('.') && same_name(own, domain)).then_some(host)
}
