//! Scripts from scripts.ini and psscripts.ini.

use gpo_core::{ScriptEvent, ScriptsIni};

use crate::settings::{ReportScript, ReportScriptEvent, ScriptRunOrder, ScriptsSettings};

/// The scripts of both files of a half: scripts.ini first, in each file by event and number (census:
/// 51 of 53).
pub(super) fn settings(
    scripts: Option<&ScriptsIni>,
    powershell: Option<&ScriptsIni>,
) -> ScriptsSettings {
    let events = [
        (ScriptEvent::Startup, ReportScriptEvent::Startup),
        (ScriptEvent::Logon, ReportScriptEvent::Logon),
        (ScriptEvent::Shutdown, ReportScriptEvent::Shutdown),
        (ScriptEvent::Logoff, ReportScriptEvent::Logoff),
    ];
    let mut settings = ScriptsSettings::default();
    for file in [scripts, powershell].into_iter().flatten() {
        for (event, shown) in events {
            let run_order = match powershell.and_then(|file| file.powershell_first(event)) {
                None => ScriptRunOrder::NotConfigured,
                Some(true) => ScriptRunOrder::PowerShellFirst,
                Some(false) => ScriptRunOrder::PowerShellLast,
            };
            let found = file.scripts(event).into_iter().map(|script| ReportScript {
                command: script.command.to_owned(),
                parameters: (!script.parameters.is_empty()).then(|| script.parameters.to_owned()),
                event: shown,
                order: script.number,
                run_order,
            });
            settings.scripts.extend(found);
        }
    }
    settings
}
