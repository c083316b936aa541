//! Descriptors of what a GPO configures: files, registry keys, services, packages.

use crate::element::{Namespace, ReportElement};
use crate::principal::ReportTrustee;
use crate::record::{Element, Fields, Misfit, record};
use crate::security::{Applicability, PermissionType};

record! {
    /// The security descriptor of an object that a GPO configures.
    pub struct ObjectSecurity in Security {
        /// The whole descriptor as SDDL.
        "SDDL" sddl: Option<String>,
        /// Its owner.
        "Owner" owner: Option<ReportTrustee>,
        /// Its primary group.
        "Group" group: Option<ReportTrustee>,
        /// Whether it has a DACL.
        "PermissionsPresent" permissions_present: bool,
        /// The DACL.
        "Permissions" permissions: Option<ObjectPermissions>,
        /// Whether it has a SACL.
        "AuditingPresent" auditing_present: bool,
        /// The SACL.
        "Auditing" auditing: Option<ObjectAuditing>,
    }
}

record! {
    /// The DACL of an [`ObjectSecurity`].
    pub struct ObjectPermissions in Security {
        /// Whether it takes entries from the object above.
        "InheritsFromParent" inherits_from_parent: bool,
        /// Its entries.
        "TrusteePermissions" trustees: Vec<ObjectTrusteePermissions>,
    }
}

record! {
    /// What a DACL says about one trustee.
    pub struct ObjectTrusteePermissions in Security {
        /// The trustee.
        "Trustee" trustee: ReportTrustee,
        /// Whether this is allowed or denied.
        "Type" permission_type: PermissionType,
        /// Whether it comes from the object above.
        "Inherited" inherited: bool,
        /// What it applies to.
        "Applicability" applicability: Applicability,
        /// Names of rights.
        "Standard" levels: Vec<ObjectAccess>,
        /// The bits.
        "AccessMask" access_mask: u32,
    }
}

record! {
    /// The SACL of an [`ObjectSecurity`].
    pub struct ObjectAuditing in Security {
        /// Whether it takes entries from the object above.
        "InheritsFromParent" inherits_from_parent: bool,
        /// Its entries.
        "TrusteeAuditing" trustees: Vec<ObjectTrusteeAuditing>,
    }
}

record! {
    /// What a SACL says about one trustee.
    pub struct ObjectTrusteeAuditing in Security {
        /// The trustee.
        "Trustee" trustee: ReportTrustee,
        /// What is audited.
        "Type" audit_type: AuditType,
        /// Whether it comes from the object above.
        "Inherited" inherited: bool,
        /// What it applies to.
        "Applicability" applicability: Applicability,
        /// Names of rights.
        "Standard" levels: Vec<ObjectAccess>,
        /// The bits.
        "AccessMask" access_mask: u32,
    }
}

/// What is audited: `Success`, `Failure` or `All`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct AuditType(pub String);

impl Element for AuditType {
    fn of_element(element: &ReportElement) -> Result<Self, Misfit> {
        read_typed(element, "AuditType").map(Self)
    }

    fn to_element(&self, namespace: &Namespace, name: &str) -> ReportElement {
        write_typed(namespace, name, "AuditType", &self.0)
    }
}

/// A right by name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ObjectAccess {
    /// The element that holds the name and says the kind of object: `FileGroupedAccessEnum`,
    /// `RegistryGroupedAccessEnum`, `ServiceGroupedAccessEnum`,
    /// `SoftwareInstallationGroupedAccessEnum`.
    pub kind: String,
    /// The name: `Read`, `Full Control`.
    pub name: String,
}

impl Element for ObjectAccess {
    fn of_element(element: &ReportElement) -> Result<Self, Misfit> {
        let mut fields = Fields::of(element)?;
        let access = fields
            .take_if(|child| child.namespace == Namespace::Security)
            .ok_or_else(|| fields.expected("a name of a right"))?;
        fields.finish()?;
        Ok(Self {
            kind: access.name.clone(),
            name: String::of_element(access)?,
        })
    }

    fn to_element(&self, namespace: &Namespace, name: &str) -> ReportElement {
        let access = self.name.to_element(&Namespace::Security, &self.kind);
        ReportElement::parent(namespace.clone(), name, vec![access])
    }
}

/// Reads `<Type xsi:type="kind"><kind>text</kind></Type>`.
pub(crate) fn read_typed(element: &ReportElement, kind: &str) -> Result<String, Misfit> {
    let mut fields = Fields::beside_attributes(element)?;
    if element.attribute("xsi:type") != Some(kind) {
        return Err(fields.expected(kind));
    }
    let text = fields
        .take_if(|child| child.name == kind)
        .ok_or_else(|| fields.expected(kind))?;
    fields.finish()?;
    String::of_element(text)
}

/// Writes it.
pub(crate) fn write_typed(
    namespace: &Namespace,
    name: &str,
    kind: &str,
    text: &str,
) -> ReportElement {
    let text = ReportElement::leaf(namespace.clone(), kind, text);
    ReportElement::parent(namespace.clone(), name, vec![text]).with_attribute("xsi:type", kind)
}
