//! Backing up and restoring, on a domain in memory.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used
)]

mod common;

use std::sync::atomic::{AtomicU64, Ordering};

use common::{dump, with_stamps};
use gpo_core::{
    BackupStore, BackupXml, BkupInfo, Contents, Directory, DirectoryWrite, Domain, Entry,
    GpoContainer, GpoPath, GpoStatus, LARGEST_BACKUP_XML, LARGEST_SETTINGS_FILE, Manifest,
    SourceError, Sysvol,
};
use gpo_engine::{
    Backup, Cancel, Finding, FindingKind, GpoSelector, Journal, Observer, Progress, Restore,
    Selection, Severity, Source, Stamps, Status, Target, Verify, export_domain,
};
use gpo_local::NewFolderDomain;
use gpo_testkit::{MemoryDomain, MemoryStore, sample};
use sddl_parser::{SddlContext, SecurityDescriptor};

fn path(text: &str) -> GpoPath {
    text.parse().unwrap()
}

/// With an owner, which a backup does not keep, and a trustee of the domain.
fn descriptor() -> Vec<u8> {
    let context = SddlContext::new().with_domain(sample::domain().sid.unwrap());
    let text = "O:DAG:DAD:PAI(A;CI;CCDCLCSWRPWPDTLOSDRCWDWO;;;DA)(A;CI;LCRPLORC;;;AU)";
    SecurityDescriptor::from_sddl(text, &context)
        .unwrap()
        .to_bytes()
        .unwrap()
}

fn domain_of(gpos: u32) -> MemoryDomain {
    let domain = MemoryDomain::new(sample::domain());
    for principal in sample::principals() {
        domain.add_principal(principal);
    }
    for n in 1..=gpos {
        let mut container = sample::container(n);
        container.security_descriptor = Some(descriptor());
        let folder = format!(r"Policies\{}", container.id);
        domain.edit_sysvol(|sysvol| {
            let ini = format!("[General]\r\nVersion={}\r\n", container.version.value());
            sysvol
                .put_file(&path(&format!(r"{folder}\GPT.INI")), ini)
                .unwrap();
            let pol = path(&format!(r"{folder}\Machine\registry.pol"));
            sysvol.put_file(&pol, b"PReg\x01\0\0\0".to_vec()).unwrap();
            let script = path(&format!(r"{folder}\Machine\Scripts\Startup\run {n}.cmd"));
            sysvol
                .put_file(&script, vec![b'x'; n as usize * 1000])
                .unwrap();
        });
        domain.put_container(&container).unwrap();
    }
    domain
}

fn read(store: &MemoryStore, folder: &str, name: &str) -> Vec<u8> {
    let folders = store.backups().unwrap();
    let folder = folders.iter().find(|f| f.path == folder).unwrap();
    store
        .open(folder)
        .unwrap()
        .read_all(&path(name), u64::MAX)
        .unwrap()
}

#[test]
fn a_backup_holds_everything_but_gpt_ini() {
    let domain = domain_of(1);
    let store = MemoryStore::default();
    let outcome = with_stamps(|stamps| {
        Backup::new(Source::of(&domain), &store, stamps)
            .comment("first\nsecond line")
            .run(&Selection::All, &mut (), &Cancel::default())
    });
    assert_eq!(outcome.messages, []);
    assert_eq!(outcome.status, Status::Succeeded);
    let folder = "{00000000-0000-0000-0000-000000000001}";
    let info = BkupInfo::parse(&read(&store, folder, "bkupInfo.xml"))
        .unwrap()
        .inst;
    assert_eq!(info.comment, "first\nsecond line");
    assert_eq!(info.display_name, "GPO é 1");
    assert_eq!(Some(&info), outcome.value[0].backup.as_ref());
    let backup = BackupXml::parse(&read(&store, folder, "Backup.xml")).unwrap();
    let names: Vec<_> = backup
        .security_groups
        .iter()
        .map(|g| &*g.sam_account_name)
        .collect();
    assert_eq!(names, ["Domain Admins"]);
    let kept = SecurityDescriptor::from_bytes(&backup.core.security_descriptor.unwrap()).unwrap();
    assert_eq!(
        (kept.owner(), kept.group(), kept.dacl().unwrap().aces.len()),
        (None, None, 2)
    );
    let files: Vec<_> = dump(&store)
        .into_iter()
        .map(|(name, _)| name.replace(folder, ""))
        .collect();
    assert_eq!(
        files,
        [
            r"\Backup.xml",
            r"\bkupInfo.xml",
            r"\DomainSysvol",
            r"\DomainSysvol\GPO",
            r"\DomainSysvol\GPO\Machine",
            r"\DomainSysvol\GPO\Machine\registry.pol",
            r"\DomainSysvol\GPO\Machine\Scripts",
            r"\DomainSysvol\GPO\Machine\Scripts\Startup",
            r"\DomainSysvol\GPO\Machine\Scripts\Startup\run 1.cmd",
            r"\DomainSysvol\GPO\User",
            r"\gpo-sidecar.json",
            r"\gpreport.xml",
            "manifest",
        ]
    );
    let manifest = Manifest::parse(&store.manifest("").unwrap().unwrap()).unwrap();
    assert_eq!(manifest.entries.len(), 1);
    assert_eq!(manifest.entries[0].inst, info);
}

#[test]
fn the_number_of_jobs_changes_no_byte() {
    let domain = domain_of(40);
    let run = |jobs| {
        let store = MemoryStore::default();
        let outcome = with_stamps(|stamps| {
            Backup::new(Source::of(&domain), &store, stamps)
                .jobs(jobs)
                .run(&Selection::All, &mut (), &Cancel::default())
        });
        assert_eq!(outcome.status, Status::Succeeded, "{:?}", outcome.messages);
        dump(&store)
    };
    assert_eq!(run(1), run(8));
}

#[derive(Default)]
struct Watch {
    last: Progress,
    cancel_at: Option<(u64, Cancel)>,
}

impl Observer for Watch {
    fn progress(&mut self, progress: &Progress) {
        assert!(progress.step >= self.last.step && progress.bytes >= self.last.bytes);
        assert!(progress.step <= progress.steps);
        self.last = progress.clone();
        if let Some((step, cancel)) = &self.cancel_at
            && progress.step >= *step
        {
            cancel.cancel();
        }
    }
}

#[test]
fn progress_ends_when_everything_is_done() {
    let domain = domain_of(3);
    let store = MemoryStore::default();
    let mut watch = Watch::default();
    let backup = Backup::new(Source::of(&domain), &store, Stamps::system());
    let _ = backup.run(&Selection::All, &mut watch, &Cancel::default());
    assert_eq!(watch.last.step, watch.last.steps);
    assert_eq!(watch.last.bytes, 6000 + 3 * 8);
}

#[test]
fn a_cancelled_run_keeps_whole_backups_and_their_entries_only() {
    let domain = domain_of(30);
    let store = MemoryStore::default();
    let cancel = Cancel::default();
    let mut watch = Watch {
        cancel_at: Some((9, cancel.clone())),
        ..Watch::default()
    };
    let backup = Backup::new(Source::of(&domain), &store, Stamps::system());
    let outcome = backup.run(&Selection::All, &mut watch, &cancel);
    assert_eq!(outcome.status, Status::Cancelled);
    let folders = store.backups().unwrap().len();
    assert!((1..30).contains(&folders), "{folders}");
    let manifest = Manifest::parse(&store.manifest("").unwrap().unwrap()).unwrap();
    assert_eq!(manifest.entries.len(), folders);
}

#[test]
fn half_a_gpo_is_an_error_and_the_others_go_on() {
    let domain = domain_of(3);
    let ids: Vec<_> = (1..=3).map(|n| sample::container(n).id).collect();
    domain.remove_container(ids[0]).unwrap();
    domain.edit_sysvol(|sysvol| {
        sysvol.remove(&path(&format!(r"Policies\{}", ids[1])));
    });
    let run = |allow_half| {
        let store = MemoryStore::default();
        let outcome = with_stamps(|stamps| {
            Backup::new(Source::of(&domain), &store, stamps)
                .allow_half(allow_half)
                .run(&Selection::All, &mut (), &Cancel::default())
        });
        assert_eq!(outcome.status, Status::Failed);
        let mut texts: Vec<_> = outcome
            .messages
            .iter()
            .filter(|m| m.severity == Severity::Error)
            .map(|m| m.text.clone())
            .collect();
        let named = |m: &gpo_engine::StatusMessage| {
            let mut ids = ids.iter();
            ids.any(|id| m.object_path.ends_with(&id.to_string()))
        };
        assert!(outcome.messages.iter().all(named), "{:?}", outcome.messages);
        texts.sort();
        (texts, store)
    };
    let (texts, store) = run(false);
    assert_eq!(
        texts,
        [
            "its container in the directory is missing; nothing of it was backed up",
            "its folder in SYSVOL is missing; nothing of it was backed up",
        ]
    );
    assert_eq!(store.backups().unwrap().len(), 1);

    let (_, store) = run(true);
    assert_eq!(store.backups().unwrap().len(), 3);
    let half = store
        .backups()
        .unwrap()
        .into_iter()
        .find(|folder| {
            let contents = store.open(folder).unwrap();
            contents.read_all(&path("INCOMPLETE.txt"), 10_000).is_ok()
        })
        .unwrap();
    let contents = store.open(&half).unwrap();
    let state = MemoryStore::default();
    let journal = Journal::new(&state, Stamps::system());
    let refused = Restore::new(contents.as_ref(), Target::of(&domain), Stamps::system()).run(
        &journal,
        &mut (),
        &Cancel::default(),
    );
    assert_eq!(refused.status, Status::Failed);
    assert!(
        refused.messages[0].text.contains("half a GPO"),
        "{:?}",
        refused.messages
    );
}

/// What the directory says is kept where only the descriptor, or only the folder, is unknown.
#[test]
fn the_status_is_kept_without_a_descriptor_and_without_a_folder() {
    for (has_descriptor, has_folder) in [(true, true), (false, true), (true, false)] {
        let domain = domain_of(1);
        let container = GpoContainer {
            status: GpoStatus::USER_DISABLED,
            security_descriptor: has_descriptor.then(descriptor),
            ..sample::container(1)
        };
        let id = container.id;
        // Not replaced: then the descriptor would stay.
        domain.remove_container(id).unwrap();
        domain.put_container(&container).unwrap();
        if !has_folder {
            let folder = path(&format!(r"Policies\{id}"));
            assert!(domain.edit_sysvol(|sysvol| sysvol.remove(&folder)));
        }
        let store = MemoryStore::default();
        let outcome = Backup::new(Source::of(&domain), &store, Stamps::system())
            .allow_half(true)
            .run(&Selection::All, &mut (), &Cancel::default());
        let place = format!("{has_descriptor} {has_folder}: {:?}", outcome.messages);
        let folder = store.backups().unwrap().pop().expect(&place).path;
        let xml = BackupXml::parse(&read(&store, &folder, "Backup.xml")).unwrap();
        assert_eq!(xml.core.options, Some(GpoStatus::USER_DISABLED), "{place}");
    }
}

#[test]
fn a_name_that_fits_several_gpos_is_an_error_that_lists_them() {
    let domain = domain_of(2);
    for n in 1..=2 {
        let mut container = sample::container(n);
        container.display_name = "Twin".into();
        domain.put_container(&container).unwrap();
    }
    let store = MemoryStore::default();
    let selection = Selection::Gpos(vec![GpoSelector::Name("twin".into())]);
    let backup = Backup::new(Source::of(&domain), &store, Stamps::system());
    let outcome = backup.run(&selection, &mut (), &Cancel::default());
    assert_eq!(outcome.status, Status::Failed);
    for n in 1..=2 {
        let id = sample::container(n).id.to_string();
        assert!(
            outcome.messages[0].text.contains(&id),
            "{:?}",
            outcome.messages
        );
    }
    assert_eq!(store.backups().unwrap(), []);
}

#[test]
fn names_and_comments_that_xml_cannot_hold_are_refused() {
    let domain = domain_of(2);
    let mut container = sample::container(1);
    container.display_name = "bell \u{7} here".into();
    domain.put_container(&container).unwrap();
    let store = MemoryStore::default();
    let backup = Backup::new(Source::of(&domain), &store, Stamps::system());
    let outcome = backup.run(&Selection::All, &mut (), &Cancel::default());
    assert_eq!(store.backups().unwrap().len(), 1, "the other one goes on");
    assert!(
        outcome.messages.iter().any(|m| m.text.contains("U+0007")),
        "{:?}",
        outcome.messages
    );

    for comment in ["a\u{1b}[31m".to_owned(), "x".repeat(2048)] {
        let backup = Backup::new(Source::of(&domain), &store, Stamps::system()).comment(comment);
        let outcome = backup.run(&Selection::All, &mut (), &Cancel::default());
        assert_eq!((outcome.status, outcome.value.len()), (Status::Failed, 0));
    }
}

#[test]
fn what_was_backed_up_is_restored() {
    let domain = domain_of(1);
    let store = MemoryStore::default();
    let back_up = |source: &MemoryDomain| {
        let store = MemoryStore::default();
        with_stamps(|stamps| {
            let outcome = Backup::new(Source::of(source), &store, stamps).run(
                &Selection::All,
                &mut (),
                &Cancel::default(),
            );
            assert_eq!(outcome.status, Status::Succeeded, "{:?}", outcome.messages);
        });
        store
    };
    let before = back_up(&domain);
    drop(store);
    let folder = before.backups().unwrap().remove(0);
    let contents = before.open(&folder).unwrap();

    // Into the domain, after somebody changed the GPO.
    let id = sample::container(1).id;
    domain.edit_sysvol(|sysvol| {
        sysvol
            .put_file(
                &path(&format!(r"Policies\{id}\User\new.txt")),
                b"x".to_vec(),
            )
            .unwrap();
        sysvol.remove(&path(&format!(r"Policies\{id}\Machine\registry.pol")));
    });
    // And into a place that holds no domain yet.
    for target in [domain, MemoryDomain::default()] {
        let state = MemoryStore::default();
        let journal = Journal::new(&state, Stamps::system());
        let outcome = Restore::new(contents.as_ref(), Target::of(&target), Stamps::system()).run(
            &journal,
            &mut (),
            &Cancel::default(),
        );
        assert_eq!(outcome.status, Status::Succeeded, "{:?}", outcome.messages);
        let now = target
            .containers(&[id])
            .unwrap()
            .remove(0)
            .unwrap()
            .unwrap();
        // The user half has no content and keeps its number; 0xFFFF would wrap.
        assert_eq!(now.version, outcome.value.unwrap().version_after.unwrap());
        let after = back_up(&target);
        let strip = |store: &MemoryStore| -> Vec<(String, Vec<u8>)> {
            let keep = |name: &str| name.contains("DomainSysvol");
            dump(store)
                .into_iter()
                .filter(|(name, _)| keep(name))
                .collect()
        };
        assert_eq!(strip(&before), strip(&after));
        let xml = |store: &MemoryStore| {
            let mut xml = BackupXml::parse(&read(store, &folder.path, "Backup.xml")).unwrap();
            (xml.core.user_version, xml.core.machine_version) = (None, None);
            xml
        };
        assert_eq!(xml(&before), xml(&after));
    }
}

#[test]
fn a_restore_into_another_domain_is_refused() {
    let domain = MemoryDomain::example();
    let store = MemoryStore::default();
    let backup = Backup::new(Source::of(&domain), &store, Stamps::system());
    let _ = backup.run(&Selection::All, &mut (), &Cancel::default());
    let folder = store.backups().unwrap().remove(0);
    let contents = store.open(&folder).unwrap();
    let own = sample::domain();
    let elsewhere = Domain {
        id: None,
        dns_name: "other.test".into(),
        ..own.clone()
    };
    // Made anew, it has its old name and another GUID.
    let new_id = gpo_core::DomainId::new(gpo_core::Guid::from_u128(99));
    let rebuilt = Domain {
        id: Some(new_id),
        ..own.clone()
    };
    let ids = format!("the GUID {}; this one has {new_id};", own.id.unwrap());
    for (other, told) in [
        (elsewhere, format!("the domain {};", own.dns_name)),
        (rebuilt, ids),
    ] {
        let target = MemoryDomain::new(other);
        let state = MemoryStore::default();
        let journal = Journal::new(&state, Stamps::system());
        let outcome = Restore::new(contents.as_ref(), Target::of(&target), Stamps::system()).run(
            &journal,
            &mut (),
            &Cancel::default(),
        );
        assert_eq!(outcome.status, Status::Failed);
        let text = &outcome.messages[0].text;
        assert!(
            text.contains("same domain") && text.contains(&told),
            "{text}"
        );
        assert!(
            target.containers(&[sample::container(1).id]).unwrap()[0]
                .as_ref()
                .unwrap()
                .is_none()
        );
    }
}

#[test]
fn a_settings_file_that_is_too_large_to_be_read_is_backed_up_all_the_same() {
    let domain = domain_of(1);
    let mut container = sample::container(1);
    container.security_descriptor = Some(descriptor());
    container.machine_extensions = "[{827D319E-6EAC-11D2-A4EA-00C04F79F83A}\
                                    {803E14A0-B4FB-11D0-A0D0-00A0C90F574B}]"
        .into();
    domain.put_container(&container).unwrap();
    let inf = r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf";
    let size = usize::try_from(LARGEST_SETTINGS_FILE).unwrap() + 1;
    domain.edit_sysvol(|sysvol| {
        let place = path(&format!(r"Policies\{}\{inf}", container.id));
        sysvol.put_file(&place, vec![b';'; size]).unwrap();
    });
    let store = MemoryStore::default();
    let outcome = with_stamps(|stamps| {
        Backup::new(Source::of(&domain), &store, stamps)
            .report(false)
            .run(&Selection::All, &mut (), &Cancel::default())
    });
    assert_eq!(outcome.status, Status::Warnings, "{:?}", outcome.messages);
    let told = format!(
        "{inf}: the file is larger than {LARGEST_SETTINGS_FILE} bytes; principals and paths in it \
         are not listed"
    );
    let mut texts = outcome.messages.iter().map(|message| &*message.text);
    assert!(texts.any(|text| text == told), "{:?}", outcome.messages);
    let folder = store.backups().unwrap().remove(0);
    let contents = store.open(&folder).unwrap();
    let place = path(&format!(r"DomainSysvol\GPO\{inf}"));
    assert_eq!(contents.read_all(&place, u64::MAX).unwrap().len(), size);
    let checked = Verify::new(&store)
        .run(&mut (), &Cancel::default())
        .unwrap();
    let is_error = |found: &&Finding| found.severity() == Severity::Error;
    let errors = checked.findings.iter().filter(is_error);
    let errors: Vec<_> = errors.map(|found| found.kind).collect();
    assert_eq!(errors, [FindingKind::TooLarge], "{:?}", checked.findings);

    let target = tempfile::tempdir().unwrap();
    let new = NewFolderDomain::begin(target.path().join("copy")).unwrap();
    let exported = export_domain(
        Source::of(&domain),
        Target::of(new.domain()),
        &mut (),
        &Cancel::default(),
    );
    assert_ne!(exported.status, Status::Failed, "{:?}", exported.messages);
    assert!(exported.value.unwrap().principals > 0);
}

#[test]
fn a_backup_that_could_not_be_read_again_is_not_written() {
    let domain = domain_of(1);
    let mut container = sample::container(1);
    container.display_name = "x".repeat(usize::try_from(LARGEST_BACKUP_XML).unwrap());
    domain.put_container(&container).unwrap();
    let store = MemoryStore::default();
    let outcome = with_stamps(|stamps| {
        Backup::new(Source::of(&domain), &store, stamps)
            .report(false)
            .run(&Selection::All, &mut (), &Cancel::default())
    });
    assert_eq!(outcome.status, Status::Failed);
    let text = &outcome.messages[0].text;
    let told = format!("and more than {LARGEST_BACKUP_XML} are not read");
    assert!(
        text.starts_with("Backup.xml: ") && text.ends_with(&told),
        "{text}"
    );
    assert_eq!(store.backups().unwrap(), []);
}

/// A SYSVOL in which somebody writes whenever a script is read.
struct Busy<'a> {
    domain: &'a MemoryDomain,
    /// Told how often that was before.
    write: &'a (dyn Fn(u64) + Sync),
    reads: AtomicU64,
}

impl Contents for Busy<'_> {
    fn walk(
        &self,
        folder: &GpoPath,
        visit: &mut dyn FnMut(Result<Entry, SourceError>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        self.domain.walk(folder, visit)
    }

    fn read(
        &self,
        path: &GpoPath,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        if path.as_str().contains("Startup") {
            (self.write)(self.reads.fetch_add(1, Ordering::Relaxed));
        }
        self.domain.read(path, sink)
    }
}

impl Sysvol for Busy<'_> {}

/// What happens, how many of the first reads meet it, the change, and the size of the script in
/// the backup, if there is a backup, and the script in it.
type Case<'a> = (
    &'a str,
    u64,
    &'a (dyn Fn(&MemoryDomain, u64) + Sync),
    Result<Option<usize>, ()>,
);

#[test]
fn a_file_that_changes_while_it_is_copied_is_read_again_three_times_in_all() {
    let script = path(&format!(
        r"Policies\{}\Machine\Scripts\Startup\run 1.cmd",
        sample::container(1).id
    ));
    let write = |domain: &MemoryDomain, size: u64| {
        let bytes = vec![b'x'; usize::try_from(size).unwrap()];
        domain.edit_sysvol(|sysvol| sysvol.put_file(&script, bytes).unwrap());
    };
    let cases: [Case<'_>; 6] = [
        ("grows once", 1, &|d, n| write(d, 2000 + n), Ok(Some(2000))),
        ("grows twice", 2, &|d, n| write(d, 2000 + n), Ok(Some(2001))),
        ("always grows", 9, &|d, n| write(d, 2000 + n), Err(())),
        ("shrinks once", 1, &|d, _| write(d, 10), Ok(Some(10))),
        (
            "grows without end",
            9,
            &|d, n| write(d, 1_000_000 << n),
            Err(()),
        ),
        (
            "vanishes",
            1,
            &|d, _| assert!(d.edit_sysvol(|sysvol| sysvol.remove(&script))),
            Ok(None),
        ),
    ];
    for (name, times, change, expected) in cases {
        let domain = domain_of(1);
        let sysvol = Busy {
            domain: &domain,
            write: &|n| {
                if n < times {
                    change(&domain, n);
                }
            },
            reads: AtomicU64::new(0),
        };
        let source = Source {
            directory: &domain,
            sysvol: &sysvol,
        };
        let store = MemoryStore::default();
        let outcome = Backup::new(source, &store, Stamps::system()).run(
            &Selection::All,
            &mut (),
            &Cancel::default(),
        );
        let backups = store.backups().unwrap();
        if expected.is_err() {
            assert_eq!(
                (outcome.status, backups.len()),
                (Status::Failed, 0),
                "{name}"
            );
            let text = outcome.messages[0].to_string();
            let says = ["run 1.cmd", "changed while it was copied", "tried 3 times"];
            assert!(
                says.iter().all(|part| text.contains(part)),
                "{name}: {text}"
            );
            assert!(sysvol.reads.into_inner() == 3, "{name}");
            continue;
        }
        assert_eq!(outcome.messages, [], "{name}");
        let backup = store.open(&backups[0]).unwrap();
        let copied = path(r"DomainSysvol\GPO\Machine\Scripts\Startup\run 1.cmd");
        let size = backup
            .read_all(&copied, u64::MAX)
            .ok()
            .map(|bytes| bytes.len());
        assert_eq!(Ok(size), expected, "{name}");
    }
}
