//! `gpo gpp`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use clap::{Args, Subcommand};
use gpo_core::{PreferenceItem, Preferences, Quoted, RegistryValue, TargetingFilter, XmlElement};
use serde::Serialize;

use super::Exit;
use crate::console::Console;
use crate::failure::Failure;
use crate::input_file::ListedFile;
use crate::secret::HIDDEN;

/// Show the XML files of Group Policy Preferences
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo gpp dump User/Preferences/Drives/Drives.xml
  gpo gpp dump Groups.xml --json | jq '.items[] | select(.disabled | not)'")]
pub(crate) struct Gpp {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the items of a preferences file with their settings and targeting
    ///
    /// Passwords are not shown.
    #[command(after_help = "\
Examples:
  gpo gpp dump User/Preferences/Drives/Drives.xml
  gpo gpp dump - --format json < Groups.xml")]
    Dump(ListedFile),
}

#[derive(Serialize)]
struct View {
    kind: Option<&'static str>,
    items: Vec<Item>,
}

#[derive(Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are members of the JSON, named as in the format"
)]
struct Item {
    #[serde(rename = "type")]
    element: String,
    name: String,
    uid: Option<String>,
    changed: String,
    description: String,
    collections: Vec<String>,
    action: Option<&'static str>,
    disabled: bool,
    runs_as_user: bool,
    removes_when_not_applied: bool,
    bypasses_errors: bool,
    properties: Option<Element>,
    targeting: Vec<Filter>,
}

#[derive(Serialize)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    elements: Vec<Element>,
}

#[derive(Serialize)]
struct Filter {
    kind: String,
    or: bool,
    not: bool,
    attributes: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filters: Vec<Filter>,
}

impl Gpp {
    pub(crate) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let Action::Dump(ListedFile { file, format }) = self.action;
        let preferences = file.parse(Preferences::parse)?;
        let items: Vec<Item> = preferences.items().map(|item| Item::of(&item)).collect();
        let view = View {
            kind: preferences.kind().map(|kind| kind.name),
            items,
        };
        let mut text = Vec::new();
        view.items
            .iter()
            .try_for_each(|item| item.write(&mut text))?;
        console
            .in_format(format)
            .result("gpo/gpp-dump/1", || view, |out| out.write_all(&text))?;
        Ok(Exit::Good)
    }
}

/// The attributes with their values, but for passwords.
fn attributes(element: &XmlElement) -> BTreeMap<String, String> {
    let attributes = element.attributes().map(|(name, value)| {
        let is_secret = match name {
            "value" => !value.is_empty() && sets_password(element),
            _ => RegistryValue::Sz(value.clone().into_owned()).is_secret(name),
        };
        let value = if is_secret {
            HIDDEN.into()
        } else {
            value.into_owned()
        };
        (name.to_owned(), value)
    });
    attributes.collect()
}

fn sets_password(element: &XmlElement) -> bool {
    let text = |name| element.attribute(name).unwrap_or_default();
    Preferences::sets_password(&text("name"), &text("property"), &text("type"))
}

impl Element {
    // Files nest at most 100 elements, so the recursion ends.
    fn of(element: &XmlElement) -> Self {
        let mut elements: Vec<_> = element.elements().map(Self::of).collect();
        if sets_password(element) {
            elements.iter_mut().for_each(Self::hide_texts);
        }
        Self {
            name: element.local_name().to_owned(),
            attributes: attributes(element),
            text: element.text().trim().to_owned(),
            elements,
        }
    }

    /// The lines of a value are texts.
    fn hide_texts(&mut self) {
        if !self.text.is_empty() {
            HIDDEN.clone_into(&mut self.text);
        }
        self.elements.iter_mut().for_each(Self::hide_texts);
    }

    fn write(&self, out: &mut dyn Write, depth: usize) -> io::Result<()> {
        write!(out, "{:depth$}{}", "", Quoted::bare(&self.name))?;
        match self.text.as_str() {
            "" => {}
            HIDDEN => write!(out, " {HIDDEN}")?,
            text => write!(out, " {text:?}")?,
        }
        write_attributes(out, &self.attributes)?;
        writeln!(out)?;
        let mut inner = self.elements.iter();
        inner.try_for_each(|element| element.write(out, depth + 2))
    }
}

fn write_attributes(out: &mut dyn Write, attributes: &BTreeMap<String, String>) -> io::Result<()> {
    for (name, value) in attributes {
        write!(out, " {}=", Quoted::bare(name))?;
        if value == HIDDEN {
            write!(out, "{HIDDEN}")?;
        } else {
            write!(out, "\"{}\"", Quoted::bare(value))?;
        }
    }
    Ok(())
}

impl Filter {
    fn of(filter: &TargetingFilter<'_>) -> Self {
        let mut attributes = attributes(filter.element);
        for shown in ["bool", "not"] {
            attributes.remove(shown);
        }
        Self {
            kind: filter.kind().name().to_owned(),
            or: filter.is_or(),
            not: filter.is_not(),
            attributes,
            filters: filter.filters.iter().map(Self::of).collect(),
        }
    }

    fn write(&self, out: &mut dyn Write, depth: usize, first: bool) -> io::Result<()> {
        let joint = match (first, self.or) {
            (true, _) => "",
            (false, true) => "or ",
            (false, false) => "and ",
        };
        let not = if self.not { "not " } else { "" };
        let kind = Quoted::bare(&self.kind);
        write!(out, "{:depth$}{joint}{not}{kind}", "")?;
        write_attributes(out, &self.attributes)?;
        writeln!(out)?;
        write_filters(out, &self.filters, depth + 2)
    }
}

fn write_filters(out: &mut dyn Write, filters: &[Filter], depth: usize) -> io::Result<()> {
    let mut filters = filters.iter().enumerate();
    filters.try_for_each(|(n, filter)| filter.write(out, depth, n == 0))
}

impl Item {
    fn of(item: &PreferenceItem<'_>) -> Self {
        let name = |element: &&XmlElement| element.attribute("name").unwrap_or_default().into();
        Self {
            element: item.element.local_name().to_owned(),
            name: item.name(),
            uid: item.uid().map(|uid| uid.to_string()),
            changed: item.changed(),
            description: item.description(),
            collections: item.collections.iter().map(name).collect(),
            action: item.action().map(action_name),
            disabled: item.is_disabled(),
            runs_as_user: item.runs_as_user(),
            removes_when_not_applied: item.removes_when_not_applied(),
            bypasses_errors: item.bypasses_errors(),
            properties: item.properties().map(Element::of),
            targeting: item.targeting().iter().map(Filter::of).collect(),
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{} ", Quoted::bare(&self.element))?;
        for collection in &self.collections {
            write!(out, "{} > ", Quoted::bare(collection))?;
        }
        write!(out, "{}", Quoted::bare(&self.name))?;
        let notes = [
            self.action,
            self.disabled.then_some("disabled"),
            self.runs_as_user.then_some("as the user"),
            self.removes_when_not_applied
                .then_some("removed when it no longer applies"),
            self.bypasses_errors.then_some("goes on after an error"),
        ];
        let notes: Vec<_> = notes.into_iter().flatten().collect();
        if !notes.is_empty() {
            write!(out, " ({})", notes.join(", "))?;
        }
        writeln!(out)?;
        if !self.description.is_empty() {
            writeln!(out, "  description: {}", Quoted::bare(&self.description))?;
        }
        if let Some(properties) = &self.properties {
            properties.write(out, 2)?;
        }
        if !self.targeting.is_empty() {
            writeln!(out, "  Targeting")?;
            write_filters(out, &self.targeting, 4)?;
        }
        Ok(())
    }
}

const fn action_name(action: gpo_core::PreferenceAction) -> &'static str {
    use gpo_core::PreferenceAction as A;
    match action {
        A::Create => "create",
        A::Replace => "replace",
        A::Update => "update",
        A::Delete => "delete",
    }
}
