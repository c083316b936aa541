//! `gpo check`.

use std::io::{self, Write};

use clap::Args;
use gpo_core::Quoted;
use gpo_engine::{Cancel, CheckedGpo, Finding, Severity, Status, check_domain};
use serde::Serialize;

use super::Exit;
use crate::console::Console;
use crate::count::counted;
use crate::failure::Failure;
use crate::json;
use crate::live_domain::LiveOptions;
use crate::location::SourceArg;

/// Check whether the two sides of a domain's GPOs fit together
///
/// Finds a container without a folder in SYSVOL and the reverse, a missing GPT.INI, versions and
/// permissions that differ, extension lists that do not fit the files, a gPCFileSysPath that leads
/// elsewhere, a missing WMI filter. Nothing is written.
///
/// The exit status is 1 where something was found, 2 where a GPO could not be checked.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo check --from dir:domain
  gpo check --from dir:domain --json")]
pub(crate) struct Check {
    #[command(flatten)]
    source: SourceArg,

    #[command(flatten)]
    live: LiveOptions,
}

#[derive(Serialize)]
struct View {
    status: &'static str,
    errors: usize,
    warnings: usize,
    gpos: Vec<GpoView>,
    messages: Vec<json::MessageJson>,
}

#[derive(Serialize)]
struct GpoView {
    gpo_id: String,
    gpo_name: String,
    findings: Vec<json::FindingJson>,
}

impl Check {
    pub(crate) fn run(self, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
        let source = self.source.open(&self.live)?;
        let outcome = check_domain(source.source(), &mut console.progress(), cancel);
        let gpos = &outcome.value;
        let count = |severity| {
            let findings = gpos.iter().flat_map(|gpo| &gpo.findings);
            findings.filter(|f| f.severity() == severity).count()
        };
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let view = || View {
            status: json::status(outcome.status),
            errors,
            warnings,
            gpos: gpos.iter().map(GpoView::of).collect(),
            messages: json::messages(&outcome.messages),
        };
        console.result("gpo/check/1", view, |out| {
            gpos.iter().try_for_each(|gpo| write(out, gpo))
        })?;
        let summary = format!(
            "info: {}: {}, {}",
            counted(gpos.len(), "GPO", "GPOs"),
            counted(errors, "error", "errors"),
            counted(warnings, "warning", "warnings"),
        );
        console.message(Severity::Info, summary);
        Ok(match outcome.status {
            Status::Failed | Status::Cancelled => Exit::Failed,
            _ if errors + warnings > 0 => Exit::Findings,
            _ => Exit::Good,
        })
    }
}

impl GpoView {
    fn of(checked: &CheckedGpo) -> Self {
        Self {
            gpo_id: checked.gpo.id.to_string(),
            gpo_name: checked.gpo.display_name.clone(),
            findings: json::findings(&checked.findings),
        }
    }
}

/// A line for each finding, with the name of the GPO, which says more than its folder.
fn write(out: &mut dyn Write, checked: &CheckedGpo) -> io::Result<()> {
    for finding in &checked.findings {
        let id = checked.gpo.id.to_string();
        let folder = match checked.gpo.display_name.as_str() {
            "" => id,
            name => format!("{} {id}", Quoted::bare(name)),
        };
        let finding = Finding {
            folder,
            ..finding.clone()
        };
        writeln!(out, "{finding}")?;
    }
    Ok(())
}
