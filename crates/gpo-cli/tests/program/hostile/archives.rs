//! Zip archives that lie.

use std::fs;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{Attack, Must, meet};
use crate::bad_input::{Place, TEMPLATE, files, put};

/// An entry of an archive, with what its two headers say.
#[derive(Clone)]
struct Entry {
    name: Vec<u8>,
    data: Vec<u8>,
    /// Compressed and uncompressed size, as the headers say.
    sizes: (u32, u32),
    method: u16,
    flags: u16,
    /// Where the central directory says that the entry is, if not where it is.
    offset: Option<u32>,
    /// The Unix mode.
    mode: u32,
}

impl Entry {
    fn new(name: impl Into<Vec<u8>>, data: impl Into<Vec<u8>>) -> Self {
        let data = data.into();
        let size = u32::try_from(data.len()).unwrap();
        Self {
            name: name.into(),
            data,
            sizes: (size, size),
            method: 0,
            flags: 1 << 11,
            offset: None,
            mode: 0o100_644,
        }
    }
}

/// Writes an archive that says what its entries say.
fn archive(entries: &[Entry], ending: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut central = Vec::new();
    for entry in entries {
        let offset = u32::try_from(bytes.len()).unwrap();
        let crc = crc32(&entry.data);
        let mut common = Vec::new();
        for field in [20, entry.flags, entry.method, 0, 0x5821] {
            common.extend(u16::to_le_bytes(field));
        }
        for field in [crc, entry.sizes.0, entry.sizes.1] {
            common.extend(field.to_le_bytes());
        }
        common.extend(u16::try_from(entry.name.len()).unwrap().to_le_bytes());
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend([0, 0]);
        bytes.extend(&entry.name);
        bytes.extend(&entry.data);
        central.extend(b"PK\x01\x02");
        central.extend([20, 3]);
        central.extend(&common);
        central.extend([0; 8]);
        central.extend((entry.mode << 16).to_le_bytes());
        central.extend(entry.offset.unwrap_or(offset).to_le_bytes());
        central.extend(&entry.name);
    }
    let start = u32::try_from(bytes.len()).unwrap();
    let size = u32::try_from(central.len()).unwrap();
    let count = u16::try_from(entries.len() % 65_536).unwrap();
    bytes.extend(central);
    let end = bytes.len();
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(count.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend(size.to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0, 0]);
    ending(&mut bytes[end..]);
    bytes
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & 0u32.wrapping_sub(crc & 1))
        })
    })
}

/// The set of backups as entries.
fn sound(place: &Place) -> Vec<Entry> {
    let root = place.path("backups");
    let all = files(&root).into_iter();
    let entries = all.filter_map(|(path, content)| {
        let name = path
            .strip_prefix(&root)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        Some(Entry::new(name, content?))
    });
    entries.collect()
}

/// An attack that changes the entries of a sound archive.
fn on_entries(name: &str, must: Must, change: impl Fn(&mut Vec<Entry>, &str) + 'static) -> Attack {
    Attack::new(
        name,
        move |place| {
            let mut entries = sound(place);
            let folder = place.backup(TEMPLATE, "");
            change(&mut entries, folder.file_name().unwrap().to_str().unwrap());
            put(&place.path("backups.zip"), archive(&entries, |_| {}));
        },
        must,
    )
}

/// The Backup.xml among the entries.
fn backup_xml(entries: &mut [Entry]) -> &mut Entry {
    let found = entries
        .iter_mut()
        .find(|entry| entry.name.ends_with(b"/Backup.xml"));
    found.unwrap()
}

pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = vec![on_entries("a sound archive", Must::BeHarmless, |_, _| {})];
    for name in [
        "../../evil",
        "..\\..\\evil",
        "/tmp/evil",
        "C:\\evil",
        "\\\\evil\\share\\evil",
        "{F}/../../evil",
        "{F}/DomainSysvol/GPO/Machine/NUL",
        "{F}/DomainSysvol/GPO/Machine/a.pol:stream",
        "{F}/DomainSysvol/GPO/Machine/a.",
        "{F}/DomainSysvol/GPO/Machine/\u{1b}[2J",
    ] {
        let must = Must::Verify(2, "");
        attacks.push(on_entries(
            &format!("entry {name:?}"),
            must,
            move |entries, folder| {
                entries.push(Entry::new(name.replace("{F}", folder), "evil"));
            },
        ));
    }
    attacks.push(on_entries(
        "name that is no UTF-8",
        Must::Verify(2, ""),
        |entries, folder| {
            let name = [folder.as_bytes(), b"/DomainSysvol/GPO/Machine/\xff\xfe"].concat();
            entries.push(Entry::new(name, "evil"));
        },
    ));
    attacks.push(on_entries(
        "name of 65,535 bytes",
        Must::Verify(2, ""),
        |entries, folder| {
            entries.push(Entry::new(
                format!("{folder}/{}", "x/".repeat(32_000)),
                "evil",
            ));
        },
    ));
    attacks.push(on_entries(
        "two entries of one name",
        Must::Verify(2, ""),
        |entries, _| {
            let mut twin = backup_xml(entries).clone();
            twin.data = b"<evil/>".to_vec();
            twin.sizes = (7, 7);
            entries.push(twin);
        },
    ));
    attacks.push(on_entries(
        "two names that differ in case",
        Must::Verify(2, ""),
        |entries, _| {
            let mut twin = backup_xml(entries).clone();
            twin.name = String::from_utf8(twin.name)
                .unwrap()
                .replace("Backup.xml", "BACKUP.XML")
                .into();
            twin.data = b"<evil/>".to_vec();
            twin.sizes = (7, 7);
            entries.push(twin);
        },
    ));
    attacks.push(on_entries(
        "a symbolic link",
        Must::Verify(2, ""),
        |entries, folder| {
            let link = Entry::new(
                format!("{folder}/DomainSysvol/GPO/Machine/link"),
                "/etc/passwd",
            );
            entries.push(Entry {
                mode: 0o120_777,
                ..link
            });
        },
    ));
    attacks.push(on_entries(
        "a file that is a folder, too",
        Must::Verify(2, ""),
        |entries, folder| {
            entries.push(Entry::new(format!("{folder}/Backup.xml/x"), "evil"));
        },
    ));
    for (name, sizes) in [
        ("2 GB declared", (0x8000_0000, 0x8000_0000)),
        ("4 GB declared", (u32::MAX - 1, u32::MAX - 1)),
        ("zip64 sizes without zip64", (u32::MAX, u32::MAX)),
        ("more inside than outside", (10, 1 << 30)),
        ("nothing declared", (0, 0)),
    ] {
        attacks.push(on_entries(name, Must::Verify(2, ""), move |entries, _| {
            backup_xml(entries).sizes = sizes;
        }));
    }
    for (name, method) in [
        ("unknown method", 99),
        ("deflate that is none", 8),
        ("BZip2", 12),
    ] {
        attacks.push(on_entries(
            name,
            Must::Verify(2, "Backup.xml"),
            move |entries, _| {
                backup_xml(entries).method = method;
            },
        ));
    }
    attacks.push(on_entries(
        "encrypted",
        Must::Verify(2, "Backup.xml"),
        |entries, _| {
            backup_xml(entries).flags |= 1;
        },
    ));
    attacks.push(on_entries(
        "entry beyond the end",
        Must::Verify(2, ""),
        |entries, _| {
            backup_xml(entries).offset = Some(u32::MAX - 1);
        },
    ));
    attacks.push(on_entries(
        "a thousand entries in one place",
        Must::Verify(2, ""),
        |entries, folder| {
            for n in 0..1000 {
                let own = Entry::new(format!("{folder}/DomainSysvol/GPO/Machine/{n}"), "");
                entries.push(Entry {
                    offset: Some(0),
                    sizes: (1 << 20, 1 << 20),
                    ..own
                });
            }
        },
    ));
    attacks.push(on_entries(
        "10,000 entries",
        Must::Verify(0, "[unlisted-file]"),
        |entries, folder| {
            entries.extend(
                (0..10_000)
                    .map(|n| Entry::new(format!("{folder}/DomainSysvol/GPO/Machine/{n}"), "")),
            );
        },
    ));
    // Where in the end record; what stands there instead.
    for (name, at, value) in [
        ("central directory beyond the end", 16, u32::MAX - 1),
        ("central directory of 4 GB", 12, u32::MAX - 1),
        ("65,535 entries and one there", 8, u32::MAX),
        ("comment that is not there", 20, 0xffff),
    ] {
        attacks.push(Attack::new(
            name,
            move |place| {
                let bytes = archive(&sound(place), |ending| {
                    let field = &value.to_le_bytes();
                    let length = (ending.len() - at).min(4);
                    ending[at..at + length].copy_from_slice(&field[..length]);
                });
                put(&place.path("backups.zip"), bytes);
            },
            Must::Verify(2, ""),
        ));
    }
    attacks.push(Attack::new(
        "cut off in the middle",
        |place| {
            let bytes = archive(&sound(place), |_| {});
            put(&place.path("backups.zip"), &bytes[..bytes.len() / 2]);
        },
        Must::Verify(2, ""),
    ));
    for file in [
        "Backup.xml",
        "bkupInfo.xml",
        "DomainSysvol/GPO/Machine/microsoft/windows nt/SecEdit/GptTmpl.inf",
    ] {
        let name = format!("{file}: 1 GB of spaces in 1 MB");
        let make = move |place: &Place| put(&place.path("backups.zip"), bomb(place, file));
        attacks.push(Attack::new(name, make, Must::Verify(2, "")));
    }
    attacks
}

/// The set with one file that is a gigabyte when it is inflated.
fn bomb(place: &Place, file: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let root = place.path("backups");
    let attacked = place.backup(TEMPLATE, file);
    for (path, content) in files(&root) {
        let Some(content) = content else { continue };
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
        zip.start_file(name, options).unwrap();
        if path == attacked {
            let spaces = vec![b' '; 1 << 20];
            for _ in 0..1024 {
                zip.write_all(&spaces).unwrap();
            }
        } else {
            zip.write_all(&content).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn archives() {
    meet("archives", &attacks());
}

/// What looks like one thing and is another.
#[test]
fn what_a_file_is_its_content_says() {
    let place = Place::new();
    let bytes = archive(&sound(&place), |_| {});
    put(&place.path("set.txt"), &bytes);
    assert_eq!(place.run("list @set.txt").status, 0);
    put(&place.path("text.zip"), "no archive");
    assert_eq!(place.run("list @text.zip").status, 2);
    fs::rename(place.path("backups"), place.path("folder.zip")).unwrap();
    assert_eq!(place.run("list @folder.zip").status, 0);
}
