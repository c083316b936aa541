//! What is imported by a migration table and then by its inverse is what it was, whatever the GPO
//! names, in every kind of file that names something.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

use std::collections::BTreeMap;

use gpo_core::{
    BackupFolder, BackupStore, Contents, Directory, DirectoryWrite, GpoContainer, GpoId, GpoPath,
    GpoVersion, MigrationDestination, MigrationEntry, MigrationSourceKind, MigrationTable,
    PrincipalKind, RegistryEntry, RegistryPol, RegistryValue, fold_name,
};
use gpo_engine::{
    Backup, Cancel, GpoSelector, Import, Journal, Mapping, Selection, Source, Stamps, Status,
    Target,
};
use gpo_testkit::{MemoryDomain, MemoryStore, sample};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::Index;

/// What a GPO names: accounts, each by its SID or its name, and servers.
#[derive(Clone, Debug)]
struct Names {
    sids: Vec<String>,
    accounts: Vec<String>,
    servers: Vec<String>,
}

fn names() -> impl Strategy<Value = Names> {
    // Without case, so that no two are the same name: one spelling would come back.
    let account = r"[a-z\u{e4}\u{5e2}][a-z0-9 &'\u{df}._$-]{0,9}[a-z0-9]";
    let sids = btree_set(1000u32..100_000, 1..6);
    let names = (
        btree_set(account, 1..6),
        btree_set("[a-z][a-z0-9-]{0,9}[a-z]", 1..4),
    );
    (sids, names).prop_map(|(rids, (accounts, servers))| Names {
        sids: rids
            .iter()
            .map(|rid| format!("S-1-5-21-1-2-3-{rid}"))
            .collect(),
        accounts: accounts.iter().map(|name| format!(r"old\{name}")).collect(),
        servers: servers.into_iter().collect(),
    })
}

fn pick(from: &[String], index: Index) -> &str {
    &from[index.index(from.len())]
}

/// A file of a GPO that names some of it.
fn file(names: &Names, kind: usize, picked: &[Index]) -> (&'static str, Vec<u8>) {
    let each = |all: &[String]| -> Vec<String> {
        let picked = picked.iter().map(|index| pick(all, *index).to_owned());
        picked.collect()
    };
    let (sids, accounts, servers) = (
        each(&names.sids),
        each(&names.accounts),
        each(&names.servers),
    );
    // What has to be written by a reference of XML, and no more.
    let xml = |text: &str| text.replace('&', "&amp;");
    let lines = |line: &dyn Fn(usize) -> String| -> String {
        (0..picked.len()).map(|n| line(n) + "\r\n").collect()
    };
    match kind {
        0 => {
            let rights = lines(&|n| {
                let (sid, account) = (&sids[n], &accounts[n]);
                format!("SeRight{n} = *{sid},{account},*S-1-5-32-544")
            });
            let groups =
                lines(&|n| format!("*S-1-5-32-54{n}__Members = {},*{}", accounts[n], sids[n]));
            let keys = lines(&|n| format!("\"MACHINE\\k{n}\",0,\"D:(A;CI;KA;;;{})\"", sids[n]));
            let text = format!(
                "[Unicode]\r\nUnicode=yes\r\n[Version]\r\nsignature=\"$CHICAGO$\"\r\nRevision=1\r\n\
                 [Privilege Rights]\r\n{rights}[Group Membership]\r\n{groups}[Registry Keys]\r\n{keys}"
            );
            let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
            let bytes = units.flat_map(u16::to_le_bytes).collect();
            (r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf", bytes)
        }
        1 => {
            let members = lines(&|n| {
                format!(
                    "<Member name='{}' action='ADD' sid='{}'/>",
                    xml(&accounts[n]).replace('\'', "&apos;"),
                    sids[n]
                )
            });
            let filters =
                lines(&|n| format!("<FilterGroup name=\"{}\" sid=\"\"/>", xml(&accounts[n])));
            let text = format!(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Groups><Group><Properties><Members>{members}\
                 </Members></Properties><Filters>{filters}</Filters></Group></Groups>"
            );
            (r"Machine\Preferences\Groups\Groups.xml", text.into_bytes())
        }
        2 => {
            let scripts = lines(&|n| {
                format!(
                    "{n}CmdLine=\\\\{}\\s$\\a {n}.cmd\r\n{n}Parameters=\\\\{}\\x",
                    servers[n], servers[0]
                )
            });
            (
                r"User\Scripts\scripts.ini",
                format!("[Logon]\r\n{scripts}").into_bytes(),
            )
        }
        _ => {
            let mut policy = RegistryPol::default();
            for n in 0..picked.len() {
                let path = format!(r"\\{}\share\{n}", servers[n]);
                for (name, value) in [
                    ("path", RegistryValue::Sz(path.clone())),
                    ("paths", RegistryValue::MultiSz(vec![path, sids[n].clone()])),
                    (
                        "sddl",
                        RegistryValue::ExpandSz(format!("O:SYD:(A;;GA;;;{})", sids[n])),
                    ),
                ] {
                    let key = format!(r"Software\Policies\{n}");
                    let entry = RegistryEntry::set(&key, name, value).unwrap();
                    policy.entries.push(entry);
                }
            }
            (r"Machine\Registry.pol", policy.to_bytes().unwrap())
        }
    }
}

type Files = BTreeMap<String, Vec<u8>>;

fn gpo() -> impl Strategy<Value = (Names, Files)> {
    let kinds = vec((0usize..4, vec(any::<Index>(), 1..5)), 1..5);
    (names(), kinds).prop_map(|(names, kinds)| {
        let files = kinds
            .iter()
            .map(|(kind, picked)| file(&names, *kind, picked));
        let files = files
            .map(|(path, bytes)| (fold_name(path), bytes))
            .collect();
        (names, files)
    })
}

/// A table that gives each of them another one, and the one that undoes it.
fn tables(names: &Names) -> [Mapping; 2] {
    let mut pairs = Vec::new();
    for (n, sid) in names.sids.iter().enumerate() {
        pairs.push((sid.clone(), format!("S-1-5-21-7-8-9-{}", 5000 + n)));
    }
    for (n, account) in names.accounts.iter().enumerate() {
        pairs.push((account.clone(), format!(r"NEW\Account {n}")));
    }
    for (n, server) in names.servers.iter().enumerate() {
        pairs.push((format!(r"\\{server}"), format!(r"\\new{n}.example\all$")));
    }
    let entry = |(source, to): (&String, &String)| MigrationEntry {
        kind: match source.strip_prefix(r"\\") {
            Some(_) => MigrationSourceKind::UncPath,
            None => MigrationSourceKind::Principal(PrincipalKind::Unknown),
        },
        source: source.clone(),
        destination: MigrationDestination::Set(to.clone()),
    };
    let there: Vec<_> = pairs.iter().map(|(from, to)| entry((from, to))).collect();
    let back: Vec<_> = pairs.iter().map(|(from, to)| entry((to, from))).collect();
    [there, back].map(|entries| {
        let table = MigrationTable::from_entries(&entries).unwrap();
        // As it is written and read again.
        let table = MigrationTable::parse(&table.to_bytes().unwrap()).unwrap();
        Mapping::new().with_table(&table).unwrap()
    })
}

fn folder(id: GpoId) -> GpoPath {
    format!(r"Policies\{id}").parse().unwrap()
}

fn container(domain: &MemoryDomain, id: GpoId) -> GpoContainer {
    domain
        .containers(&[id])
        .unwrap()
        .remove(0)
        .unwrap()
        .unwrap()
}

/// The files of a GPO without its version.
fn files(domain: &MemoryDomain, id: GpoId) -> Files {
    let (folder, mut files) = (folder(id), Files::new());
    domain
        .walk(&folder, &mut |entry| {
            let path = entry?.path;
            // A folder has no content.
            if let Ok(bytes) = domain.read_all(&path, u64::MAX) {
                let name = path.strip_prefix(&folder).unwrap();
                // A backup spells some names in its own way.
                files.insert(fold_name(name.as_str()), bytes);
            }
            Ok(())
        })
        .unwrap();
    files.remove("GPT.INI");
    files
}

/// A domain with a GPO that has these files.
fn domain_with(files: &Files) -> (MemoryDomain, GpoId) {
    let domain = MemoryDomain::new(sample::domain());
    let container = GpoContainer {
        machine_objects: Vec::new(),
        user_objects: Vec::new(),
        version: GpoVersion::from_halves(3, 0xffff),
        ..sample::container(1)
    };
    domain.put_container(&container).unwrap();
    domain.edit_sysvol(|sysvol| {
        for (name, bytes) in files {
            let path = folder(container.id).join_path(&name.parse().unwrap());
            sysvol.put_file(&path.unwrap(), bytes.clone()).unwrap();
        }
    });
    (domain, container.id)
}

/// Imports the GPO of one domain into a new one of another.
fn import(from: &MemoryDomain, id: GpoId, mapping: &Mapping) -> (MemoryDomain, GpoId) {
    let store = MemoryStore::default();
    let gpos = Selection::Gpos(vec![GpoSelector::Id(id)]);
    let made = Backup::new(Source::of(from), &store, Stamps::system())
        .report(false)
        .run(&gpos, &mut (), &Cancel::default());
    let path = made.value[0].backup.as_ref().unwrap().id.to_string();
    let backup = store.open(&BackupFolder { path }).unwrap();
    let target = MemoryDomain::new(sample::domain());
    let state = MemoryStore::default();
    let name = GpoSelector::Name("Imported".into());
    let outcome = Import::new(backup.as_ref(), Target::of(&target), name, Stamps::system())
        .create_if_needed(true)
        .mapping(Some(mapping))
        .run(
            &Journal::new(&state, Stamps::system()),
            &mut (),
            &Cancel::default(),
        );
    assert_ne!(outcome.status, Status::Failed, "{:?}", outcome.messages);
    (target, outcome.value.unwrap().gpo_id)
}

/// The text of a file in either encoding, more or less.
fn readable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\0', "")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_table_and_its_inverse_give_the_old_settings_back((names, old) in gpo()) {
        let (domain, id) = domain_with(&old);
        let [there, back] = tables(&names);
        let (other, other_id) = import(&domain, id, &there);
        let mapped = files(&other, other_id);
        prop_assert_ne!(&mapped, &old);
        for (name, bytes) in &mapped {
            let text = readable(bytes).to_lowercase();
            for old in names.sids.iter().chain(&names.accounts) {
                prop_assert!(!text.contains(&old.to_lowercase()), "{} in {}", old, name);
            }
        }
        let (again, again_id) = import(&other, other_id, &back);
        let again_files = files(&again, again_id);
        for (name, old) in &old {
            prop_assert_eq!(readable(&again_files[name]), readable(old), "{}", name);
        }
        prop_assert!(again_files == old, "byte for byte");
        let (before, after) = (container(&domain, id), container(&again, again_id));
        prop_assert_eq!(after.machine_extensions, before.machine_extensions);
        prop_assert_eq!(after.user_extensions, before.user_extensions);
    }
}
