//! A process that dies leaves whole backups, a sound manifest, and a GPO that is the old or the
//! new one; what else it leaves, the next run clears away.
//!
//! Each test counts the calls of an operation to source and store in a pass without fault. Then it
//! runs the operation once for each call, in a process of its own that ends at that call, and looks
//! at what is there. Where `strace` is at hand, another test does the same with each system call
//! that changes a file. The calls of what writes to a domain are met in `transactions`.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;
use std::{env, fs};

use gpo_core::{
    BackupFolder, BackupId, BackupStore, BackupTime, Directory, DirectoryWrite, GptIni, Guid,
    Manifest,
};
use gpo_engine::{
    Backup, Cancel, Finding, FindingKind, GpoSelector, Journal, Repack, Restore, Selection,
    Severity, Source, Stamps, Status, Target, Verify, delete_backup, export_domain, recover,
};
use gpo_local::{FolderDomain, FolderStore, NewFolderDomain};
use gpo_testkit::{Fault, FaultCount, Faults, Faulty, MemoryDomain, sample};
use tempfile::TempDir;

/// Tells a process that it is the one to die: the operation, the call, the folder.
const CHILD: &str = "GPO_CRASH_CHILD";

/// The signal of `abort`.
const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;

/// Two GPOs of the test domain: one with scripts in both halves, and one with a security template.
const GPOS: [&str; 2] = [
    "{10AD0003-6C1B-4F55-9B5C-7E3A4C2F0003}",
    "{10AD0002-6C1B-4F55-9B5C-7E3A4C2F0002}",
];

/// The backup that is there before, and that is deleted and restored: of the first GPO.
const OLD: u128 = 1;

/// Files with their content, folders without, by their path.
type Files = BTreeMap<String, Option<Vec<u8>>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Backup,
    Delete,
    Repack,
    Restore,
    RestoreIntoEmptyFolder,
    Export,
    ImportWmiFilter,
}

impl Operation {
    const ALL: [Self; 7] = [
        Self::Backup,
        Self::Delete,
        Self::Repack,
        Self::Restore,
        Self::RestoreIntoEmptyFolder,
        Self::Export,
        Self::ImportWmiFilter,
    ];

    /// What has to be there: backups, and for the one that replaces it, a domain.
    fn prepare(self, folder: &Path) {
        fs::create_dir_all(folder.join("backups")).unwrap();
        fs::create_dir_all(folder.join("repacked")).unwrap();
        fs::create_dir_all(folder.join("domain")).unwrap();
        fs::create_dir_all(folder.join("state")).unwrap();
        let backups = folder.join("backups");
        back_up(&backups, &GPOS[..1], OLD, &Faults::none());
        back_up(&backups, &GPOS[1..], OLD + 1, &Faults::none());
        if self == Self::Restore {
            restore(folder, &Faults::none());
            fs::write(gpo_folder(folder).join("Machine/old.txt"), "old").unwrap();
        }
        if self == Self::ImportWmiFilter {
            let domain = FolderDomain::open(folder.join("domain")).unwrap();
            domain.create_domain(&sample::domain(), &[]).unwrap();
        }
    }

    /// What has to hold after a death; says whether everything was done.
    fn check(self, folder: &Path) -> bool {
        let backups = folder.join("backups");
        match self {
            Self::Backup => {
                assert_sound(&backups);
                let found = visible(&backups);
                let old = [id(OLD), id(OLD + 1)].map(|id| id.to_string());
                assert!(found.is_superset(&old.into()));
                assert_next_backup_clears_up(&backups);
                found.len() == 3
            }
            Self::Delete => {
                assert_sound(&backups);
                let found = visible(&backups);
                assert!(found.contains(&id(OLD + 1).to_string()));
                assert_next_backup_clears_up(&backups);
                found.len() == 1
            }
            Self::Repack => {
                let repacked = folder.join("repacked");
                assert_sound(&repacked);
                let found = visible(&repacked);
                assert_next_backup_clears_up(&repacked);
                found.len() == 2
            }
            Self::Restore => {
                assert_recovered(folder);
                let new = restored_files();
                let mut old = new.clone();
                old.insert("Machine/old.txt".into(), Some(b"old".to_vec()));
                let found = gpo_files(folder);
                assert!(found == old || found == *new, "{:?}", found.keys());
                // The numbers of both sides are those of the files.
                assert_eq!(versions(folder), if found == old { [2; 2] } else { [3; 2] });
                assert_next_restore_succeeds(folder, new);
                found == *new
            }
            Self::RestoreIntoEmptyFolder => {
                let whole = gpo_folder(folder).join("GPT.INI").exists();
                if folder.join("domain/directory.ldif").exists() {
                    assert_recovered(folder);
                    let whole = gpo_folder(folder).join("GPT.INI").exists();
                    assert!(whole || tree(&gpo_folder(folder)).is_empty());
                }
                assert_next_restore_succeeds(folder, restored_files());
                whole
            }
            Self::Export => {
                let done = folder.join("exported").exists();
                // The next export clears up, wherever it puts its domain.
                let next = if done { "next" } else { "exported" };
                export(&folder.join(next), &Faults::none());
                let copy = FolderDomain::open(folder.join("exported")).unwrap();
                let id = sample::container(1).id;
                let containers = |directory: &dyn Directory| {
                    let found = directory.containers(&[id]).unwrap().remove(0);
                    found.unwrap().unwrap().display_name
                };
                assert_eq!(containers(&copy), containers(&MemoryDomain::example()));
                assert_eq!(tree(&folder.join("exported")), *exported_files());
                assert_eq!(hidden(folder), [""; 0]);
                done
            }
            Self::ImportWmiFilter => {
                let domain = FolderDomain::open(folder.join("domain")).unwrap();
                let found = domain.all_wmi_filters().unwrap();
                assert!(
                    found.is_empty() || found == [sample::wmi_filter(1)],
                    "{found:?}"
                );
                import_wmi_filter(folder, &Faults::none());
                assert_eq!(domain.all_wmi_filters().unwrap(), [sample::wmi_filter(1)]);
                assert_eq!(hidden(folder), [""; 0]);
                !found.is_empty()
            }
        }
    }

    fn run(self, folder: &Path, faults: &Faults) {
        match self {
            Self::Backup => back_up(&folder.join("backups"), &GPOS[1..], 0x100, faults),
            Self::Delete => delete(&folder.join("backups"), faults),
            Self::Repack => repack(folder, faults),
            Self::Restore | Self::RestoreIntoEmptyFolder => restore(folder, faults),
            Self::Export => export(&folder.join("exported"), faults),
            Self::ImportWmiFilter => import_wmi_filter(folder, faults),
        }
    }
}

fn id(n: u128) -> BackupId {
    BackupId::new(Guid::from_u128(n))
}

fn back_up(store: &Path, gpos: &[&str], first: u128, faults: &Faults) {
    let domain = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/domain");
    let domain = FolderDomain::open(domain).unwrap();
    let store = FolderStore::open(store).unwrap();
    let next = std::sync::Mutex::new(first);
    let stamps = Stamps {
        now: &|| BackupTime::EPOCH,
        new_id: &|| {
            let mut next = next.lock().unwrap();
            *next += 1;
            id(*next - 1)
        },
    };
    let gpos = gpos
        .iter()
        .map(|gpo| GpoSelector::Id(gpo.parse().unwrap()))
        .collect();
    let (source, store) = (Faulty::new(&domain, faults), Faulty::new(&store, faults));
    let outcome = Backup::new(Source::of(&source), &store, stamps).run(
        &Selection::Gpos(gpos),
        &mut (),
        &Cancel::default(),
    );
    assert_eq!(outcome.status, Status::Succeeded, "{:?}", outcome.messages);
}

fn delete(store: &Path, faults: &Faults) {
    let store = FolderStore::open(store).unwrap();
    let path = id(OLD).to_string();
    delete_backup(&Faulty::new(&store, faults), &BackupFolder { path }).unwrap();
}

fn repack(folder: &Path, faults: &Faults) {
    let from = FolderStore::open(folder.join("backups")).unwrap();
    let to = FolderStore::open(folder.join("repacked")).unwrap();
    let (from, to) = (Faulty::new(&from, faults), Faulty::new(&to, faults));
    let outcome = Repack::new(&from, &to, Stamps::system()).run(&mut (), &Cancel::default());
    assert_eq!(outcome.status, Status::Succeeded, "{:?}", outcome.messages);
}

fn restore(folder: &Path, faults: &Faults) {
    let store = FolderStore::open(folder.join("backups")).unwrap();
    let domain = FolderDomain::open(folder.join("domain")).unwrap();
    let path = id(OLD).to_string();
    let state = FolderStore::open(folder.join("state")).unwrap();
    let (store, domain) = (Faulty::new(&store, faults), Faulty::new(&domain, faults));
    let state = Faulty::new(&state, faults);
    let journal = Journal::new(&state, Stamps::system());
    let contents = store.open(&BackupFolder { path }).unwrap();
    let outcome = Restore::new(contents.as_ref(), Target::of(&domain), Stamps::system()).run(
        &journal,
        &mut (),
        &Cancel::default(),
    );
    assert_eq!(outcome.status, Status::Succeeded, "{:?}", outcome.messages);
}

fn export(place: &Path, faults: &Faults) {
    let domain = MemoryDomain::example();
    let new = NewFolderDomain::begin(place).unwrap();
    let (from, to) = (
        Faulty::new(&domain, faults),
        Faulty::new(new.domain(), faults),
    );
    let (from, to) = (Source::of(&from), Target::of(&to));
    let outcome = export_domain(from, to, &mut (), &Cancel::default());
    assert_eq!(outcome.status, Status::Succeeded, "{:?}", outcome.messages);
    new.commit().unwrap();
}

fn exported_files() -> &'static Files {
    static EXPORTED: LazyLock<Files> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("exported");
        export(&place, &Faults::none());
        tree(&place)
    });
    &EXPORTED
}

fn import_wmi_filter(folder: &Path, faults: &Faults) {
    let domain = FolderDomain::open(folder.join("domain")).unwrap();
    Faulty::new(&domain, faults)
        .put_wmi_filter(&sample::wmi_filter(1))
        .unwrap();
}

/// After the next run, or `gpo recover`, nothing is left of the process that died.
fn assert_recovered(folder: &Path) {
    let domain = FolderDomain::open(folder.join("domain")).unwrap();
    let state = FolderStore::open(folder.join("state")).unwrap();
    let journal = Journal::new(&state, Stamps::system());
    let outcome = recover(Target::of(&domain), &journal);
    assert_ne!(outcome.status, Status::Failed, "{:?}", outcome.messages);
    let visible = tree(&folder.join("state")).into_keys();
    let visible: Vec<_> = visible.filter(|name| !name.starts_with('.')).collect();
    assert_eq!(visible, [""; 0], "the journal");
}

/// The version of the computer half, in the directory and in SYSVOL.
fn versions(folder: &Path) -> [u16; 2] {
    let domain = FolderDomain::open(folder.join("domain")).unwrap();
    let container = domain.containers(&[GPOS[0].parse().unwrap()]).unwrap();
    let container = container.into_iter().next().unwrap().unwrap().unwrap();
    let ini = fs::read(gpo_folder(folder).join("GPT.INI")).unwrap();
    let version = GptIni::parse(&ini).unwrap().version().unwrap();
    [container.version.machine(), version.machine()]
}

fn gpo_folder(folder: &Path) -> PathBuf {
    let policies = folder.join("domain/sysvol/example.test/Policies");
    let spelled = fs::read_dir(&policies).ok().and_then(|mut entries| {
        let same = |name: &str| name.eq_ignore_ascii_case(GPOS[0]);
        entries.find_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            same(&name).then_some(name)
        })
    });
    policies.join(spelled.unwrap_or_else(|| GPOS[0].into()))
}

/// Every file and folder below one, by its path.
fn tree(folder: &Path) -> Files {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = fs::read_dir(next) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            let below = path.strip_prefix(folder).unwrap().to_str().unwrap().into();
            found.insert(below, fs::read(&path).ok());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for (path, content) in tree(from) {
        let path = to.join(path);
        match content {
            None => fs::create_dir_all(path).unwrap(),
            Some(bytes) => {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes).unwrap();
            }
        }
    }
}

/// Names that only we give, and that nobody should see again.
fn hidden(folder: &Path) -> Vec<String> {
    let ours = |path: &String| path.split('/').any(|name| name.starts_with('.'));
    tree(folder).into_keys().filter(ours).collect()
}

fn verify(store: &Path) -> Vec<Finding> {
    let store = FolderStore::open(store).unwrap();
    let verification = Verify::new(&store)
        .round_trip(true)
        .run(&mut (), &Cancel::default())
        .unwrap();
    verification.findings
}

/// The folders of the store that anybody sees.
fn visible(store: &Path) -> BTreeSet<String> {
    fs::read_dir(store)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.') && name != "manifest.xml")
        .collect()
}

fn entries(store: &Path) -> BTreeSet<String> {
    let Ok(bytes) = fs::read(store.join("manifest.xml")) else {
        return BTreeSet::new();
    };
    let manifest = Manifest::parse(&bytes).unwrap();
    let entries = manifest.entries.iter();
    entries.map(|entry| entry.inst.id.to_string()).collect()
}

/// All that is visible is whole, and the manifest lists nothing else.
fn assert_sound(store: &Path) {
    let bad: Vec<_> = verify(store)
        .into_iter()
        .filter(|finding| finding.kind != FindingKind::FolderWithoutEntry)
        .filter(|finding| finding.severity() > Severity::Info)
        .collect();
    assert_eq!(bad, []);
    let (visible, entries) = (visible(store), entries(store));
    assert!(entries.is_subset(&visible), "{entries:?} {visible:?}");
}

/// After another backup, the manifest is complete and nothing is left of what died.
fn assert_next_backup_clears_up(store: &Path) {
    let before = visible(store);
    back_up(store, &GPOS[1..], 0x200, &Faults::none());
    let mut after = visible(store);
    assert_eq!(entries(store), after);
    assert_sound(store);
    assert_eq!(hidden(store), [""; 0]);
    assert!(after.remove(&id(0x200).to_string()));
    assert_eq!(after, before, "nothing was lost");
}

/// The folder as it is before the operation, each time anew.
struct Prepared {
    operation: Operation,
    folder: TempDir,
}

impl Prepared {
    fn new(operation: Operation) -> Self {
        let folder = tempfile::tempdir().unwrap();
        operation.prepare(folder.path());
        Self { operation, folder }
    }

    fn copy(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        copy(self.folder.path(), folder.path());
        folder
    }

    /// Runs the operation in a process of its own that meets a fault at a call.
    fn run(&self, call: u64, program: &[&str], folder: &Path) -> Output {
        let test = env::current_exe().unwrap();
        let arguments = ["--exact", "process_that_dies", "--ignored", "--nocapture"];
        let mut command = match program {
            [] => Command::new(test),
            [strace, options @ ..] => {
                let mut command = Command::new(strace);
                command.args(options).arg(test);
                command
            }
        };
        let task = format!("{:?} {call} {}", self.operation, folder.display());
        command
            .args(arguments)
            .arg("--test-threads=1")
            .env(CHILD, task)
            .output()
            .unwrap()
    }

    /// Looks at what a process left; says whether it had done everything.
    fn check(&self, place: &str, folder: &Path) -> bool {
        let check = || self.operation.check(folder);
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(check));
        let operation = self.operation;
        let left = tree(folder);
        assert!(checked.is_ok(), "{operation:?}, {place}: {:?}", left.keys());
        checked.unwrap()
    }

    fn count(&self, kind: &str) -> FaultCount {
        FaultCount {
            operation: format!("{:?}", self.operation),
            kind: kind.into(),
            ..FaultCount::default()
        }
    }

    /// Lets a process die at each call; there are at least so many.
    fn die_at_each_call(&self, least: u64) {
        let none = Faults::none();
        self.operation.run(self.copy().path(), &none);
        let calls = none.calls();
        assert!(calls >= least, "{calls}");
        let mut count = self.count("each call is the last of its process, in a folder");
        count.points = calls;
        for call in 0..=calls {
            let folder = self.copy();
            let output = self.run(call, &[], folder.path());
            let died = (call < calls).then_some(SIGABRT);
            assert_eq!(output.status.signal(), died, "call {call}: {output:?}");
            let done = self.check(&format!("call {call}"), folder.path());
            if died.is_some() {
                count.note(done);
            }
        }
        assert_eq!(count.fired, count.points);
        println!("{count}");
    }

    /// Lets a process be killed at each of these system calls; `strace` counts each kind of call
    /// for each thread.
    fn die_at_each_system_call(&self, calls: &[&str]) {
        let mut count = self.count(&format!("killed at each {}, in a folder", calls.join(", ")));
        for call in calls {
            for n in 1.. {
                let kill = format!("inject={call}:signal=SIGKILL:when={n}");
                let trace = format!("trace={call}");
                let options = ["-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &kill];
                let folder = self.copy();
                let output = self.run(
                    u64::MAX,
                    &[&["strace"], &options[..]].concat(),
                    folder.path(),
                );
                let done = self.check(&format!("{call} {n}"), folder.path());
                if output.status.success() {
                    break;
                }
                assert_eq!(output.status.signal(), Some(SIGKILL), "{output:?}");
                count.points += 1;
                count.note(done);
            }
        }
        assert!(count.fired > 0, "no call of {calls:?}");
        println!("{count}");
    }
}

#[test]
#[ignore = "it is run by the other tests of this file, as a process that is to die"]
fn process_that_dies() {
    let Ok(task) = env::var(CHILD) else { return };
    let [operation, call, folder] = task.splitn(3, ' ').collect::<Vec<_>>()[..] else {
        panic!("{task}");
    };
    let mut operations = Operation::ALL.into_iter();
    let operation = operations.find(|o| format!("{o:?}") == operation).unwrap();
    let faults = Faults::at(call.parse().unwrap(), Fault::Die);
    operation.run(Path::new(folder), &faults);
}

#[test]
fn a_backup_that_dies_leaves_whole_backups_only() {
    Prepared::new(Operation::Backup).die_at_each_call(50);
}

#[test]
fn a_delete_that_dies_leaves_the_backup_or_nothing_of_it() {
    Prepared::new(Operation::Delete).die_at_each_call(10);
}

#[test]
fn a_repack_that_dies_leaves_whole_backups_only() {
    Prepared::new(Operation::Repack).die_at_each_call(50);
}

#[test]
fn an_export_that_dies_leaves_nothing_that_anybody_sees() {
    Prepared::new(Operation::Export).die_at_each_call(40);
}

fn die_at_each_system_call(calls: &[&str]) {
    let version = Command::new("strace").arg("-V").output();
    if !version.is_ok_and(|output| output.status.success()) {
        println!("SKIPPED: there is no strace");
        return;
    }
    for operation in Operation::ALL {
        Prepared::new(operation).die_at_each_system_call(calls);
    }
}

#[test]
fn the_same_holds_for_each_system_call_that_renames() {
    die_at_each_system_call(&["renameat", "renameat2"]);
}

#[test]
#[ignore = "takes a minute"]
fn the_same_holds_for_each_system_call_that_changes_files() {
    die_at_each_system_call(&["mkdirat", "unlinkat", "write", "flock"]);
}

/// The files of the GPO in the domain. GPT.INI is not among them: its number grows each time.
fn gpo_files(folder: &Path) -> Files {
    let mut files = tree(&gpo_folder(folder));
    assert!(files.remove("GPT.INI").is_some());
    files
}

fn restored_files() -> &'static Files {
    static RESTORED: LazyLock<Files> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        Operation::RestoreIntoEmptyFolder.prepare(folder.path());
        restore(folder.path(), &Faults::none());
        gpo_files(folder.path())
    });
    &RESTORED
}

/// After another restore the GPO is whole, and nothing is left of what died.
fn assert_next_restore_succeeds(folder: &Path, new: &Files) {
    restore(folder, &Faults::none());
    assert_eq!(gpo_files(folder), *new);
    assert_eq!(hidden(&folder.join("domain")), [""; 0]);
    assert!(tree(&folder.join("state")).is_empty(), "the journal");
    let [directory, sysvol] = versions(folder);
    assert_eq!(directory, sysvol);
}
