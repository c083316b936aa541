//! Backups for tests.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use gpo_core::{
    BackupId, BackupInst, BackupStore, BackupStoreWrite, BackupTime, BackupXml, BkupInfo,
    EntryKind, ExtensionList, Gpo, GpoPath, GpoStatus, GroupSource, Guid, HalfVersion, Inventory,
    Manifest, Principal, PrincipalKind, SecurityGroup, TreeWriter,
};
use gpo_engine::Stamps;
use gpo_testkit::{MemoryStore, MemoryTree};
use sddl_parser::{SddlContext, SecurityDescriptor, Sid};

/// What bkupInfo.xml says about backup number n, of a GPO of the same number.
pub(crate) fn inst(n: u32) -> BackupInst {
    BackupInst {
        gpo_id: Guid::from_u128((1 << 64) + u128::from(n)).into(),
        gpo_domain: "example.test".into(),
        gpo_domain_id: None,
        domain_controller: "dc1.example.test".into(),
        time: format!("2026-04-22T18:00:{n:02}").parse().unwrap(),
        id: BackupId::new(Guid::from_u128(n.into())),
        comment: String::new(),
        display_name: format!("GPO {n}"),
        software_installation: false,
        unusual: None,
    }
}

/// The folder of a backup that has nothing but its bkupInfo.xml.
pub(crate) fn tree(inst: &BackupInst) -> MemoryTree {
    tree_of(
        "bkupInfo.xml",
        BkupInfo::new(inst.clone()).to_bytes().unwrap(),
    )
}

/// A folder with one file.
pub(crate) fn tree_of(name: &str, bytes: impl Into<Vec<u8>>) -> MemoryTree {
    let mut tree = MemoryTree::default();
    tree.put_file(&name.parse().unwrap(), bytes).unwrap();
    tree
}

/// Puts such a backup into its place.
pub(crate) fn commit(store: &dyn BackupStoreWrite, inst: &BackupInst) {
    let mut staged = store.stage(inst.id).unwrap();
    staged
        .create_file(&"bkupInfo.xml".parse().unwrap())
        .unwrap();
    let bytes = BkupInfo::new(inst.clone()).to_bytes().unwrap();
    staged.append(&bytes).unwrap();
    staged.commit().unwrap();
}

/// The descriptor of the backups below: Domain Admins have every right.
pub(crate) const SDDL: &str = "D:PAI(A;CI;CCDCLCSWRPWPDTLOSDRCWDWO;;;DA)(A;CI;LCRPLORC;;;AU)";

pub(crate) const DOMAIN_SID: &str = "S-1-5-21-1-2-3";

/// The files of the GPO in the backups below, by their path in SYSVOL.
pub(crate) const FILES: [(&str, &[u8]); 4] = [
    (r"GPO.cmt", b"n\0o\0"),
    (r"Machine\Registry.pol", b"PReg\x01\0\0\0"),
    (
        r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf",
        b"[Unicode]\r\nUnicode=yes\r\n[Version]\r\nsignature=\"$CHICAGO$\"\r\nRevision=1\r\n",
    ),
    (r"User\Scripts\Logon\hello.cmd", b"echo hello\r\n"),
];

/// The Backup.xml of a whole backup.
pub(crate) fn backup_xml(inst: &BackupInst) -> BackupXml {
    let domain: Sid = DOMAIN_SID.parse().unwrap();
    let context = SddlContext::new().with_domain(domain);
    let descriptor = SecurityDescriptor::from_sddl(SDDL, &context).unwrap();
    let mut inventory = Inventory::default();
    for (path, bytes) in FILES {
        let kind = EntryKind::File(bytes.len() as u64);
        inventory.insert(path.parse().unwrap(), kind).unwrap();
    }
    let empty = r"User\Scripts\Logoff".parse().unwrap();
    inventory.insert(empty, EntryKind::Folder).unwrap();
    let version = HalfVersion {
        directory: 2,
        sysvol: 2,
    };
    let list = |pairs: &[(&str, &str)]| {
        let groups = pairs
            .iter()
            .map(|(cse, tool)| ["[", cse, tool, "]"].concat());
        let text: String = groups.collect();
        ExtensionList::from_text(text)
    };
    let gpo = Gpo {
        id: inst.gpo_id,
        domain: inst.gpo_domain.clone(),
        display_name: inst.display_name.clone(),
        status: GpoStatus::default(),
        machine_version: version,
        user_version: version,
        machine_extensions: list(&[
            (
                "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}",
                "{D02B1F72-3407-48AE-BA88-E8213C6761F1}",
            ),
            (
                "{827D319E-6EAC-11D2-A4EA-00C04F79F83A}",
                "{803E14A0-B4FB-11D0-A0D0-00A0C90F574B}",
            ),
        ]),
        user_extensions: list(&[]),
        wmi_filter: None,
        wmi_filter_name: String::new(),
        security_descriptor: Some(descriptor.to_bytes().unwrap()),
        inventory,
        machine_objects: Vec::new(),
        user_objects: Vec::new(),
    };
    let admins = Principal {
        sid: domain.with_rid(512).unwrap(),
        sam_account_name: "Domain Admins".into(),
        kind: PrincipalKind::GlobalGroup,
        netbios_domain: "EXAMPLE".into(),
        dns_domain: inst.gpo_domain.clone(),
        upn: "Domain Admins@example.test".into(),
    };
    let groups = vec![SecurityGroup::of_principal(admins, GroupSource::Dacl)];
    BackupXml::build(&gpo, &inst.domain_controller, groups, Vec::new())
}

/// A whole backup, without a report.
pub(crate) fn backup(inst: &BackupInst) -> MemoryTree {
    let xml = backup_xml(inst);
    let mut tree = tree(inst);
    let mut put = |path: &str, bytes: &[u8]| tree.put_file(&path.parse().unwrap(), bytes).unwrap();
    put("Backup.xml", &xml.to_bytes().unwrap());
    // Where and how Backup.xml says.
    for (path, kind) in xml.layout().unwrap().iter() {
        let content = FILES
            .iter()
            .find(|(name, _)| path.as_str().eq_ignore_ascii_case(name));
        if kind != EntryKind::Folder {
            put(&format!("DomainSysvol\\GPO\\{path}"), content.unwrap().1);
        }
    }
    for (path, kind) in xml.layout().unwrap().iter() {
        if kind == EntryKind::Folder {
            let path = format!("DomainSysvol\\GPO\\{path}");
            tree.create_folder(&path.parse().unwrap()).unwrap();
        }
    }
    tree
}

/// A store of whole backups, with a manifest.
pub(crate) fn store_of(insts: &[BackupInst]) -> MemoryStore {
    let store = MemoryStore::default();
    let mut manifest = Manifest::default();
    for inst in insts {
        store.put_backup(&inst.id.to_string(), backup(inst));
        manifest.insert(inst.clone());
    }
    store.put_manifest("", manifest.to_bytes().unwrap());
    store
}

/// Runs with a clock that stands still and IDs that count.
pub(crate) fn with_stamps<T>(run: impl FnOnce(Stamps<'_>) -> T) -> T {
    let next = AtomicU64::new(1);
    run(Stamps {
        now: &|| BackupTime::EPOCH,
        new_id: &|| {
            let n = next.fetch_add(1, Ordering::Relaxed);
            BackupId::new(Guid::from_u128(u128::from(n)))
        },
    })
}

/// Every file of a store with its content.
pub(crate) fn dump(store: &MemoryStore) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for folder in store.backups().unwrap() {
        let contents = store.open(&folder).unwrap();
        let mut paths = Vec::new();
        contents
            .walk(&GpoPath::root(), &mut |entry| {
                paths.push(entry.unwrap());
                Ok(())
            })
            .unwrap();
        paths.sort_by(|a, b| a.path.cmp(&b.path));
        for entry in paths {
            let bytes = contents.read_all(&entry.path, u64::MAX).unwrap_or_default();
            files.push((format!("{}\\{}", folder.path, entry.path), bytes));
        }
    }
    files.push((
        "manifest".into(),
        store.manifest("").unwrap().unwrap_or_default(),
    ));
    files
}

/// The real backups, where they are at hand.
pub(crate) fn corpus() -> Option<PathBuf> {
    let shared = std::env::var_os("GPO_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let corpus = shared.join("corpus/backups");
    if !corpus.is_dir() {
        println!("SKIPPED: no real backups at {}", corpus.display());
        return None;
    }
    Some(corpus)
}
