//! Who may do what with a GPO.

use std::collections::{HashMap, HashSet};

use gpo_core::Quoted;
use sddl_parser::{
    APPLY_GROUP_POLICY, Ace, AceFlags, Acl, Control, GpoPermission, SddlContext,
    SecurityDescriptor, Sid,
};

use crate::element::{Namespace, ReportElement};
use crate::principal::ReportTrustee;
use crate::record::{Element, Field, Fields, Misfit, record};
use crate::report_source::ReportSource;
use crate::settings::{read_typed, write_typed};
use crate::trustee_order::trustee_order;

record! {
    /// The security descriptor of a GPO's container, as text and as GPMC explains it.
    pub struct ReportSecurity in Security {
        /// The whole descriptor as SDDL.
        "SDDL" sddl: String,
        /// Its owner.
        "Owner" owner: Option<ReportTrustee>,
        /// Its primary group.
        "Group" group: Option<ReportTrustee>,
        /// Whether it has a DACL.
        "PermissionsPresent" permissions_present: bool,
        /// The DACL.
        "Permissions" permissions: Option<GpoPermissions>,
        /// `false` even where there is a SACL (census: 1,160 reports with one).
        "AuditingPresent" auditing_present: bool,
    }
}

record! {
    /// The DACL of a [`ReportSecurity`].
    pub struct GpoPermissions in Security {
        /// Whether it takes entries from the container above.
        "InheritsFromParent" inherits_from_parent: bool,
        /// The trustees, in the order of the report.
        "TrusteePermissions" trustees: Vec<TrusteePermissions>,
    }
}

record! {
    /// What a DACL says about one trustee.
    pub struct TrusteePermissions in Security {
        /// The trustee.
        "Trustee" trustee: ReportTrustee,
        /// Whether this is allowed or denied.
        "Type" permission_type: PermissionType,
        /// Whether it comes from the container above; Windows has never written `true` (census:
        /// 1,174 reports).
        "Inherited" inherited: bool,
        /// What it applies to.
        "Applicability" applicability: Applicability,
        /// The levels; two where neither includes the other.
        #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::levels"))]
        "Standard" levels: Vec<GpoPermission>,
        /// The bits; 0 in every report of Windows.
        "AccessMask" access_mask: u32,
    }
}

record! {
    /// What permissions apply to.
    #[derive(Copy, Default, Hash)]
    #[allow(clippy::struct_excessive_bools)] // The four elements of the file.
    pub struct Applicability in Security {
        /// The object itself.
        "ToSelf" to_self: bool,
        /// The leaves below it.
        "ToDescendantObjects" to_descendant_objects: bool,
        /// The containers below it.
        "ToDescendantContainers" to_descendant_containers: bool,
        /// Of these, only the ones directly below it.
        "ToDirectDescendantsOnly" to_direct_descendants_only: bool,
    }
}

/// Whether permissions are allowed or denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PermissionType {
    /// Allowed.
    Allow,
    /// Denied.
    Deny,
}

impl PermissionType {
    pub(crate) fn of_denied(denied: bool) -> Self {
        if denied { Self::Deny } else { Self::Allow }
    }

    /// The text in a report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }
}

impl Element for PermissionType {
    fn of_element(element: &ReportElement) -> Result<Self, Misfit> {
        let name = read_typed(element, "PermissionType")?;
        let types = [Self::Allow, Self::Deny];
        let found = types.into_iter().find(|own| own.name() == name);
        found.ok_or_else(|| Misfit(format!("PermissionType cannot be {}", Quoted::new(&name))))
    }

    fn to_element(&self, namespace: &Namespace, name: &str) -> ReportElement {
        write_typed(namespace, name, "PermissionType", self.name())
    }
}

/// The element that holds the name of a level.
const LEVEL: &str = "GPOGroupedAccessEnum";

const LEVELS: [GpoPermission; 5] = [
    GpoPermission::Read,
    GpoPermission::Apply,
    GpoPermission::Edit,
    GpoPermission::EditSecurityAndDelete,
    GpoPermission::Custom,
];

impl Element for GpoPermission {
    fn of_element(element: &ReportElement) -> Result<Self, Misfit> {
        let mut fields = Fields::of(element)?;
        let name: String = Field::read(&mut fields, &Namespace::Security, LEVEL)?;
        fields.finish()?;
        let level = LEVELS.into_iter().find(|level| level_name(*level) == name);
        level.ok_or_else(|| Misfit(format!("{LEVEL} cannot be {}", Quoted::new(&name))))
    }

    fn to_element(&self, namespace: &Namespace, name: &str) -> ReportElement {
        let level = ReportElement::leaf(Namespace::Security, LEVEL, level_name(*self));
        ReportElement::parent(namespace.clone(), name, vec![level])
    }
}

impl ReportSecurity {
    /// A descriptor as a report shows it; none if it cannot be written as SDDL.
    pub(crate) fn of_descriptor(
        descriptor: &SecurityDescriptor,
        source: &ReportSource<'_>,
    ) -> Option<Self> {
        let mut context = SddlContext::new();
        if let Some(domain) = source.domain_sid {
            context = context.with_domain(domain);
        }
        let trustee = |sid: &Sid| source.trustee(sid);
        Some(Self {
            sddl: descriptor.to_sddl(&context).ok()?,
            owner: descriptor.owner().map(trustee),
            group: descriptor.group().map(trustee),
            permissions_present: descriptor.control().contains(Control::DACL_PRESENT),
            permissions: descriptor.dacl().map(|dacl| GpoPermissions {
                inherits_from_parent: !descriptor.control().contains(Control::DACL_PROTECTED),
                trustees: permissions(dacl, source),
            }),
            auditing_present: false,
        })
    }
}

/// The trustees of a DACL.
///
/// Whoever has an entry that is only there to be inherited has a part in the order (the table from
/// which it comes holds everybody) but is not shown: so Creator Owner never is, and nobody who has
/// other rights below the container than on it (census: 8 of 8 such reports, 22 trustees).
fn permissions(dacl: &Acl, source: &ReportSource<'_>) -> Vec<TrusteePermissions> {
    let mut entries: HashMap<Key, Entries> = HashMap::new();
    let mut hidden: HashSet<Sid> = HashSet::new();
    for ace in &dacl.aces {
        if let Some(key) = key(ace) {
            entries.entry(key).or_default().add(ace);
        }
        if ace.flags().contains(AceFlags::INHERIT_ONLY) {
            hidden.extend(ace.sid());
        }
    }
    let mut shown: HashMap<Sid, Vec<(Key, TrusteePermissions)>> = HashMap::new();
    for found in GpoPermission::of_acl(dacl) {
        let key = (found.trustee, found.denied, found.inherited);
        let of_trustee = shown.entry(found.trustee).or_default();
        match of_trustee.last_mut() {
            Some((last, permissions)) if *last == key => permissions.levels.push(found.permission),
            _ => {
                let entries = entries.get(&key).copied().unwrap_or_default();
                let mut levels = vec![found.permission];
                if found.denied && !entries.others {
                    // What GPMC makes of it (census: 99 of 99).
                    levels.insert(0, GpoPermission::EditSecurityAndDelete);
                }
                let permissions = TrusteePermissions {
                    trustee: source.trustee(&found.trustee),
                    permission_type: PermissionType::of_denied(found.denied),
                    inherited: found.inherited,
                    applicability: entries.applicability,
                    levels,
                    access_mask: 0,
                };
                of_trustee.push((key, permissions));
            }
        }
    }
    trustee_order(dacl)
        .iter()
        .filter(|sid| !hidden.contains(sid))
        .filter_map(|sid| shown.remove(sid))
        .flatten()
        .map(|(_, permissions)| permissions)
        .collect()
}

/// The trustee, whether it is denied, whether it is inherited: what is shown together.
type Key = (Sid, bool, bool);

fn key(ace: &Ace) -> Option<Key> {
    let inherited = ace.flags().contains(AceFlags::INHERITED);
    Some((*ace.sid()?, ace.ace_type().denies(), inherited))
}

/// What entries that are shown together say beside their level.
#[derive(Clone, Copy, Default)]
struct Entries {
    applicability: Applicability,
    /// There is one about something else than the right to apply the GPO.
    others: bool,
}

impl Entries {
    fn add(&mut self, ace: &Ace) {
        self.others |= ace.object_type() != Some(APPLY_GROUP_POLICY);
        self.applicability.add(ace.flags());
    }
}

/// The text in a report. (No report of the census has the last.)
pub(crate) const fn level_name(level: GpoPermission) -> &'static str {
    match level {
        GpoPermission::Read => "Read",
        GpoPermission::Apply => "Apply Group Policy",
        GpoPermission::Edit => "Edit Settings",
        GpoPermission::EditSecurityAndDelete => "Edit, delete, modify security",
        GpoPermission::Custom => "Custom",
    }
}

impl Applicability {
    /// Adds what an entry with these flags applies to.
    pub(crate) fn add(&mut self, flags: AceFlags) {
        self.to_self = true;
        self.to_descendant_objects |= flags.contains(AceFlags::OBJECT_INHERIT);
        self.to_descendant_containers |= flags.contains(AceFlags::CONTAINER_INHERIT);
        self.to_direct_descendants_only |= flags.contains(AceFlags::NO_PROPAGATE_INHERIT);
    }
}
