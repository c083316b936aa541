//! How many instructions the parsers take, against a baseline.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use super::inputs::{Input, Inputs};
use super::{build_ours, process};
use crate::ci::rustc_version;
use crate::{Command, Result, root, write_flag};

pub(crate) const COMMAND: Command = Command {
    name: "instructions",
    usage: "[--write]",
    about: "Counts the instructions of each parser and writer on made files, by valgrind, and compares them
with benches/instructions.tsv: 5 % more or less fails. With --write the file is made anew. A count
belongs to a compiler; with another one nothing is compared, and the command says so.",
    run,
};

/// A case of `gpo-benches`, and its input.
type Case = (&'static str, fn(&Inputs) -> &[Input]);

const CASES: &[Case] = &[
    ("registry-pol-in-place", |inputs| &inputs.registry_pol),
    ("registry-pol-parse", |inputs| &inputs.registry_pol),
    ("registry-pol-write", |inputs| &inputs.registry_pol),
    ("security-template-parse", |inputs| {
        &inputs.security_template
    }),
    ("security-template-views", |inputs| {
        &inputs.security_template
    }),
    ("security-template-write", |inputs| {
        &inputs.security_template
    }),
    ("preferences-parse", |inputs| &inputs.preferences),
    ("preferences-write", |inputs| &inputs.preferences),
    ("backup-xml-read", |inputs| &inputs.backup_xml),
    ("backup-xml-write", |inputs| &inputs.backup_xml),
    ("xml-document-parse", |inputs| &inputs.backup_xml),
    ("utf-16-decode", |inputs| &inputs.utf_16),
];

/// How far a count may be from its baseline, in parts of a hundred.
const TOLERANCE: u64 = 5;

fn run(arguments: &[String]) -> Result {
    if write_flag(arguments)? {
        let counted = count()?.ok_or("valgrind is not installed")?;
        return Ok(fs::write(path(), page(&counted)?)?);
    }
    if let Some(why) = check()? {
        println!("SKIPPED: {why}");
    }
    Ok(())
}

/// Compares with the baseline; says why where it cannot be done.
pub(crate) fn check() -> Result<Option<String>> {
    let baseline = fs::read_to_string(path())?;
    let (compiler, own) = (first_line(&baseline), head()?);
    if compiler != own {
        return Ok(Some(format!(
            "the baseline is of {compiler}, this is {own}"
        )));
    }
    let Some(counted) = count()? else {
        return Ok(Some("valgrind is not installed".into()));
    };
    let expected = baseline
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(case, count)| Ok((case, count.parse()?)))
        .collect::<Result<BTreeMap<&str, u64>>>()?;
    let mut wrong = Vec::new();
    for (case, count) in &counted {
        match expected.get(case) {
            Some(&expected) => {
                println!("{case:24} {count:>12}  {}", change(expected, *count));
                if count.abs_diff(expected) * 100 > expected * TOLERANCE {
                    wrong.push(format!("{case}: {}", change(expected, *count)));
                }
            }
            None => wrong.push(format!("{case} has no baseline")),
        }
    }
    if wrong.is_empty() {
        return Ok(None);
    }
    let all = wrong.join("; ");
    Err(format!("{all}: mend it, or `cargo xtask instructions --write` where it is meant").into())
}

#[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
fn change(expected: u64, count: u64) -> String {
    let percent = (count as f64 / expected.max(1) as f64 - 1.0) * 100.0;
    format!("{percent:+.1} %")
}

/// The instructions of a run of each case; none without valgrind.
fn count() -> Result<Option<Vec<(&'static str, u64)>>> {
    let scratch = root().join("target/bench");
    let inputs = Inputs::made(&scratch.join("made"))?;
    let program = build_ours("gpo-benches", "gpo-benches")?;
    let mut counted = Vec::new();
    for (case, select) in CASES {
        let input = select(&inputs).first().ok_or("a case without input")?;
        let Some(count) = one(&program, case, &input.path, &scratch)? else {
            return Ok(None);
        };
        counted.push((*case, count));
    }
    Ok(Some(counted))
}

fn one(program: &Path, case: &str, input: &Path, scratch: &Path) -> Result<Option<u64>> {
    process::instructions(Process::new(program).arg(case).arg(input), scratch)
}

fn page(counted: &[(&str, u64)]) -> Result<String> {
    let mut page = head()? + "\n";
    for (case, count) in counted {
        writeln!(page, "{case}\t{count}")?;
    }
    Ok(page)
}

/// The first line of the file: what the counts are of.
fn head() -> Result<String> {
    Ok(format!(
        "{} on {}",
        rustc_version()?,
        std::env::consts::ARCH
    ))
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn path() -> PathBuf {
    root().join("benches/instructions.tsv")
}
