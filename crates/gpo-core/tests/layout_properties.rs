//! Any value of the backup layout is written and read again as the same value; any bytes are read
//! or refused.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used
)]

use gpo_core::{
    BackupXml, BkupInfo, EntryKind, Gpo, GroupSource, Inventory, LineEnd, Manifest, SecurityGroup,
};
use gpo_testkit::strategies;
use proptest::collection::vec;
use proptest::prelude::*;

fn groups() -> impl Strategy<Value = Vec<SecurityGroup>> {
    let known = (strategies::principal(), any::<bool>()).prop_map(|(principal, dacl)| {
        let source = if dacl {
            GroupSource::Dacl
        } else {
            GroupSource::Settings
        };
        SecurityGroup::of_principal(principal, source)
    });
    let named = strategies::text().prop_map(SecurityGroup::named);
    let unresolved = strategies::sid()
        .prop_map(|sid| SecurityGroup::unresolved(sid.to_string(), GroupSource::Settings));
    vec(prop_oneof![known, named, unresolved], 0..6)
}

fn build(
    gpo: &Gpo,
    lgpo: bool,
    dc: &str,
    groups: Vec<SecurityGroup>,
    paths: Vec<String>,
) -> BackupXml {
    let build = if lgpo {
        BackupXml::build_lgpo
    } else {
        BackupXml::build
    };
    build(gpo, dc, groups, paths)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_backup_is_read_as_it_was_built(
        gpo in strategies::gpo(),
        lgpo: bool,
        lf: bool,
        dc in strategies::dns_name(),
        groups in groups(),
        paths in vec(strategies::text(), 0..3),
    ) {
        let mut backup = build(&gpo, lgpo, &dc, groups, paths);
        if lf {
            backup.form.line_end = LineEnd::Lf;
        }
        let bytes = backup.to_bytes().unwrap();
        let read = BackupXml::parse(&bytes).unwrap();
        prop_assert_eq!(&read, &backup);
        prop_assert_eq!(read.to_bytes().unwrap(), bytes);
    }

    /// What a backup says about a GPO is enough to make the same backup again, and restoring it
    /// gives the same GPO.
    #[test]
    fn a_gpo_survives_its_backup(gpo in strategies::gpo(), dc in strategies::dns_name()) {
        let backup = BackupXml::build(&gpo, &dc, Vec::new(), Vec::new());
        let mut disk = backup.layout().unwrap();
        for half in ["Machine", "User"] {
            disk.insert(half.parse().unwrap(), EntryKind::Folder).unwrap();
        }
        let tree = backup.inventory(&disk).unwrap();
        prop_assert!(tree.missing_files.is_empty() && tree.unlisted_files.is_empty());
        let again = backup.to_gpo(tree.inventory).unwrap();
        prop_assert_eq!(BackupXml::build(&again, &dc, Vec::new(), Vec::new()), backup);
        let paths = |inventory: &Inventory| -> Vec<String> {
            inventory.files().map(|(path, _)| path.to_string().to_uppercase()).collect()
        };
        prop_assert_eq!(paths(&again.inventory), paths(&gpo.inventory));
        prop_assert_eq!(again.status, gpo.status);
        prop_assert_eq!(again.machine_version, gpo.machine_version);
        prop_assert_eq!(again.security_descriptor, gpo.security_descriptor);
    }

    #[test]
    fn bkup_info_is_read_as_it_was_written(inst in strategies::backup_inst()) {
        let info = BkupInfo::new(inst);
        let bytes = info.to_bytes().unwrap();
        prop_assert_eq!(BkupInfo::parse(&bytes).unwrap(), info);
    }

    #[test]
    fn a_manifest_is_read_as_it_was_written(insts in vec(strategies::backup_inst(), 0..5)) {
        let mut manifest = Manifest::default();
        for inst in insts {
            manifest.insert(inst);
        }
        let bytes = manifest.to_bytes().unwrap();
        prop_assert_eq!(Manifest::parse(&bytes).unwrap(), manifest);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        let _ = (BackupXml::parse(&bytes), BkupInfo::parse(&bytes), Manifest::parse(&bytes));
    }

    /// A change of some bytes of a real file is read and written back the same, or refused.
    #[test]
    fn damage_is_kept_or_refused(
        gpo in strategies::gpo(),
        at in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let backup = BackupXml::build(&gpo, "dc1.example.test", Vec::new(), Vec::new());
        let mut bytes = backup.to_bytes().unwrap();
        for (index, byte) in at {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        if let Ok(read) = BackupXml::parse(&bytes)
            && let Ok(written) = read.to_bytes()
        {
            prop_assert_eq!(BackupXml::parse(&written).unwrap(), read);
        }
    }
}
