//! Administrative templates: a table for each category.

use super::{Fact, Row, Section, fact};
use crate::hidden::{HIDDEN, is_secret};
use crate::settings::{
    ExtraRegistryData, ExtraRegistrySetting, ListBoxElement, Policy, PolicyControl, PolicyState,
    RegistrySettings,
};

pub(super) fn sections(settings: &RegistrySettings) -> Vec<Section> {
    let categories = settings.policies.chunk_by(|a, b| a.category == b.category);
    let mut sections: Vec<_> = categories.filter_map(category).collect();
    if !settings.extra.is_empty() {
        let mut extra = Section::new("Extra Registry Settings");
        extra.add_table(
            &["Key", "Name", "State"],
            settings.extra.iter().map(extra_setting),
        );
        sections.push(extra);
    }
    sections
}

/// The policies of one category.
fn category(policies: &[Policy]) -> Option<Section> {
    let mut section = Section::new(&policies.first()?.category);
    let rows = policies.iter().map(row).collect();
    section.add_rows(&["Policy", "Setting", "Comment"], rows);
    Some(section)
}

fn row(policy: &Policy) -> Row {
    let cells = [
        policy.name.as_str(),
        policy.state.name(),
        policy.comment.as_deref().unwrap_or_default(),
    ];
    let mut facts: Vec<_> = policy.controls.iter().map(control).collect();
    facts.extend(
        policy
            .supported
            .as_ref()
            .map(|text| fact("Supported on", text)),
    );
    Row {
        cells: cells.map(str::to_owned).to_vec(),
        facts,
        help: policy.explain.trim().to_owned(),
    }
}

fn control(control: &PolicyControl) -> Fact {
    let (name, state, value) = match control {
        PolicyControl::Text(text) => return fact(text.name.trim(), ""),
        PolicyControl::CheckBox(own) => (&own.name, own.state, Some(own.state.name().to_owned())),
        PolicyControl::Numeric(own) => (&own.name, own.state, own.value.map(|n| n.to_string())),
        PolicyControl::DropDownList(own) => {
            let item = own.value.as_ref().map(|item| item.name.clone());
            (&own.name, own.state, item)
        }
        PolicyControl::EditText(own) => (&own.name, own.state, own.value.clone()),
        PolicyControl::MultiText(own) => {
            let lines = own.value.as_ref().map(|lines| lines.lines.join("\n"));
            (&own.name, own.state, lines)
        }
        PolicyControl::ListBox(own) => {
            let items = own.value.as_ref().map(|value| {
                let lines: Vec<_> = value.elements.iter().map(list_item).collect();
                lines.join("\n")
            });
            (&own.name, own.state, items)
        }
    };
    let name = name.trim().trim_end_matches(':');
    let value = match value {
        _ if state == PolicyState::NotConfigured => "Not configured".to_owned(),
        // Nobody types a number or a choice where a password is asked for.
        Some(text) if is_typed(control) && is_secret(name, &text) => HIDDEN.to_owned(),
        value => value.unwrap_or_default(),
    };
    fact(name, value)
}

fn is_typed(control: &PolicyControl) -> bool {
    matches!(
        control,
        PolicyControl::EditText(_) | PolicyControl::MultiText(_)
    )
}

fn list_item(item: &ListBoxElement) -> String {
    match &item.name {
        Some(name) if is_secret(name, &item.data) => format!("{name}: {HIDDEN}"),
        Some(name) => format!("{name}: {}", item.data),
        None => item.data.clone(),
    }
}

fn extra_setting(setting: &ExtraRegistrySetting) -> Vec<String> {
    let key = setting.key_path.clone();
    if let Some(command) = &setting.command {
        return vec![key, command.clone(), String::new()];
    }
    let Some(value) = &setting.value else {
        return vec![key, String::new(), "(key)".to_owned()];
    };
    let data = match &value.data {
        ExtraRegistryData::Number(number) => number.to_string(),
        ExtraRegistryData::String(text) | ExtraRegistryData::ExpString(text) => {
            let is_secret = is_secret(&value.name, text);
            if is_secret { HIDDEN } else { text }.to_owned()
        }
    };
    vec![key, value.name.clone(), data]
}
