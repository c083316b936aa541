//! Scripts from scripts.ini and psscripts.ini.

use gpo_core::{ScriptEvent, ScriptsIni};

use crate::settings::{ReportScript, ReportScriptEvent, ScriptRunOrder, ScriptsSettings};

/// The scripts of both files of a half: scripts.ini first, in each file by event and number (census:
/// 51 of 53). Those that run behind the others are numbered behind them.
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
    let count = |file: Option<&ScriptsIni>, event| {
        let count = file.map_or(0, |file| file.scripts(event).len());
        u32::try_from(count).unwrap_or(u32::MAX)
    };
    for (file, is_powershell) in [(scripts, false), (powershell, true)] {
        let Some(file) = file else { continue };
        for (event, shown) in events {
            let run_order = match powershell.and_then(|file| file.powershell_first(event)) {
                None => ScriptRunOrder::NotConfigured,
                Some(true) => ScriptRunOrder::PowerShellFirst,
                Some(false) => ScriptRunOrder::PowerShellLast,
            };
            let before = match (run_order, is_powershell) {
                (ScriptRunOrder::PowerShellFirst, false) => count(powershell, event),
                (ScriptRunOrder::PowerShellLast, true) => count(scripts, event),
                _ => 0,
            };
            let found = file.scripts(event).into_iter().map(|script| ReportScript {
                command: script.command.to_owned(),
                parameters: (!script.parameters.is_empty()).then(|| script.parameters.to_owned()),
                event: shown,
                order: script.number.saturating_add(before),
                run_order,
            });
            settings.scripts.extend(found);
        }
    }
    settings
}
