//! `gpo admx show`.

use std::io::{self, Write};

use clap::Args;
use gpo_admx::{ElementKind, ListedValue, Policy, PolicyElement, PolicyRef, PolicyValue};
use gpo_core::Quoted;
use serde::Serialize;

use super::policy_row::PolicyRow;
use crate::admx_arg::AdmxArg;
use crate::commands::Exit;
use crate::console::Console;
use crate::failure::Failure;

/// Show a policy: where it is, what it does, what each of its states writes
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo admx show --admx templates NoAutoUpdate
  gpo admx show --admx templates Microsoft.Policies.Camera:L_AllowCamera
  gpo admx show --from dir:domain 'Allow Use of Camera' --json")]
pub(crate) struct Show {
    /// The name of the policy, with or without its namespace, or what editors call it
    policy: String,

    #[command(flatten)]
    admx: AdmxArg,
}

#[derive(Serialize)]
struct View {
    policies: Vec<PolicyView>,
}

#[derive(Serialize)]
struct PolicyView {
    #[serde(flatten)]
    row: PolicyRow,
    explain: String,
    supported_on: Option<String>,
    key: String,
    value_name: Option<String>,
    enabled: Vec<ValueView>,
    disabled: Vec<ValueView>,
    elements: Vec<ElementView>,
}

/// A value that is written.
#[derive(Serialize)]
struct ValueView {
    key: String,
    value_name: String,
    /// As in registry.pol: `REG_DWORD 1`, `REG_SZ "x"`, `deleted`.
    value: String,
}

#[derive(Serialize)]
struct ElementView {
    id: String,
    kind: &'static str,
    label: Option<String>,
    key: String,
    value_name: Option<String>,
    required: bool,
    items: Vec<ItemView>,
}

#[derive(Serialize)]
struct ItemView {
    name: String,
    values: Vec<ValueView>,
}

impl Show {
    pub(super) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let set = self.admx.load(console)?;
        let is_meant = |policy: &PolicyRef<'_>| {
            let name = &policy.definition().name;
            name.eq_ignore_ascii_case(&self.policy)
                || format!("{}:{name}", policy.namespace()).eq_ignore_ascii_case(&self.policy)
                || policy.display_name().to_lowercase() == self.policy.to_lowercase()
        };
        let policies: Vec<_> = set
            .policies()
            .filter(is_meant)
            .map(PolicyView::from)
            .collect();
        if policies.is_empty() {
            let name = Quoted::new(&self.policy);
            let message =
                format!("no policy is called {name}; gpo admx search finds parts of a name");
            return Err(Failure::new(message));
        }
        let mut text = Vec::new();
        for policy in &policies {
            policy.write(&mut text)?;
        }
        console.result(
            "gpo/admx-show/1",
            || View { policies },
            |out| out.write_all(&text),
        )?;
        Ok(Exit::Good)
    }
}

impl From<PolicyRef<'_>> for PolicyView {
    fn from(policy: PolicyRef<'_>) -> Self {
        let definition = policy.definition();
        let own = |value: Option<&PolicyValue>, default: PolicyValue, list: &[ListedValue]| {
            // Where an element has the value, it says what is written.
            let is_elements = value.is_none()
                && default != PolicyValue::Delete
                && definition.switching_element().is_some();
            let name = definition.value_name.as_ref().filter(|_| !is_elements);
            let own = name.map(|name| ValueView {
                key: definition.key.clone(),
                value_name: name.clone(),
                value: shown(value.unwrap_or(&default)),
            });
            own.into_iter().chain(listed(definition, list)).collect()
        };
        let elements = definition.elements.iter();
        Self {
            row: policy.into(),
            explain: policy.explain_text().into(),
            supported_on: policy.supported_on().map(Into::into),
            key: definition.key.clone(),
            value_name: definition.value_name.clone(),
            enabled: own(
                definition.enabled_value.as_ref(),
                PolicyValue::Decimal(1),
                &definition.enabled_list,
            ),
            disabled: own(
                definition.disabled_value.as_ref(),
                PolicyValue::Delete,
                &definition.disabled_list,
            ),
            elements: elements
                .map(|element| ElementView::new(policy, element))
                .collect(),
        }
    }
}

fn listed(policy: &Policy, list: &[ListedValue]) -> Vec<ValueView> {
    let views = list.iter().map(|item| ValueView {
        key: policy.key_or(item.key.as_ref()).into(),
        value_name: item.name.clone(),
        value: shown(&item.value),
    });
    views.collect()
}

/// A value as in registry.pol.
pub(super) fn shown(value: &PolicyValue) -> String {
    match value {
        PolicyValue::Decimal(number) => format!("REG_DWORD {number}"),
        PolicyValue::LongDecimal(number) => format!("REG_QWORD {number}"),
        PolicyValue::String(text) => format!("REG_SZ {}", Quoted::new(text)),
        PolicyValue::Delete => "deleted".into(),
    }
}

impl ElementView {
    fn new(policy: PolicyRef<'_>, element: &PolicyElement) -> Self {
        let definition = policy.definition();
        let key = definition.key_or(element.key.as_ref());
        let value_name = element.value_name.clone();
        let own = |value: &PolicyValue| ValueView {
            key: key.into(),
            value_name: value_name.clone().unwrap_or_default(),
            value: shown(value),
        };
        let item = |name: &str, value: &PolicyValue, list: &[ListedValue]| ItemView {
            name: name.into(),
            values: std::iter::once(own(value))
                .chain(listed(definition, list))
                .collect(),
        };
        let items = match &element.kind {
            ElementKind::Enum(items) => items
                .iter()
                .map(|i| item(policy.text(&i.display_name), &i.value, &i.values))
                .collect(),
            ElementKind::Boolean {
                true_value,
                false_value,
                true_list,
                false_list,
            } => {
                let on = true_value.as_ref().unwrap_or(&PolicyValue::Decimal(1));
                let off = false_value.as_ref().unwrap_or(&PolicyValue::Delete);
                vec![item("true", on, true_list), item("false", off, false_list)]
            }
            _ => Vec::new(),
        };
        Self {
            id: element.id.clone(),
            kind: element.kind.name(),
            label: label(policy, &element.id).map(Into::into),
            key: key.into(),
            value_name: value_name.clone(),
            required: element.required,
            items,
        }
    }
}

/// What stands beside the control of an element, without the colon at its end.
pub(super) fn label<'a>(policy: PolicyRef<'a>, element: &str) -> Option<&'a str> {
    let mut controls = policy.presentation()?.controls.iter();
    let control = controls.find(|control| control.element.as_deref() == Some(element))?;
    Some(control.label.trim().trim_end_matches(':')).filter(|label| !label.is_empty())
}

impl PolicyView {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let row = &self.row;
        writeln!(out, "{}", Quoted::bare(&row.display_name))?;
        let name = format!("{}:{}", row.namespace, row.name);
        let supported_on = self.supported_on.as_deref().unwrap_or("-");
        for (title, text) in [
            ("Name", name.as_str()),
            ("Category", &row.category()),
            ("Supported on", supported_on),
            ("Key", &self.key),
        ] {
            writeln!(out, "  {title}: {}", Quoted::bare(text))?;
        }
        for (state, values) in [("Enabled", &self.enabled), ("Disabled", &self.disabled)] {
            if !values.is_empty() {
                writeln!(out, "  {state}:")?;
                self.write_values(out, values, "    ")?;
            }
        }
        for element in &self.elements {
            let title = element.label.as_deref().unwrap_or(&element.id);
            let name = element.value_name.as_deref().unwrap_or("any value");
            let place = self.place(&element.key, name);
            let (title, place) = (Quoted::bare(title), Quoted::bare(&place));
            writeln!(out, "  {title} ({}): {place}", element.kind)?;
            for item in &element.items {
                writeln!(out, "    {}:", Quoted::bare(&item.name))?;
                self.write_values(out, &item.values, "      ")?;
            }
        }
        writeln!(out)?;
        for line in self.explain.trim().lines() {
            writeln!(out, "  {}", Quoted::bare(line.trim()))?;
        }
        writeln!(out)
    }

    fn write_values(
        &self,
        out: &mut dyn Write,
        values: &[ValueView],
        indent: &str,
    ) -> io::Result<()> {
        values.iter().try_for_each(|value| {
            let place = self.place(&value.key, &value.value_name);
            writeln!(out, "{indent}{}: {}", Quoted::bare(&place), value.value)
        })
    }

    /// A value, with its key where that is not the policy's.
    fn place(&self, key: &str, name: &str) -> String {
        if key.eq_ignore_ascii_case(&self.key) {
            name.into()
        } else {
            format!("{key}\\{name}")
        }
    }
}
