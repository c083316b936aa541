//! Who may do what with a GPO.

use std::collections::{HashMap, HashSet};

use sddl_parser::{
    APPLY_GROUP_POLICY, Ace, AceFlags, Acl, Control, GpoPermission, SddlContext,
    SecurityDescriptor, Sid,
};

use crate::report::types;
use crate::report_source::ReportSource;
use crate::trustee_order::trustee_order;
use crate::xml_writer::XmlWriter;

/// The security descriptor of a GPO's container, as text and as GPMC explains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportSecurity {
    /// The whole descriptor as SDDL.
    pub sddl: String,
    /// Its owner.
    pub owner: Option<ReportTrustee>,
    /// Its primary group.
    pub group: Option<ReportTrustee>,
    /// Whether it has a DACL.
    pub permissions_present: bool,
    /// Whether the DACL takes entries from the container above.
    pub inherits_from_parent: bool,
    /// The trustees of the DACL, in the order of the report.
    pub permissions: Vec<TrusteePermissions>,
    /// `false` even where there is a SACL (census: 1,160 reports with one).
    pub auditing_present: bool,
}

/// A principal in a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportTrustee {
    /// Its SID.
    pub sid: Sid,
    /// Its name, with its domain or authority in front; none where nobody knows it.
    pub name: Option<String>,
}

/// What a DACL says about one trustee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrusteePermissions {
    /// The trustee.
    pub trustee: ReportTrustee,
    /// Whether this is allowed or denied.
    pub permission_type: PermissionType,
    /// Whether it comes from the container above; Windows has never written `true` (census: 1,174
    /// reports).
    pub inherited: bool,
    /// What it applies to.
    pub applicability: Applicability,
    /// The levels; two where neither includes the other.
    pub levels: Vec<GpoPermission>,
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
    fn of_denied(denied: bool) -> Self {
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

/// What permissions apply to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(clippy::struct_excessive_bools)] // The four elements of the file.
pub struct Applicability {
    /// The container itself.
    pub to_self: bool,
    /// The leaves below it.
    pub to_descendant_objects: bool,
    /// The containers below it.
    pub to_descendant_containers: bool,
    /// Of these, only the ones directly below it.
    pub to_direct_descendants_only: bool,
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
        let trustee = |sid: &Sid| ReportTrustee::of_sid(*sid, source);
        Some(Self {
            sddl: descriptor.to_sddl(&context).ok()?,
            owner: descriptor.owner().map(trustee),
            group: descriptor.group().map(trustee),
            permissions_present: descriptor.control().contains(Control::DACL_PRESENT),
            inherits_from_parent: !descriptor.control().contains(Control::DACL_PROTECTED),
            permissions: descriptor
                .dacl()
                .map_or_else(Vec::new, |dacl| permissions(dacl, source)),
            auditing_present: false,
        })
    }

    pub(crate) fn write(&self, xml: &mut XmlWriter) {
        /// An element of the namespace of security descriptors.
        macro_rules! security {
            ($name:literal) => {
                concat!(
                    $name,
                    " xmlns=\"http://www.microsoft.com/GroupPolicy/Types/Security\""
                )
            };
        }
        xml.element("SecurityDescriptor", |xml| {
            xml.leaf(security!("SDDL"), &self.sddl);
            for (name, trustee) in [
                (security!("Owner"), &self.owner),
                (security!("Group"), &self.group),
            ] {
                if let Some(trustee) = trustee {
                    trustee.write(xml, name);
                }
            }
            xml.boolean(security!("PermissionsPresent"), self.permissions_present);
            if self.permissions_present {
                xml.element(security!("Permissions"), |xml| {
                    xml.boolean("InheritsFromParent", self.inherits_from_parent);
                    for permissions in &self.permissions {
                        permissions.write(xml);
                    }
                });
            }
            xml.boolean(security!("AuditingPresent"), self.auditing_present);
        });
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
    let mut shown: HashMap<Sid, Vec<TrusteePermissions>> = HashMap::new();
    for found in GpoPermission::of_acl(dacl) {
        let key = (found.trustee, found.denied, found.inherited);
        let of_trustee = shown.entry(found.trustee).or_default();
        match of_trustee.last_mut() {
            Some(last) if last.key() == key => last.levels.push(found.permission),
            _ => {
                let entries = entries.get(&key).copied().unwrap_or_default();
                let mut levels = vec![found.permission];
                if found.denied && !entries.others {
                    // What GPMC makes of it (census: 99 of 99).
                    levels.insert(0, GpoPermission::EditSecurityAndDelete);
                }
                of_trustee.push(TrusteePermissions {
                    trustee: ReportTrustee::of_sid(found.trustee, source),
                    permission_type: PermissionType::of_denied(found.denied),
                    inherited: found.inherited,
                    applicability: entries.applicability,
                    levels,
                });
            }
        }
    }
    trustee_order(dacl)
        .iter()
        .filter(|sid| !hidden.contains(sid))
        .filter_map(|sid| shown.remove(sid))
        .flatten()
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
const fn level_name(level: GpoPermission) -> &'static str {
    match level {
        GpoPermission::Read => "Read",
        GpoPermission::Apply => "Apply Group Policy",
        GpoPermission::Edit => "Edit Settings",
        GpoPermission::EditSecurityAndDelete => "Edit, delete, modify security",
        GpoPermission::Custom => "Custom",
    }
}

impl TrusteePermissions {
    fn key(&self) -> Key {
        let denied = self.permission_type == PermissionType::Deny;
        (self.trustee.sid, denied, self.inherited)
    }

    fn write(&self, xml: &mut XmlWriter) {
        xml.element("TrusteePermissions", |xml| {
            self.trustee.write(xml, "Trustee");
            xml.element("Type xsi:type=\"PermissionType\"", |xml| {
                xml.leaf("PermissionType", self.permission_type.name());
            });
            xml.boolean("Inherited", self.inherited);
            self.applicability.write(xml);
            for level in &self.levels {
                xml.element("Standard", |xml| {
                    xml.leaf("GPOGroupedAccessEnum", level_name(*level));
                });
            }
            xml.leaf("AccessMask", "0");
        });
    }
}

impl Applicability {
    /// Adds what an entry with these flags applies to.
    fn add(&mut self, flags: AceFlags) {
        self.to_self = true;
        self.to_descendant_objects |= flags.contains(AceFlags::OBJECT_INHERIT);
        self.to_descendant_containers |= flags.contains(AceFlags::CONTAINER_INHERIT);
        self.to_direct_descendants_only |= flags.contains(AceFlags::NO_PROPAGATE_INHERIT);
    }

    fn write(self, xml: &mut XmlWriter) {
        xml.element("Applicability", |xml| {
            xml.boolean("ToSelf", self.to_self);
            xml.boolean("ToDescendantObjects", self.to_descendant_objects);
            xml.boolean("ToDescendantContainers", self.to_descendant_containers);
            xml.boolean("ToDirectDescendantsOnly", self.to_direct_descendants_only);
        });
    }
}

impl ReportTrustee {
    fn of_sid(sid: Sid, source: &ReportSource<'_>) -> Self {
        let name = (source.account_name)(&sid).or_else(|| {
            // Of an account of a domain that name would lack the domain.
            let well_known = !sid.domain().is_some_and(|domain| domain.is_domain());
            sid.well_known_name()
                .filter(|_| well_known)
                .map(str::to_owned)
        });
        Self { sid, name }
    }

    fn write(&self, xml: &mut XmlWriter, name: &str) {
        xml.element(name, |xml| {
            xml.leaf(types!("SID"), &self.sid.to_string());
            if let Some(name) = &self.name {
                xml.leaf(types!("Name"), name);
            }
        });
    }
}
