//! Documents made of what the typed views of others read.
//!
//! A document that is written back as it was read may be a copy of its input. What is made by these
//! functions from a fresh document is not: it holds what the views say, and nothing else.
//!
//! ```
//! use gpo_core::ScriptsIni;
//! use gpo_testkit::rebuild;
//!
//! let read = ScriptsIni::parse(b"[Logon]\n; odd\n0cmdline = a\n0Parameters=\n")?;
//! let mut fresh = ScriptsIni::new()?;
//! rebuild::scripts(&read, &mut fresh)?;
//! let text = gpo_core::Text::decode(&fresh.to_bytes()?)?.as_str().to_owned();
//! assert_eq!(text, "\r\n[Logon]\r\n0CmdLine=a\r\n0Parameters=\r\n");
//! # Ok::<(), gpo_core::Error>(())
//! ```

use gpo_core::{
    AuditColumn, AuditCsv, Error, ErrorKind, FolderRedirection, GptIni, InfItem, PolicyComments,
    Preferences, RegistryEntry, RegistryName, RegistryPol, RegistryType, RegistryValue, Result,
    ScriptEvent, ScriptsIni, SecuredObjectKind, SecurityTemplate, SettingGroup, Text, XmlElement,
    XmlNode,
};

/// A registry.pol of the names and values of the entries of another.
///
/// # Errors
///
/// None for a file that was read.
pub fn registry_pol(read: &RegistryPol) -> Result<RegistryPol> {
    let name = |name: &RegistryName| match name.as_str() {
        Some(text) => text.parse(),
        None => RegistryName::from_units(&name.units().collect::<Vec<_>>()),
    };
    let mut pol = RegistryPol::default();
    for entry in &read.entries {
        pol.entries.push(RegistryEntry {
            key: name(&entry.key)?,
            value_name: name(&entry.value_name)?,
            value: registry_value(&entry.value),
        });
    }
    Ok(pol)
}

fn registry_value(value: &RegistryValue) -> RegistryValue {
    match value {
        RegistryValue::None => RegistryValue::None,
        RegistryValue::Sz(text) => RegistryValue::Sz(text.clone()),
        RegistryValue::ExpandSz(text) => RegistryValue::ExpandSz(text.clone()),
        RegistryValue::Binary(bytes) => RegistryValue::Binary(bytes.clone()),
        RegistryValue::Dword(number) => RegistryValue::Dword(*number),
        RegistryValue::DwordBigEndian(number) => RegistryValue::DwordBigEndian(*number),
        RegistryValue::MultiSz(texts) => RegistryValue::MultiSz(texts.clone()),
        RegistryValue::Qword(number) => RegistryValue::Qword(*number),
        RegistryValue::Raw(kind, bytes) => RegistryValue::Raw(RegistryType(kind.0), bytes.clone()),
    }
}

/// Sets in a template all that the views of another read.
///
/// # Errors
///
/// A value that is not of its type, or cannot be written.
pub fn security_template(read: &SecurityTemplate, to: &mut SecurityTemplate) -> Result<()> {
    for group in SettingGroup::ALL {
        for setting in read.settings(group) {
            match setting.number() {
                Some(number) => to.set_number(group, setting.key, number)?,
                None => to.set_text(group, setting.key, setting.text())?,
            }
        }
    }
    for right in read.privilege_rights() {
        let principals: Vec<_> = right.principals().map(|principal| principal.text).collect();
        to.set_privilege_right(right.privilege, &principals)?;
    }
    for group in read.group_membership() {
        let list: Vec<_> = group.principals().map(|principal| principal.text).collect();
        to.set_group_list(group.group, group.of, &list)?;
    }
    for setting in read.registry_values() {
        to.set_registry_value(setting.path, &setting.value()?)?;
    }
    for kind in SecuredObjectKind::ALL {
        for object in read.secured_objects(kind) {
            to.set_secured_object(kind, object.name, object.mode, object.sddl)?;
        }
    }
    Ok(())
}

/// Sets in a scripts.ini all that the views of another read.
///
/// # Errors
///
/// A command that cannot be written.
pub fn scripts(read: &ScriptsIni, to: &mut ScriptsIni) -> Result<()> {
    for event in ScriptEvent::ALL {
        let scripts = read.scripts(event);
        let scripts: Vec<_> = scripts.iter().map(|s| (s.command, s.parameters)).collect();
        to.set_scripts(event, &scripts)?;
        if let Some(first) = read.powershell_first(event) {
            to.set_powershell_first(event, first)?;
        }
    }
    Ok(())
}

/// Sets in an fdeploy1.ini all targets of another.
///
/// # Errors
///
/// A target that is none, or cannot be written.
pub fn folder_redirection(read: &FolderRedirection, to: &mut FolderRedirection) -> Result<()> {
    for target in read.targets() {
        let target = target?;
        let flags = target.flags.unwrap_or_default();
        to.set_target(target.folder, target.group, flags, target.full_path)?;
    }
    Ok(())
}

/// Appends the rows of an audit.csv to another.
///
/// # Errors
///
/// A row that cannot be written.
pub fn audit_csv(read: &AuditCsv, to: &mut AuditCsv) -> Result<()> {
    read.rows()
        .try_for_each(|row| to.push_row(AuditColumn::ALL.map(|column| row.column(column))))
}

/// The bytes of a GPT.INI, made of its sections, entries and other lines, with the encoding and the
/// line ends that it has.
///
/// # Errors
///
/// A character that the encoding does not have.
pub fn gpt_ini(read: &GptIni) -> Result<Vec<u8>> {
    let document = read.document().text();
    let mut text = String::new();
    for line in document.lines() {
        match InfItem::of(line.text()) {
            InfItem::Section(name) => text.extend(["[", name, "]"]),
            InfItem::Entry { key, value } => text.extend([key, "=", value]),
            InfItem::Other(line) | InfItem::Comment(line) => text.push_str(line),
            InfItem::Blank => {}
        }
        text.push_str(line.end().as_str());
    }
    Text::new(text, document.encoding(), document.has_bom()).encode()
}

/// A comment.cmtx of the namespaces and comments of another.
///
/// # Errors
///
/// A comment whose prefix stands for no namespace, or that cannot be written.
pub fn policy_comments(read: &PolicyComments) -> Result<PolicyComments> {
    let namespaces: Vec<_> = read.namespaces().map(|(_, namespace)| namespace).collect();
    let namespaces: Vec<_> = namespaces.iter().map(String::as_str).collect();
    let mut fresh = PolicyComments::new(&namespaces)?;
    for comment in read.comments() {
        let namespace = comment.namespace.ok_or_else(|| {
            let message = format!("{} has no namespace", comment.policy_ref);
            Error::new(ErrorKind::Missing, message)
        })?;
        fresh.add(&namespace, &comment.policy, &comment.text)?;
    }
    Ok(fresh)
}

/// A preferences file of the elements, attributes and texts of another, with the white space that
/// the builder puts between elements.
///
/// # Errors
///
/// A file of no known kind.
pub fn preferences(read: &Preferences) -> Result<Preferences> {
    let kind = read.kind().ok_or_else(|| {
        let message = "the root element is of no known kind";
        Error::new(ErrorKind::Missing, message)
    })?;
    let mut fresh = Preferences::new(kind)?;
    let root = &read.document().root;
    for (name, value) in root.attributes() {
        fresh.document_mut().root.set_attribute(name, &value)?;
    }
    for item in root.elements() {
        fresh.push_item(element(item)?);
    }
    Ok(fresh)
}

/// Files nest at most 100 elements, so the recursion ends.
fn element(read: &XmlElement) -> Result<XmlElement> {
    let mut fresh = XmlElement::new(read.name())?;
    for (name, value) in read.attributes() {
        fresh.set_attribute(name, &value)?;
    }
    if read.elements().next().is_none() {
        fresh.set_text(&read.text())?;
    }
    for child in read.elements() {
        fresh.nodes_mut().push(XmlNode::Element(element(child)?));
    }
    Ok(fresh)
}
