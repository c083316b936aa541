//! A report from what a backup knows.

use gpo_admx::AdmxSet;
use gpo_core::{Gpo, GpoLink, GpoStatus, Half, WmiFilter};
use jiff::Timestamp;
use sddl_parser::{SecurityDescriptor, Sid};

use crate::build::HalfContent;
use crate::generalized_time;
use crate::gpo_files::GpoFiles;
use crate::link::ReportLink;
use crate::principal::ReportTrustee;
use crate::report::{Report, ReportFilter, ReportHalf};
use crate::security::ReportSecurity;

/// What a report says beyond the [`Gpo`] itself.
#[derive(Clone, Copy)]
pub struct ReportSource<'a> {
    /// When the report is made.
    pub read: Timestamp,
    /// `whenCreated` of the GPO's container, as it stands (`20240102030405.0Z`); left out of the
    /// report where it is not of that form.
    pub when_created: &'a str,
    /// `whenChanged`, likewise.
    pub when_changed: &'a str,
    /// The SID of the domain, whose administrators SDDL abbreviates.
    pub domain_sid: Option<Sid>,
    /// The name of a principal with its domain, `EXAMPLE\Domain Admins`; one of more than 1,024 bytes
    /// is left out. Well-known principals that it does not know have their English names.
    pub account_name: &'a dyn Fn(&Sid) -> Option<String>,
    /// The WMI filter that the GPO is linked to, where the directory gives it.
    pub wmi_filter: Option<&'a WmiFilter>,
    /// The links of the GPO, in the order to be shown; those of other domains and of sites are not.
    pub links: &'a [GpoLink],
    /// The settings files of the GPO; without them, the report has no settings.
    pub files: Option<&'a GpoFiles>,
    /// The administrative templates; without them, the values in registry.pol have no names.
    pub admx: Option<&'a AdmxSet>,
}

/// The longest name of a principal, in bytes: `sAMAccountName` has 256 characters at most ([MS-ADA3]). A
/// name is repeated wherever its SID stands.
const LONGEST_NAME: usize = 1024;

impl ReportSource<'_> {
    /// Nothing but the time.
    pub fn at(read: Timestamp) -> Self {
        Self {
            read,
            when_created: "",
            when_changed: "",
            domain_sid: None,
            account_name: &|_| None,
            wmi_filter: None,
            links: &[],
            files: None,
            admx: None,
        }
    }

    /// A principal with the name that it has here.
    pub(crate) fn trustee(&self, sid: &Sid) -> ReportTrustee {
        let name = (self.account_name)(sid).filter(|name| name.len() <= LONGEST_NAME);
        let name = name.or_else(|| {
            // Of an account of a domain that name would lack the domain.
            let well_known = !sid.domain().is_some_and(|domain| domain.is_domain());
            sid.well_known_name()
                .filter(|_| well_known)
                .map(str::to_owned)
        });
        ReportTrustee::new(sid, name)
    }
}

impl Report {
    /// The report on a GPO.
    ///
    /// Times of the directory are shown in UTC. A security descriptor that cannot be read is left
    /// out, as is one that is not known.
    pub fn of_gpo(gpo: &Gpo, source: &ReportSource<'_>) -> Self {
        let security = gpo
            .security_descriptor
            .as_deref()
            .and_then(|bytes| SecurityDescriptor::from_bytes(bytes).ok())
            .and_then(|descriptor| ReportSecurity::of_descriptor(&descriptor, source));
        let filter = filter(gpo, source);
        let extensions = |half, extensions, objects| {
            source.files.map_or_else(Vec::new, |files| {
                let content = HalfContent {
                    half,
                    files,
                    inventory: &gpo.inventory,
                    extensions,
                    objects,
                    source,
                };
                content.extensions()
            })
        };
        Self {
            id: gpo.id,
            domain: gpo.domain.clone(),
            name: gpo.display_name.clone(),
            include_comments: true,
            created: generalized_time::parse(source.when_created),
            modified: generalized_time::parse(source.when_changed),
            read: source.read,
            security,
            filter_data_available: gpo.wmi_filter.is_none() || filter.is_some(),
            filter,
            computer: ReportHalf {
                version: gpo.machine_version,
                enabled: !gpo.status.contains(GpoStatus::COMPUTER_DISABLED),
                extensions: extensions(
                    Half::Machine,
                    &gpo.machine_extensions,
                    &gpo.machine_objects,
                ),
            },
            user: ReportHalf {
                version: gpo.user_version,
                enabled: !gpo.status.contains(GpoStatus::USER_DISABLED),
                extensions: extensions(Half::User, &gpo.user_extensions, &gpo.user_objects),
            },
            links: source
                .links
                .iter()
                .filter_map(|link| ReportLink::of_link(link, &gpo.domain))
                .collect(),
        }
    }
}

fn filter(gpo: &Gpo, source: &ReportSource<'_>) -> Option<ReportFilter> {
    gpo.wmi_filter.as_ref()?;
    match source.wmi_filter {
        Some(filter) => Some(ReportFilter {
            name: filter.name.clone(),
            description: filter.description.clone(),
        }),
        None if gpo.wmi_filter_name.is_empty() => None,
        None => Some(ReportFilter {
            name: gpo.wmi_filter_name.clone(),
            description: String::new(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use gpo_core::{ExtensionList, HalfVersion, Inventory, WmiFilterLink};
    use sddl_parser::{GpoPermission, SddlContext};

    use super::*;
    use crate::PermissionType;

    fn gpo() -> Gpo {
        Gpo {
            id: "{31B2F340-016D-11D2-945F-00C04FB984F9}".parse().unwrap(),
            domain: "example.test".into(),
            display_name: "a\u{1}<".into(),
            status: GpoStatus::COMPUTER_DISABLED,
            machine_version: HalfVersion::default(),
            user_version: HalfVersion {
                directory: 2,
                sysvol: 1,
            },
            machine_extensions: ExtensionList::default(),
            user_extensions: ExtensionList::default(),
            wmi_filter: Some(WmiFilterLink::from_text("[example.test;{0};0]")),
            wmi_filter_name: String::new(),
            security_descriptor: Some(vec![1, 2, 3]),
            inventory: Inventory::default(),
            machine_objects: Vec::new(),
            user_objects: Vec::new(),
        }
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let source = ReportSource {
            when_created: "yesterday",
            ..ReportSource::at(Timestamp::UNIX_EPOCH)
        };
        let report = Report::of_gpo(&gpo(), &source);
        assert_eq!((report.created, &report.security), (None, &None));
        assert_eq!(
            (report.filter_data_available, &report.filter),
            (false, &None)
        );
        assert!(!report.computer.enabled && report.user.enabled);
        let name: Vec<u8> = "<Name>a\u{fffd}&lt;</Name>"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let bytes = report.to_bytes();
        assert!(bytes.windows(name.len()).any(|window| window == name));
    }

    #[test]
    fn a_name_that_no_account_can_have_is_left_out() {
        for (length, shown) in [(1024, true), (1025, false)] {
            let source = ReportSource {
                account_name: &|_| Some("n".repeat(length)),
                ..ReportSource::at(Timestamp::UNIX_EPOCH)
            };
            let trustee = source.trustee(&"S-1-5-21-1-2-3-1104".parse().unwrap());
            assert_eq!(trustee.name.is_some(), shown);
        }
    }

    #[test]
    fn what_the_directory_knows_is_shown() {
        let domain: Sid = "S-1-5-21-1-2-3".parse().unwrap();
        let context = SddlContext::new().with_domain(domain);
        let sddl = "O:DAG:DAD:P(OD;CI;CR;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;DG)\
                    (A;;LCRPLORC;;;AU)(A;CI;LCRPLORC;;;S-1-5-21-1-2-3-1104)";
        let descriptor = SecurityDescriptor::from_sddl(sddl, &context).unwrap();
        let mut gpo = gpo();
        gpo.security_descriptor = Some(descriptor.to_bytes().unwrap());
        let filter = WmiFilter {
            id: "{594C8924-FB64-437D-BAB7-4D13A89C879C}".parse().unwrap(),
            name: "f".into(),
            description: "d".into(),
            queries: String::new(),
            author: String::new(),
            created: String::new(),
            changed: String::new(),
        };
        let link = |target: &str| GpoLink {
            target: target.into(),
            index: 0,
            disabled: true,
            enforced: false,
        };
        let links = [link("DC=other,DC=test"), link("DC=example,DC=test")];
        let report = Report::of_gpo(
            &gpo,
            &ReportSource {
                when_created: "20240102030405.0Z",
                domain_sid: Some(domain),
                account_name: &|sid| match sid.rid() {
                    Some(512) => Some("EXAMPLE\\Admins".into()),
                    Some(514) => Some("EXAMPLE\\Guests".into()),
                    _ => None,
                },
                wmi_filter: Some(&filter),
                links: &links,
                ..ReportSource::at(Timestamp::UNIX_EPOCH)
            },
        );
        assert_eq!(report.created.unwrap().to_string(), "2024-01-02T03:04:05");
        assert_eq!(report.filter.unwrap().description, "d");
        let [link] = report.links.as_slice() else {
            panic!("{:?}", report.links)
        };
        assert_eq!((link.path.as_str(), link.enabled), ("example.test", false));
        let security = report.security.unwrap();
        assert_eq!(security.sddl, sddl);
        let name = |trustee: Option<&crate::ReportTrustee>| trustee.unwrap().name.clone();
        assert_eq!(name(security.owner.as_ref()).unwrap(), "EXAMPLE\\Admins");
        let mut trustees: Vec<_> = security
            .permissions
            .iter()
            .flat_map(|permissions| &permissions.trustees)
            .map(|p| {
                (
                    name(Some(&p.trustee)),
                    p.permission_type,
                    p.levels.as_slice(),
                )
            })
            .collect();
        trustees.sort_by(|a, b| a.0.cmp(&b.0));
        let read: &[_] = &[GpoPermission::Read];
        assert_eq!(
            trustees,
            [
                (None, PermissionType::Allow, read),
                (
                    Some("EXAMPLE\\Guests".to_owned()),
                    PermissionType::Deny,
                    &[GpoPermission::EditSecurityAndDelete, GpoPermission::Apply],
                ),
                (
                    Some("NT AUTHORITY\\Authenticated Users".to_owned()),
                    PermissionType::Allow,
                    read,
                ),
            ]
        );
    }
}
