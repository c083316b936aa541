//! Passwords in a report.

use gpo_core::{Preferences, RegistryValue};

use crate::element::ReportElement;

/// What stands in the place of a password: a report goes where the GPO does not.
pub(crate) const HIDDEN: &str = "(password, not shown)";

/// Whether a text is a password, judged by its name.
pub(crate) fn is_secret(name: &str, text: &str) -> bool {
    RegistryValue::Sz(text.into()).is_secret(name.trim())
}

/// Replaces the passwords in an element of preferences: what has such a name, and what is set under
/// such a name in the registry, an INI file or the environment. It nests as deep as an XML document
/// at most, 100.
pub(crate) fn hide_passwords(element: &mut ReportElement) {
    let sets_password = sets_password(element);
    for (name, value) in &mut element.attributes {
        if is_secret(name, value) || (sets_password && name == "value" && !value.is_empty()) {
            HIDDEN.clone_into(value);
        }
    }
    if sets_password || is_secret(&element.name, "text") {
        hide_texts(element);
    } else {
        element.children.iter_mut().for_each(hide_passwords);
    }
}

/// Whether an element sets a value under the name of a password.
fn sets_password(element: &ReportElement) -> bool {
    let text = |name| element.attribute(name).unwrap_or_default();
    Preferences::sets_password(text("name").trim(), text("property").trim(), text("type"))
        && (element.attribute("value").is_some() || element.child("Values").is_some())
}

/// Replaces all texts in an element: the lines of a value are elements.
fn hide_texts(element: &mut ReportElement) {
    if !element.text.trim_ascii().is_empty() {
        HIDDEN.clone_into(&mut element.text);
    }
    element.children.iter_mut().for_each(hide_texts);
}
