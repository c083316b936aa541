//! Reports of the real backups at hand, and the templates for them.

use std::path::Path;
use std::process::Command;

use super::build_with;
use super::formats::{Best, measured, milliseconds};
use super::table::{Table, megabytes};
use crate::{Result, root};

/// The case that lxml has, too.
const REWRITE: &str = "report-rewrite";

/// The tables; none where lxml is not installed.
pub(super) fn tables(shared: &Path, scratch: &Path) -> Result<Option<Vec<Table>>> {
    let ours = build_with("gpo-benches", "gpo-benches-reports", "reports")?;
    let run = |mut command: Command, case: &str| measured(command.arg(case).arg(shared), scratch);
    let probe = Command::new("python3").args(["-c", "import lxml"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        return Ok(None);
    }
    let mut lxml = Command::new("python3");
    lxml.arg(root().join("benches/peers/lxml_reports.py"));
    let first = run(lxml, REWRITE)?;
    let rows = [
        ("lxml: read, write", first),
        (
            "gpo-report: read, write",
            run(Command::new(&ours), REWRITE)?,
        ),
        (
            "gpo-engine: read the backup, make, write",
            run(Command::new(&ours), "report-make")?,
        ),
    ];
    let mut reports = Table::new(
        "The reports of all backups at hand, in one process",
        &[
            "",
            "reports",
            "time",
            "reports a second",
            "CPU",
            "peak memory",
            "compared",
        ],
    );
    let lxml = &rows[0].1;
    let per_report = |best: &Best| best.wall.as_secs_f64() / f64::from(best.counted);
    for (label, best) in &rows {
        reports.row(&[
            label,
            &best.counted.to_string(),
            &milliseconds(best.wall),
            &format!("{:.0}", 1.0 / per_report(best)),
            &milliseconds(best.cpu),
            &megabytes(best.peak),
            &format!("{:.1} ×", per_report(best) / per_report(lxml)),
        ]);
    }
    let load = run(Command::new(&ours), "admx-load")?;
    let mut templates = Table::new(
        "Administrative templates with their texts, loaded",
        &["", "templates", "time", "CPU", "peak memory"],
    );
    templates.row(&[
        "gpo-admx",
        &load.counted.to_string(),
        &milliseconds(load.wall),
        &milliseconds(load.cpu),
        &megabytes(load.peak),
    ]);
    Ok(Some(vec![reports, templates]))
}
