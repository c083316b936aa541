//! Security descriptors, against other libraries.
//!
//! None of these reads everything that Windows writes, so each is measured on the pairs of text and
//! bytes that it gets right, and ours on the same ones.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::build_peer;
use super::table::Table;
use crate::Result;

const OURS: &str = "sddl-ours";

/// The programs in `benches/peers`, and how the table calls them.
const PEERS: [(&str, &str); 3] = [
    ("sddl-crate", "sddl 0.1"),
    ("sddl-windows-sddl", "windows-sddl 0.1"),
    ("sddl-smb-dtyp", "smb-dtyp 0.12"),
];

/// What is measured, by the name that the programs have for it; text is what the rate is of.
const OPERATIONS: [(&str, &str, bool); 3] = [
    ("text-to-bytes", "SDDL text to bytes", true),
    ("bytes-to-text", "bytes to SDDL text", false),
    ("walk", "walk over the ACEs, in place", false),
];

/// What a program says of an operation.
struct Figure {
    operation: String,
    /// Of a pass over the pairs.
    nanoseconds: u64,
    /// The numbers of the pairs that came out right.
    right: Vec<usize>,
}

/// A table for each operation; none without the pairs, `sddl/ordinary.json` in `$GPO_SHARED` or
/// `../shared`.
pub(super) fn tables(scratch: &Path) -> Result<Vec<Table>> {
    let shared = crate::shared();
    let Ok(json) = fs::read(shared.join("sddl/ordinary.json")) else {
        eprintln!("SKIPPED: no security descriptors in {}", shared.display());
        return Ok(Vec::new());
    };
    let pairs: BTreeMap<String, String> = serde_json::from_slice(&json)?;
    let lines = pairs.iter().map(|(text, hex)| format!("{text}\t{hex}\n"));
    let input: String = lines.collect();
    let sizes: Vec<_> = pairs
        .iter()
        .map(|(text, hex)| (text.len(), hex.len() / 2))
        .collect();
    eprintln!("security descriptors");
    let ours = build_peer(OURS)?;
    let mut tables: Vec<_> = OPERATIONS
        .iter()
        .map(|(_, title, _)| {
            let title = format!("Security descriptors, {title} ({} pairs)", pairs.len());
            Table::new(
                &title,
                &["", "right", "MB/s", "ours on the same", "compared"],
            )
        })
        .collect();
    let all = measure(&ours, &input, None)?;
    add_rows(&mut tables, "sddl-parser", &all, None, &sizes);
    let subset = scratch.join("pairs.txt");
    for (peer, label) in PEERS {
        let theirs = measure(&build_peer(peer)?, &input, None)?;
        let lines = theirs.iter().map(|figure| {
            let right: Vec<_> = figure.right.iter().map(ToString::to_string).collect();
            format!("{}\t{}\n", figure.operation, right.join(" "))
        });
        fs::write(&subset, lines.collect::<String>())?;
        let same = measure(&ours, &input, Some(&subset))?;
        add_rows(&mut tables, label, &theirs, Some(&same), &sizes);
    }
    Ok(tables)
}

fn add_rows(
    tables: &mut [Table],
    label: &str,
    figures: &[Figure],
    ours: Option<&[Figure]>,
    sizes: &[(usize, usize)],
) {
    for ((name, _, is_text), table) in OPERATIONS.iter().zip(tables) {
        let of = |figures: &[Figure]| {
            let figure = figures.iter().find(|figure| figure.operation == *name)?;
            let pairs = figure.right.iter().filter_map(|&pair| sizes.get(pair));
            let bytes = pairs.map(|&(text, bytes)| if *is_text { text } else { bytes });
            #[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
            let rate = bytes.sum::<usize>() as f64 * 1e3 / figure.nanoseconds as f64;
            Some((figure.right.len(), rate))
        };
        let Some((right, rate)) = of(figures) else {
            continue;
        };
        let (same, compared) = match ours.and_then(of) {
            Some((_, same)) => (format!("{same:.1}"), format!("{:.1} ×", same / rate)),
            None => ("–".into(), "1.0 ×".into()),
        };
        let (right, rate) = (right.to_string(), format!("{rate:.1}"));
        table.row(&[label, &right, &rate, &same, &compared]);
    }
}

/// Runs a program on the pairs, or on those of each operation that a file names.
fn measure(program: &Path, input: &str, subset: Option<&Path>) -> Result<Vec<Figure>> {
    let mut process = Command::new(program)
        .args(subset)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = process.stdin.take() {
        stdin.write_all(input.as_bytes())?;
    }
    let output = process.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("{} failed", program.display()).into());
    }
    String::from_utf8(output.stdout)?
        .lines()
        .map(figure)
        .collect()
}

fn figure(line: &str) -> Result<Figure> {
    let mut fields = line.split('\t');
    let mut next = || fields.next().ok_or("a line has three fields");
    let (operation, nanoseconds, right) = (next()?, next()?, next()?);
    let right: std::result::Result<_, _> = right.split_whitespace().map(str::parse).collect();
    Ok(Figure {
        operation: operation.into(),
        nanoseconds: nanoseconds.parse()?,
        right: right?,
    })
}
