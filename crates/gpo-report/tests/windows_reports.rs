//! The general part of reports that Windows wrote: written again from their values, and made anew
//! from the Backup.xml beside them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use gpo_core::{BackupXml, HalfVersion, Inventory};
use gpo_report::{
    Applicability, PermissionType, Report, ReportFilter, ReportHalf, ReportLink, ReportSecurity,
    ReportSource, ReportTrustee, TrusteePermissions,
};
use roxmltree::Node;
use sddl_parser::{GpoPermission, SddlContext, SecurityDescriptor, Sid};

/// Every report below the real backups; none, with a word about it, where there are no backups.
fn reports() -> Vec<PathBuf> {
    let shared = std::env::var_os("GPO_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let mut found = Vec::new();
    let mut folders = vec![shared.join("corpus/backups")];
    if !folders[0].is_dir() {
        println!("SKIPPED: no real backups at {}", folders[0].display());
        return found;
    }
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .file_name()
                .is_some_and(|name| name.eq_ignore_ascii_case("gpreport.xml"))
            {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty());
    found.sort();
    found
}

/// The text of a report, which must be UTF-16LE with BOM, CRLF and no final line end, without the
/// settings.
fn general_part(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(&[0xff, 0xfe]).unwrap();
    let units: Vec<u16> = bytes
        .chunks(2)
        .map(|unit| u16::from_le_bytes(unit.try_into().unwrap()))
        .collect();
    let text = String::from_utf16(&units).unwrap();
    let mut general = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("\r\n    <ExtensionData>") {
        general.push_str(before);
        rest = after.split_once("</ExtensionData>").unwrap().1;
    }
    general + rest
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children()
        .find(|child| child.tag_name().name() == name)
}

fn children<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    let named = move |child: &Node<'_, '_>| child.tag_name().name() == name;
    node.children().filter(named)
}

fn text(node: Node<'_, '_>, name: &str) -> String {
    let child = child(node, name).unwrap_or_else(|| panic!("no {name}"));
    child.text().unwrap_or_default().to_owned()
}

fn value<T: std::str::FromStr<Err: std::fmt::Debug>>(node: Node<'_, '_>, name: &str) -> T {
    text(node, name).parse().unwrap()
}

fn read_report(general: &str) -> Report {
    let document = roxmltree::Document::parse(general).unwrap();
    let root = document.root_element();
    let identity = child(root, "Identifier").unwrap();
    Report {
        id: value(identity, "Identifier"),
        domain: text(identity, "Domain"),
        name: text(root, "Name"),
        include_comments: value(root, "IncludeComments"),
        created: Some(value(root, "CreatedTime")),
        modified: Some(value(root, "ModifiedTime")),
        read: value(root, "ReadTime"),
        security: child(root, "SecurityDescriptor").map(read_security),
        filter_data_available: value(root, "FilterDataAvailable"),
        filter: child(root, "FilterName").map(|_| ReportFilter {
            name: text(root, "FilterName"),
            description: child(root, "FilterDescription")
                .and_then(|node| node.text())
                .unwrap_or_default()
                .to_owned(),
        }),
        computer: read_half(child(root, "Computer").unwrap()),
        user: read_half(child(root, "User").unwrap()),
        links: children(root, "LinksTo")
            .map(|link| ReportLink {
                name: text(link, "SOMName"),
                path: text(link, "SOMPath"),
                enabled: value(link, "Enabled"),
                no_override: value(link, "NoOverride"),
            })
            .collect(),
    }
}

fn read_half(half: Node<'_, '_>) -> ReportHalf {
    ReportHalf {
        version: HalfVersion {
            directory: value(half, "VersionDirectory"),
            sysvol: value(half, "VersionSysvol"),
        },
        enabled: value(half, "Enabled"),
    }
}

fn read_security(security: Node<'_, '_>) -> ReportSecurity {
    let permissions = child(security, "Permissions").unwrap();
    ReportSecurity {
        sddl: text(security, "SDDL"),
        owner: child(security, "Owner").map(read_trustee),
        group: child(security, "Group").map(read_trustee),
        permissions_present: value(security, "PermissionsPresent"),
        inherits_from_parent: value(permissions, "InheritsFromParent"),
        permissions: children(permissions, "TrusteePermissions")
            .map(read_permissions)
            .collect(),
        auditing_present: value(security, "AuditingPresent"),
    }
}

fn read_permissions(permissions: Node<'_, '_>) -> TrusteePermissions {
    assert_eq!(text(permissions, "AccessMask"), "0");
    let applicability = child(permissions, "Applicability").unwrap();
    TrusteePermissions {
        trustee: read_trustee(child(permissions, "Trustee").unwrap()),
        permission_type: match text(child(permissions, "Type").unwrap(), "PermissionType").as_str()
        {
            "Allow" => PermissionType::Allow,
            "Deny" => PermissionType::Deny,
            other => panic!("{other}"),
        },
        inherited: value(permissions, "Inherited"),
        applicability: Applicability {
            to_self: value(applicability, "ToSelf"),
            to_descendant_objects: value(applicability, "ToDescendantObjects"),
            to_descendant_containers: value(applicability, "ToDescendantContainers"),
            to_direct_descendants_only: value(applicability, "ToDirectDescendantsOnly"),
        },
        levels: children(permissions, "Standard")
            .map(|level| match text(level, "GPOGroupedAccessEnum").as_str() {
                "Read" => GpoPermission::Read,
                "Apply Group Policy" => GpoPermission::Apply,
                "Edit Settings" => GpoPermission::Edit,
                "Edit, delete, modify security" => GpoPermission::EditSecurityAndDelete,
                other => panic!("{other}"),
            })
            .collect(),
    }
}

fn read_trustee(trustee: Node<'_, '_>) -> ReportTrustee {
    ReportTrustee {
        sid: value(trustee, "SID"),
        name: child(trustee, "Name").map(|name| name.text().unwrap_or_default().to_owned()),
    }
}

/// Counts outcomes and prints them in the end.
fn print_outcomes(what: &str, outcomes: &[&str]) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for outcome in outcomes {
        *counts.entry(outcome).or_default() += 1;
    }
    println!("{what}: {counts:?} of {}", outcomes.len());
}

/// What other programs did to a report, undone; and what that was.
const REWORKED: [(&str, &str, &str); 2] = [
    (
        "numbers of SIDs replaced by padded zeros",
        "Types\">S-1-5-21-0000000000-0000000000-0000000000-",
        "Types\">S-1-5-21-0-0-0-",
    ),
    (
        "namespaces in another order",
        "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"",
        "xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"",
    ),
];

#[test]
fn the_general_part_is_written_as_windows_writes_it() {
    let mut outcomes = Vec::new();
    for path in reports() {
        let real = general_part(&fs::read(&path).unwrap());
        let written = general_part(&read_report(&real).to_bytes());
        let outcome = if written == real {
            Some("equal")
        } else {
            let undone =
                |(_, theirs, ours): &&(_, &str, &str)| written == real.replace(theirs, ours);
            REWORKED.iter().find(undone).map(|reworked| reworked.0)
        };
        outcomes.push(outcome.unwrap_or_else(|| {
            let mut lines = written.lines().zip(real.lines());
            panic!("{}: {:?}", path.display(), lines.find(|(a, b)| a != b))
        }));
    }
    print_outcomes("written from its values", &outcomes);
}

/// Why a report made from a backup differs from the one that Windows made from the domain.
fn cause(made: &Report, real: &Report) -> Option<&'static str> {
    let sorted = |report: &Report| {
        let mut report = report.clone();
        if let Some(security) = &mut report.security {
            security
                .permissions
                .sort_by_key(|permissions| permissions.trustee.sid);
        }
        report
    };
    let with_sddl = |theirs: &str, ours: &str| {
        let mut real = real.clone();
        if let Some(security) = &mut real.security {
            security.sddl = security.sddl.replace(theirs, ours);
        }
        real
    };
    let zeros = with_sddl("0000000000-0000000000-0000000000", "0-0-0");
    // The order came from other SIDs.
    if zeros != *real && sorted(&zeros) == sorted(made) {
        return Some("numbers of SIDs replaced by padded zeros");
    }
    let trustees = made.security.iter().flat_map(|s| &s.permissions);
    let enterprise_admins = trustees
        .map(|permissions| permissions.trustee.sid)
        .find(|sid| sid.rid() == Some(519));
    // One report, of 2015, whose order fits no order of the entries.
    let aliased = enterprise_admins.map(|sid| with_sddl(";EA)", &format!(";{sid})")));
    if aliased.is_some_and(|aliased| sorted(&aliased) == sorted(made)) {
        return Some("EA as an alias, and another order of the trustees");
    }
    None
}

#[test]
fn the_general_part_is_made_from_a_backup() {
    let mut outcomes = Vec::new();
    for path in reports() {
        let mut real = read_report(&general_part(&fs::read(&path).unwrap()));
        let backup = fs::read(path.with_file_name("Backup.xml")).unwrap();
        let backup = BackupXml::parse(&backup).unwrap();
        let mut gpo = backup.to_gpo(Inventory::default()).unwrap();
        let domain_sid = backup
            .security_groups
            .iter()
            .filter(|group| group.dns_domain.eq_ignore_ascii_case(&gpo.domain))
            .find_map(|group| group.sid.parse::<Sid>().ok()?.domain());
        let context = domain_sid.map_or_else(SddlContext::new, |domain| {
            SddlContext::new().with_domain(domain).with_forest(domain)
        });
        // A backup has the DACL only; the report has it with owner, group and SACL.
        let security = real.security.as_ref().unwrap();
        let descriptor = SecurityDescriptor::from_sddl(&security.sddl, &context).unwrap();
        gpo.security_descriptor = Some(descriptor.to_bytes().unwrap());
        let trustees = security.permissions.iter().map(|p| Some(&p.trustee));
        let names: HashMap<Sid, Option<String>> =
            [security.owner.as_ref(), security.group.as_ref()]
                .into_iter()
                .chain(trustees)
                .flatten()
                .map(|trustee| (trustee.sid, trustee.name.clone()))
                .collect();
        let made = Report::of_gpo(
            &gpo,
            &ReportSource {
                domain_sid,
                account_name: &|sid| names.get(sid).cloned().flatten(),
                ..ReportSource::at(real.read)
            },
        );
        // A backup knows neither times nor links.
        (real.created, real.modified) = (None, None);
        real.links.clear();
        let outcome = if made == real {
            "equal"
        } else {
            cause(&made, &real).unwrap_or_else(|| panic!("{}", path.display()))
        };
        outcomes.push(outcome);
    }
    print_outcomes("made from the backup", &outcomes);
}
