//! Several at once at one GPO of a domain in a folder: writers, a reader, and one who recovers.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use gpo_core::{
    BackupFolder, BackupStore, BackupXml, Contents, Directory, DirectoryWrite, EntryKind,
    GpoContainer, GpoId, GpoVersion, GptIni, SysvolWrite,
};
use gpo_engine::{
    Backup, Cancel, GpoSelector, Journal, Outcome, Plan, Restore, Selection, Source, Stamps,
    Status, Target, export_domain, recover,
};
use gpo_local::{FolderDomain, FolderStore};
use gpo_testkit::{FaultCount, MemoryDomain, MemoryStore, sample};
use tempfile::TempDir;

use crate::operation::folder;

const WRITERS: usize = 4;
const ROUNDS: usize = 12;
const FILES: usize = 8;

/// Two states of the GPO: name and files say which. Their files are of the same sizes, so that a
/// mixture shows only in what they say.
const STATES: [&str; 2] = ["red", "tan"];

/// A domain in a folder, its journal, and a backup of the GPO in each state.
struct Site {
    root: TempDir,
    backups: MemoryStore,
}

fn gpo() -> GpoId {
    sample::container(1).id
}

/// Puts the GPO into a domain, in a state.
fn put(domain: &impl SysvolWrite, directory: &impl DirectoryWrite, state: &str) {
    let container = GpoContainer {
        display_name: state.into(),
        version: GpoVersion::from_halves(1, 1),
        ..sample::container(1)
    };
    directory.put_container(&container).unwrap();
    let ini = format!("[General]\r\nVersion={}\r\n", container.version.value());
    let write = domain.replace_tree(&folder(gpo()), &mut |tree| {
        tree.create_file(&"GPT.INI".parse().unwrap())?;
        tree.append(ini.as_bytes())?;
        for n in 0..FILES {
            tree.create_file(&format!(r"Machine\{n}.txt").parse().unwrap())?;
            tree.append(state.as_bytes())?;
        }
        Ok(())
    });
    write.unwrap();
}

impl Site {
    fn new() -> Self {
        let site = Self {
            root: tempfile::tempdir().unwrap(),
            backups: MemoryStore::default(),
        };
        for name in ["domain", "state"] {
            fs::create_dir(site.path(name)).unwrap();
        }
        for state in STATES {
            let domain = MemoryDomain::new(sample::domain());
            put(&domain, &domain, state);
            let outcome = back_up(Source::of(&domain), &site.backups);
            assert_ne!(outcome, Status::Failed);
        }
        let domain = site.domain();
        let (of, principals) = (sample::domain(), sample::principals());
        domain.create_domain(&of, &principals).unwrap();
        put(&domain, &domain, STATES[0]);
        site
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.root.path().join(name)
    }

    /// The domain as another process would open it.
    fn domain(&self) -> FolderDomain {
        FolderDomain::open(self.path("domain")).unwrap()
    }

    fn state(&self) -> FolderStore {
        FolderStore::open(self.path("state")).unwrap()
    }

    /// Restores one of the backups. Says whether it did; who meets another is refused, and says so.
    fn restore(&self, backup: &BackupFolder) -> bool {
        let (domain, state) = (self.domain(), self.state());
        let journal = Journal::new(&state, Stamps::system());
        let contents = self.backups.open(backup).unwrap();
        let outcome: Outcome<Option<Plan>> = Restore::new(
            contents.as_ref(),
            Target::of(&domain),
            Stamps::system(),
        )
        .run(&journal, &mut (), &Cancel::default());
        let failed = outcome.status == Status::Failed;
        let known = ["another writer", "changed since", "vanished while"];
        let mut messages = outcome.messages.iter();
        let met = messages.any(|m| known.iter().any(|text| m.text.contains(text)));
        assert_eq!(failed, met, "{:?}", outcome.messages);
        !failed
    }

    /// The version on both sides, where the GPO is in one of its states.
    fn version(&self) -> GpoVersion {
        let domain = self.domain();
        let container = domain.containers(&[gpo()]).unwrap().remove(0);
        let container = container.unwrap().unwrap();
        let folder = folder(gpo());
        let said = said(&domain, &folder);
        assert_eq!(said, [container.display_name.clone().into_bytes()].into());
        let ini = domain.read_all(&folder.join("GPT.INI").unwrap(), 99);
        let version = GptIni::parse(&ini.unwrap()).unwrap().version().unwrap();
        assert_eq!(version, container.version);
        version
    }

    /// The GPO was written so often, and nothing is left of who wrote it.
    fn assert_written(&self, times: usize) {
        assert_eq!(usize::from(self.version().machine()), 1 + times);
        let left = |folder: &Path| -> Vec<_> {
            let entries = fs::read_dir(folder).unwrap();
            let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            names.filter(|name| name.starts_with(['.', '{'])).collect()
        };
        for name in ["domain", "state"] {
            assert_eq!(left(&self.path(name)), [""; 0], "{name}");
        }
    }
}

/// What the text files say.
fn said(contents: &dyn Contents, folder: &gpo_core::GpoPath) -> BTreeSet<Vec<u8>> {
    let (mut said, mut files) = (BTreeSet::new(), 0);
    let walked = contents.walk(folder, &mut |entry| {
        let entry = entry?;
        let is_text = entry.path.as_str().contains(r"Machine\");
        if is_text && entry.kind != EntryKind::Folder {
            files += 1;
            said.insert(contents.read_all(&entry.path, 99)?);
        }
        Ok(())
    });
    walked.unwrap();
    assert_eq!(files, FILES);
    said
}

fn back_up(source: Source<'_>, store: &MemoryStore) -> Status {
    let selection = Selection::Gpos(vec![GpoSelector::Id(gpo())]);
    let backup = Backup::new(source, store, Stamps::system()).report(false);
    let outcome = backup.run(&selection, &mut (), &Cancel::default());
    let known = ["changed while", "vanished while", "has version"];
    let mut messages = outcome.messages.iter();
    let expected = messages.all(|m| known.iter().any(|text| m.text.contains(text)));
    assert!(expected, "{:?}", outcome.messages);
    outcome.status
}

/// Runs `work` again and again until `writer` is done.
fn until(writer: impl FnOnce() + Send, mut work: impl FnMut()) {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let done = &done;
        let writer = scope.spawn(move || {
            writer();
            done.store(true, Ordering::Release);
        });
        while !done.load(Ordering::Acquire) && !writer.is_finished() {
            work();
        }
    });
}

/// Tells what came of reading next to a writer: how often either state was found whole, and how often
/// the reader was met by a change.
fn print_race(operation: &str, whole: [u64; 2], met: u64) {
    let [old, new] = whole;
    assert!(old + new > 0);
    let count = FaultCount {
        operation: operation.into(),
        kind: "race with a writer of the GPO, in a folder".into(),
        points: old + new + met,
        fired: met,
        old,
        new,
    };
    println!("{count}");
}

#[test]
fn every_change_of_several_writers_counts_and_the_others_are_refused() {
    let site = Site::new();
    let backups = site.backups.backups().unwrap();
    let written = thread::scope(|scope| {
        let write = |n: usize| {
            let (site, backup) = (&site, &backups[n % 2]);
            scope.spawn(move || (0..ROUNDS).filter(|_| site.restore(backup)).count())
        };
        let writers = std::array::from_fn::<_, WRITERS, _>(write);
        writers.map(|writer| writer.join().unwrap())
    });
    let written: usize = written.iter().sum();
    site.assert_written(written);
    let points = (WRITERS * ROUNDS) as u64;
    let refused = points - written as u64;
    assert!(written > 0);
    let count = FaultCount {
        operation: "Restore".into(),
        kind: "race with other writers of the GPO, in a folder".into(),
        points,
        fired: refused,
        old: refused,
        new: written as u64,
    };
    println!("{count}");
}

#[test]
fn a_backup_of_a_gpo_that_is_written_is_of_one_state() {
    let site = Site::new();
    let backups = site.backups.backups().unwrap();
    let (mut whole, mut met) = ([0, 0], 0);
    let writer = || {
        for n in 0..ROUNDS {
            assert!(site.restore(&backups[(n + 1) % 2]));
        }
    };
    until(writer, || {
        let store = MemoryStore::default();
        let status = back_up(Source::of(&site.domain()), &store);
        let Some(folder) = store.backups().unwrap().pop() else {
            // It met a change three times.
            met += 1;
            return;
        };
        let backup = store.open(&folder).unwrap();
        let said = said(backup.as_ref(), &"DomainSysvol".parse().unwrap());
        let xml = backup.read_all(&"Backup.xml".parse().unwrap(), 1 << 20);
        let name = BackupXml::parse(&xml.unwrap()).unwrap().core.display_name;
        if status == Status::Warnings {
            // SYSVOL was ahead of the directory, and it said so.
            assert_eq!(said.len(), 1);
            met += 1;
            return;
        }
        assert_eq!(said, [name.clone().into_bytes()].into());
        let state = STATES.iter().position(|state| *state == name);
        whole[state.unwrap()] += 1;
    });
    site.assert_written(ROUNDS);
    print_race("Backup", whole, met);
}

#[test]
fn an_export_of_a_gpo_that_is_written_is_of_one_tree() {
    let site = Site::new();
    let backups = site.backups.backups().unwrap();
    let (mut whole, mut met) = ([0, 0], 0);
    let writer = || {
        for n in 0..ROUNDS {
            assert!(site.restore(&backups[(n + 1) % 2]));
        }
    };
    until(writer, || {
        let (from, to) = (site.domain(), MemoryDomain::default());
        let (source, target) = (Source::of(&from), Target::of(&to));
        let outcome = export_domain(source, target, &mut (), &Cancel::default());
        assert!(outcome.value.is_some(), "{:?}", outcome.messages);
        let exported = outcome.value.unwrap();
        if exported.gpos.is_empty() {
            // It changed three times, and is left out.
            let text = outcome.messages.last().unwrap().to_string();
            assert!(text.contains("left out"), "{text}");
            met += 1;
            return;
        }
        assert_eq!(outcome.messages, []);
        let said = said(&to, &folder(gpo()));
        let is_state = |state: &str| said == [state.as_bytes().to_vec()].into();
        whole[STATES.iter().position(|state| is_state(state)).unwrap()] += 1;
    });
    site.assert_written(ROUNDS);
    print_race("Export", whole, met);
}

#[test]
fn who_recovers_leaves_a_writer_that_is_alive_alone() {
    let site = Site::new();
    let backups = site.backups.backups().unwrap();
    let (written, mut tried) = (Mutex::new(0), 0);
    let writer = || {
        for n in 0..WRITERS * ROUNDS {
            *written.lock().unwrap() += usize::from(site.restore(&backups[(n + 1) % 2]));
        }
    };
    until(writer, || {
        let (domain, state) = (site.domain(), site.state());
        let journal = Journal::new(&state, Stamps::system());
        let recovered = recover(Target::of(&domain), &journal);
        assert_eq!((recovered.value, recovered.messages), (vec![], vec![]));
        tried += 1;
    });
    let written = written.into_inner().unwrap();
    site.assert_written(written);
    assert!(written > 0);
    let count = FaultCount {
        operation: "Recover".into(),
        kind: "race with a writer of the GPO, in a folder".into(),
        points: tried,
        fired: (WRITERS * ROUNDS - written) as u64,
        old: 0,
        new: written as u64,
    };
    println!("{count}");
}
