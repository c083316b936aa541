//! Builds and runs the measuring programs beside it, each as a process of its own, and prints
//! their figures and ours on the same pairs:
//!
//! `cargo run --release --manifest-path benches/peers/sddl-compare/Cargo.toml`
//!
//! The pairs are those of `sddl/ordinary.json` in `$GPO_SHARED` or `../shared`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Name of an operation, nanoseconds of a pass, the pairs that came out right.
struct Figure {
    operation: String,
    nanoseconds: f64,
    right: Vec<usize>,
}

fn program(peers: &Path, name: &str) -> PathBuf {
    let folder = peers.join(name);
    let status = Command::new("cargo")
        .args(["build", "--release", "--quiet", "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .status()
        .unwrap();
    assert!(status.success(), "{name} does not build");
    folder.join("target/release").join(name)
}

fn measure(program: &Path, input: &str, subsets: Option<&Path>) -> Vec<Figure> {
    let mut process = Command::new(program)
        .args(subsets)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    process
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success(), "{} failed", program.display());
    let figure = |line: &str| {
        let mut fields = line.split('\t');
        let operation = fields.next().unwrap().into();
        let nanoseconds = fields.next().unwrap().parse().unwrap();
        let right = fields.next().unwrap().split_whitespace();
        Figure {
            operation,
            nanoseconds,
            right: right.map(|i| i.parse().unwrap()).collect(),
        }
    };
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(figure)
        .collect()
}

fn main() {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let shared =
        std::env::var_os("GPO_SHARED").map_or_else(|| peers.join("../../../shared"), PathBuf::from);
    let Ok(json) = std::fs::read_to_string(shared.join("sddl/ordinary.json")) else {
        println!("SKIPPED: no pairs in {}", shared.display());
        return;
    };
    let pairs: BTreeMap<String, String> = serde_json::from_str(&json).unwrap();
    let input: String = pairs
        .iter()
        .map(|(text, hex)| format!("{text}\t{hex}\n"))
        .collect();
    let sizes: Vec<_> = pairs
        .iter()
        .map(|(text, hex)| (text.len(), hex.len() / 2))
        .collect();
    let rate = |figure: &Figure| {
        let size = |&i: &usize| {
            if figure.operation.starts_with("text") {
                sizes[i].0
            } else {
                sizes[i].1
            }
        };
        figure.right.iter().map(size).sum::<usize>() as f64 * 1000.0 / figure.nanoseconds
    };
    let row = |operation: &str, who: &str, right: usize, rate: f64, ratio: String| {
        println!(
            "{operation:14} {who:18} {right:5} of {} {rate:9.1} MB/s  {ratio}",
            pairs.len()
        );
    };
    let ours = program(peers, "sddl-ours");
    for figure in measure(&ours, &input, None) {
        row(
            &figure.operation,
            "sddl-parser",
            figure.right.len(),
            rate(&figure),
            String::new(),
        );
    }
    let subset = std::env::temp_dir().join(format!("sddl-compare-{}", std::process::id()));
    for peer in ["sddl-crate", "sddl-windows-sddl", "sddl-smb-dtyp"] {
        let theirs = measure(&program(peers, peer), &input, None);
        let lines = theirs.iter().map(|figure| {
            let right: Vec<_> = figure.right.iter().map(ToString::to_string).collect();
            format!("{}\t{}\n", figure.operation, right.join(" "))
        });
        std::fs::write(&subset, lines.collect::<String>()).unwrap();
        let ours = measure(&ours, &input, Some(&subset));
        for theirs in theirs {
            let ours = ours
                .iter()
                .find(|ours| ours.operation == theirs.operation)
                .unwrap();
            let (ours, rate) = (rate(ours), rate(&theirs));
            let ratio = format!(
                "ours on the same pairs {ours:.1} MB/s, {:.1} times",
                ours / rate
            );
            row(&theirs.operation, peer, theirs.right.len(), rate, ratio);
        }
    }
    std::fs::remove_file(subset).unwrap();
}
