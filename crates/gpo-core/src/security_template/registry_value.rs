//! Registry values that security settings are made of.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::unquoted;
use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::inf::InfDocument;
use crate::registry_pol::{RegistryType, RegistryValue};

pub(super) const SECTION: &str = "Registry Values";

/// A registry value, `MACHINE\System\…\NoLMHash=4,1`.
#[derive(Clone, Copy, Debug)]
pub struct RegistrySetting<'a> {
    /// The line, from 1.
    pub line: usize,
    /// The key with its hive, and the value's name.
    pub path: &'a str,
    /// The type.
    pub data_type: RegistryType,
    /// The data as written.
    pub data: &'a str,
    document: &'a InfDocument,
}

impl RegistrySetting<'_> {
    /// The typed value.
    ///
    /// | type | data |
    /// |---|---|
    /// | 1, 2 | text in double quotes |
    /// | 3 | bytes in hexadecimal, with commas between them (inferred: the census has only `0`) |
    /// | 4 | decimal number |
    /// | 7 | texts with commas between them; a comma within a text is `","` |
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Value`] for data that is not of its type, and for other types.
    pub fn value(&self) -> Result<RegistryValue> {
        let data = self.data;
        let value = match self.data_type {
            RegistryType::SZ => Some(RegistryValue::Sz(unquoted(data).to_owned())),
            RegistryType::EXPAND_SZ => Some(RegistryValue::ExpandSz(unquoted(data).to_owned())),
            RegistryType::BINARY => bytes(data).map(RegistryValue::Binary),
            RegistryType::DWORD => data.parse().ok().map(RegistryValue::Dword),
            RegistryType::MULTI_SZ => Some(RegistryValue::MultiSz(texts(data))),
            _ => None,
        };
        value.ok_or_else(|| {
            let message = format!("{} is no {} value", Quoted::new(data), self.data_type);
            self.document.text().error_at(self.line, data, message)
        })
    }
}

pub(super) fn read(document: &InfDocument) -> impl Iterator<Item = RegistrySetting<'_>> {
    let lines = document
        .sections_named(SECTION)
        .flat_map(|section| section.lines());
    lines.filter_map(move |(line, text)| {
        let (path, data_type, data) = split(text)?;
        Some(RegistrySetting {
            line,
            path,
            data_type,
            data,
            document,
        })
    })
}

/// The parts of `path=type,data`. The path may hold `=`, so the first one counts that a type and a
/// comma follow.
fn split(line: &str) -> Option<(&str, RegistryType, &str)> {
    line.match_indices('=').find_map(|(index, _)| {
        let (path, rest) = line.split_at_checked(index)?;
        let blanks = [' ', '\t'];
        // Looked for no further than a number goes: a line may be nothing but `=`.
        let rest = rest.get(1..)?;
        let end = rest.find(|c: char| !(c.is_ascii_digit() || blanks.contains(&c)))?;
        let (number, data) = rest.split_at_checked(end)?;
        let data = data.strip_prefix(',')?;
        let data_type = RegistryType(number.trim_matches(blanks).parse().ok()?);
        Some((
            path.trim_matches(blanks),
            data_type,
            data.trim_matches(blanks),
        ))
    })
}

pub(super) fn set(document: &mut InfDocument, path: &str, value: &RegistryValue) -> Result<()> {
    let data = data(value)?;
    let own = read(document).find(|setting| setting.path.eq_ignore_ascii_case(path));
    if let Some(own) = own {
        if own.value().as_ref() == Ok(value) {
            return Ok(());
        }
        let line = own.line;
        let number = value.data_type().0;
        let text = document.text().line(line);
        let start = document
            .text()
            .place_of(line, own.path)
            .map_or(0, |path| path.end);
        // The blanks around `=` stay.
        let equals = start + text.get(start..).and_then(|t| t.find('=')).unwrap_or(0) + 1;
        let behind = text.get(equals..).unwrap_or_default();
        let blanks = behind.len() - behind.trim_start_matches([' ', '\t']).len();
        let end = text.trim_end_matches([' ', '\t']).len();
        return document.replace(line, equals + blanks..end, &format!("{number},{data}"));
    }
    let line = format!("{path}={},{data}", value.data_type().0);
    match split(&line) {
        Some((read, _, _)) if read == path => document.insert_line_in(SECTION, &line),
        _ => Err(unwritable(path)),
    }
}

/// The data as Windows writes it, if it is read again as the same.
fn data(value: &RegistryValue) -> Result<String> {
    let (data, read) = match value {
        RegistryValue::Sz(text) | RegistryValue::ExpandSz(text) => {
            return Ok(format!("\"{text}\""));
        }
        RegistryValue::Dword(number) => return Ok(format!("{number}")),
        RegistryValue::Binary(data) => {
            let data: Vec<String> = data.iter().map(|byte| format!("{byte:x}")).collect();
            let data = data.join(",");
            let read = bytes(&data).map(RegistryValue::Binary);
            (data, read)
        }
        RegistryValue::MultiSz(items) => {
            let items: Vec<String> = items.iter().map(|item| item.replace(',', COMMA)).collect();
            let data = items.join(",");
            let read = Some(RegistryValue::MultiSz(texts(
                data.trim_matches([' ', '\t']),
            )));
            (data, read)
        }
        _ => return Err(unwritable(&format!("{}", value.data_type()))),
    };
    if read.as_ref() == Some(value) {
        Ok(data)
    } else {
        Err(unwritable(&data))
    }
}

fn unwritable(what: &str) -> Error {
    let message = format!(
        "{} cannot be written as a registry value in GptTmpl.inf",
        Quoted::new(what)
    );
    Error::new(ErrorKind::Unwritable, message)
}

fn bytes(data: &str) -> Option<Vec<u8>> {
    if data.is_empty() {
        return Some(Vec::new());
    }
    let digits = |byte: &str| byte.bytes().all(|b| b.is_ascii_hexdigit());
    data.split(',')
        .map(|byte| u8::from_str_radix(byte, 16).ok().filter(|_| digits(byte)))
        .collect()
}

/// A comma within a text.
const COMMA: &str = "\",\"";

fn texts(data: &str) -> Vec<String> {
    if data.is_empty() {
        return Vec::new();
    }
    let mut texts: Vec<String> = Vec::new();
    // Between the commas of texts stand those that separate texts.
    for (n, piece) in data.split(COMMA).enumerate() {
        for (m, text) in piece.split(',').enumerate() {
            match texts.last_mut() {
                Some(last) if m == 0 && n > 0 => {
                    last.push(',');
                    last.push_str(text);
                }
                _ => texts.push(text.to_owned()),
            }
        }
    }
    texts
}
