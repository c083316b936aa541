//! The descriptor of an object that a GPO configures, explained.

use sddl_parser::{AccessMask, Ace, AceFlags, Acl, Control, SddlContext, SecurityDescriptor};

use crate::report_source::ReportSource;
use crate::security::{Applicability, PermissionType};
use crate::settings::{
    AuditType, ObjectAccess, ObjectAuditing, ObjectPermissions, ObjectSecurity,
    ObjectTrusteeAuditing, ObjectTrusteePermissions,
};

/// Explains SDDL. What cannot be read, an empty text for one, is shown as it stands, and as if it
/// had no DACL. `access` is the element of the names of rights; see [`ObjectAccess`].
pub(super) fn of_sddl(sddl: &str, access: &str, source: &ReportSource<'_>) -> ObjectSecurity {
    let mut context = SddlContext::new();
    if let Some(domain) = source.domain_sid {
        context = context.with_domain(domain).with_forest(domain);
    }
    let text = (!sddl.is_empty()).then(|| sddl.to_owned());
    match SecurityDescriptor::from_sddl(sddl, &context) {
        Ok(descriptor) if text.is_some() => explained(&descriptor, text, access, source),
        _ => ObjectSecurity {
            sddl: text,
            owner: None,
            group: None,
            permissions_present: false,
            permissions: None,
            auditing_present: false,
            auditing: None,
        },
    }
}

fn explained(
    descriptor: &SecurityDescriptor,
    sddl: Option<String>,
    access: &str,
    source: &ReportSource<'_>,
) -> ObjectSecurity {
    let control = descriptor.control();
    ObjectSecurity {
        sddl,
        owner: descriptor.owner().map(|sid| source.trustee(sid)),
        group: descriptor.group().map(|sid| source.trustee(sid)),
        permissions_present: control.contains(Control::DACL_PRESENT),
        permissions: descriptor.dacl().map(|dacl| ObjectPermissions {
            inherits_from_parent: !control.contains(Control::DACL_PROTECTED),
            trustees: permissions(dacl, access, source),
        }),
        auditing_present: control.contains(Control::SACL_PRESENT),
        auditing: descriptor.sacl().map(|sacl| ObjectAuditing {
            inherits_from_parent: !control.contains(Control::SACL_PROTECTED),
            trustees: auditing(sacl, access, source),
        }),
    }
}

/// One for each entry, in their order.
fn permissions(
    dacl: &Acl,
    access: &str,
    source: &ReportSource<'_>,
) -> Vec<ObjectTrusteePermissions> {
    let entries = dacl.aces.iter().filter_map(|ace| {
        let denied = ace.ace_type().denies();
        let mut mask = ace.mask()?;
        let mut shown = mask;
        if let Some((all, _)) = rights(access).first()
            && denied
        {
            // What GPMC makes of it, whatever is denied (census: 2 of 2).
            mask = AccessMask::from_bits_retain(*all);
            shown = mask - AccessMask::SYNCHRONIZE;
        }
        Some(ObjectTrusteePermissions {
            trustee: source.trustee(ace.sid()?),
            permission_type: PermissionType::of_denied(denied),
            inherited: ace.flags().contains(AceFlags::INHERITED),
            applicability: applicability(ace),
            levels: levels(mask, access),
            access_mask: shown.bits(),
        })
    });
    entries.collect()
}

fn auditing(sacl: &Acl, access: &str, source: &ReportSource<'_>) -> Vec<ObjectTrusteeAuditing> {
    let entries = sacl.aces.iter().filter_map(|ace| {
        let mask = ace.mask()?;
        let success = ace.flags().contains(AceFlags::SUCCESSFUL_ACCESS);
        let failure = ace.flags().contains(AceFlags::FAILED_ACCESS);
        let audited = match (success, failure) {
            (true, false) => "Success",
            (false, true) => "Failure",
            _ => "All",
        };
        Some(ObjectTrusteeAuditing {
            trustee: source.trustee(ace.sid()?),
            audit_type: AuditType(audited.to_owned()),
            inherited: ace.flags().contains(AceFlags::INHERITED),
            applicability: applicability(ace),
            levels: levels(mask, access),
            access_mask: mask.bits(),
        })
    });
    entries.collect()
}

fn applicability(ace: &Ace) -> Applicability {
    let mut applicability = Applicability::default();
    applicability.add(ace.flags());
    applicability.to_self = !ace.flags().contains(AceFlags::INHERIT_ONLY);
    applicability
}

/// The names of rights, all of them first (census: full control, read and execute of files; the rest
/// inferred).
fn rights(access: &str) -> &'static [(u32, &'static str)] {
    match access {
        "FileGroupedAccessEnum" => &[
            (0x001f_01ff, "Full Control"),
            (0x0012_00a9, "Read and Execute"),
            (0x0012_0116, "Write"),
        ],
        "RegistryGroupedAccessEnum" => &[(0x000f_003f, "Full Control"), (0x0002_0019, "Read")],
        "ServiceGroupedAccessEnum" => &[(0x000f_01ff, "Full Control")],
        _ => &[],
    }
}

fn levels(mask: AccessMask, access: &str) -> Vec<ObjectAccess> {
    let mut rights = rights(access).iter();
    let name = rights.find(|(bits, _)| mask.bits() & bits == *bits);
    let name = name.map(|(_, name)| ObjectAccess {
        kind: access.to_owned(),
        name: (*name).to_owned(),
    });
    name.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn a_denial_is_shown_as_one_of_all_rights_and_the_others_as_they_are() {
        let sddl = "D:PAR(D;OIIO;WP;;;IU)(A;OICI;FA;;;BA)(A;;0x1200a9;;;BU)";
        let source = ReportSource::at(Timestamp::UNIX_EPOCH);
        let security = of_sddl(sddl, "FileGroupedAccessEnum", &source);
        let permissions = security.permissions.unwrap().trustees;
        let shown = permissions.iter().map(|trustee| {
            let levels: Vec<_> = trustee.levels.iter().map(|level| &*level.name).collect();
            let denied = trustee.permission_type == PermissionType::Deny;
            (denied, levels, trustee.access_mask)
        });
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                (true, vec!["Full Control"], 0x000f_01ff),
                (false, vec!["Full Control"], 0x001f_01ff),
                (false, vec!["Read and Execute"], 0x0012_00a9),
            ]
        );
    }
}
