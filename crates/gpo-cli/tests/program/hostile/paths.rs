//! Traversal, device names, streams, overlong paths: in every field that holds a path.

use super::{Attack, Must, meet};
use crate::bad_input::{TEMPLATE, edit};

/// Paths that leave the folder, or mean something else than a file on some system.
const PATHS: &[&str] = &[
    r"..\..\..\..\evil",
    "../../../../evil",
    r"DomainSysvol\GPO\..\..\..\evil",
    r"\\evil\share\evil",
    r"\\?\C:\evil",
    r"\\.\PhysicalDrive0",
    r"C:\evil",
    "C:evil",
    "/etc/passwd",
    "file:///etc/passwd",
    r"DomainSysvol\GPO\Machine\NUL",
    r"DomainSysvol\GPO\Machine\com1.inf",
    r"DomainSysvol\GPO\Machine\CONIN$",
    r"DomainSysvol\GPO\Machine\LPT¹",
    r"DomainSysvol\GPO\Machine\a.inf:stream",
    r"DomainSysvol\GPO\Machine\a.inf::$DATA",
    r"DomainSysvol\GPO\Machine\a. ",
    r"DomainSysvol\GPO\Machine\\a",
    r"DomainSysvol\GPO\Machine\a?b",
    r"DomainSysvol\GPO\Machine\a&#9;b",
];

const AUDIT: &str = r"\Microsoft\Windows NT\Audit\audit.csv";

pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for path in PATHS {
        let location = format!(r#"bkp:Location="DomainSysvol\GPO\Machine{AUDIT}""#);
        let evil = format!(r#"bkp:Location="{path}""#);
        let must = Must::Verify(2, "[bad-location]");
        attacks.push(replaced(format!("Location {path}"), &location, &evil, must));
        // Where it came from is only told, so any text is kept.
        let from = r#"bkp:SourceExpandedPath="\\dc1.example.test\sysvol\example.test"#;
        let evil = format!(r#"bkp:SourceExpandedPath="{path}"#);
        let name = format!("SourceExpandedPath {path}");
        attacks.push(replaced(name, from, &evil, Must::BeHarmless));
    }
    for path in [PATHS[0], PATHS[3], PATHS[6], PATHS[10]] {
        let own = format!(r#"bkp:Path="%GPO_MACH_FSPATH%{AUDIT}""#);
        let evil = format!(r#"bkp:Path="{path}""#);
        let must = Must::Verify(2, "[bad-location]");
        attacks.push(replaced(format!("Path {path}"), &own, &evil, must));
    }
    for path in ["x".repeat(32_767), r"x\".repeat(16_383)] {
        let own = format!(r#"bkp:Location="DomainSysvol\GPO\Machine{AUDIT}""#);
        let evil = format!(r#"bkp:Location="DomainSysvol\GPO\Machine\{path}""#);
        let name = format!("Location of {} characters", path.len());
        attacks.push(replaced(name, &own, &evil, Must::Verify(2, "Backup.xml: ")));
    }
    for (file, tag, evil, must) in [
        (
            "bkupInfo.xml",
            "ID",
            r"{..\..\..\..\evil}",
            Must::List(2, "bkupInfo.xml"),
        ),
        (
            "bkupInfo.xml",
            "ID",
            "../../evil",
            Must::List(2, "bkupInfo.xml"),
        ),
        (
            "bkupInfo.xml",
            "GPOGuid",
            r"..\..\evil",
            Must::List(2, "bkupInfo.xml"),
        ),
        (
            "Backup.xml",
            "ID",
            r"{31B2F340}\..\..\evil",
            Must::Restore(2, "Backup.xml"),
        ),
        (
            "bkupInfo.xml",
            "GPODomain",
            r"..\..\evil",
            Must::Restore(0, "made the domain example.test"),
        ),
        (
            "Backup.xml",
            "Domain",
            "../../evil",
            Must::Restore(2, "evil"),
        ),
    ] {
        attacks.push(Attack::new(
            format!("{file} {tag} {evil}"),
            move |place| {
                edit(&place.backup(TEMPLATE, file), |text| {
                    let (before, rest) = text.split_once(&format!("<{tag}><![CDATA[")).unwrap();
                    let (_, after) = rest.split_once("]]>").unwrap();
                    format!("{before}<{tag}><![CDATA[{evil}]]>{after}")
                });
            },
            must,
        ));
    }
    attacks
}

/// A text of Backup.xml in the place of another one.
fn replaced(name: String, from: &str, to: &str, must: Must) -> Attack {
    let (from, to) = (from.to_owned(), to.to_owned());
    Attack::new(
        name,
        move |place| {
            edit(&place.backup(TEMPLATE, "Backup.xml"), |text| {
                text.replace(&from, &to)
            });
        },
        must,
    )
}

#[test]
fn paths() {
    meet("paths", &attacks());
}
