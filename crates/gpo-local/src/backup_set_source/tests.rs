use super::*;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gpo_core::{
    BackupId, BackupInst, GptIni, Guid, HalfVersion, Inventory, TreeWriter, WmiFilterLink,
};
use gpo_testkit::{MemoryStore, MemoryTree, conformance, sample, strategies};
use proptest::prelude::*;

use crate::{FolderStore, open_store};

fn path(text: &str) -> GpoPath {
    text.parse().unwrap()
}

/// A GPO with settings, a filter and a principal.
fn gpo(n: u32) -> Gpo {
    let container = sample::container(n);
    let filter = Guid::from_u128(7).into();
    let mut inventory = Inventory::default();
    for file in ["Machine\\registry.pol", "User\\Scripts\\Logon\\x.cmd"] {
        inventory.insert(path(file), EntryKind::File(3)).unwrap();
    }
    Gpo {
        id: container.id,
        domain: "example.test".into(),
        display_name: container.display_name,
        status: container.status,
        machine_version: HalfVersion {
            directory: 3,
            sysvol: 4,
        },
        user_version: HalfVersion {
            directory: 1,
            sysvol: 2,
        },
        machine_extensions: gpo_core::ExtensionList::from_text(container.machine_extensions),
        user_extensions: gpo_core::ExtensionList::from_text(" "),
        wmi_filter: WmiFilterLink::in_backup(filter, "example.test").ok(),
        wmi_filter_name: "Laptops".into(),
        security_descriptor: container.security_descriptor,
        inventory,
        machine_objects: Vec::new(),
        user_objects: Vec::new(),
    }
}

#[test]
fn it_conforms() {
    let store = MemoryStore::default();
    for n in 1..4 {
        put(&store, &gpo(n), n.into(), 7);
    }
    let set = BackupSetSource::new(Box::new(store)).unwrap();
    let left_out = conformance::source(&set, &set);
    let no_domain = ["links", "all_wmi_filters", "soms", "descriptors of folders"];
    assert_eq!(left_out, no_domain, "what a backup does not hold");
}

/// Every domain of the real backups.
#[test]
fn real_backups_conform() {
    let shared = std::env::var_os("GPO_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let corpus = shared.join("corpus/backups");
    if !corpus.is_dir() {
        // Not `eprintln!`, which the test runner swallows.
        let skipped = format!("SKIPPED: there is no {}\n", corpus.display());
        let _ = std::io::Write::write_all(&mut std::io::stderr(), skipped.as_bytes());
        return;
    }
    let mut checked = 0;
    // By producer: several have a domain of the same name.
    for producer in std::fs::read_dir(corpus).unwrap() {
        let producer = producer.unwrap().path();
        let store = open_store(&producer).unwrap();
        let mut domains = BTreeMap::new();
        for folder in store.backups().unwrap() {
            let opened = store.open(&folder).unwrap();
            if let Ok(bytes) = opened.read_all(&path("bkupInfo.xml"), 1 << 20) {
                let domain = BkupInfo::parse(&bytes).unwrap().inst.gpo_domain;
                domains.insert(domain.to_lowercase(), domain);
            }
        }
        for domain in domains.values() {
            let set = BackupSetSource::of_domain(open_store(&producer).unwrap(), domain).unwrap();
            conformance::source(&set, &set);
            checked += 1;
        }
    }
    assert!(checked > 20, "{checked}");
}

fn inst(gpo: &Gpo, id: u128, seconds: i64) -> BackupInst {
    BackupInst {
        gpo_id: gpo.id,
        gpo_domain: gpo.domain.clone(),
        gpo_domain_id: sample::domain().id,
        domain_controller: "dc1.example.test".into(),
        time: BackupTime::from_unix_seconds(seconds).unwrap(),
        id: BackupId::new(Guid::from_u128(id)),
        comment: String::new(),
        display_name: gpo.display_name.clone(),
        software_installation: false,
        unusual: None,
    }
}

/// Puts a backup of a GPO into a store.
fn put(store: &MemoryStore, gpo: &Gpo, id: u128, seconds: i64) {
    let inst = inst(gpo, id, seconds);
    let groups = sample::principals().into_iter().map(|principal| {
        gpo_core::SecurityGroup::of_principal(principal, gpo_core::GroupSource::Dacl)
    });
    let xml = BackupXml::build(gpo, "dc1.example.test", groups.collect(), Vec::new());
    let mut tree = MemoryTree::default();
    let info = BkupInfo::new(inst).to_bytes().unwrap();
    tree.put_file(&path("bkupInfo.xml"), info).unwrap();
    tree.put_file(&path("Backup.xml"), xml.to_bytes().unwrap())
        .unwrap();
    let root = path("DomainSysvol\\GPO");
    tree.create_folder(&root).unwrap();
    for (file, kind) in gpo.inventory.iter() {
        let place = root.join_path(file).unwrap();
        match kind {
            EntryKind::Folder => tree.create_folder(&place).unwrap(),
            EntryKind::File(_) => tree.put_file(&place, format!("{id:03}")).unwrap(),
        }
    }
    store.put_backup(&format!("set/{}", Guid::from_u128(id)), tree);
}

fn found(source: &BackupSetSource, folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    source
        .walk(&path(folder), &mut |entry| {
            found.push(entry?.path.to_string());
            Ok(())
        })
        .unwrap();
    found.sort();
    found
}

#[test]
fn the_newest_backup_of_a_gpo_is_the_gpo() {
    let store = MemoryStore::default();
    let (first, mut second) = (gpo(1), gpo(2));
    put(&store, &first, 1, 100);
    put(&store, &second, 2, 100);
    second.display_name = "renamed".into();
    put(&store, &second, 3, 300);
    second.display_name = "older".into();
    put(&store, &second, 4, 200);
    let source = BackupSetSource::new(Box::new(store)).unwrap();
    let mut listed = Vec::new();
    source
        .list(&mut |gpo| {
            listed.push((gpo.id, gpo.display_name));
            Ok(())
        })
        .unwrap();
    assert_eq!(
        listed,
        [
            (first.id, first.display_name),
            (second.id, "renamed".into())
        ]
    );
    let file = format!("Policies\\{}\\user\\scripts\\LOGON\\x.cmd", second.id);
    assert_eq!(source.read_all(&path(&file), 3).unwrap(), b"003");
}

#[test]
fn a_backup_is_read_as_the_gpo_that_it_is_of() {
    let store = MemoryStore::default();
    put(&store, &gpo(1), 1, 100);
    let source = BackupSetSource::new(Box::new(store)).unwrap();
    let lower = GpoId::new(gpo(1).id.guid().to_lower());
    let mut read = source
        .containers(&[lower, sample::container(9).id])
        .unwrap();
    assert!(matches!(read.pop(), Some(Ok(None))));
    let read = read.pop().unwrap().unwrap().unwrap();
    let expected = GpoContainer {
        version: GpoVersion::from_halves(1, 3),
        user_extensions: String::new(),
        wql_filter: "[example.test;{00000000-0000-0000-0000-000000000007};0]".into(),
        machine_objects: Vec::new(),
        user_objects: Vec::new(),
        ..sample::container(1)
    };
    assert_eq!(read, expected);
    let own = format!("Policies\\{}", gpo(1).id);
    let gpt_ini = source
        .read_all(&path(&format!("{own}\\gpt.ini")), 100)
        .unwrap();
    let version = GptIni::parse(&gpt_ini).unwrap().version().unwrap();
    assert_eq!((version.user(), version.machine()), (2, 4));
    let expected = [
        "GPT.INI",
        "Machine",
        "Machine\\registry.pol",
        "User",
        "User\\Scripts",
        "User\\Scripts\\Logon",
        "User\\Scripts\\Logon\\x.cmd",
    ];
    let below = |skip: usize| {
        let paths = expected[skip..].iter();
        paths
            .map(|name| format!("{own}\\{name}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(found(&source, &own), below(0));
    assert_eq!(found(&source, &format!("{own}\\USER")), below(4));
    let all = [vec!["Policies".to_owned(), own.clone()], below(0)].concat();
    assert_eq!(found(&source, ""), all);
    for missing in [
        "x",
        "Policies\\x",
        &format!("{own}\\x"),
        &format!("{own}\\GPT.INI"),
    ] {
        let error = source.walk(&path(missing), &mut |_| Ok(())).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::NotFound);
    }
}

#[test]
fn the_domain_is_what_the_backups_say_of_it() {
    let store = MemoryStore::default();
    put(&store, &gpo(1), 1, 100);
    let source = BackupSetSource::new(Box::new(store)).unwrap();
    assert_eq!(source.domain().unwrap(), sample::domain());
    let principals = sample::principals();
    let queries: Vec<_> = principals
        .iter()
        .flat_map(|principal| {
            let name = principal.sam_account_name.to_uppercase();
            [
                PrincipalQuery::Sid(principal.sid),
                PrincipalQuery::Name(name.clone()),
                PrincipalQuery::Name(format!("example\\{name}")),
            ]
        })
        .collect();
    let expected = principals
        .iter()
        .flat_map(|p| [p, p, p].map(|p| Some(p.clone())));
    let read = source.principals(&queries).unwrap();
    assert_eq!(read, expected.collect::<Vec<_>>());
    let nobody = PrincipalQuery::Name("OTHER\\Administrator".into());
    assert_eq!(source.principals(&[nobody]).unwrap(), [None]);
    let filter = Guid::from_u128(7).into();
    let read = source.wmi_filters(&[filter]).unwrap().remove(0).unwrap();
    assert_eq!(read.name, "Laptops");
}

#[test]
fn backups_of_several_domains_need_the_name_of_one() {
    let store = || {
        let store = MemoryStore::default();
        put(&store, &gpo(1), 1, 100);
        let mut other = gpo(2);
        other.domain = "Other.test".into();
        put(&store, &other, 2, 100);
        Box::new(store)
    };
    let error = BackupSetSource::new(store()).unwrap_err();
    let message = "the backups are of several domains: \"example.test\", \"Other.test\"";
    assert_eq!(error.message(), message);
    let source = BackupSetSource::of_domain(store(), "other.TEST").unwrap();
    assert_eq!(source.domain().unwrap().dns_name, "Other.test");
    let error = BackupSetSource::of_domain(store(), "third.test").unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::NotFound);
}

#[test]
fn a_listed_file_that_is_missing_is_an_error_of_its_gpo() {
    let store = MemoryStore::default();
    put(&store, &gpo(1), 1, 100);
    let folder = format!("set/{}", Guid::from_u128(1));
    let mut tree = MemoryTree::clone(&store.backup(&folder).unwrap());
    assert!(tree.remove(&path("DomainSysvol\\GPO\\Machine\\registry.pol")));
    store.put_backup(&folder, tree);
    let source = BackupSetSource::new(Box::new(store)).unwrap();
    let own = path(&format!("Policies\\{}", gpo(1).id));
    let error = source
        .walk(&own, &mut |entry| entry.map(|_| ()))
        .unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Invalid);
    assert_eq!(error.object(), format!("{folder}/Machine/registry.pol"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_gpo_is_read_with_all_of_its_files(mut any in strategies::gpo()) {
        any.domain = "example.test".into();
        let files: BTreeMap<GpoPath, EntryKind> = any
            .inventory
            .iter()
            .filter(|(path, _)| !path.as_str().eq_ignore_ascii_case("gpt.ini"))
            .map(|(path, kind)| (path.clone(), kind))
            .collect();
        let store = MemoryStore::default();
        put(&store, &any, 1, 100);
        let source = BackupSetSource::new(Box::new(store)).unwrap();
        let own = path(&format!("Policies\\{}", any.id));
        let mut names = Vec::new();
        source.walk(&own, &mut |entry| {
            let entry = entry?;
            names.push((entry.path.strip_prefix(&own).unwrap(), entry.path, entry.kind));
            Ok(())
        }).unwrap();
        for path in files.keys() {
            prop_assert!(names.iter().any(|(name, ..)| name == path), "{path} is missing");
        }
        names.retain(|(.., kind)| *kind != EntryKind::Folder);
        let paths: Vec<GpoPath> = names.into_iter().map(|(_, path, _)| path).collect();
        let mut ended = 0;
        source.read_many(&paths, 4, &mut |n, piece| {
            if let gpo_core::Piece::Failed(error) = piece {
                panic!("{}: {error}", paths[n]);
            }
            ended += usize::from(matches!(piece, gpo_core::Piece::End));
            Ok(())
        }).unwrap();
        prop_assert_eq!(ended, paths.len());
    }
}

/// The folder with real backups, where there is one.
fn corpus() -> Option<PathBuf> {
    let shared = std::env::var_os("GPO_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    Some(shared.join("corpus/backups")).filter(|folder| folder.is_dir())
}

#[test]
fn real_backups_are_sources() {
    let Some(corpus) = corpus() else {
        println!("SKIPPED: no real backups at ../shared or $GPO_SHARED");
        return;
    };
    let (mut gpos, mut files) = (0, 0);
    for producer in std::fs::read_dir(corpus).unwrap() {
        let producer = producer.unwrap().path();
        let domains: std::collections::BTreeSet<String> =
            members(&FolderStore::open(&producer).unwrap())
                .unwrap()
                .into_iter()
                .map(|member| fold_name(&member.domain))
                .collect();
        for domain in domains {
            let store = open_store(&producer).unwrap();
            let source = BackupSetSource::of_domain(store, &domain).unwrap();
            let ids: Vec<GpoId> = source.gpos.iter().map(|gpo| gpo.id).collect();
            for container in source.containers(&ids).unwrap() {
                container.unwrap().unwrap();
                gpos += 1;
            }
            let mut paths = Vec::new();
            source
                .walk(&GpoPath::root(), &mut |entry| match entry {
                    Ok(entry) => {
                        paths.extend((entry.kind != EntryKind::Folder).then_some(entry.path));
                        Ok(())
                    }
                    Err(error) if error.message().starts_with("the file is listed") => Ok(()),
                    Err(error) => Err(error),
                })
                .unwrap();
            for path in paths {
                source.read(&path, &mut |_| Ok(())).unwrap();
                files += 1;
            }
        }
    }
    assert!(gpos > 100 && files > 500, "{gpos} GPOs, {files} files");
}
