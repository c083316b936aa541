//! Presentations: the controls that an editor shows for a policy.

use gpo_core::{Result, XmlElement};

use crate::read::{attribute, flag, optional_number, text};

/// The controls that an editor shows for the elements of a policy, from top to bottom.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Presentation {
    /// The name that a policy refers to.
    pub id: String,
    /// The controls.
    pub controls: Vec<Control>,
}

/// A control.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Control {
    /// The element of the policy that it is for; none for a text.
    pub element: Option<String>,
    /// What stands beside it, white space kept.
    pub label: String,
    /// Which kind it is, with the value that it starts with.
    pub kind: ControlKind,
}

/// The kinds of controls.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ControlKind {
    /// `text`: a text to read.
    Text,
    /// `textBox`, with its default.
    TextBox(Option<String>),
    /// `comboBox`, with its default and its suggestions.
    ComboBox(Option<String>, Vec<String>),
    /// `decimalTextBox`, with its default.
    DecimalTextBox(Option<u64>),
    /// `longDecimalTextBox`, with its default.
    LongDecimalTextBox(Option<u64>),
    /// `checkBox`, with its default.
    CheckBox(bool),
    /// `dropdownList`, with the number, from 0, of its default item.
    DropdownList(Option<u64>),
    /// `listBox`.
    ListBox,
    /// `multiTextBox`.
    MultiTextBox,
}

impl Presentation {
    pub(crate) fn read(presentation: &XmlElement) -> Result<Self> {
        let controls = presentation.elements().filter_map(Control::read);
        Ok(Self {
            id: attribute(presentation, "id")?.into_owned(),
            controls: controls.collect::<Result<_>>()?,
        })
    }
}

impl Control {
    /// Reads a control; none for an element that is no control.
    fn read(control: &XmlElement) -> Option<Result<Self>> {
        let default = |name| control.element(name).map(text);
        // Editors take a default that is no number for none.
        let number = |name| optional_number(control, name).unwrap_or_default();
        let kind = match control.local_name() {
            "text" => ControlKind::Text,
            "textBox" => ControlKind::TextBox(default("defaultValue")),
            "comboBox" => {
                let suggestions = control.elements();
                let suggestions = suggestions.filter(|e| e.local_name() == "suggestion");
                ControlKind::ComboBox(default("default"), suggestions.map(text).collect())
            }
            "decimalTextBox" => ControlKind::DecimalTextBox(number("defaultValue")),
            "longDecimalTextBox" => ControlKind::LongDecimalTextBox(number("defaultValue")),
            "checkBox" => ControlKind::CheckBox(flag(control, "defaultChecked")),
            "dropdownList" => ControlKind::DropdownList(number("defaultItem")),
            "listBox" => ControlKind::ListBox,
            "multiTextBox" => ControlKind::MultiTextBox,
            _ => return None,
        };
        let element = match kind {
            ControlKind::Text => Ok(None),
            _ => attribute(control, "refId").map(|id| Some(id.into_owned())),
        };
        let label = match kind {
            ControlKind::TextBox(_) | ControlKind::ComboBox(..) => {
                control.element("label").map(text).unwrap_or_default()
            }
            _ => text(control),
        };
        Some(element.map(|element| Self {
            element,
            label,
            kind,
        }))
    }
}
