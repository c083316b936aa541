//! Imports and restores that cannot be carried out: what is wrong with a table, a backup or a target
//! is named with its place, and no byte of the target changes.

#![allow(clippy::too_many_lines, reason = "tables of cases")]

use std::fs;
use std::path::Path;

use super::{Case, Place, REGISTRY, TEMPLATE, check, edit, put};

/// Imports the backup of one GPO into another, which is there, by a table.
const IMPORT: &str = "import @backup --to dir:@domain --state @out \
                      --gpo {10AD0001-6C1B-4F55-9B5C-7E3A4C2F0001} --migration-table @table";
const BY_CSV: &str = "import @backup --to dir:@domain --state @out \
                      --gpo {10AD0001-6C1B-4F55-9B5C-7E3A4C2F0001} --map-csv @table";

const RESTORE: &str = "restore @backup --to dir:@domain --state @out";

/// Puts the backup where the commands look for it.
fn with_backup(place: &Place) {
    fs::rename(place.backup(TEMPLATE, ""), place.path("backup")).unwrap();
}

const NAMESPACE: &str = "http://www.microsoft.com/GroupPolicy/GPOOperations/MigrationTable";

fn table_of(mappings: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n<MigrationTable xmlns=\"{NAMESPACE}\">\r\n{mappings}</MigrationTable>\r\n"
    )
}

fn mapping(kind: &str, source: &str, destination: &str) -> String {
    format!(
        "  <Mapping>\r\n    <Type>{kind}</Type>\r\n    <Source>{source}</Source>\r\n    {destination}\r\n  </Mapping>\r\n"
    )
}

fn to(destination: &str) -> String {
    format!("<Destination>{destination}</Destination>")
}

fn utf16(text: &str) -> Vec<u8> {
    let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

/// Runs cases that differ in the bytes of the table.
fn check_tables(command: &str, cases: &[(&str, Vec<u8>, &[&str])]) {
    for (name, bytes, says) in cases {
        let damage = |place: &Place| {
            with_backup(place);
            put(&place.path("table"), bytes);
        };
        let case: Case<'_> = (name, &damage, command, 2, says);
        check(&[case]);
    }
}

#[test]
fn migration_tables() {
    let user = |source: &str, destination: &str| mapping("User", source, &to(destination));
    let path = |destination: &str| mapping("UNCPath", r"\\old\s", destination);
    let text = |mappings: &str| utf16(&table_of(mappings));
    let whole = text(&user("a@old", "b@new"));
    check_tables(
        IMPORT,
        &[
            ("empty", Vec::new(), &["table: "]),
            ("no XML", b"a,b\r\n".to_vec(), &["table: ", "byte"]),
            ("another root", utf16("<Mappings/>"), &["table: ", "Mappings"]),
            ("cut off", whole[..whole.len() - 60].to_vec(), &["table: "]),
            ("half a character", whole[..whole.len() - 1].to_vec(), &["table: "]),
            (
                "bytes of no encoding",
                b"<MigrationTable><Mapping><Type>User</Type><Source>\xff\xfe\xfa</Source></Mapping></MigrationTable>".to_vec(),
                &["table: ", "byte"],
            ),
            (
                "UTF-32",
                "\u{feff}<MigrationTable/>".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
                &["table: "],
            ),
            (
                "DTD",
                utf16("<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><MigrationTable/>"),
                &["table: ", "DTD"],
            ),
            (
                "nested",
                utf16(&table_of(&"<Mapping>".repeat(5000))),
                &["table: ", "nested"],
            ),
            (
                "two that lead to each other",
                text(&(user("a@old", "b@new") + &user("b@new", "A@OLD"))),
                &["table: ", "mapping 1", "leads back"],
            ),
            (
                "a circle of three",
                text(&(user("a", "b") + &user("b", "c") + &user("c", "a"))),
                &["mapping 1", "leads back"],
            ),
            (
                "a source twice",
                text(&(user("a@old", "b@new") + &user("A@OLD", "c@new"))),
                &["mapping 2", "A@OLD", "mapping 1"],
            ),
            (
                "an empty source",
                text(&user("", "b@new")),
                &["mapping 1", "empty"],
            ),
            (
                "no source",
                utf16(&table_of("<Mapping><Type>User</Type></Mapping>")),
                &["table: ", "Source"],
            ),
            (
                "a path to nothing",
                text(&path("<DestinationNone />")),
                &["mapping 1", "no destination"],
            ),
            (
                "a path by its relative name",
                text(&path("<DestinationByRelativeName />")),
                &["mapping 1", "relative name"],
            ),
            (
                "a path to no path",
                text(&path(&to("C:\\s"))),
                &["mapping 1", "C:\\s"],
            ),
        ],
    );
    check_tables(
        BY_CSV,
        &[
            ("one column", b"a\r\n".to_vec(), &["table: ", "line 1"]),
            (
                "three columns",
                b"a,b\r\na,b,c\r\n".to_vec(),
                &["table: ", "line 2"],
            ),
            (
                "an open quote",
                b"a,b\r\n\"c,d\r\n".to_vec(),
                &["table: ", "line 2"],
            ),
            (
                "no destination",
                b"a,b\r\nc,\r\n".to_vec(),
                &["table: ", "line 2"],
            ),
            (
                "a cycle",
                b"a,b\r\nb,a\r\n".to_vec(),
                &["table: ", "leads back"],
            ),
        ],
    );
    check(&[
        (
            "no table",
            &with_backup,
            IMPORT,
            2,
            &["table: No such file"],
        ),
        (
            "a folder",
            &|p| {
                with_backup(p);
                fs::create_dir(p.path("table")).unwrap();
            },
            IMPORT,
            2,
            &["table: "],
        ),
    ]);
}

#[test]
fn backups_that_lack_something() {
    const PLAIN: &str = "import @backup --to dir:@domain --state @out \
                         --gpo {10AD0001-6C1B-4F55-9B5C-7E3A4C2F0001}";
    let damaged = |damage: fn(&Path)| {
        move |place: &Place| {
            with_backup(place);
            damage(&place.path("backup"));
        }
    };
    let audit = |folder: &Path| {
        let file = "DomainSysvol/GPO/Machine/microsoft/windows nt/Audit/audit.csv";
        fs::remove_file(folder.join(file)).unwrap();
    };
    let no_xml = |folder: &Path| fs::remove_file(folder.join("Backup.xml")).unwrap();
    let no_files = |folder: &Path| fs::remove_dir_all(folder.join("DomainSysvol")).unwrap();
    let cut_off = |folder: &Path| {
        let bytes = fs::read(folder.join("Backup.xml")).unwrap();
        fs::write(folder.join("Backup.xml"), &bytes[..bytes.len() / 2]).unwrap();
    };
    let no_hex = |folder: &Path| {
        edit(&folder.join("Backup.xml"), |text| {
            text.replacen("<SecurityDescriptor>01 00", "<SecurityDescriptor>01 0z", 1)
        });
    };
    let no_descriptor = |folder: &Path| {
        edit(&folder.join("Backup.xml"), |text| {
            text.replacen("<SecurityDescriptor>01 00", "<SecurityDescriptor>07 00", 1)
        });
    };
    for (name, damage, says) in [
        (
            "a missing file",
            &damaged(audit) as &dyn Fn(&Place),
            &["audit.csv", "has to be allowed"][..],
        ),
        ("no Backup.xml", &damaged(no_xml), &["Backup.xml"]),
        ("no files", &damaged(no_files), &["has to be allowed"]),
        (
            "Backup.xml cut off",
            &damaged(cut_off),
            &["Backup.xml: ", "byte"],
        ),
        (
            "a descriptor with a bad digit",
            &damaged(no_hex),
            &["Backup.xml: line 2", "hexadecimal digit"],
        ),
    ] {
        check(&[
            (name, damage, PLAIN, 2, says),
            (name, damage, RESTORE, 2, says),
        ]);
    }
    // An import takes no permissions.
    let damage = damaged(no_descriptor);
    let says = &["Backup.xml: ", "SecurityDescriptor", "revision"];
    check(&[("a descriptor that is none", &damage, RESTORE, 2, says)]);
}

#[test]
fn targets() {
    let import = |gpo: &str| {
        let import = "import @backup --to dir:@domain --state @out --gpo";
        format!("{import} {gpo}")
    };
    // Where both know the GUID of the domain it decides, else the name does.
    let other_guid = |p: &Place| {
        with_backup(p);
        edit(&p.path("backup/bkupInfo.xml"), |text| {
            text.replace("{10ad00d0", "{20ad00d0")
        });
    };
    let other_name = |p: &Place| {
        with_backup(p);
        edit(&p.path("backup/bkupInfo.xml"), |text| {
            let start = text.find("<GPODomainGuid>").unwrap();
            let end = text.find("</GPODomainGuid>").unwrap() + "</GPODomainGuid>".len();
            text.replace(&text[start..end], "")
        });
        edit(&p.path("backup/Backup.xml"), |text| {
            text.replace("<![CDATA[example.test]]>", "<![CDATA[other.test]]>")
        });
    };
    check(&[
        (
            "no such GPO",
            &with_backup,
            &import("nobody"),
            2,
            &["nobody", "no GPO of this name"],
        ),
        (
            "an ID cannot be made",
            &with_backup,
            &import("{10AD0001-6C1B-4F55-9B5C-7E3A4C2FFFFF} --create-if-needed"),
            2,
            &["is called by its name"],
        ),
        (
            "no domain",
            &with_backup,
            &format!("import @backup --to dir:@out --gpo {REGISTRY}"),
            2,
            &["no domain is here"],
        ),
        (
            "another domain of this name",
            &other_guid,
            RESTORE,
            2,
            &["example.test", "goes to the same domain only"],
        ),
        (
            "a domain of another name",
            &other_name,
            RESTORE,
            2,
            &["other.test", "goes to the same domain only"],
        ),
        (
            "nowhere to keep what was there",
            &with_backup,
            "restore @backup --to dir:@domain --state @none",
            2,
            &["none: No such file"],
        ),
        (
            "what no entry maps, where only they count",
            &|p| {
                with_backup(p);
                put(&p.path("table"), utf16(&table_of("")));
            },
            &format!("{IMPORT} --table-only"),
            2,
            &["GptTmpl.inf"],
        ),
    ]);
}
