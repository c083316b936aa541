//! A principal as a setting names it, with what is known of it.

use gpo_core::{Principal, Reference, ReferenceKind, ReferenceSetting};
use sddl_parser::Sid;

use super::account_name::AccountName;
use super::known_principals::{KnownPrincipals, names};
use super::mapping_rule::DomainNames;

/// A reference to a principal, and the principal, where it is known.
pub(crate) struct Subject<'a> {
    reference: &'a Reference,
    pub(crate) sid: Option<Sid>,
    pub(crate) principal: Option<&'a Principal>,
}

/// RIDs below this one are the same accounts in every domain ([MS-DTYP] 2.4.2.4).
const FIRST_OWN_RID: u32 = 1000;

impl<'a> Subject<'a> {
    pub(crate) fn of(reference: &'a Reference, known: &'a KnownPrincipals) -> Self {
        if let Some(sid) = reference.sid() {
            return Self {
                reference,
                sid: Some(sid),
                principal: known.of_sid(&sid),
            };
        }
        let principal = known.of_name(&reference.text);
        let well_known = || Sid::from_well_known_name(&reference.text);
        Self {
            reference,
            sid: principal.map(|principal| principal.sid).or_else(well_known),
            principal,
        }
    }

    /// What stands in the place, without the `*` of a security template.
    pub(crate) fn text(&self) -> &'a str {
        let text = self.reference.text.as_str();
        text.strip_prefix('*').unwrap_or(text)
    }

    /// Whether a SID stands in the place.
    pub(crate) fn is_sid(&self) -> bool {
        self.reference.kind == ReferenceKind::Sid
    }

    /// The form of the name in the place; none for a SID.
    pub(crate) fn form(&self) -> Option<AccountName<'a>> {
        (!self.is_sid()).then(|| AccountName::of(self.text()))
    }

    /// The name without domain.
    pub(crate) fn name(&self) -> Option<&'a str> {
        match self.principal {
            Some(principal) => Some(&principal.sam_account_name),
            None => self.form().map(AccountName::name),
        }
    }

    /// Every text by which somebody may name it, the one of the setting first.
    pub(crate) fn forms(&self) -> Vec<String> {
        let mut forms = vec![self.text().to_owned()];
        forms.extend(self.sid.map(|sid| sid.to_string()));
        forms.extend(self.principal.iter().flat_map(|principal| names(principal)));
        let well_known = self.sid.filter(|sid| !is_of_domain(sid));
        if let Some(name) = well_known.and_then(|sid| sid.well_known_name()) {
            forms.push(name.to_owned());
            forms.extend(name.rsplit_once('\\').map(|(_, bare)| bare.to_owned()));
        }
        forms
    }

    /// What is known of its domain.
    pub(crate) fn domain(&self) -> DomainNames {
        let some = |name: &String| Some(name.clone()).filter(|name| !name.is_empty());
        let sid = self.sid.filter(is_of_domain).and_then(|sid| sid.domain());
        if let Some(principal) = self.principal {
            return DomainNames {
                netbios: some(&principal.netbios_domain),
                dns: some(&principal.dns_domain),
                sid,
            };
        }
        let domain = self.form().and_then(AccountName::domain);
        let has_dot = domain.is_some_and(|domain| domain.contains('.'));
        let domain = domain.map(str::to_owned);
        DomainNames {
            netbios: domain.clone().filter(|_| !has_dot),
            dns: domain.filter(|_| has_dot),
            sid,
        }
    }

    /// Its RID, if it is an account of a domain.
    pub(crate) fn rid(&self) -> Option<u32> {
        self.sid.filter(is_of_domain).and_then(|sid| sid.rid())
    }

    /// Whether it is one of the accounts that every domain has under the same RID.
    pub(crate) fn is_in_every_domain(&self) -> bool {
        self.rid().is_some_and(|rid| rid < FIRST_OWN_RID)
    }

    /// Whether it means the same in every domain.
    pub(crate) fn is_same_everywhere(&self) -> bool {
        match self.sid {
            Some(sid) => !is_of_domain(&sid),
            None => self.form().is_some_and(AccountName::is_of_no_domain),
        }
    }

    /// Whether it is a local account: a name without a domain in preferences.
    pub(crate) fn is_of_machine(&self) -> bool {
        let of_preferences = matches!(
            self.reference.setting,
            ReferenceSetting::Preference | ReferenceSetting::Targeting
        );
        of_preferences && matches!(self.form(), Some(AccountName::Bare(_)))
    }

    /// Whether the place takes a SID with `*` instead of a name.
    pub(crate) fn takes_either(&self) -> bool {
        matches!(
            self.reference.setting,
            ReferenceSetting::UserRight | ReferenceSetting::RestrictedGroup
        )
    }

    /// A SID as it is written in the place.
    pub(crate) fn with_sid(&self, sid: &Sid) -> String {
        let star = if self.takes_either() { "*" } else { "" };
        let sid = sid.to_string();
        // Folder redirection writes them in lower case.
        if self.text().starts_with('s') && self.is_sid() {
            format!("{star}{}", sid.to_ascii_lowercase())
        } else {
            format!("{star}{sid}")
        }
    }

    /// A principal as it is written in the place.
    pub(crate) fn with_principal(&self, principal: &Principal) -> String {
        match self.form() {
            None => self.with_sid(&principal.sid),
            Some(form) => form.like_this(
                &principal.netbios_domain,
                &principal.dns_domain,
                &principal.sam_account_name,
            ),
        }
    }
}

/// `S-1-5-21-…`: an account of a domain or of a machine.
pub(crate) fn is_of_domain(sid: &Sid) -> bool {
    sid.authority() == 5 && sid.sub_authorities().first() == Some(&21)
}
