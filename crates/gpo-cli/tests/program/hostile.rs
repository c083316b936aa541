//! Attacks: backups, archives and domains that somebody made to do harm. Whatever a command says
//! of one, it ends by itself within 30 s and 256 MB, writes nowhere but where it was told to, and
//! sends the terminal nothing that a terminal obeys.

#![allow(
    clippy::too_many_lines,
    clippy::format_collect,
    reason = "tables of cases"
)]

mod archives;
mod directory;
mod links;
mod numbers;
mod paths;
mod sizes;
mod text;
mod xml;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;

use crate::bad_input::{Place, TEMPLATE, put};

/// An attack on whoever reads a backup.
struct Attack {
    /// What is attacked, and with what.
    name: String,
    /// The GPO whose backup it is in.
    gpo: &'static str,
    make: Box<dyn Fn(&Place)>,
    must: Must,
}

/// What must happen.
enum Must {
    /// `verify` ends so, and says this.
    Verify(i32, &'static str),
    /// `restore` into an empty folder ends so, and says this.
    Restore(i32, &'static str),
    /// `list` ends so, and says this.
    List(i32, &'static str),
    /// The report, as HTML, says this.
    Report(&'static str),
    /// Every command ends by itself.
    Survive,
    /// All commands succeed.
    BeHarmless,
}

impl Attack {
    fn new(name: impl Into<String>, make: impl Fn(&Place) + 'static, must: Must) -> Self {
        Self {
            name: name.into(),
            gpo: TEMPLATE,
            make: Box::new(make),
            must,
        }
    }

    fn on(self, gpo: &'static str) -> Self {
        Self { gpo, ..self }
    }

    /// Runs every command that reads a backup; says what is not as it must be.
    fn meet(&self) -> Result<(), String> {
        let place = Place::new();
        place.keep_only(self.gpo);
        let backup = place.backup(self.gpo, "");
        let folder = backup.file_name().unwrap().to_str().unwrap();
        let id = folder.to_owned();
        (self.make)(&place);
        let (set, one) = if place.path("backups.zip").exists() {
            ("@backups.zip", format!("@backups.zip --id {id}"))
        } else {
            ("@backups", format!("@backups/{id}"))
        };
        let commands = [
            ("list", format!("list {set}")),
            ("verify", format!("verify {set}")),
            ("show", format!("show {one}")),
            ("report", format!("report {one} --format html")),
            ("references", format!("references {one}")),
            ("repack", format!("repack {set} @out/repacked")),
            ("restore", format!("restore {set} --all --to dir:@out/new")),
        ];
        let expected = match self.must {
            Must::Verify(status, says) => Some(("verify", status, says)),
            Must::Restore(status, says) => Some(("restore", status, says)),
            Must::List(status, says) => Some(("list", status, says)),
            Must::Report(says) => Some(("report", 0, says)),
            Must::Survive | Must::BeHarmless => None,
        };
        let mut wrong = String::new();
        for (name, command) in commands {
            for folder in ["out/repacked", "out/new"] {
                fs::create_dir_all(place.path(folder)).unwrap();
            }
            let run = place.run(&command);
            let said = format!("{}{}", run.out, run.err);
            if !(0..=2).contains(&run.status) {
                writeln!(wrong, "{name} ends with {} and says {said}", run.status).unwrap();
            }
            if name != "report" && said.chars().any(obeyed) {
                writeln!(wrong, "{name} sends control characters: {said:?}").unwrap();
            }
            if let Some((expected, status, says)) = expected {
                if name == expected && (run.status != status || !said.contains(says)) {
                    writeln!(wrong, "{name} ends with {} and says {said}", run.status).unwrap();
                }
            } else if run.status != 0 && matches!(self.must, Must::BeHarmless) {
                writeln!(wrong, "{name} ends with {} and says {said}", run.status).unwrap();
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }
}

/// Whether a terminal does something else with a character than to show it in its place.
fn obeyed(character: char) -> bool {
    character.is_control() && character != '\n'
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Meets them all, and prints how many there were.
fn meet(kind: &str, attacks: &[Attack]) {
    let mut failures = String::new();
    for attack in attacks {
        if let Err(wrong) = attack.meet() {
            write!(failures, "\n{}:\n{wrong}", attack.name).unwrap();
        }
    }
    assert!(failures.is_empty(), "{kind}: {failures}");
    // Not `eprintln!`, which the test runner swallows.
    let _ = writeln!(std::io::stderr(), "{kind}: {} attacks met", attacks.len());
}

#[test]
fn there_are_a_hundred_attacks() {
    let kinds = [
        archives::attacks(),
        links::attacks(),
        numbers::attacks(),
        paths::attacks(),
        sizes::attacks(),
        text::attacks(),
        xml::attacks(),
    ];
    let all: usize = kinds.iter().map(Vec::len).sum();
    assert!(all >= 100, "{all}");
}

/// Puts a file into the SYSVOL tree of the backup of a GPO.
fn put_sysvol(place: &Place, gpo: &str, path: &str, bytes: impl AsRef<[u8]>) {
    put(
        &place.backup(gpo, &format!("DomainSysvol/GPO/{path}")),
        bytes,
    );
}
