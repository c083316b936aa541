//! `gpo admx explain`.

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use gpo_admx::{AdmxSet, ElementSetting, ElementValue, NoState, PolicyRef, PolicySetting, WhyNot};
use gpo_core::{Half, Quoted, RegistryEntry, RegistryPol, RegistryValue};
use serde::Serialize;
use serde_json::{Value, json};

use super::policy_row::PolicyRow;
use super::show::{label, shown};
use crate::admx_arg::AdmxArg;
use crate::commands::Exit;
use crate::console::Console;
use crate::failure::Failure;
use crate::half_arg::HalfArg;
use crate::input_file::InputFile;

/// Say which policies a registry.pol or a registry value belongs to, and why it belongs to none
///
/// Of a registry.pol: the policies that it enables and disables, with their values, and for each
/// entry that is left the reason. Of a key, or a value of it: the policies that write there.
/// Passwords are not shown.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo admx explain --admx templates Machine/registry.pol
  gpo admx explain --admx templates registry.pol --half User --json
  gpo admx explain --from dir:domain 'HKLM\\Software\\Policies\\Microsoft\\Camera' AllowCamera")]
pub(crate) struct Explain {
    /// A registry.pol (- reads standard input), or a key, with or without HKLM\ or HKCU\
    #[arg(value_name = "FILE|KEY")]
    what: String,

    /// The name of a value of the key
    value: Option<String>,

    #[command(flatten)]
    half: HalfArg,

    #[command(flatten)]
    admx: AdmxArg,
}

#[derive(Serialize)]
struct FileView {
    half: &'static str,
    policies: Vec<SettingView>,
    rest: Vec<RestView>,
}

#[derive(Serialize)]
struct SettingView {
    #[serde(flatten)]
    policy: PolicyRow,
    state: &'static str,
    elements: Vec<ElementView>,
    entries: Vec<usize>,
}

#[derive(Serialize)]
struct ElementView {
    id: String,
    label: Option<String>,
    secret: bool,
    value: Value,
}

/// An entry that belongs to no policy.
#[derive(Serialize)]
struct RestView {
    entry: usize,
    key: String,
    value_name: String,
    reason: &'static str,
    policies: Vec<String>,
    text: String,
}

#[derive(Serialize)]
struct KeyView {
    key: String,
    value_name: Option<String>,
    policies: Vec<PolicyRow>,
    known_values: Vec<String>,
}

impl Explain {
    pub(super) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let set = self.admx.load(console)?;
        let is_file = self.value.is_none() && (self.what == "-" || Path::new(&self.what).is_file());
        if is_file {
            let file = InputFile::at(&self.what);
            let pol = file.parse(RegistryPol::parse)?;
            let half = self.half.require(&file)?;
            let view = FileView::new(&set, half, &pol.entries);
            let mut text = Vec::new();
            view.write(&mut text)?;
            console.result("gpo/admx-explain/1", || view, |out| out.write_all(&text))?;
        } else {
            if self.value.is_none() && looks_like_a_file(&self.what) {
                let message = "there is no such file; the name of a key has \\ between its parts";
                return Err(Failure::new(message).at(&self.what));
            }
            self.explain_key(&set, console)?;
        }
        Ok(Exit::Good)
    }

    fn explain_key(&self, set: &AdmxSet, console: &Console) -> Result<(), Failure> {
        let (half, key) = split_root(&self.what);
        let half = self.half.given().or(half);
        let policies = set.policies_writing(key, self.value.as_deref()).into_iter();
        let policies = policies.filter(|policy| half.is_none_or(|half| policy.is_for(half)));
        let known_values = set.value_names(key);
        let view = KeyView {
            key: key.into(),
            value_name: self.value.clone(),
            policies: policies.map(PolicyRow::from).collect(),
            known_values: known_values.into_iter().map(Into::into).collect(),
        };
        let mut text = Vec::new();
        view.write(&mut text)?;
        console.result(
            "gpo/admx-explain-key/1",
            || view,
            |out| out.write_all(&text),
        )
    }
}

/// Whether somebody meant a file and not a key.
fn looks_like_a_file(what: &str) -> bool {
    let has_ending = what.to_ascii_lowercase().ends_with(".pol");
    let has_drive = matches!(what.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic());
    let has_slash = what.contains('/') && !what.contains('\\');
    has_ending || has_drive || has_slash
}

/// A key without the name of its root, and the half of a GPO that the root means.
fn split_root(key: &str) -> (Option<Half>, &str) {
    let key = key.trim_matches('\\');
    for (root, half) in [
        ("HKLM", Half::Machine),
        ("HKEY_LOCAL_MACHINE", Half::Machine),
        ("HKCU", Half::User),
        ("HKEY_CURRENT_USER", Half::User),
    ] {
        if let Some((start, rest)) = key.split_once('\\')
            && start.trim_end_matches(':').eq_ignore_ascii_case(root)
        {
            return (Some(half), rest);
        }
    }
    (None, key)
}

impl FileView {
    fn new(set: &AdmxSet, half: Half, entries: &[RegistryEntry]) -> Self {
        let found = set.find(half, entries);
        let rest = found.rest.iter().filter_map(|number| {
            let entry = entries.get(*number)?;
            let why = set.why_not(half, entries, *number)?;
            Some(RestView::new(*number, entry, &why))
        });
        Self {
            half: match half {
                Half::Machine => "Computer",
                Half::User => "User",
            },
            policies: found.settings.iter().map(SettingView::from).collect(),
            rest: rest.collect(),
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for setting in &self.policies {
            let place = setting.policy.place();
            writeln!(out, "{}: {}", Quoted::bare(&place), setting.state)?;
            for element in &setting.elements {
                let name = element.label.as_deref().unwrap_or(&element.id);
                let value = match &element.value {
                    _ if element.secret => "(password, not shown)".into(),
                    Value::Null => "not configured".into(),
                    value => value_text(value),
                };
                writeln!(out, "    {}: {}", Quoted::bare(name), Quoted::bare(&value))?;
            }
        }
        if !self.rest.is_empty() {
            writeln!(out, "\nIn no policy:")?;
        }
        for rest in &self.rest {
            let place = format!("{}\\{}", rest.key, rest.value_name);
            writeln!(out, "{}", Quoted::bare(&place))?;
            for line in rest.text.lines() {
                writeln!(out, "    {}", Quoted::bare(line))?;
            }
        }
        Ok(())
    }
}

/// A value as a person reads it.
fn value_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(value_text).collect();
            items.join(", ")
        }
        Value::Object(item) => {
            let part = |name| item.get(name).map(value_text).unwrap_or_default();
            format!("{}={}", part("name"), part("data"))
        }
        other => other.to_string(),
    }
}

impl From<&PolicySetting<'_>> for SettingView {
    fn from(setting: &PolicySetting<'_>) -> Self {
        let elements = setting.elements.iter();
        Self {
            policy: setting.policy.into(),
            state: setting.state.name(),
            elements: elements
                .map(|element| ElementView::new(setting.policy, element))
                .collect(),
            entries: setting.entries.clone(),
        }
    }
}

impl ElementView {
    fn new(policy: PolicyRef<'_>, setting: &ElementSetting<'_>) -> Self {
        let secret = setting.is_secret();
        let id = &setting.element.id;
        Self {
            id: id.clone(),
            label: label(policy, id).map(Into::into),
            secret,
            value: match &setting.value {
                Some(value) if !secret => element_value(policy, value),
                _ => Value::Null,
            },
        }
    }
}

fn element_value(policy: PolicyRef<'_>, value: &ElementValue<'_>) -> Value {
    match value {
        ElementValue::Boolean(value) => json!(value),
        ElementValue::Number(number) => json!(number),
        ElementValue::Text(text) => json!(text),
        ElementValue::Lines(lines) => json!(lines),
        ElementValue::Item(item) => json!(policy.text(&item.display_name)),
        ElementValue::List(items) => {
            let items = items.iter().map(|(name, data)| {
                let text = match data {
                    data if data.is_secret(name) => None,
                    RegistryValue::Dword(number) => Some(number.to_string()),
                    data => data.text().map(Into::into),
                };
                json!({ "name": name, "data": text })
            });
            items.collect()
        }
    }
}

impl RestView {
    fn new(number: usize, entry: &RegistryEntry, why: &WhyNot<'_>) -> Self {
        let (reason, policies, text) = match why {
            WhyNot::UnknownKey => {
                let text = "no template writes to this key".into();
                ("unknown-key", Vec::new(), text)
            }
            WhyNot::UnknownValue(names) => {
                let names = names.join(", ");
                let text = format!("no template has this value; in this key they have: {names}");
                ("unknown-value", Vec::new(), text)
            }
            WhyNot::WholeKey => {
                let text = "it is about the key as a whole, and no policy here has a list";
                ("whole-key", Vec::new(), text.into())
            }
            WhyNot::OtherHalf(policies) => {
                let names: Vec<_> = policies.iter().copied().map(full_name).collect();
                let text = format!("of the other half: {}", names.join(", "));
                ("other-half", names, text)
            }
            WhyNot::NoState(policies) => {
                let names = policies.iter().map(|policy| full_name(policy.policy));
                let lines: Vec<_> = policies.iter().map(no_state).collect();
                ("no-state", names.collect(), lines.join("\n"))
            }
        };
        Self {
            entry: number,
            key: entry.key.to_string(),
            value_name: entry.value_name.to_string(),
            reason,
            policies,
            text,
        }
    }
}

fn full_name(policy: PolicyRef<'_>) -> String {
    format!("{}:{}", policy.namespace(), policy.definition().name)
}

/// What a policy lacks to be in one of its states, in lines.
fn no_state(no_state: &NoState<'_>) -> String {
    let mut lines = vec![full_name(no_state.policy)];
    for (state, missing) in &no_state.missing {
        let missing = missing
            .iter()
            .map(|needed| format!("{}\\{}: {}", needed.key, needed.name, shown(needed.value)));
        let missing: Vec<_> = missing.collect();
        lines.push(format!("  {} needs {}", state.name(), missing.join("; ")));
    }
    if let Some(element) = no_state.element {
        let kind = element.kind.name();
        lines.push(format!(
            "  no value that its {kind} {} can have",
            element.id
        ));
    }
    lines.join("\n")
}

impl KeyView {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for policy in &self.policies {
            let place = policy.place();
            let name = format!("{}:{}", policy.namespace, policy.name);
            writeln!(out, "{} ({})", Quoted::bare(&place), Quoted::bare(&name))?;
        }
        if !self.policies.is_empty() {
            return Ok(());
        }
        if self.known_values.is_empty() {
            return writeln!(out, "No template writes to this key.");
        }
        let names = self.known_values.join(", ");
        let names = Quoted::bare(&names);
        writeln!(
            out,
            "No template writes this value. In this key they have: {names}"
        )
    }
}
