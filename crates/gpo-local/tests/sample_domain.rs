//! The small domain in `testdata/` holds what it is there for, and every file of it reads.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::BTreeMap;
use std::path::Path;

use gpo_core::{
    AuditCsv, Contents, Directory, EntryKind, FolderRedirection, GpoContainer, GpoStatus, GptIni,
    PrincipalKind, PrincipalQuery, RegistryPol, ScriptsIni, SecurityTemplate,
};
use gpo_local::FolderDomain;
use gpo_testkit::conformance;
use sddl_parser::{GpoPermission, SecurityDescriptor};

fn domain() -> FolderDomain {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/domain");
    FolderDomain::open(root).unwrap()
}

/// The containers by display name.
fn containers(domain: &FolderDomain) -> BTreeMap<String, GpoContainer> {
    let mut ids = Vec::new();
    domain
        .list(&mut |listing| {
            ids.push(listing.id);
            Ok(())
        })
        .unwrap();
    let containers = domain.containers(&ids).unwrap();
    containers
        .into_iter()
        .map(|container| container.unwrap().unwrap())
        .map(|container| (container.display_name.clone(), container))
        .collect()
}

fn read(domain: &FolderDomain, path: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = domain.read(&path.parse().unwrap(), &mut |piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    });
    read.ok().map(|()| bytes)
}

#[test]
fn it_conforms() {
    let domain = domain();
    let left_out = conformance::source(&domain, &domain);
    assert_eq!(left_out, ["descriptors of folders"]);
}

#[test]
fn directory_and_sysvol_agree_where_they_should() {
    let domain = domain();
    let mut unlike = Vec::new();
    for (name, container) in containers(&domain) {
        let Some(gpt) = read(&domain, &format!("Policies/{}/gpt.ini", container.id)) else {
            unlike.push(format!("{name}: no folder"));
            continue;
        };
        if GptIni::parse(&gpt).unwrap().version().unwrap() != container.version {
            unlike.push(format!("{name}: another version"));
        }
    }
    assert_eq!(
        unlike,
        [
            "Versionen verschieden: another version",
            "Verwaister Container: no folder"
        ]
    );
    // And a folder without a container.
    let mut folders = 0;
    domain
        .children(&"Policies".parse().unwrap(), &mut |entry| {
            folders += usize::from(entry?.kind == EntryKind::Folder);
            Ok(())
        })
        .unwrap();
    assert_eq!(folders, containers(&domain).len());
}

#[test]
fn every_file_reads() {
    let domain = domain();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut paths = Vec::new();
    domain
        .walk(&"Policies".parse().unwrap(), &mut |entry| {
            let entry = entry?;
            if entry.kind != EntryKind::Folder {
                paths.push(entry.path.to_string());
            }
            Ok(())
        })
        .unwrap();
    for path in paths {
        let bytes = read(&domain, &path).unwrap();
        let name = path.rsplit('\\').next().unwrap().to_ascii_lowercase();
        let reads = match name.as_str() {
            "gpt.ini" => GptIni::parse(&bytes).map(|_| ()),
            "registry.pol" => RegistryPol::parse(&bytes).map(|_| ()),
            "gpttmpl.inf" => SecurityTemplate::parse(&bytes).map(|template| {
                assert!(template.unknown_lines().is_empty(), "{path}");
            }),
            "audit.csv" => AuditCsv::parse(&bytes).map(|csv| {
                assert!(csv.unknown_lines().is_empty(), "{path}");
            }),
            "scripts.ini" | "psscripts.ini" => ScriptsIni::parse(&bytes).map(|_| ()),
            "fdeploy.ini" | "fdeploy1.ini" => FolderRedirection::parse(&bytes).map(|file| {
                assert!(file.targets().all(|target| target.is_ok()), "{path}");
            }),
            _ => continue,
        };
        reads.unwrap_or_else(|error| panic!("{path}: {error}"));
        *kinds.entry(name).or_default() += 1;
    }
    let kinds: Vec<(&str, usize)> = kinds.iter().map(|(name, &n)| (name.as_str(), n)).collect();
    assert_eq!(
        kinds,
        [
            ("audit.csv", 1),
            ("fdeploy.ini", 1),
            ("fdeploy1.ini", 1),
            ("gpt.ini", 8),
            ("gpttmpl.inf", 2),
            ("psscripts.ini", 1),
            ("registry.pol", 2),
            ("scripts.ini", 2),
        ]
    );
}

#[test]
fn the_directory_has_every_kind_of_object() {
    let domain = domain();
    let containers = containers(&domain);
    let status = |name: &str| containers[name].status;
    assert_eq!(status("営業部 ログオン"), GpoStatus::COMPUTER_DISABLED);
    assert_eq!(status("Software für alle"), GpoStatus::USER_DISABLED);

    let software = &containers["Software für alle"];
    let package = &software.machine_objects[0].children[0].children[0];
    assert_eq!(package.class, "packageRegistration");
    let printer = &containers["Laufwerke & <Drucker> \"Etage 2\""].user_objects[0];
    assert_eq!(printer.rdn, "CN=PushedPrinterConnections");

    let baseline = &containers["Arbeitsplätze – Grundschutz"];
    let link = gpo_core::WmiFilterLink::from_text(baseline.wql_filter.as_str());
    let filter = domain.wmi_filters(&[link.target().unwrap().0]).unwrap();
    assert_eq!(filter[0].as_ref().unwrap().name, "Tragbare Geräte");

    let links = domain.links(&[baseline.id]).unwrap().remove(0);
    let enforced: Vec<_> = links.iter().map(|l| (l.enforced, l.disabled)).collect();
    assert_eq!(enforced, [(false, false), (true, true)]);

    let security = &containers["Рабочие станции: безопасность"];
    let descriptor = security.security_descriptor.as_deref().unwrap();
    let descriptor = SecurityDescriptor::from_bytes(descriptor).unwrap();
    let permissions = GpoPermission::of_acl(descriptor.dacl().unwrap());
    let delegated: Vec<_> = permissions
        .iter()
        .filter(|found| found.trustee.rid() > Some(1000))
        .map(|found| (found.trustee, found.permission, found.denied))
        .collect();
    let principal = |name: &str| {
        let query = PrincipalQuery::Name(name.into());
        domain.principals(&[query]).unwrap().remove(0).unwrap()
    };
    for (name, kind, expected) in [
        (
            "Helpdesk",
            PrincipalKind::GlobalGroup,
            (GpoPermission::Edit, false),
        ),
        (
            "EXAMPLE\\Продавцы",
            PrincipalKind::UniversalGroup,
            (GpoPermission::Apply, false),
        ),
        (
            "Serverbetreuer",
            PrincipalKind::LocalGroup,
            (GpoPermission::Apply, true),
        ),
    ] {
        let found = principal(name);
        assert_eq!(found.kind, kind, "{name}");
        assert!(
            delegated.contains(&(found.sid, expected.0, expected.1)),
            "{delegated:?}"
        );
    }
    assert_eq!(principal("jmüller").upn, "johanna.müller@example.test");
    assert_eq!(
        domain.domain().unwrap().domain_controller,
        "dc1.example.test"
    );
}
