//! Reading and writing single files, against other libraries.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::inputs::{Input, Inputs};
use super::process;
use super::table::{Table, megabytes};
use super::{build_ours, build_peer};
use crate::{Result, root};

/// A program, the case it runs, and how the table calls that.
struct Contender {
    program: Program,
    case: &'static str,
    label: &'static str,
}

#[derive(Clone, Copy)]
enum Program {
    Ours,
    Peer(&'static str),
    Python(&'static str),
}

const fn ours(case: &'static str, label: &'static str) -> Contender {
    Contender {
        program: Program::Ours,
        case,
        label,
    }
}

const fn peer(name: &'static str, case: &'static str, label: &'static str) -> Contender {
    Contender {
        program: Program::Peer(name),
        case,
        label,
    }
}

/// What is compared: a title, the contenders, and the input. The last contender that is ours before
/// the peers is what these are compared with.
type Comparison = (&'static str, &'static [Contender], fn(&Inputs) -> &[Input]);

const COMPARISONS: &[Comparison] = &[
    (
        "registry.pol, parse",
        &[
            ours("registry-pol-in-place", "gpo-core, in place"),
            ours("registry-pol-parse", "gpo-core, document"),
            peer("preg", "registry-pol-parse", "preg 0.1"),
            peer("registry-pol", "registry-pol-parse", "registry-pol 1.0"),
        ],
        |inputs| &inputs.registry_pol,
    ),
    (
        "registry.pol, write",
        &[
            ours("registry-pol-write", "gpo-core"),
            peer("preg", "registry-pol-write", "preg 0.1"),
        ],
        |inputs| &inputs.registry_pol,
    ),
    (
        "Backup.xml, read",
        &[
            ours("backup-xml-read", "gpo-core, into the model"),
            peer(
                "quick-xml",
                "backup-xml-read",
                "quick-xml 0.42, bare events",
            ),
            peer("roxmltree", "backup-xml-read", "roxmltree 0.21, XML tree"),
            Contender {
                program: Program::Python("lxml"),
                case: "backup-xml-read",
                label: "lxml, XML tree",
            },
        ],
        |inputs| &inputs.backup_xml,
    ),
    (
        "Backup.xml, write",
        &[ours("backup-xml-write", "gpo-core")],
        |inputs| &inputs.backup_xml,
    ),
    (
        "GptTmpl.inf, parse",
        &[
            ours("security-template-parse", "gpo-core, document"),
            peer("rust-ini", "security-template-parse", "rust-ini 0.21"),
        ],
        |inputs| &inputs.security_template,
    ),
    (
        "GptTmpl.inf, typed views",
        &[ours("security-template-views", "gpo-core")],
        |inputs| &inputs.security_template,
    ),
    (
        "GptTmpl.inf, write",
        &[ours("security-template-write", "gpo-core")],
        |inputs| &inputs.security_template,
    ),
    (
        "Preferences, parse",
        &[
            ours("preferences-parse", "gpo-core, document"),
            peer("roxmltree", "preferences-parse", "roxmltree 0.21, XML tree"),
        ],
        |inputs| &inputs.preferences,
    ),
    (
        "Preferences, write",
        &[ours("preferences-write", "gpo-core")],
        |inputs| &inputs.preferences,
    ),
    (
        "XML of any kind, parse",
        &[
            ours("xml-document-parse", "gpo-core, document"),
            peer("roxmltree", "backup-xml-read", "roxmltree 0.21, XML tree"),
        ],
        |inputs| &inputs.backup_xml,
    ),
    (
        "UTF-16, decode",
        &[
            ours("utf-16-decode", "gpo-core"),
            peer("utf16", "utf-16-decode-std", "char::decode_utf16"),
            peer("utf16", "utf-16-decode-encoding-rs", "encoding_rs 0.8"),
        ],
        |inputs| &inputs.utf_16,
    ),
];

/// How often each contender runs, in turns.
const ROUNDS: usize = 3;

pub(super) fn tables(inputs: &Inputs, scratch: &Path) -> Result<Vec<Table>> {
    let mut tables = Vec::new();
    for (title, contenders, select) in COMPARISONS {
        for input in select(inputs) {
            let size = fs::metadata(&input.path)?.len();
            let title = format!("{title} ({}, {} kB)", input.label, size / 1000);
            tables.push(table(&title, contenders, &input.path, size, scratch)?);
        }
    }
    Ok(tables)
}

/// The best of a contender.
pub(super) struct Best {
    pub(super) wall: Duration,
    pub(super) cpu: Duration,
    pub(super) peak: u64,
    /// What a run counted.
    pub(super) counted: u32,
}

fn table(
    title: &str,
    contenders: &[Contender],
    input: &Path,
    size: u64,
    scratch: &Path,
) -> Result<Table> {
    eprintln!("{title}");
    let mut processes = Vec::new();
    for contender in contenders {
        match command(contender, input)? {
            Some(process) => processes.push((contender.label, process, None)),
            None => eprintln!("SKIPPED: {}, which is not installed", contender.label),
        }
    }
    for _ in 0..ROUNDS {
        for (label, process, best) in &mut processes {
            let now = measured(process, scratch).map_err(|error| format!("{label}: {error}"))?;
            if best.as_ref().is_none_or(|best: &Best| now.wall < best.wall) {
                *best = Some(now);
            }
        }
    }
    let mut table = Table::new(
        title,
        &[
            "",
            "time",
            "MB/s",
            "CPU",
            "instructions",
            "peak memory",
            "compared",
        ],
    );
    let first = processes.iter().find_map(|p| p.2.as_ref().map(|b| b.wall));
    for (label, process, best) in &processes {
        let (Some(best), Some(first)) = (best, first) else {
            continue;
        };
        #[expect(clippy::cast_precision_loss, reason = "a file is no petabyte")]
        let speed = size as f64 / best.wall.as_secs_f64() / 1e6;
        table.row(&[
            label,
            &milliseconds(best.wall),
            &format!("{speed:.0}"),
            &milliseconds(best.cpu),
            &instructions(process, scratch)?,
            &megabytes(best.peak),
            &format!("{:.1} ×", best.wall.as_secs_f64() / first.as_secs_f64()),
        ]);
    }
    Ok(table)
}

fn command(contender: &Contender, input: &Path) -> Result<Option<Command>> {
    let mut process = match contender.program {
        Program::Ours => Command::new(build_ours("gpo-benches", "gpo-benches")?),
        Program::Peer(name) => Command::new(build_peer(name)?),
        Program::Python(module) => {
            let mut probe = Command::new("python3");
            probe.args(["-c", &format!("import {module}")]);
            if !probe.output().is_ok_and(|output| output.status.success()) {
                return Ok(None);
            }
            let mut python = Command::new("python3");
            python.arg(
                root()
                    .join("benches/peers")
                    .join(format!("{module}_tree.py")),
            );
            python
        }
    };
    process.arg(contender.case).arg(input);
    Ok(Some(process))
}

pub(super) fn measured(process: &Command, scratch: &Path) -> Result<Best> {
    let (usage, line) = process::run(process, scratch)?;
    let mut figures = line.split(' ').map(str::parse::<u64>);
    let (Some(Ok(nanoseconds)), Some(Ok(runs)), Some(Ok(counted))) =
        (figures.next(), figures.next(), figures.next())
    else {
        return Err(format!("expected figures, found {line:?}").into());
    };
    Ok(Best {
        wall: Duration::from_nanos(nanoseconds),
        cpu: usage.cpu / u32::try_from(runs.max(1))?,
        peak: usage.peak,
        counted: u32::try_from(counted)?,
    })
}

/// Those of a run in millions. An interpreter is not counted: most of them would be its own.
fn instructions(process: &Command, scratch: &Path) -> Result<String> {
    let counted = if process.get_program() == "python3" {
        None
    } else {
        process::instructions(process, scratch)?
    };
    #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
    Ok(counted.map_or_else(
        || "–".into(),
        |counted| format!("{:.2} M", counted as f64 / 1e6),
    ))
}

pub(super) fn milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1e3;
    // Ratios are taken of what is written here.
    let digits = if milliseconds < 1.0 { 4 } else { 3 };
    format!("{milliseconds:.digits$} ms")
}
