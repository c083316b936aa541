//! Every real backup, imported into a second domain by one rule: what is left of the first.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use common::corpus;
use gpo_core::{
    BackupFolder, BackupStore, BackupXml, BkupInfo, Contents, Directory, DirectoryObject,
    DirectoryWrite, Domain, Entry, EntryKind, Gpo, GpoId, GpoPath, GpoReference, Half,
    MigrationDestination, MigrationEntry, MigrationSourceKind, MigrationTable, Principal,
    PrincipalKind, ReferenceKind, SecurityGroup, SettingsFile, SourceError, SysvolWrite, fold_name,
    references, same_name,
};
use gpo_engine::{
    BackupFiles, Cancel, GpoSelector, Import, Journal, KeptReason, MappedGpo, Mapping, MappingRule,
    MigrationEntries, Plan, ReferenceFate, Stamps, Status, Target,
};
use gpo_local::FolderStore;
use gpo_testkit::{MemoryDomain, MemoryStore};
use sddl_parser::Sid;

const NEW_SID: &str = "S-1-5-21-4000000001-4000000002-4000000003";

/// The domain that everything goes to.
fn new_domain() -> Domain {
    Domain {
        dns_name: "ziel.invalid".into(),
        dn: "DC=ziel,DC=invalid".into(),
        netbios_name: Some("ZIEL".into()),
        id: None,
        sid: Some(NEW_SID.parse().unwrap()),
        domain_controller: "dc.ziel.invalid".into(),
    }
}

/// A backup with what is needed to map it.
struct Real<'a> {
    folder: String,
    gpo: Gpo,
    domain: Domain,
    principals: Vec<Principal>,
    contents: Box<dyn Contents + 'a>,
}

impl<'a> Real<'a> {
    fn open(store: &'a FolderStore, folder: &BackupFolder) -> Self {
        let contents = store.open(folder).unwrap();
        let read = |name: &str| contents.read_all(&name.parse().unwrap(), u64::MAX);
        let xml = BackupXml::parse(&read("Backup.xml").unwrap()).unwrap();
        let files = BackupFiles::read(&*contents).unwrap();
        let mut tree = xml.inventory(&files.sysvol).unwrap();
        for path in &tree.missing_files {
            tree.inventory.remove(path);
        }
        let gpo = xml.to_gpo(tree.inventory).unwrap();
        let info = read("bkupInfo.xml").ok();
        let info = info.and_then(|bytes| Some(BkupInfo::parse(&bytes).ok()?.inst));
        let dns_name = match info {
            Some(info) if gpo.domain.is_empty() => info.gpo_domain,
            _ => gpo.domain.clone(),
        };
        let principals: Vec<_> = xml
            .security_groups
            .iter()
            .filter_map(SecurityGroup::principal)
            .collect();
        let own = principals
            .iter()
            .find(|principal| principal.dns_domain.eq_ignore_ascii_case(&dns_name));
        let domain = Domain {
            dn: String::new(),
            netbios_name: own.map(|own| own.netbios_domain.clone()),
            id: None,
            sid: own.and_then(|own| own.sid.domain()),
            domain_controller: String::new(),
            dns_name,
        };
        Self {
            folder: folder.path.clone(),
            gpo,
            domain,
            principals,
            contents,
        }
    }

    fn file(&self, path: &GpoPath) -> Result<Vec<u8>, SourceError> {
        let sysvol: GpoPath = r"DomainSysvol\GPO".parse().unwrap();
        self.contents
            .read_all(&sysvol.join_path(path).unwrap(), u64::MAX)
    }

    /// The accounts of its domain, each with its RID, where that is known.
    fn accounts(&self) -> Vec<(Option<u32>, PrincipalKind, String)> {
        let own = |p: &&Principal| p.dns_domain.eq_ignore_ascii_case(&self.domain.dns_name);
        let known = self.principals.iter().filter(own);
        let known = known.map(|p| (p.sid.rid(), p.kind.clone(), p.sam_account_name.clone()));
        let references = references(&self.gpo, |path| self.file(path)).unwrap();
        let netbios = self.domain.netbios_name.as_deref().unwrap_or_default();
        let named = references.found.iter().filter_map(|found| {
            let (domain, name) = found.reference.text.split_once('\\')?;
            let is_own = !netbios.is_empty() && same_name(domain, netbios);
            is_own.then(|| (None, PrincipalKind::Unknown, name.to_owned()))
        });
        known.chain(named).collect()
    }

    fn map(&self, mapping: &Mapping, target: &MemoryDomain) -> MappedGpo {
        let read = |path: &GpoPath| self.file(path);
        mapping
            .map(&self.gpo, &self.principals, target, read)
            .unwrap()
    }

    /// Imports it into a GPO that is made for it.
    fn import(&self, mapping: &Mapping, target: &MemoryDomain) -> Plan {
        let name = GpoSelector::Name(self.folder.clone());
        let import = Import::new(&*self.contents, Target::of(target), name, Stamps::system())
            .create_if_needed(true)
            .allow_missing(true)
            .mapping(Some(mapping));
        let state = MemoryStore::default();
        let journal = Journal::new(&state, Stamps::system());
        let outcome = import.run(&journal, &mut (), &Cancel::default());
        let failed = outcome.status == Status::Failed;
        assert!(!failed, "{}: {:?}", self.folder, outcome.messages);
        outcome.value.unwrap()
    }
}

fn folder(id: GpoId) -> GpoPath {
    format!(r"Policies\{id}").parse().unwrap()
}

/// All bytes of a GPO in a domain, each part with its name.
fn parts(domain: &MemoryDomain, id: GpoId) -> Vec<(String, Vec<u8>)> {
    let (folder, mut parts) = (folder(id), Vec::new());
    domain
        .walk(&folder, &mut |entry| {
            let Entry { path, kind } = entry?;
            if kind != EntryKind::Folder {
                let name = path.strip_prefix(&folder).unwrap().to_string();
                parts.push((name, domain.read_all(&path, u64::MAX)?));
            }
            Ok(())
        })
        .unwrap();
    parts.sort();
    let container = domain.containers(&[id]).unwrap().remove(0);
    let container = container.unwrap().unwrap();
    let halves = [
        (Half::Machine, &container.machine_objects),
        (Half::User, &container.user_objects),
    ];
    for (half, objects) in halves {
        for object in objects {
            of_object(object, half.name(), &mut parts);
        }
    }
    parts.push((
        "permissions".into(),
        container.security_descriptor.unwrap_or_default(),
    ));
    for (name, text) in [
        ("gPCFileSysPath", container.file_sys_path),
        ("gPCMachineExtensionNames", container.machine_extensions),
        ("gPCUserExtensionNames", container.user_extensions),
        ("gPCWQLFilter", container.wql_filter),
    ] {
        parts.push((name.into(), text.into_bytes()));
    }
    parts
}

fn of_object(object: &DirectoryObject, above: &str, parts: &mut Vec<(String, Vec<u8>)>) {
    let name = format!("{above}, {}", object.rdn);
    for attribute in &object.attributes {
        for value in &attribute.values {
            parts.push((format!("{name}: {}", attribute.name), value.clone()));
        }
    }
    let descriptor = object.security_descriptor.clone();
    parts.push((
        format!("{name}: permissions"),
        descriptor.unwrap_or_default(),
    ));
    for child in &object.children {
        of_object(child, &name, parts);
    }
}

/// A domain that has a counterpart for each principal that the backups know or name, under other
/// RIDs.
fn target(backups: &[Real<'_>]) -> MemoryDomain {
    let new = new_domain();
    let target = MemoryDomain::new(new.clone());
    let mut names = BTreeSet::new();
    for (rid, kind, name) in backups.iter().flat_map(Real::accounts) {
        if !names.insert(name.to_lowercase()) {
            continue;
        }
        let rid = match rid {
            Some(rid) if rid < 1000 => rid,
            _ => 500_000 + u32::try_from(names.len()).unwrap(),
        };
        target.add_principal(Principal {
            sid: new.sid.unwrap().with_rid(rid).unwrap(),
            netbios_domain: "ZIEL".into(),
            dns_domain: "ziel.invalid".into(),
            upn: format!("{name}@ziel.invalid"),
            sam_account_name: name,
            kind,
        });
    }
    target
}

/// What is looked for in the result, each in one encoding.
struct Needle {
    name: &'static str,
    /// In lower case, a character for each byte.
    text: String,
    /// Whether letters and digits beside it make it something else.
    is_word: bool,
}

fn needles(domain: &Domain) -> Vec<Needle> {
    let mut needles = Vec::new();
    let mut add = |name, bytes: &[u8], is_word| {
        needles.push(Needle {
            name,
            text: latin(bytes),
            is_word,
        });
    };
    let utf16 =
        |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let mut texts = vec![("DNS name", domain.dns_name.clone(), false)];
    texts.extend(
        domain
            .netbios_name
            .clone()
            .map(|name| ("NetBIOS name", name, true)),
    );
    if let Some(sid) = domain.sid {
        texts.push(("SID", format!("{sid}-"), false));
        let binary = binary_prefix(&sid);
        add("binary SID", &binary, false);
        let hex: String = binary.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let commas: Vec<_> = hex
            .as_bytes()
            .chunks(2)
            .map(|pair| str::from_utf8(pair).unwrap())
            .collect();
        let commas = commas.join(",");
        for hex in [hex, commas] {
            add("SID in hex", hex.as_bytes(), false);
            add("SID in hex, UTF-16", &utf16(&hex), false);
        }
        for text in base64(&binary) {
            add("binary SID in base64", text.as_bytes(), false);
        }
    }
    for (name, text, is_word) in texts {
        add(name, text.as_bytes(), is_word);
        add(name, &utf16(&text), is_word);
        // Shorter ones stand in any base64.
        for bytes in [text.as_bytes().to_vec(), utf16(&text)] {
            for text in base64(&bytes).into_iter().filter(|text| text.len() >= 8) {
                add("text in base64", text.as_bytes(), false);
            }
        }
    }
    needles
}

/// A SID as Windows stores it, from its authority up to where a RID would stand.
fn binary_prefix(sid: &Sid) -> Vec<u8> {
    sid.to_bytes().split_off(2)
}

/// The characters of base64 that stand for these bytes only, for each of the three places in a
/// group that they can start at.
fn base64(bytes: &[u8]) -> Vec<String> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (0..3)
        .map(|start| {
            let padded: Vec<u8> = std::iter::repeat_n(0, start)
                .chain(bytes.iter().copied())
                .collect();
            let bits = |n: usize| (padded[n / 8] >> (7 - n % 8)) & 1;
            let count = padded.len() * 8;
            let first = (start * 8).div_ceil(6);
            let digit = |n: usize| (0..6).fold(0, |digit, bit| digit << 1 | bits(n * 6 + bit));
            let digits = (first..count / 6).map(|n| DIGITS[usize::from(digit(n))] as char);
            digits.collect()
        })
        .collect()
}

fn latin(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect()
}

fn count(text: &str, needle: &Needle) -> usize {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let hits = text.match_indices(&needle.text).filter(|(at, hit)| {
        let before = text[..*at].trim_end_matches('\0').chars().next_back();
        let after = text[at + hit.len()..]
            .trim_start_matches('\0')
            .chars()
            .next();
        !needle.is_word || !(is_part(before) || is_part(after))
    });
    hits.count()
}

/// One line for each file of the result that names the old domain, with how often. `hits.tsv` has
/// the reason for each.
#[test]
fn nothing_is_left_of_the_old_domain_without_a_reason() {
    let Some(corpus) = corpus() else { return };
    let store = FolderStore::open(&corpus).unwrap();
    let folders = store.backups().unwrap();
    let backups: Vec<_> = folders
        .iter()
        .map(|folder| Real::open(&store, folder))
        .collect();
    let target = target(&backups);
    let (mut left, mut fates) = (String::new(), BTreeMap::new());
    let mut searched = 0;
    for backup in &backups {
        let rule = MappingRule::of_domains(&backup.domain, &new_domain());
        let mapping = Mapping::new().with_rules([rule]).unwrap();
        let plan = backup.import(&mapping, &target);
        for own in &plan.references {
            let fate = match &own.fate {
                ReferenceFate::Replaced { .. } => "replaced",
                ReferenceFate::Kept(KeptReason::SameEverywhere) => "the same everywhere",
                ReferenceFate::Kept(KeptReason::OwnFolder) => "in its own folder",
                ReferenceFate::Kept(KeptReason::OfMachine) => "of the machine",
                ReferenceFate::Kept(KeptReason::NoRule) => "no rule",
                ReferenceFate::Kept(KeptReason::Unresolved { .. }) => "not known there",
                other => panic!("{}: {}: {other}", backup.folder, own.reference.place),
            };
            *fates.entry(fate).or_insert(0) += 1;
        }
        let needles = needles(&backup.domain);
        for (name, bytes) in parts(&target, plan.gpo_id) {
            searched += 1;
            let text = latin(&bytes);
            let mut found: BTreeMap<&str, usize> = BTreeMap::new();
            for needle in &needles {
                match count(&text, needle) {
                    0 => {}
                    hits => *found.entry(needle.name).or_default() += hits,
                }
            }
            for (needle, hits) in found {
                writeln!(left, "{}\t{name}\t{needle}\t{hits}", backup.folder).unwrap();
            }
        }
        // A domain of all of them would be slow.
        target.remove_container(plan.gpo_id).unwrap();
        target.remove_tree(&folder(plan.gpo_id)).unwrap();
    }
    println!(
        "{} backups imported, {searched} parts searched: {fates:?}",
        backups.len()
    );
    let expected: String = include_str!("corpus_mapping.tsv")
        .lines()
        .filter_map(|line| Some(line.rsplit_once('\t')?.0.to_owned() + "\n"))
        .collect();
    assert_eq!(left, expected, "backup, file, what was found, how often");
    assert!(fates["replaced"] > 200, "{fates:?}");
}

/// Entries that give each principal and path of a backup another one, and those that undo it.
fn tables(backup: &Real<'_>) -> [MigrationTable; 2] {
    let found = references(&backup.gpo, |path| backup.file(path))
        .unwrap()
        .found;
    let mut sources = BTreeMap::new();
    for GpoReference { reference, .. } in &found {
        let text = reference.text.trim_start_matches('*');
        let n = sources.len();
        let (text, to) = match reference.kind {
            ReferenceKind::Sid => (text, format!("{NEW_SID}-{}", 5000 + n)),
            ReferenceKind::Account => (text, format!("ZIEL\\{n}")),
            // The server, which every path has.
            ReferenceKind::UncPath => {
                let server = text.split('\\').nth(2).unwrap().len() + 2;
                (&text[..server], format!("\\\\ziel{n}"))
            }
        };
        sources
            .entry(fold_name(text))
            .or_insert((text.to_owned(), to));
    }
    let entry = |source: &str, to: &str| MigrationEntry {
        kind: if source.starts_with("\\\\") {
            MigrationSourceKind::UncPath
        } else {
            MigrationSourceKind::Principal(PrincipalKind::Unknown)
        },
        source: source.to_owned(),
        destination: MigrationDestination::Set(to.to_owned()),
    };
    let there: Vec<_> = sources.values().map(|(from, to)| entry(from, to)).collect();
    let back: Vec<_> = sources.values().map(|(from, to)| entry(to, from)).collect();
    [there, back].map(|entries| MigrationTable::from_entries(&entries).unwrap())
}

/// Byte for byte, but where a file spells the same server in two cases or a SID with leading zeros:
/// one spelling comes back.
#[test]
fn a_table_and_its_inverse_give_the_old_settings_back() {
    let Some(corpus) = corpus() else { return };
    let store = FolderStore::open(&corpus).unwrap();
    let target = MemoryDomain::new(new_domain());
    let (mut mapped_files, mut different) = (0, 0);
    for folder in store.backups().unwrap() {
        let backup = Real::open(&store, &folder);
        let [there, back] = tables(&backup).map(|table| Mapping::new().with_table(&table));
        let mapped = backup.map(&there.unwrap(), &target);
        for own in &mapped.references {
            let place = &own.reference.place;
            let is_own = own.fate == ReferenceFate::Kept(KeptReason::OwnFolder);
            let is_kept = matches!(own.fate, ReferenceFate::Kept(_));
            assert!(is_own || !is_kept, "{}: {place}: {}", folder.path, own.fate);
        }
        let read = |path: &GpoPath| match mapped.files.get(path) {
            Some(new) => Ok(new.clone()),
            None => backup.file(path),
        };
        let again = back.unwrap().map(&mapped.gpo, &[], &target, read).unwrap();
        assert_eq!(again.gpo.machine_objects, backup.gpo.machine_objects);
        assert_eq!(again.gpo.user_objects, backup.gpo.user_objects);
        for path in mapped.files.keys() {
            mapped_files += 1;
            let before = backup.file(path).unwrap();
            let after = again.files.get(path).unwrap_or(&before);
            if *after != before {
                different += 1;
                let names = |bytes| SettingsFile::parse(path, bytes).unwrap().references();
                let (before, after) = (names(&before), names(after));
                assert_eq!(before.len(), after.len(), "{}: {path}", folder.path);
                for (before, after) in before.iter().zip(&after) {
                    let same = match before.sid() {
                        Some(sid) => after.sid() == Some(sid),
                        None => same_name(&before.text, &after.text),
                    };
                    assert!(same, "{}: {path}: {}", folder.path, before.place);
                }
            }
        }
    }
    println!("{mapped_files} files mapped there and back, {different} other bytes");
    assert_eq!((mapped_files, different), (134, 7));
}

/// One table for many backups: each has its own say in who is meant by a name.
#[test]
fn an_entry_made_of_a_backup_is_for_what_that_backup_names() {
    let Some(corpus) = corpus() else { return };
    let store = FolderStore::open(&corpus).unwrap();
    let folders = store.backups().unwrap();
    let mut entries = MigrationEntries::new();
    for folder in &folders {
        entries.add_backup(&store, folder).unwrap();
    }
    let table = MigrationTable::from_entries(&entries.into_entries()).unwrap();
    let mapping = Mapping::new().with_table(&table).unwrap();
    let target = MemoryDomain::new(new_domain());
    let (mut with_entry, mut without) = (0, Vec::new());
    for folder in &folders {
        let backup = Real::open(&store, folder);
        for own in backup.map(&mapping, &target).references {
            match own.fate {
                ReferenceFate::Kept(KeptReason::SameAsSource { .. }) => with_entry += 1,
                ReferenceFate::Kept(KeptReason::NoRule) => {
                    without.push((folder.path.clone(), own.reference.text));
                }
                _ => {}
            }
        }
    }
    println!("{with_entry} references have an entry");
    assert_eq!(without, [], "named, and without an entry");
    assert!(with_entry > 200, "{with_entry}");
}
