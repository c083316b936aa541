//! Who may do what with a GPO.

use std::collections::HashMap;

use sddl_parser::{
    AccessMask, Ace, AceFlags, Acl, Control, Guid, SddlContext, SecurityDescriptor, Sid,
};

use crate::access_level::AccessLevel;
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
    pub levels: Vec<AccessLevel>,
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

/// The extended right to apply a GPO ([MS-ADTS] 5.1.3.2.1, Apply-Group-Policy).
const APPLY_GROUP_POLICY: Guid = Guid::from_fields(
    0xedac_fd8f,
    0xffb3,
    0x11d1,
    [0xb4, 0x1d, 0x00, 0xa0, 0xc9, 0x68, 0xf9, 0x39],
);

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
    let mut rights: HashMap<(Sid, PermissionType), Rights> = HashMap::new();
    for ace in &dacl.aces {
        let permission_type = match ace.ace_type() {
            kind if kind.allows() => PermissionType::Allow,
            kind if kind.denies() => PermissionType::Deny,
            _ => continue,
        };
        if let Some(sid) = ace.sid() {
            rights.entry((*sid, permission_type)).or_default().add(ace);
        }
    }
    let mut permissions = Vec::with_capacity(rights.len());
    for sid in trustee_order(dacl) {
        for permission_type in [PermissionType::Deny, PermissionType::Allow] {
            let rights = rights.get(&(sid, permission_type));
            if let Some(rights) = rights.filter(|rights| !rights.inherit_only) {
                permissions.push(TrusteePermissions {
                    trustee: ReportTrustee::of_sid(sid, source),
                    permission_type,
                    inherited: false,
                    applicability: rights.applicability,
                    levels: AccessLevel::of_rights(rights.mask, rights.applies, permission_type),
                });
            }
        }
    }
    permissions
}

/// What the entries for one trustee add up to.
#[derive(Default)]
struct Rights {
    mask: AccessMask,
    /// The extended right to apply the GPO.
    applies: bool,
    /// An entry is only there to be inherited.
    inherit_only: bool,
    applicability: Applicability,
}

impl Rights {
    fn add(&mut self, ace: &Ace) {
        match ace.object_type() {
            None => self.mask |= ace.mask().unwrap_or_default(),
            Some(APPLY_GROUP_POLICY) => self.applies = true,
            // A right on a single property or on one class of children is no level of GPMC.
            Some(_) => {}
        }
        self.inherit_only |= ace.flags().contains(AceFlags::INHERIT_ONLY);
        self.applicability.add(ace.flags());
    }
}

impl TrusteePermissions {
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
                    xml.leaf("GPOGroupedAccessEnum", level.name());
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
