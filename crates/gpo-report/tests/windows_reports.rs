//! The general part of reports that Windows wrote: written again from their values, and made anew
//! from the Backup.xml beside them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;

use std::collections::{BTreeMap, HashMap};
use std::fs;

use gpo_core::{BackupXml, Inventory};
use gpo_report::{Report, ReportSource, Settings, TrusteePermissions};
use roxmltree::Node;
use sddl_parser::{SddlContext, SecurityDescriptor, Sid};

/// Counts outcomes and prints them in the end.
fn print_outcomes(what: &str, outcomes: &[&str]) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for outcome in outcomes {
        *counts.entry(outcome).or_default() += 1;
    }
    println!("{what}: {counts:?} of {}", outcomes.len());
}

/// The text of a report, whatever its declaration says.
fn decode(bytes: &[u8]) -> String {
    let text = match bytes.strip_prefix(&[0xff, 0xfe]) {
        Some(units) => {
            let units: Vec<u16> = units
                .chunks(2)
                .map(|unit| u16::from_le_bytes(unit.try_into().unwrap()))
                .collect();
            String::from_utf16(&units).unwrap()
        }
        None => String::from_utf8(bytes.to_vec()).unwrap(),
    };
    text.trim_start_matches('\u{feff}').to_owned()
}

/// What two elements do not have in common, without regard to prefixes and layout.
fn difference(real: Node<'_, '_>, ours: Node<'_, '_>) -> Option<String> {
    let attributes = |node: Node<'_, '_>| {
        let prefixed = |(name, value): (&str, &str)| match value.split_once(':') {
            // The prefix of a type is that of a namespace, which every element in it has, too.
            Some((_, value)) if name == "type" => (name.to_owned(), value.to_owned()),
            _ => (name.to_owned(), value.to_owned()),
        };
        node.attributes()
            .map(|attribute| (attribute.namespace(), (attribute.name(), attribute.value())))
            .map(|(namespace, pair)| (namespace.map(str::to_owned), prefixed(pair)))
            .collect::<Vec<_>>()
    };
    let elements = |node: Node<'_, '_>| {
        let all = node.children().map(|child| child.id());
        let document = node.document();
        all.filter(|id| document.get_node(*id).unwrap().is_element())
            .collect::<Vec<_>>()
    };
    let place = || format!("{:?}", real.tag_name());
    if real.tag_name() != ours.tag_name() || attributes(real) != attributes(ours) {
        return Some(place());
    }
    let (theirs, own) = (elements(real), elements(ours));
    if theirs.len() != own.len() || theirs.is_empty() && real.text() != ours.text() {
        return Some(place());
    }
    theirs.into_iter().zip(own).find_map(|(theirs, own)| {
        let theirs = real.document().get_node(theirs).unwrap();
        difference(theirs, ours.document().get_node(own).unwrap())
    })
}

/// What keeps bytes from being those that Windows writes; none of Windows does.
fn reworked(bytes: &[u8], text: &str) -> Option<&'static str> {
    let utf8_root = "<GPO xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:xsd";
    if !bytes.starts_with(&[0xff, 0xfe]) {
        Some("no UTF-16")
    } else if text.contains(utf8_root) {
        Some("namespaces in another order")
    } else if !text.contains("\r\n  ") {
        Some("another layout")
    } else if text.ends_with('\n') {
        Some("a line end behind the root")
    } else {
        None
    }
}

#[test]
fn a_report_is_written_as_it_was_read() {
    let mut outcomes = Vec::new();
    let mut forms = Vec::new();
    for path in common::reports() {
        let bytes = fs::read(&path).unwrap();
        let report = Report::parse(&bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let written = report.to_bytes();
        let (real, ours) = (decode(&bytes), decode(&written));
        let real_document = roxmltree::Document::parse(&real).unwrap();
        let our_document = roxmltree::Document::parse(&ours).unwrap();
        let difference = difference(real_document.root_element(), our_document.root_element());
        assert_eq!(difference, None, "{}", path.display());
        assert_eq!(
            Report::parse(&written).unwrap(),
            report,
            "{}",
            path.display()
        );
        outcomes.push(if written == bytes {
            "the same bytes"
        } else {
            reworked(&bytes, &real).unwrap_or_else(|| {
                let mut lines = ours.split('\n').zip(real.split('\n'));
                panic!("{}: {:?}", path.display(), lines.find(|(a, b)| a != b))
            })
        });
        for half in [&report.computer, &report.user] {
            forms.extend(
                half.extensions
                    .iter()
                    .map(|extension| match extension.settings() {
                        Some(Settings::Elements(_)) if TYPED.contains(&extension.name.as_str()) => {
                            panic!(
                                "{}: {} has a form of its own",
                                path.display(),
                                extension.name
                            )
                        }
                        Some(Settings::Elements(_)) => "elements",
                        Some(_) => "typed",
                        None => "error",
                    }),
            );
        }
    }
    print_outcomes("read and written", &outcomes);
    print_outcomes("extensions", &forms);
}

/// The names of the extensions that have a type.
const TYPED: [&str; 8] = [
    "Registry",
    "Security",
    "Advanced Audit Configuration",
    "Scripts",
    "Folder Redirection",
    "Software Installation",
    "Public Key",
    "Windows Firewall",
];

/// Why a report made from a backup differs from the one that Windows made from the domain.
fn cause(made: &Report, real: &Report) -> Option<&'static str> {
    let sorted = |report: &Report| {
        let mut report = report.clone();
        let permissions = report
            .security
            .as_mut()
            .and_then(|s| s.permissions.as_mut());
        if let Some(permissions) = permissions {
            let by_sid = |permissions: &TrusteePermissions| permissions.trustee.parse_sid();
            permissions.trustees.sort_by_key(by_sid);
        }
        report
    };
    let with_sddl = |theirs: &str, ours: &str| {
        let mut real = real.clone();
        if let Some(security) = &mut real.security {
            security.sddl = security.sddl.replace(theirs, ours);
            let trustees = security
                .permissions
                .iter_mut()
                .flat_map(|p| &mut p.trustees);
            let trustees = trustees.map(|permissions| &mut permissions.trustee);
            let principals = [&mut security.owner, &mut security.group]
                .into_iter()
                .flatten();
            for sid in principals
                .chain(trustees)
                .filter_map(|trustee| trustee.sid.as_mut())
            {
                *sid = sid.replace(theirs, ours);
            }
        }
        real
    };
    let zeros = with_sddl("0000000000-0000000000-0000000000", "0-0-0");
    // The order came from other SIDs.
    if zeros != *real && sorted(&zeros) == sorted(made) {
        return Some("numbers of SIDs replaced by padded zeros");
    }
    let trustees = made.security.iter().filter_map(|s| s.permissions.as_ref());
    let enterprise_admins = trustees
        .flat_map(|permissions| &permissions.trustees)
        .filter_map(|permissions| permissions.trustee.parse_sid())
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
    for path in common::reports() {
        let mut real = Report::parse(&fs::read(&path).unwrap()).unwrap();
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
        let trustees = security
            .permissions
            .iter()
            .flat_map(|p| &p.trustees)
            .map(|p| Some(&p.trustee));
        let names: HashMap<Sid, Option<String>> =
            [security.owner.as_ref(), security.group.as_ref()]
                .into_iter()
                .chain(trustees)
                .flatten()
                .map(|trustee| (trustee.parse_sid().unwrap(), trustee.name.clone()))
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
        (real.computer.extensions, real.user.extensions) = (Vec::new(), Vec::new());
        let outcome = if made == real {
            "equal"
        } else {
            cause(&made, &real).unwrap_or_else(|| panic!("{}", path.display()))
        };
        outcomes.push(outcome);
    }
    print_outcomes("made from the backup", &outcomes);
}
