//! Scripts, as GPMC shows them: a section for each event.

use super::{Section, fact};
use crate::settings::{ReportScriptEvent, ScriptRunOrder, ScriptsSettings};

const EVENTS: [ReportScriptEvent; 4] = [
    ReportScriptEvent::Startup,
    ReportScriptEvent::Shutdown,
    ReportScriptEvent::Logon,
    ReportScriptEvent::Logoff,
];

pub(super) fn section(title: &str, settings: &ScriptsSettings) -> Section {
    let mut section = Section::new(title);
    for event in EVENTS {
        let mut scripts: Vec<_> = settings
            .scripts
            .iter()
            .filter(|script| script.event == event)
            .collect();
        let Some(first) = scripts.first() else {
            continue;
        };
        let mut inner = Section::new(event.name());
        let order = match first.run_order {
            ScriptRunOrder::NotConfigured => "Not configured",
            ScriptRunOrder::PowerShellFirst => "PowerShell scripts run first",
            ScriptRunOrder::PowerShellLast => "PowerShell scripts run last",
        };
        inner.add_facts(vec![fact("Order", order)]);
        // The numbers count for each file, and a stable sort keeps its scripts together.
        scripts.sort_by_key(|script| script.order);
        inner.add_table(
            &["Name", "Parameters"],
            scripts.iter().map(|script| {
                let parameters = script.parameters.clone().unwrap_or_default();
                vec![script.command.clone(), parameters]
            }),
        );
        section.sections.push(inner);
    }
    section
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Block;
    use crate::settings::ReportScript;

    #[test]
    fn each_event_has_its_scripts_in_their_order() {
        let script = |event, order, command: &str| ReportScript {
            command: command.to_owned(),
            parameters: (order == 1).then(|| "/q".to_owned()),
            event,
            order,
            run_order: ScriptRunOrder::PowerShellLast,
        };
        let settings = ScriptsSettings {
            scripts: vec![
                script(ReportScriptEvent::Logoff, 1, "b"),
                script(ReportScriptEvent::Logon, 0, "c"),
                script(ReportScriptEvent::Logoff, 0, "a"),
            ],
        };
        let found = section("Scripts", &settings).sections;
        let titles: Vec<_> = found.iter().map(|section| &*section.title).collect();
        assert_eq!(titles, ["Logon", "Logoff"]);
        let order = fact("Order", "PowerShell scripts run last");
        assert_eq!(found[1].blocks[0], Block::Facts(vec![order]));
        let Block::Table(_, rows) = &found[1].blocks[1] else {
            panic!("{:?}", found[1]);
        };
        let rows: Vec<_> = rows.iter().map(|row| row.cells.join(" ")).collect();
        assert_eq!(rows, ["a ", "b /q"]);
    }
}
