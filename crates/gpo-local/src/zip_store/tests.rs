use super::*;

use std::io::{Cursor, Write};

use gpo_testkit::conformance;
use proptest::prelude::*;
use tempfile::NamedTempFile;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    for (name, bytes) in files {
        if name.ends_with('/') {
            writer.add_directory(*name, options).unwrap();
        } else {
            writer.start_file(*name, options).unwrap();
            writer.write_all(bytes).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

fn open(bytes: &[u8]) -> Result<ZipStore, SourceError> {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    ZipStore::open(file.path())
}

/// A file of the first backup.
fn read(store: &ZipStore, name: &str) -> Result<Vec<u8>, SourceError> {
    let opened = store.open(&store.backups().unwrap()[0]).unwrap();
    opened.read_all(&name.parse().unwrap(), 2000)
}

fn paths(store: &ZipStore) -> Vec<String> {
    let backups = store.backups().unwrap();
    backups.into_iter().map(|folder| folder.path).collect()
}

/// Every place of these bytes in the archive gets others of the same length.
fn patch(archive: &mut [u8], from: &[u8], to: &[u8]) {
    assert_eq!(from.len(), to.len());
    let places: Vec<_> = (0..archive.len() - from.len())
        .filter(|&at| archive[at..].starts_with(from))
        .collect();
    assert!(!places.is_empty());
    for at in places {
        archive[at..at + to.len()].copy_from_slice(to);
    }
}

#[test]
fn what_is_in_it_conforms() {
    let tree = conformance::SampleTree::default();
    let mut names = Vec::new();
    for (path, content) in &tree.nodes {
        let slash = if content.is_none() { "/" } else { "" };
        names.push((
            format!("x/T/{}{slash}", path.as_str().replace('\\', "/")),
            content,
        ));
    }
    let files: Vec<_> = names
        .iter()
        .map(|(name, content)| (name.as_str(), content.as_deref().unwrap_or_default()))
        .collect();
    let store = open(&zip(&files)).unwrap();
    let folder = BackupFolder { path: "x".into() };
    conformance::contents(&*store.open(&folder).unwrap(), &"t".parse().unwrap());
    let root = BackupFolder {
        path: String::new(),
    };
    conformance::contents(&*store.open(&root).unwrap(), &"X\\t".parse().unwrap());
}

/// Each of these names makes 2047 folders, whose paths have 4 MB.
#[test]
fn names_that_are_nothing_but_folders_do_not_fill_the_memory() {
    let names: Vec<String> = (0..20)
        .map(|n| format!("{n}/{}f", "a/".repeat(2046)))
        .collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let error = open(&zip(&files)).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Invalid);
    assert!(error.message().contains("more folders"), "{error}");
    // A real path is as deep as this at most.
    let deep = format!("x/{}f", "folder/".repeat(100));
    assert!(open(&zip(&[(&deep, b"")])).is_ok());
}

#[test]
fn backups_are_found_at_the_root_or_in_folders() {
    let store = open(&zip(&[("BKUPINFO.xml", b""), ("a/Backup.xml", b"")])).unwrap();
    assert_eq!(paths(&store), [""]);
    let store = open(&zip(&[
        ("set/manifest.XML", b"m"),
        ("set/{B}/Backup.xml", b"x"),
        ("set/{B}/DomainSysvol/GPO/Backup.xml", b""),
        ("set\\{A}\\bkupInfo.xml", b""),
        ("./{C}/bkupInfo.xml", b""),
        ("SET/{B}/bkupInfo.xml", b""),
        ("other/Backup.xml/", b""),
    ]))
    .unwrap();
    assert_eq!(paths(&store), ["set/{A}", "set/{B}", "{C}"]);
    assert_eq!(store.manifest("SET").unwrap().unwrap(), b"m");
    assert_eq!(store.manifest("").unwrap(), None);
    let missing = BackupFolder { path: "no".into() };
    assert_eq!(
        store.open(&missing).err().unwrap().kind(),
        SourceErrorKind::NotFound
    );
}

#[test]
fn names_are_read_in_either_encoding() {
    let mut archive = zip(&[
        ("{A}/cafX", b"1"),
        ("{A}/Backup.xml", b""),
        ("{A}/\u{65e5}", b"2"),
    ]);
    patch(&mut archive, b"cafX", b"caf\x82");
    let store = open(&archive).unwrap();
    assert_eq!(read(&store, "caf\u{e9}").unwrap(), b"1");
    assert_eq!(read(&store, "\u{65e5}").unwrap(), b"2");
}

/// `zip` on Unix writes UTF-8, too, but without the flag for it; older tools of Windows write none.
#[test]
fn names_without_the_flag_are_utf8_where_they_are_from_unix() {
    for (system, name) in [(3, "caf\u{e9}"), (0, "caf\u{251c}\u{2310}")] {
        let mut archive = zip(&[("{A}/caf__", b"1"), ("{A}/Backup.xml", b"")]);
        patch(&mut archive, b"caf__", b"caf\xc3\xa9");
        let entry = archive.windows(4).position(|bytes| bytes == b"PK\x01\x02");
        archive[entry.unwrap() + 5] = system;
        assert_eq!(read(&open(&archive).unwrap(), name).unwrap(), b"1");
    }
}

#[test]
fn names_that_leave_the_archive_or_clash_are_refused() {
    for (name, why) in [
        ("../x", "\"..\" in its name"),
        ("a/../../x", "\"..\" in its name"),
        ("a\\..\\x", "\"..\" in its name"),
        ("/etc/passwd", "an absolute name"),
        ("\\\\srv\\x", "an absolute name"),
        ("C:\\x", "an absolute name"),
        (
            "A/X",
            "a name that another has, too, as Windows compares names",
        ),
        (
            "a/x/y",
            "a name that another has, too, as Windows compares names",
        ),
        (
            "a",
            "a name that another has, too, as Windows compares names",
        ),
    ] {
        let error = open(&zip(&[("a/x", b"1"), (name, b"2")])).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::Invalid);
        assert!(error.message().ends_with(why), "{name}: {error}");
    }
    let mut twice = zip(&[("a/x", b"1"), ("a/y", b"2")]);
    patch(&mut twice, b"a/y", b"a/x");
    let error = open(&twice).unwrap_err();
    assert!(
        error.message().ends_with("as Windows compares names"),
        "{error}"
    );
}

#[test]
fn names_that_windows_cannot_have_are_errors_of_the_walk() {
    let store = open(&zip(&[
        ("{A}/Backup.xml", b""),
        ("{A}/con", b""),
        ("{A}/a:b", b""),
    ]))
    .unwrap();
    let opened = store.open(&store.backups().unwrap()[0]).unwrap();
    let (mut good, mut bad) = (0, 0);
    opened
        .walk(&GpoPath::root(), &mut |entry| {
            *if entry.is_ok() { &mut good } else { &mut bad } += 1;
            Ok(())
        })
        .unwrap();
    assert_eq!((good, bad), (1, 2));
}

#[test]
fn a_bomb_is_refused() {
    let zeros = vec![0; 20 << 20];
    let error = open(&zip(&[("zeros", &zeros)])).unwrap_err();
    assert!(error.message().ends_with("a zip bomb?"), "{error}");
    open(&zip(&[("zeros", &zeros[..1 << 20])])).unwrap();
    // A file that declares a byte less than it has.
    let mut short = zip(&[("Backup.xml", &zeros[..1000])]);
    patch(&mut short, &1000u32.to_le_bytes(), &999u32.to_le_bytes());
    let store = open(&short).unwrap();
    let error = read(&store, "Backup.xml").unwrap_err();
    assert_eq!(
        error.message(),
        "the file inflates to more than it declares"
    );
    // Two entries of the central directory that lead to the same data.
    let mut shared = zip(&[("a", &zeros[..100]), ("b", &zeros[..100])]);
    let second = shared
        .windows(5)
        .position(|w| w == b"\x01\0\0\0b")
        .map(|at| at - 26);
    let second = u32::try_from(second.unwrap()).unwrap().to_le_bytes();
    patch(&mut shared, &second, &[0; 4]);
    let error = open(&shared).unwrap_err();
    assert_eq!(error.message(), "files share their data: a zip bomb?");
}

#[test]
fn an_encrypted_file_is_an_error_when_it_is_read() {
    let mut archive = zip(&[("Backup.xml", b"x")]);
    // Bit 0 of the general purpose flags, behind signature and versions.
    let central = archive.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    archive[6] |= 1;
    archive[central + 8] |= 1;
    let store = open(&archive).unwrap();
    let error = read(&store, "Backup.xml").unwrap_err();
    assert_eq!(error.message(), "the file is encrypted");
}

#[test]
fn damaged_data_is_an_error_when_it_is_read() {
    let mut archive = zip(&[("Backup.xml", &[b'x'; 100])]);
    let crc = archive[14..18].to_vec();
    patch(&mut archive, &crc, &[1, 2, 3, 4]);
    let store = open(&archive).unwrap();
    assert!(read(&store, "Backup.xml").is_err());
}

#[test]
fn an_archive_behind_a_program_or_with_a_comment_is_read() {
    let archive = zip(&[("Backup.xml", b"x"), ("a", b"y")]);
    let mut commented = archive.clone();
    let end = commented.len() - 2;
    commented[end..].copy_from_slice(&[4, 0]);
    commented.extend(b"PK\x05\x06");
    for bytes in [
        [b"MZ program".to_vec(), archive.clone()].concat(),
        commented,
    ] {
        let store = open(&bytes).unwrap();
        assert_eq!(read(&store, "Backup.xml").unwrap(), b"x");
    }
}

#[test]
fn zip64_is_read() {
    let mut archive = zip(&[("{A}/Backup.xml", b"x")]);
    let end = archive.split_off(archive.len() - 22);
    let wide = |at: usize| u64::from(u32::from_le_bytes(end[at..at + 4].try_into().unwrap()));
    let (place, size, offset) = (archive.len() as u64, wide(12), wide(16));
    // The end record of zip64: its own size, versions, disks, two numbers of entries.
    archive.extend(b"PK\x06\x06");
    archive.extend([
        44, 0, 0, 0, 0, 0, 0, 0, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ]);
    for number in [1, 1, size, offset] {
        archive.extend(u64::to_le_bytes(number));
    }
    archive.extend(b"PK\x06\x07\0\0\0\0");
    archive.extend(place.to_le_bytes());
    archive.extend([1, 0, 0, 0]);
    archive.extend(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0");
    let store = open(&archive).unwrap();
    assert_eq!(paths(&store), ["{A}"]);
    assert!(zip::ZipArchive::new(Cursor::new(archive)).is_ok());
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().large_file(true);
    writer.start_file("Backup.xml", options).unwrap();
    writer.write_all(b"large").unwrap();
    let store = open(&writer.finish().unwrap().into_inner()).unwrap();
    assert_eq!(read(&store, "Backup.xml").unwrap(), b"large");
}

#[test]
fn a_number_of_entries_that_is_declared_takes_no_memory() {
    let mut archive = zip(&[("Backup.xml", b"x")]);
    let end = archive.len() - 22;
    archive[end + 10..end + 12].copy_from_slice(&[0xfe, 0xff]);
    let error = open(&archive).unwrap_err();
    assert_eq!(
        error.message(),
        "the archive has 1 entries and declares 65534"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn any_damage_is_survived(at in prop::collection::vec((0usize..600, any::<u8>()), 1..6), cut in 0usize..700) {
        let mut archive = zip(&[("{A}/Backup.xml", b"0123456789012345678901234"), ("{A}/b/c", b"x"), ("d/", b"")]);
        for (at, byte) in at {
            let length = archive.len();
            archive[at % length] = byte;
        }
        archive.truncate(cut.max(4));
        if let Ok(store) = open(&archive) {
            for folder in store.backups().unwrap() {
                let opened = store.open(&folder).unwrap();
                let mut files = Vec::new();
                let _ = opened.walk(&GpoPath::root(), &mut |entry| { files.extend(entry); Ok(()) });
                for file in files {
                    let _ = opened.read_all(&file.path, 1 << 20);
                }
            }
        }
    }
}
