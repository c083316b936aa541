//! The policies of administrative templates in registry.pol.

use std::collections::HashMap;

use gpo_admx::{
    AdmxSet, Control, ControlKind, ElementKind, ElementSetting, ElementValue, PolicyRef,
    PolicySetting,
};
use gpo_core::{Half, PolicyComment, RegistryEntry, RegistryValue};

use crate::hidden::HIDDEN;
use crate::settings::{
    CheckBox, DropDownItem, DropDownList, EditText, ListBox, ListBoxElement, ListBoxValue,
    MultiText, Numeric, Policy, PolicyControl, PolicyState, PolicyText, TextLines,
};
use crate::word_order::compare_words;

/// The policies of a half in the order of a report, and the numbers of the entries that belong to
/// none.
///
/// Those that are set come first, then those that have nothing but a comment (census: 6 of 6 reports);
/// each part is in the order of the category, as one text, and the name (census: 18,189 of 18,202
/// neighbours).
pub(super) fn policies(
    set: &AdmxSet,
    half: Half,
    entries: &[RegistryEntry],
    comments: &[PolicyComment],
) -> (Vec<Policy>, Vec<usize>) {
    let mut comments: HashMap<_, _> = comments
        .iter()
        .filter_map(|comment| {
            let namespace = comment.namespace.as_deref()?;
            Some(((namespace, comment.policy.as_str()), comment.text.as_str()))
        })
        .collect();
    let found = set.find(half, entries);
    let settings = found.settings.iter().map(|setting| {
        let policy = setting.policy;
        let comment = comments.remove(&(policy.namespace(), &policy.definition().name));
        set_policy(setting, comment)
    });
    let mut policies: Vec<_> = settings.collect();
    sort(&mut policies);
    let mut commented: Vec<_> = comments
        .into_iter()
        .filter_map(|((namespace, name), comment)| {
            let policy = set.policy(namespace, name)?;
            Some(general(policy, PolicyState::NotConfigured, Some(comment)))
        })
        .collect();
    sort(&mut commented);
    policies.append(&mut commented);
    (policies, found.rest)
}

fn sort(policies: &mut [Policy]) {
    policies.sort_by(|a, b| {
        compare_words(&a.category, &b.category).then_with(|| compare_words(&a.name, &b.name))
    });
}

/// A policy without its controls.
fn general(policy: PolicyRef<'_>, state: PolicyState, comment: Option<&str>) -> Policy {
    Policy {
        name: policy.display_name().to_owned(),
        state,
        comment: comment.map(lines),
        explain: lines(policy.explain_text()),
        supported: policy.supported_on().map(lines),
        category: policy.categories().join("/"),
        controls: Vec::new(),
    }
}

fn set_policy(setting: &PolicySetting<'_>, comment: Option<&str>) -> Policy {
    let policy = setting.policy;
    if setting.state == gpo_admx::PolicyState::Disabled {
        return general(policy, PolicyState::Disabled, comment);
    }
    let controls = policy.presentation().into_iter();
    let controls = controls.flat_map(|presentation| &presentation.controls);
    Policy {
        controls: controls
            .filter_map(|control| shown_control(setting, control))
            .collect(),
        ..general(policy, PolicyState::Enabled, comment)
    }
}

/// A control with the value of its element; none where the policy has no such element.
fn shown_control(setting: &PolicySetting<'_>, control: &Control) -> Option<PolicyControl> {
    let name = lines(&control.label);
    let Some(id) = &control.element else {
        return Some(PolicyControl::Text(PolicyText { name }));
    };
    let mut elements = setting.elements.iter();
    let element = elements.find(|element| element.element.id == *id)?;
    let value = element.value.as_ref();
    let state = state(value);
    Some(match &control.kind {
        ControlKind::Text => PolicyControl::Text(PolicyText { name }),
        ControlKind::TextBox(_) | ControlKind::ComboBox(..) => PolicyControl::EditText(EditText {
            name,
            state,
            value: edited_text(element),
        }),
        ControlKind::DecimalTextBox(_) | ControlKind::LongDecimalTextBox(_) => {
            PolicyControl::Numeric(Numeric {
                name,
                state,
                value: match value {
                    Some(ElementValue::Number(number)) => Some(*number),
                    _ => None,
                },
            })
        }
        ControlKind::CheckBox(_) => PolicyControl::CheckBox(CheckBox { name, state }),
        ControlKind::DropdownList(_) => PolicyControl::DropDownList(DropDownList {
            name,
            state,
            value: match value {
                Some(ElementValue::Item(item)) => Some(DropDownItem {
                    name: lines(setting.policy.text(&item.display_name)),
                }),
                _ => None,
            },
        }),
        ControlKind::ListBox => PolicyControl::ListBox(list_box(name, element)),
        ControlKind::MultiTextBox => PolicyControl::MultiText(MultiText {
            name,
            state,
            value: multi_text(element),
        }),
    })
}

fn state(value: Option<&ElementValue<'_>>) -> PolicyState {
    match value {
        Some(ElementValue::Boolean(false)) => PolicyState::Disabled,
        Some(_) => PolicyState::Enabled,
        None => PolicyState::NotConfigured,
    }
}

/// The text of a control; a password is replaced.
fn edited_text(element: &ElementSetting<'_>) -> Option<String> {
    match &element.value {
        Some(_) if element.is_secret() => Some(HIDDEN.to_owned()),
        Some(ElementValue::Text(text)) => Some(text.clone()),
        Some(ElementValue::Number(number)) => Some(number.to_string()),
        _ => None,
    }
}

/// The lines of a control: one at least (census: 347 of 347).
fn multi_text(element: &ElementSetting<'_>) -> Option<TextLines> {
    let Some(ElementValue::Lines(lines)) = &element.value else {
        return None;
    };
    let lines = match lines.as_slice() {
        _ if element.is_secret() => vec![HIDDEN.to_owned()],
        [] => vec![String::new()],
        lines => lines.to_vec(),
    };
    Some(TextLines { lines })
}

fn list_box(name: String, element: &ElementSetting<'_>) -> ListBox {
    let (prefix, additive, explicit) = match &element.element.kind {
        ElementKind::List {
            value_prefix,
            additive,
            explicit_value,
            ..
        } => (value_prefix.clone(), *additive, *explicit_value),
        _ => (None, false, false),
    };
    let items = match &element.value {
        Some(ElementValue::List(items)) => items.as_slice(),
        _ => &[],
    };
    let elements: Vec<_> = items
        .iter()
        .map(|(name, data)| ListBoxElement {
            name: explicit.then(|| name.clone()),
            data: list_data(name, data),
        })
        .collect();
    ListBox {
        name,
        state: state(element.value.as_ref()),
        explicit_value: Some(explicit),
        additive: Some(additive),
        value_prefix: prefix,
        value: (!elements.is_empty()).then_some(ListBoxValue { elements }),
    }
}

/// The data of an item as text; a password is replaced.
fn list_data(name: &str, data: &RegistryValue) -> String {
    match data {
        data if data.is_secret(name) => HIDDEN.to_owned(),
        RegistryValue::Dword(number) => number.to_string(),
        data => data.text().unwrap_or_default().into_owned(),
    }
}

/// Text of a template or a comment with the line ends of a report.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}
