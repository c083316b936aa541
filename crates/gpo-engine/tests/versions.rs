//! The version of a GPO after it was written: for each half that has content a higher one, the same
//! on both sides; a half without content keeps its number, and neither touches the other.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

use gpo_core::{
    BackupStore, Contents, Directory, DirectoryWrite, GpoContainer, GpoId, GpoPath, GpoVersion,
    GptIni, SysvolWrite,
};
use gpo_engine::{
    Backup, Cancel, Copy, GpoSelector, Import, Journal, Outcome, Plan, Restore, Selection, Source,
    Stamps, Status, Target,
};
use gpo_testkit::{MemoryDomain, MemoryStore, sample};

/// Numbers of the user half and of the computer half.
type Halves = (u16, u16);

fn id() -> GpoId {
    sample::container(1).id
}

fn folder(id: GpoId) -> GpoPath {
    format!(r"Policies\{id}").parse().unwrap()
}

/// Puts a GPO with content in these halves, and with these numbers in the directory and in SYSVOL.
fn put(domain: &MemoryDomain, content: &str, directory: Halves, sysvol: Halves) {
    let version = |(user, machine)| GpoVersion::from_halves(user, machine);
    let container = GpoContainer {
        version: version(directory),
        machine_extensions: String::new(),
        machine_objects: Vec::new(),
        user_objects: Vec::new(),
        ..sample::container(1)
    };
    domain.put_container(&container).unwrap();
    let ini = format!("[General]\r\nVersion={}\r\n", version(sysvol).value());
    let mut files = vec![("GPT.INI", ini.as_bytes())];
    for (half, file) in [("m", r"Machine\x.txt"), ("u", r"User\x.txt")] {
        if content.contains(half) {
            files.push((file, b"x"));
        }
    }
    let written = domain.replace_tree(&folder(id()), &mut |tree| {
        for (name, bytes) in &files {
            tree.create_file(&name.parse().unwrap())?;
            tree.append(bytes)?;
        }
        Ok(())
    });
    written.unwrap();
}

/// The numbers of a GPO, which are the same on both sides.
fn numbers(domain: &MemoryDomain, id: GpoId) -> Halves {
    let container = domain.containers(&[id]).unwrap().remove(0);
    let version = container.unwrap().unwrap().version;
    let ini = folder(id).join("GPT.INI").unwrap();
    let ini = domain.read_all(&ini, u64::MAX).unwrap();
    let ini = GptIni::parse(&ini).unwrap();
    assert_eq!(ini.version().unwrap(), version, "both sides");
    (version.user(), version.machine())
}

/// A domain and a backup of a GPO that has content in these halves and these numbers.
fn backed_up(content: &str, numbers: Halves) -> (MemoryDomain, MemoryStore) {
    let (domain, store) = (MemoryDomain::new(sample::domain()), MemoryStore::default());
    put(&domain, content, numbers, numbers);
    let made = Backup::new(Source::of(&domain), &store, Stamps::system())
        .report(false)
        .run(&Selection::All, &mut (), &Cancel::default());
    assert_eq!(made.status, Status::Succeeded, "{:?}", made.messages);
    (domain, store)
}

fn with_journal(run: impl FnOnce(&Journal<'_>) -> Outcome<Option<Plan>>) -> GpoId {
    let state = MemoryStore::default();
    let outcome = run(&Journal::new(&state, Stamps::system()));
    let failed = outcome.status == Status::Failed;
    assert!(!failed, "{:?}", outcome.messages);
    outcome.value.unwrap().gpo_id
}

#[test]
fn a_restore_goes_above_what_is_there_and_what_was_backed_up() {
    for (content, backup, directory, sysvol, expected) in [
        ("mu", (3, 5), (2, 9), (2, 9), (4, 10)),
        // The higher one of both sides counts.
        ("mu", (3, 5), (2, 6), (7, 2), (8, 7)),
        ("m", (3, 5), (2, 2), (2, 2), (2, 6)),
        ("u", (3, 5), (2, 2), (2, 2), (4, 2)),
        ("", (3, 5), (2, 9), (2, 9), (2, 9)),
        // The last number is followed by the first, whose carry stays in its half.
        ("mu", (1, 0xffff), (1, 1), (1, 1), (2, 1)),
        ("mu", (1, 1), (4, 0xffff), (4, 0xffff), (5, 1)),
        ("m", (1, 1), (4, 0xffff), (4, 0xffff), (4, 1)),
        ("u", (1, 1), (0xffff, 4), (0xffff, 4), (1, 4)),
        ("mu", (0, 0), (0xffff, 0xffff), (0, 0), (1, 1)),
    ] {
        let (domain, store) = backed_up(content, backup);
        put(&domain, "mu", directory, sysvol);
        let contents = store.open(&store.backups().unwrap()[0]).unwrap();
        let restore = Restore::new(contents.as_ref(), Target::of(&domain), Stamps::system());
        with_journal(|journal| restore.run(journal, &mut (), &Cancel::default()));
        let case = format!("{content:?} {backup:?} over {directory:?} {sysvol:?}");
        assert_eq!(numbers(&domain, id()), expected, "{case}");
    }
}

#[test]
fn a_gpo_that_was_deleted_goes_above_what_was_backed_up() {
    for (content, backup, expected) in [
        ("mu", (3, 5), (4, 6)),
        ("m", (3, 5), (3, 6)),
        ("u", (0xffff, 5), (1, 5)),
    ] {
        let (domain, store) = backed_up(content, backup);
        domain.remove_container(id()).unwrap();
        domain.remove_tree(&folder(id())).unwrap();
        let contents = store.open(&store.backups().unwrap()[0]).unwrap();
        let restore = Restore::new(contents.as_ref(), Target::of(&domain), Stamps::system());
        with_journal(|journal| restore.run(journal, &mut (), &Cancel::default()));
        assert_eq!(numbers(&domain, id()), expected, "{content:?} {backup:?}");
    }
}

/// What the backup had does not count.
#[test]
fn an_import_goes_above_what_is_there() {
    for (content, current, expected) in [
        ("mu", (2, 9), (3, 10)),
        ("m", (2, 9), (2, 10)),
        ("u", (2, 9), (3, 9)),
        ("", (2, 9), (2, 9)),
        ("mu", (0xffff, 0xffff), (1, 1)),
        ("m", (7, 0xffff), (7, 1)),
    ] {
        let (domain, store) = backed_up(content, (100, 200));
        put(&domain, "mu", current, current);
        let contents = store.open(&store.backups().unwrap()[0]).unwrap();
        let gpo = GpoSelector::Id(id());
        let import = Import::new(
            contents.as_ref(),
            Target::of(&domain),
            gpo,
            Stamps::system(),
        );
        with_journal(|journal| import.run(journal, &mut (), &Cancel::default()));
        assert_eq!(numbers(&domain, id()), expected, "{content:?} {current:?}");
    }
}

#[test]
fn what_is_made_begins_at_one_where_it_has_content() {
    for (content, expected) in [("mu", (1, 1)), ("m", (0, 1)), ("u", (1, 0)), ("", (0, 0))] {
        let (domain, store) = backed_up(content, (100, 200));
        let copy = Copy::new(
            Source::of(&domain),
            id(),
            Target::of(&domain),
            Stamps::system(),
        );
        let copied = with_journal(|journal| copy.run(journal, &mut (), &Cancel::default()));
        assert_eq!(numbers(&domain, copied), expected, "{content:?}");
        let contents = store.open(&store.backups().unwrap()[0]).unwrap();
        let name = GpoSelector::Name("New".into());
        let import = Import::new(
            contents.as_ref(),
            Target::of(&domain),
            name,
            Stamps::system(),
        );
        let import = import.create_if_needed(true);
        let made = with_journal(|journal| import.run(journal, &mut (), &Cancel::default()));
        assert_eq!(numbers(&domain, made), expected, "{content:?}");
    }
}
