//! The files of settings, each built anew from what its typed views say.

use std::fs;
use std::path::Path;

use gpo_core::{
    AuditCsv, FolderRedirection, GptIni, InfDocument, InfItem, LineEnd, PREFERENCE_KINDS,
    PolicyComments, Preferences, RegistryPol, ScriptsIni, SecurityTemplate, TextDocument,
};
use gpo_testkit::rebuild;

use super::tally::{Outcome, Part, Tally};
use super::{difference, is_pristine};
use crate::Result;

/// Compares every file of settings below a folder, by its name.
pub(crate) fn check(root: &Path, tally: &mut Tally) -> Result {
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries: Result<Vec<_>, _> = fs::read_dir(&folder)?.collect();
        let mut entries = entries?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                folders.push(path);
                continue;
            }
            let name = entry.file_name().to_string_lossy().to_lowercase();
            let Some(part) = part(&name) else { continue };
            let bytes = fs::read(&path)?;
            match outcome(part, &bytes) {
                Ok(outcome) => {
                    // Order and blank lines are in no view, so only these two can be held to it.
                    let exact = matches!(part, Part::RegistryPol | Part::GptIni);
                    let pristine = exact && is_pristine(root, &folder);
                    tally.add(part, &path, pristine, outcome);
                }
                Err(_) => tally.note_refused(),
            }
        }
    }
    Ok(())
}

fn part(name: &str) -> Option<Part> {
    Some(match name {
        "gpttmpl.inf" => Part::SecurityTemplate,
        "gpt.ini" => Part::GptIni,
        "audit.csv" => Part::AuditCsv,
        "scripts.ini" | "psscripts.ini" => Part::Scripts,
        "fdeploy1.ini" => Part::FolderRedirection,
        "comment.cmtx" => Part::PolicyComments,
        _ if name.strip_suffix(".pol").is_some() => Part::RegistryPol,
        _ => {
            let stem = name.strip_suffix(".xml")?;
            let mut kinds = PREFERENCE_KINDS.iter();
            kinds.find(|kind| kind.name.eq_ignore_ascii_case(stem))?;
            Part::Preferences
        }
    })
}

/// What comes out; an error where the file cannot be read.
fn outcome(part: Part, bytes: &[u8]) -> Result<Outcome, gpo_core::Error> {
    Ok(match part {
        Part::RegistryPol => {
            let read = RegistryPol::parse(bytes)?;
            exact(&rebuild::registry_pol(&read)?.to_bytes()?, bytes)
        }
        Part::SecurityTemplate => {
            let read = SecurityTemplate::parse(bytes)?;
            let mut fresh = SecurityTemplate::new()?;
            rebuild::security_template(&read, &mut fresh)?;
            compare_lines(fresh.document(), read.document())?
        }
        Part::Scripts => {
            let read = ScriptsIni::parse(bytes)?;
            let mut fresh = ScriptsIni::new()?;
            rebuild::scripts(&read, &mut fresh)?;
            compare_lines(fresh.document(), read.document())?
        }
        Part::FolderRedirection => {
            let read = FolderRedirection::parse(bytes)?;
            let mut fresh = FolderRedirection::new()?;
            rebuild::folder_redirection(&read, &mut fresh)?;
            compare_lines(fresh.document(), read.document())?
        }
        Part::GptIni => {
            let read = GptIni::parse(bytes)?;
            read.version()?;
            exact(&rebuild::gpt_ini(&read)?, bytes)
        }
        Part::AuditCsv => {
            let read = AuditCsv::parse(bytes)?;
            let mut fresh = AuditCsv::new()?;
            rebuild::audit_csv(&read, &mut fresh)?;
            compare_text(fresh.text(), read.text(), |_, line| line.to_owned())?
        }
        Part::PolicyComments => {
            let read = PolicyComments::parse(bytes)?;
            difference::compare(&rebuild::policy_comments(&read)?.to_bytes()?, bytes)
        }
        Part::Preferences => {
            let read = Preferences::parse(bytes)?;
            difference::compare(&rebuild::preferences(&read)?.to_bytes()?, bytes)
        }
        _ => Outcome::Unequal("no file of settings".into()),
    })
}

/// Compares files of which every byte is in a typed view.
fn exact(written: &[u8], read: &[u8]) -> Outcome {
    if written == read {
        Outcome::Exact
    } else {
        Outcome::Unequal("other bytes".into())
    }
}

/// Compares two INF files. The header of a GptTmpl.inf, which says what kind of file it is, has no
/// views, and is compared as the other lines are.
fn compare_lines(fresh: &InfDocument, read: &InfDocument) -> Result<Outcome, gpo_core::Error> {
    compare_text(fresh.text(), read.text(), |section, line| {
        match InfItem::of(line) {
            InfItem::Entry { key, value } => {
                let value: Vec<_> = value.split(',').map(str::trim).collect();
                format!("{section}|{key}={}", value.join(","))
            }
            _ => format!("{section}|{}", line.trim()),
        }
        .to_lowercase()
    })
}

/// Compares two texts line by line, whatever the order and the spacing; says what differs apart from
/// what the lines say.
fn compare_text(
    fresh: &TextDocument,
    read: &TextDocument,
    normal: impl Fn(&str, &str) -> String,
) -> Result<Outcome, gpo_core::Error> {
    if fresh.to_bytes()? == read.to_bytes()? {
        return Ok(Outcome::Exact);
    }
    let (ours, theirs) = (said(fresh, &normal), said(read, &normal));
    let sorted = |lines: &[(String, String)]| {
        let mut lines: Vec<String> = lines.iter().map(|(normal, _)| normal.clone()).collect();
        lines.sort();
        lines.dedup();
        lines
    };
    let (our_lines, their_lines) = (sorted(&ours), sorted(&theirs));
    if our_lines != their_lines {
        let odd = their_lines.iter().chain(&our_lines);
        let mut odd = odd.filter(|line| !(our_lines.contains(line) && their_lines.contains(line)));
        let odd = odd.next().cloned().unwrap_or_default();
        return Ok(Outcome::Unequal(format!("other lines: {odd:?}")));
    }
    let normals = |lines: &[(String, String)]| -> Vec<String> {
        lines.iter().map(|(normal, _)| normal.clone()).collect()
    };
    let mut spelt: Vec<_> = ours.iter().map(|(_, line)| line).collect();
    let mut theirs_spelt: Vec<_> = theirs.iter().map(|(_, line)| line).collect();
    spelt.sort();
    theirs_spelt.sort();
    let blank = |text: &TextDocument| {
        let lines = text.lines().iter();
        lines.filter(|line| line.text().trim().is_empty()).count()
    };
    let comments = read
        .lines()
        .iter()
        .any(|line| line.text().trim().starts_with(';'));
    let ends = |end: LineEnd| read.lines().iter().any(|line| line.end() == end);
    let (mut our_headers, mut their_headers) = (headers(fresh), headers(read));
    let same_order = our_headers == their_headers;
    our_headers.sort_unstable();
    their_headers.sort_unstable();
    let causes = [
        (
            our_headers != their_headers,
            "sections without lines, or in parts",
        ),
        (
            (fresh.encoding(), fresh.has_bom()) != (read.encoding(), read.has_bom()),
            "another encoding or byte order mark",
        ),
        (
            ends(LineEnd::Lf) || ends(LineEnd::Cr),
            "line ends converted",
        ),
        (ends(LineEnd::Missing), "last line without an end"),
        (blank(fresh) != blank(read), "blank lines"),
        (comments, "comments"),
        (
            spelt != theirs_spelt,
            "another spacing, case or a line twice",
        ),
        (
            !same_order || normals(&ours) != normals(&theirs),
            "another order of lines",
        ),
    ];
    let causes = causes.into_iter();
    let causes: Vec<_> = causes
        .filter_map(|(holds, cause)| holds.then_some(cause))
        .collect();
    if causes.is_empty() {
        return Ok(Outcome::Unequal("other bytes, and no known cause".into()));
    }
    Ok(Outcome::Explained(causes))
}

/// The headers of sections as they are.
fn headers(text: &TextDocument) -> Vec<&str> {
    let lines = text.lines().iter().map(gpo_core::DocumentLine::text);
    lines
        .filter(|line| matches!(InfItem::of(line), InfItem::Section(_)))
        .collect()
}

/// The lines that say something, in a normal form and as they are. Headers of sections are in the
/// normal form of their lines.
fn said(text: &TextDocument, normal: impl Fn(&str, &str) -> String) -> Vec<(String, String)> {
    let mut section = String::new();
    let mut said = Vec::new();
    for line in text.lines() {
        match InfItem::of(line.text()) {
            InfItem::Blank | InfItem::Comment(_) => {}
            InfItem::Section(name) => section = name.to_lowercase(),
            _ => said.push((normal(&section, line.text()), line.text().to_owned())),
        }
    }
    said
}
