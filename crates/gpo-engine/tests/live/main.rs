//! What is written to a domain controller is written wholly or not at all: each call that writes
//! fails, or does its work and loses its answer, or is the last of its process, as `transactions`
//! has it for domains in memory and in a folder.
//!
//! `cargo xtask live` starts a controller and names it; without that every test says SKIPPED.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

#[path = "../transactions/operation.rs"]
mod operation;
#[path = "../transactions/snapshot.rs"]
mod snapshot;
#[path = "../transactions/tally.rs"]
mod tally;
#[path = "../transactions/two_writers.rs"]
mod two_writers;

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Instant;
use std::{env, fs};

use gpo_core::{BackupStore, SourceErrorKind};
use gpo_engine::{Journal, Stamps, Status, Target, recover};
use gpo_ldap::{CertificateCheck, Credentials, LdapDirectory, LdapSettings};
use gpo_local::FolderStore;
use gpo_smb::{Login, SmbSettings, SmbSysvol};
use gpo_testkit::{Fault, Faults, Faulty};

use operation::{Ended, Operation, Place};
use snapshot::Snapshot;
use tally::Tally;

const FAULTS: [Fault; 3] = [
    Fault::Fail(SourceErrorKind::Denied),
    Fault::AnswerLost(SourceErrorKind::TimedOut),
    Fault::Die,
];

/// Tells a process that it is the one to die: the operation, the call, the folder.
const CHILD: &str = "GPO_LIVE_TRANSACTION_CHILD";

/// The signal of `abort`.
const SIGABRT: i32 = 6;

/// The domain, on a controller, and in a folder what is no part of it: backups and the journal.
struct Live {
    directory: LdapDirectory,
    sysvol: SmbSysvol,
    backups: FolderStore,
    state: FolderStore,
}

impl Live {
    /// Connects to the controller, if there is one.
    fn connect(folder: &Path) -> Option<Self> {
        let host = env::var("GPO_LIVE_HOST").ok()?;
        let wanted = |name: &str| {
            env::var(name).unwrap_or_else(|_| panic!("GPO_LIVE_HOST is set and {name} is not"))
        };
        let password = fs::read_to_string(wanted("GPO_LIVE_PASSWORD_FILE")).unwrap();
        let (user, password) = (wanted("GPO_LIVE_USER"), password.trim_end());
        let domain = wanted("GPO_LIVE_REALM").to_lowercase();
        let certificates = CertificateCheck::CaFile(wanted("GPO_LIVE_CA").into());
        let directory = LdapSettings::new(host.as_str()).certificates(certificates);
        let login = Login::Ntlm {
            domain: domain.clone(),
            user: user.split('@').next().unwrap().to_owned(),
            password: password.into(),
        };
        let port = wanted("GPO_LIVE_SMB_PORT").parse().unwrap();
        let credentials = Credentials::Password {
            password: password.into(),
            user,
        };
        let [backups, state] = ["backups", "state"].map(|name| {
            let folder = folder.join(name);
            fs::create_dir_all(&folder).unwrap();
            FolderStore::open(folder).unwrap()
        });
        Some(Self {
            directory: LdapDirectory::connect(directory, credentials).unwrap(),
            sysvol: SmbSysvol::connect(SmbSettings::new(host, domain, login).port(port)).unwrap(),
            backups,
            state,
        })
    }

    fn target(&self) -> Target<'_> {
        Target {
            directory: &self.directory,
            sysvol: &self.sysvol,
        }
    }

    /// Runs an operation, of which the calls to the controller meet faults; those to the journal
    /// meet them in a folder.
    fn run(&self, operation: Operation, faults: &Faults) -> Ended {
        let directory = Faulty::new(&self.directory, faults);
        let sysvol = Faulty::new(&self.sysvol, faults);
        let place = Place {
            target: Target {
                directory: &directory,
                sysvol: &sysvol,
            },
            backups: &self.backups,
            state: &self.state,
        };
        operation.run(place, &Faults::none())
    }

    fn place(&self) -> Place<'_> {
        Place {
            target: self.target(),
            backups: &self.backups,
            state: &self.state,
        }
    }

    fn snapshot(&self, operation: Operation) -> Snapshot {
        Snapshot::of(self.target().source(), operation.gpo())
    }

    fn assert_nothing_left(&self, operation: Operation, place: &str) {
        assert_eq!(self.state.backups().unwrap(), [], "{place}: the journal");
        // Of the lock and of what was in the making.
        let listed = listed(operation);
        assert!(!listed.contains("~gpo-"), "{place}: {listed}");
    }
}

fn skipped(test: &str) {
    // Not `eprintln!`, which the test runner swallows.
    let mut out = std::io::stderr();
    writeln!(out, "SKIPPED {test}: GPO_LIVE_HOST names no controller").unwrap();
}

/// What the server lists in the GPO's folder, whatever we make of its names.
fn listed(operation: Operation) -> String {
    let controller = env::var("GPO_LIVE_DC").unwrap();
    let host = env::var("GPO_LIVE_HOST").unwrap();
    let domain = env::var("GPO_LIVE_REALM").unwrap().to_lowercase();
    let folder = format!("{domain}\\{}", operation::folder(operation.gpo()));
    let output = Command::new("timeout")
        .args(["60", "smbclient", &format!("//{host}/sysvol")])
        .arg(format!("--configfile={controller}/client.conf"))
        .arg(format!("--authentication-file={controller}/administrator"))
        .arg(format!("--port={}", env::var("GPO_LIVE_SMB_PORT").unwrap()))
        .args(["--command", &format!("recurse on; ls {folder}\\*")])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Runs an operation in a process of its own that dies at a call.
fn run_and_die(operation: Operation, call: u64, folder: &Path) -> Output {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "process_that_dies", "--ignored"])
        .arg("--test-threads=1")
        .env(CHILD, format!("{operation:?} {call} {}", folder.display()))
        .output()
        .unwrap()
}

#[test]
#[ignore = "it is run by the other tests of this file, as a process that is to die"]
fn process_that_dies() {
    let Ok(task) = env::var(CHILD) else { return };
    let [operation, call, folder] = task.splitn(3, ' ').collect::<Vec<_>>()[..] else {
        panic!("{task}");
    };
    let operation = Operation::named(operation);
    let faults = Faults::at(call.parse().unwrap(), Fault::Die).writes_only();
    let live = Live::connect(Path::new(folder)).unwrap();
    live.run(operation, &faults);
}

fn every_write_fails_and_is_the_last(operation: Operation) {
    let folder = tempfile::tempdir().unwrap();
    let Some(live) = Live::connect(folder.path()) else {
        // Not `eprintln!`, which the test runner swallows.
        let mut out = std::io::stderr();
        writeln!(
            out,
            "SKIPPED {operation:?}: GPO_LIVE_HOST names no controller"
        )
        .unwrap();
        return;
    };
    let start = Instant::now();
    Operation::remove_all(live.target());
    operation.prepare_backup(Place {
        target: live.target(),
        backups: &live.backups,
        state: &live.state,
    });
    operation.prepare(live.target());
    let old = live.snapshot(operation);
    let none = Faults::none().writes_only();
    let ended = live.run(operation, &none);
    assert!(!ended.failed, "{operation:?}: {:?}", ended.messages);
    let new = live.snapshot(operation);
    new.assert_agrees(live.target().source(), operation.gpo());
    live.assert_nothing_left(operation, "without a fault");
    let kind = "each write fails or is the last, on a controller";
    let mut tally = Tally::new(operation, kind, (old, new), none.calls());
    let mut is_new = true;
    for (fault, call) in tally.each_call(&FAULTS) {
        let named = tally.place(fault, call);
        if is_new {
            operation.prepare(live.target());
        }
        let mut ended = None;
        if fault == Fault::Die {
            let output = run_and_die(operation, call, folder.path());
            assert_eq!(output.status.signal(), Some(SIGABRT), "{named}: {output:?}");
        } else {
            let faults = Faults::at(call, fault).writes_only();
            ended = Some(live.run(operation, &faults));
            assert!(faults.calls() > call, "{named}: it never came");
        }
        let journal = Journal::new(&live.state, Stamps::system());
        let recovered = recover(live.target(), &journal);
        assert_ne!(recovered.status, Status::Failed, "{named}: {recovered:?}");
        is_new = tally.note(&live.snapshot(operation), &named);
        if let Some(ended) = ended {
            assert_eq!(recovered.value, [], "{named}: it was not rolled back");
            Tally::check_told(is_new, &ended, &named);
        }
        live.assert_nothing_left(operation, &named);
    }
    Operation::remove_all(live.target());
    tally.finish(&FAULTS);
    println!("{operation:?}: {:.1} s", start.elapsed().as_secs_f64());
}

/// One of each way to write: over a GPO, those that are made, one that goes, a link, a bit of each side.
#[test]
fn every_write_to_a_controller_fails_and_is_the_last() {
    for operation in [
        Operation::Restore,
        Operation::Import,
        Operation::Copy,
        Operation::Create,
        Operation::Delete,
        Operation::Link,
        Operation::Edit,
        Operation::FixAcl,
    ] {
        every_write_fails_and_is_the_last(operation);
    }
}

#[test]
fn two_writers_of_one_gpo() {
    let folder = tempfile::tempdir().unwrap();
    let (Some(own), Some(other)) = (Live::connect(folder.path()), Live::connect(folder.path()))
    else {
        return skipped("two writers");
    };
    Operation::remove_all(own.target());
    let operation = Operation::Restore;
    operation.prepare_backup(own.place());
    operation.prepare(own.target());
    two_writers::the_second_is_refused(operation, own.place(), other.target());
    two_writers::a_plan_for_another_state_is_refused(own.place(), other.target());
    Operation::remove_all(own.target());
}
