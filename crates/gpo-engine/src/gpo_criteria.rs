//! Which GPOs of a domain are looked for.

use gpo_core::{Dn, ExtensionList, GpoContainer, GpoId, Guid, Half, WmiFilterId, fold_name};
use sddl_parser::{GpoPermission, SecurityDescriptor, Sid};

use crate::gpo_permissions::includes;
use crate::gpo_sides::{GpoSides, linked_filter};

/// What a GPO must have to be found; all of it, as in `IGPMDomain::SearchGPOs`. The default finds
/// every GPO.
///
/// Names are compared without case. Whoever asks for something that a source does not show (links,
/// permissions) finds nothing there.
///
/// ```
/// use gpo_engine::{Cancel, GpoCriteria, Source, search_gpos};
/// use gpo_testkit::MemoryDomain;
///
/// let (domain, cancel) = (MemoryDomain::example(), Cancel::default());
/// let mut criteria = GpoCriteria { name: vec!["gpo".into()], ..GpoCriteria::default() };
/// assert_eq!(search_gpos(Source::of(&domain), &criteria, &cancel).value.len(), 1);
/// criteria.not_name.push("É".into());
/// assert!(search_gpos(Source::of(&domain), &criteria, &cancel).value.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GpoCriteria {
    /// It is this one.
    pub gpo: Option<GpoId>,
    /// It is none of these.
    pub not_gpo: Vec<GpoId>,
    /// Its name contains each of these texts.
    pub name: Vec<String>,
    /// Its name contains none of these texts.
    pub not_name: Vec<String>,
    /// It is linked to this WMI filter.
    pub wmi_filter: Option<WmiFilterId>,
    /// These client-side extensions are listed in these halves.
    pub extensions: Vec<(Half, Guid)>,
    /// These are not.
    pub not_extensions: Vec<(Half, Guid)>,
    /// It is linked to each of these domains, organizational units and sites, by their
    /// distinguished names.
    pub linked_to: Vec<String>,
    /// These trustees have these levels, or ones that include them. What a trustee has through
    /// groups does not count, and neither does what is denied.
    pub permissions: Vec<(Sid, GpoPermission)>,
    /// These have not.
    pub not_permissions: Vec<(Sid, GpoPermission)>,
}

impl GpoCriteria {
    pub(crate) fn are_met(&self, gpo: &GpoSides) -> bool {
        let container = gpo.container.as_ref();
        self.name_fits(gpo) && self.links_fit(gpo) && self.container_fits(container)
    }

    fn name_fits(&self, gpo: &GpoSides) -> bool {
        let name = fold_name(&gpo.listing.display_name);
        let in_name = |text: &String| name.contains(&fold_name(text));
        self.gpo.is_none_or(|id| id == gpo.listing.id)
            && !self.not_gpo.contains(&gpo.listing.id)
            && self.name.iter().all(in_name)
            && !self.not_name.iter().any(in_name)
    }

    fn links_fit(&self, gpo: &GpoSides) -> bool {
        self.linked_to.iter().all(|som| {
            let key = Dn::new(som).key();
            let mut links = gpo.links.iter().flatten();
            links.any(|link| Dn::new(&link.target).key() == key)
        })
    }

    fn container_fits(&self, container: Option<&GpoContainer>) -> bool {
        let text = |get: fn(&GpoContainer) -> &String| container.map(get).cloned();
        let filter = container.and_then(linked_filter);
        let is_listed = |(half, cse): &(Half, Guid)| {
            let list = match half {
                Half::Machine => text(|c| &c.machine_extensions),
                Half::User => text(|c| &c.user_extensions),
            };
            ExtensionList::from_text(list.unwrap_or_default()).contains_cse(*cse)
        };
        if self.wmi_filter.is_some_and(|wanted| filter != Some(wanted))
            || !self.extensions.iter().all(is_listed)
            || self.not_extensions.iter().any(is_listed)
        {
            return false;
        }
        (self.permissions.is_empty() && self.not_permissions.is_empty())
            || self.permissions_fit(container)
    }

    fn permissions_fit(&self, container: Option<&GpoContainer>) -> bool {
        let descriptor = container.and_then(|c| c.security_descriptor.as_deref());
        let Some(Ok(descriptor)) = descriptor.map(SecurityDescriptor::from_bytes) else {
            return false;
        };
        let held = descriptor
            .dacl()
            .map(GpoPermission::of_acl)
            .unwrap_or_default();
        let has = |(trustee, level): &(Sid, GpoPermission)| {
            let mut own = held
                .iter()
                .filter(|held| held.trustee == *trustee && !held.denied);
            own.any(|held| includes(held.permission, *level))
        };
        self.permissions.iter().all(has) && !self.not_permissions.iter().any(has)
    }
}
