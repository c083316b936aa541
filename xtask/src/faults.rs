//! `cargo xtask faults`: every crash and race, and what came of it, in one table.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Instant;

use gpo_testkit::FaultCount;

use crate::ci::cargo;
use crate::{Command, Result, no_arguments};

pub(crate) const COMMAND: Command = Command {
    name: "faults",
    usage: "",
    about: "Runs the tests in which operations fail, die, are killed, or meet one another, and prints one
table: how often, and whether the old state or the new one was there afterwards. Says so where
`strace` is missing, which kills at single system calls. Those on a domain controller are run by
`cargo xtask live -- --nocapture`.",
    run,
};

/// The tests that print counts: package and kind of test, and which of its tests; some are left out
/// of other runs, because they take long.
const SUITES: &[(&[&str], &str)] = &[
    (&["--package", "gpo-local", "--test", "killed"], ""),
    (&["--package", "gpo-engine", "--test", "faults"], ""),
    (
        &["--package", "gpo-engine", "--test", "crash"],
        "--include-ignored",
    ),
    (&["--package", "gpo-engine", "--test", "race"], ""),
    (&["--package", "gpo-engine", "--test", "transactions"], ""),
    (&["--package", "gpo-cli", "--test", "program"], "killed::"),
];

fn run(arguments: &[String]) -> Result {
    no_arguments(arguments)?;
    let start = Instant::now();
    let (mut counts, mut failed) = (Vec::new(), Vec::new());
    for (tests, filter) in SUITES {
        eprintln!("{} {filter}", tests.join(" "));
        if !suite(tests, filter, &mut counts)? {
            failed.push(tests.join(" "));
        }
    }
    print!("{}", table(&counts));
    println!("\n{:.0} s", start.elapsed().as_secs_f64());
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!("failed: {}", failed.join(", ")).into())
}

/// Runs the tests of one program and takes the counts out of what they print; says whether they
/// passed.
fn suite(tests: &[&str], filter: &str, counts: &mut Vec<FaultCount>) -> Result<bool> {
    let mut process = cargo(&["test", "--quiet", "--locked"])
        .args(tests)
        .args(["--", "--nocapture", filter])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = process.stdout.take().ok_or("no output")?;
    for line in BufReader::new(output).lines() {
        let line = line?;
        match FaultCount::parse(&line) {
            Some(count) => counts.push(count),
            None if line.contains("SKIPPED") || line.contains("panicked") => eprintln!("{line}"),
            None => {}
        }
    }
    Ok(process.wait()?.success())
}

/// A row for each count, and their sums.
fn table(counts: &[FaultCount]) -> String {
    let mut sum = FaultCount {
        operation: "all".into(),
        ..FaultCount::default()
    };
    for count in counts {
        sum.points += count.points;
        sum.fired += count.fired;
        sum.old += count.old;
        sum.new += count.new;
    }
    let mut rows: Vec<&FaultCount> = counts.iter().collect();
    // Tests run at once, so what they print comes in any order.
    rows.sort_by(|a, b| (&a.kind, &a.operation).cmp(&(&b.kind, &b.operation)));
    let mut text = String::from(
        "| operation | what befalls it | points | fired | old | new |\n|---|---|--:|--:|--:|--:|\n",
    );
    for row in rows.into_iter().chain([&sum]) {
        let FaultCount {
            operation,
            kind,
            points,
            fired,
            old,
            new,
        } = row;
        let cells = [operation, kind].map(String::as_str).join(" | ");
        let numbers = [points, fired, old, new].map(u64::to_string).join(" | ");
        text += &["| ", &cells, " | ", &numbers, " |\n"].concat();
    }
    text
}
