//! `gpo inf`.

use clap::{Args, Subcommand};
use gpo_core::{
    InfItem, Quoted, RegistrySetting, RegistryValue, SecuredObjectKind, SecurityTemplate,
    SettingGroup, TemplatePrincipal,
};
use serde::Serialize;

use super::Exit;
use crate::console::Console;
use crate::failure::Failure;
use crate::input_file::ListedFile;
use crate::secret::{HIDDEN, shown};
use crate::table::write_table;

/// Show GptTmpl.inf, the security settings of a GPO
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo inf dump GptTmpl.inf
  gpo inf dump GptTmpl.inf --json | jq '.settings[] | select(.section == \"Privilege Rights\")'")]
pub(crate) struct Inf {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the settings of a GptTmpl.inf, whatever its encoding
    ///
    /// Each is shown with its line, its section, what is set, and to what. A line that is no setting
    /// has no section.
    #[command(after_help = "\
Examples:
  gpo inf dump 'Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf'
  gpo inf dump - --format json < GptTmpl.inf")]
    Dump(ListedFile),
}

#[derive(Serialize)]
struct View {
    settings: Vec<Setting>,
}

/// A line that sets something.
#[derive(Serialize)]
struct Setting {
    line: usize,
    /// Empty for a line that nothing is known about.
    section: &'static str,
    name: String,
    /// The parts of the value.
    value: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Inf {
    pub(crate) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let Action::Dump(file) = self.action;
        let sign = "section of a security template, such as [Version]";
        let settings = settings(&file.parse(SecurityTemplate::parse, is_section, sign)?);
        let rows = settings.iter().map(Setting::row).collect::<Vec<_>>();
        console.in_format(file.format).result(
            "gpo/inf-dump/1",
            || View { settings },
            |out| write_table(out, &["LINE", "SECTION", "SETTING", "VALUE"], &rows),
        )?;
        Ok(Exit::Good)
    }
}

/// Whether a line begins a section that a security template has.
fn is_section(line: &str) -> bool {
    let InfItem::Section(name) = InfItem::of(line) else {
        return false;
    };
    let fixed = [
        "Unicode",
        "Version",
        "Profile Description",
        "Privilege Rights",
        "Group Membership",
        "Registry Values",
    ];
    let groups = SettingGroup::ALL.into_iter().map(SettingGroup::section);
    let objects = SecuredObjectKind::ALL.into_iter();
    let mut known = fixed
        .into_iter()
        .chain(groups)
        .chain(objects.map(SecuredObjectKind::section));
    known.any(|known| known.eq_ignore_ascii_case(name))
}

impl Setting {
    fn row(&self) -> Vec<String> {
        let value = match &self.error {
            Some(error) => format!("error: {error}"),
            None => self.value.join(", "),
        };
        vec![
            self.line.to_string(),
            self.section.to_owned(),
            Quoted::bare(&self.name).to_string(),
            Quoted::bare(&value).to_string(),
        ]
    }
}

/// All lines that set something, in file order.
fn settings(template: &SecurityTemplate) -> Vec<Setting> {
    let mut settings = Vec::new();
    let mut add = |line, section, name: &str, value| {
        settings.push(Setting {
            line,
            section,
            name: name.to_owned(),
            value,
            error: None,
        });
    };
    for group in SettingGroup::ALL {
        for setting in template.settings(group) {
            let value = vec![setting.text().to_owned()];
            add(setting.line, group.section(), setting.key, value);
        }
    }
    for right in template.privilege_rights() {
        let value = right.principals().map(principal).collect();
        add(right.line, "Privilege Rights", right.privilege, value);
    }
    for group in template.group_membership() {
        let name = format!("{}{}", group.group, group.of.suffix());
        let value = group.principals().map(principal).collect();
        add(group.line, "Group Membership", &name, value);
    }
    for kind in SecuredObjectKind::ALL {
        for object in template.secured_objects(kind) {
            let value = vec![object.mode.to_string(), object.sddl.to_owned()];
            add(object.line, kind.section(), object.name, value);
        }
    }
    settings.extend(template.registry_values().map(|value| registry(&value)));
    for line in template.unknown_lines() {
        let text = template.document().text().line(line);
        let (name, value) = match InfItem::of(text) {
            InfItem::Entry { key, value } if shown(text) == text => (key, vec![value.to_owned()]),
            _ => (shown(text), Vec::new()),
        };
        settings.push(Setting {
            line,
            section: "",
            name: name.to_owned(),
            value,
            error: None,
        });
    }
    settings.sort_by_key(|setting| setting.line);
    settings
}

fn principal(principal: TemplatePrincipal<'_>) -> String {
    principal.text.to_owned()
}

fn registry(setting: &RegistrySetting<'_>) -> Setting {
    let name = setting.path.rsplit('\\').next().unwrap_or_default();
    let (value, error) = match setting.value() {
        Ok(value) if value.is_secret(name) => (vec![HIDDEN.into()], None),
        Ok(RegistryValue::Sz(text) | RegistryValue::ExpandSz(text)) => (vec![text], None),
        Ok(RegistryValue::MultiSz(texts)) => (texts, None),
        Ok(_) => (vec![setting.data.to_owned()], None),
        Err(error) => (Vec::new(), Some(error.message().to_owned())),
    };
    let data_type = setting.data_type.to_string();
    Setting {
        line: setting.line,
        section: "Registry Values",
        name: setting.path.to_owned(),
        value: [data_type].into_iter().chain(value).collect(),
        error,
    }
}
