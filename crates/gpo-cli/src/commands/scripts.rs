//! `gpo scripts`.

use clap::{Args, Subcommand};
use gpo_core::{InfItem, Quoted, ScriptEvent, ScriptsIni};
use serde::Serialize;

use super::Exit;
use crate::console::Console;
use crate::failure::Failure;
use crate::input_file::ListedFile;
use crate::secret::shown;
use crate::table::write_table;

/// Show scripts.ini and psscripts.ini, the scripts that a GPO runs
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo scripts dump User/Scripts/scripts.ini
  gpo scripts dump Machine/Scripts/psscripts.ini --json")]
pub(crate) struct Scripts {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the scripts in the order in which they run
    #[command(after_help = "\
Examples:
  gpo scripts dump User/Scripts/scripts.ini
  gpo scripts dump - --format json < psscripts.ini")]
    Dump(ListedFile),
}

#[derive(Serialize)]
struct View {
    events: Vec<Event>,
}

#[derive(Serialize)]
struct Event {
    name: &'static str,
    /// Whether PowerShell scripts run first, where the file says so.
    powershell_first: Option<bool>,
    scripts: Vec<Script>,
}

#[derive(Serialize)]
struct Script {
    line: usize,
    number: u32,
    command: String,
    parameters: String,
}

impl Scripts {
    pub(crate) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let Action::Dump(file) = self.action;
        let sign = "section of scripts, such as [Logon]";
        let scripts = file.parse(ScriptsIni::parse, is_section, sign)?;
        let events = ScriptEvent::ALL.map(|event| Event::of(&scripts, event));
        let said = |event: &Event| !event.scripts.is_empty() || event.powershell_first.is_some();
        let events: Vec<Event> = events.into_iter().filter(said).collect();
        let rows: Vec<_> = events.iter().flat_map(Event::rows).collect();
        let order: Vec<String> = events.iter().filter_map(Event::order).collect();
        console.in_format(file.format).result(
            "gpo/scripts-dump/1",
            || View { events },
            |out| {
                write_table(out, &["EVENT", "NUMBER", "COMMAND", "PARAMETERS"], &rows)?;
                order.iter().try_for_each(|line| writeln!(out, "{line}"))
            },
        )?;
        Ok(Exit::Good)
    }
}

/// Whether a line begins a section that such a file has.
fn is_section(line: &str) -> bool {
    let events = ScriptEvent::ALL.map(ScriptEvent::name);
    let InfItem::Section(name) = InfItem::of(line) else {
        return false;
    };
    let mut known = events.into_iter().chain(["ScriptsConfig"]);
    known.any(|known| known.eq_ignore_ascii_case(name))
}

impl Event {
    fn of(file: &ScriptsIni, event: ScriptEvent) -> Self {
        let scripts = file.scripts(event).into_iter();
        let scripts = scripts.map(|script| Script {
            line: script.line,
            number: script.number,
            command: shown(script.command).to_owned(),
            parameters: shown(script.parameters).to_owned(),
        });
        Self {
            name: event.name(),
            powershell_first: file.powershell_first(event),
            scripts: scripts.collect(),
        }
    }

    fn rows(&self) -> impl Iterator<Item = Vec<String>> {
        self.scripts.iter().map(|script| {
            vec![
                self.name.to_owned(),
                script.number.to_string(),
                Quoted::bare(&script.command).to_string(),
                Quoted::bare(&script.parameters).to_string(),
            ]
        })
    }

    fn order(&self) -> Option<String> {
        let order = if self.powershell_first? {
            "first"
        } else {
            "last"
        };
        Some(format!("{}: PowerShell scripts run {order}", self.name))
    }
}
