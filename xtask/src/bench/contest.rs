//! Whole programs that do the same, one against the other.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::process::{self, Usage};
use super::table::{Table, megabytes};
use crate::Result;

/// A program with its arguments, and what the table calls it.
pub(super) struct Contender {
    label: String,
    command: Command,
    rounds: usize,
}

impl Contender {
    /// One that runs so often.
    pub(super) fn new(label: &str, rounds: usize, program: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments);
        Self {
            label: label.into(),
            command,
            rounds,
        }
    }
}

/// Runs the contenders in turns, each from a place that is prepared, and compares the fastest run of
/// each with that of the first.
pub(super) fn table(
    title: &str,
    contenders: &[Contender],
    scratch: &Path,
    prepare: &dyn Fn() -> Result,
) -> Result<Table> {
    let mut best: Vec<Option<Usage>> = vec![None; contenders.len()];
    let rounds = contenders.iter().map(|contender| contender.rounds).max();
    for round in 0..rounds.unwrap_or(0) {
        for (contender, best) in contenders.iter().zip(&mut best) {
            if round >= contender.rounds {
                continue;
            }
            eprintln!("{title}: {}", contender.label);
            prepare()?;
            let (usage, _) = process::run(&contender.command, scratch)?;
            if best.is_none_or(|best| usage.wall < best.wall) {
                *best = Some(usage);
            }
        }
    }
    let head = ["", "time", "CPU", "peak memory", "compared"];
    let mut table = Table::new(title, &head);
    let first = best.first().copied().flatten().map(|first| first.wall);
    for (contender, best) in contenders.iter().zip(&best) {
        if let (Some(best), Some(first)) = (best, first) {
            let compared = best.wall.as_secs_f64() / first.as_secs_f64();
            table.row(&[
                &contender.label,
                &seconds(best.wall),
                &seconds(best.cpu),
                &megabytes(best.peak),
                &format!("{compared:.2} ×"),
            ]);
        }
    }
    Ok(table)
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}
