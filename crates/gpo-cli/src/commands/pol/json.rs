//! registry.pol in JSON, as `gpo pol dump` writes it and `gpo pol build` reads it.

use gpo_core::{
    Half, RegistryEntry, RegistryName, RegistryPol, RegistryType, RegistryValue, from_spaced_hex,
};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::hex::hex;

pub(super) const SCHEMA: &str = "gpo/pol-dump/1";

#[derive(Serialize)]
pub(super) struct PolView {
    half: Option<&'static str>,
    entries: Vec<EntryView>,
}

/// What is read back: members that are left out are those that say nothing about the file.
#[derive(Deserialize)]
struct PolDocument {
    schema: Option<String>,
    half: Option<String>,
    entries: Vec<EntryView>,
}

#[derive(Serialize, Deserialize)]
struct EntryView {
    key: NameView,
    value_name: NameView,
    #[serde(rename = "type")]
    data_type: u32,
    #[serde(skip_deserializing)]
    type_name: Option<&'static str>,
    value: ValueView,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum NameView {
    Text(String),
    /// Of UTF-16 that is no text.
    Units {
        hex: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum ValueView {
    None,
    Text(String),
    Texts(Vec<String>),
    Number(u64),
    Bytes { hex: String },
}

impl PolView {
    pub(super) fn of(pol: &RegistryPol, half: Option<Half>) -> Self {
        Self {
            half: half.map(half_name),
            entries: pol.entries.iter().map(EntryView::from).collect(),
        }
    }
}

pub(super) const fn half_name(half: Half) -> &'static str {
    match half {
        Half::Machine => "Computer",
        Half::User => "User",
    }
}

impl From<&RegistryEntry> for EntryView {
    fn from(entry: &RegistryEntry) -> Self {
        let data_type = entry.value.data_type();
        Self {
            key: NameView::from(&entry.key),
            value_name: NameView::from(&entry.value_name),
            data_type: data_type.0,
            type_name: data_type.name(),
            value: match &entry.value {
                RegistryValue::None => ValueView::None,
                RegistryValue::Sz(text) | RegistryValue::ExpandSz(text) => {
                    ValueView::Text(text.clone())
                }
                RegistryValue::MultiSz(texts) => ValueView::Texts(texts.clone()),
                RegistryValue::Dword(number) | RegistryValue::DwordBigEndian(number) => {
                    ValueView::Number((*number).into())
                }
                RegistryValue::Qword(number) => ValueView::Number(*number),
                RegistryValue::Binary(data) | RegistryValue::Raw(_, data) => {
                    ValueView::Bytes { hex: hex(data) }
                }
            },
        }
    }
}

impl From<&RegistryName> for NameView {
    fn from(name: &RegistryName) -> Self {
        if let Some(text) = name.as_str() {
            return Self::Text(text.to_owned());
        }
        let bytes: Vec<u8> = name.units().flat_map(u16::to_le_bytes).collect();
        Self::Units { hex: hex(&bytes) }
    }
}

/// The entries of a document with their half, where it says one.
pub(super) fn entries(text: &str) -> Result<Vec<(Option<Half>, RegistryEntry)>, Failure> {
    let document: PolDocument = serde_json::from_str(text).map_err(|error| {
        let text = error.to_string();
        // The place goes in front, as everywhere.
        let what = text.split(" at line ").next().unwrap_or(&text);
        let (line, column) = (error.line(), error.column());
        Failure::new(format!("line {line}, column {column}: {what}"))
    })?;
    if let Some(schema) = document.schema.filter(|schema| schema != SCHEMA) {
        return Err(Failure::new(format!(
            "the schema is {schema:?}, that of a registry.pol is {SCHEMA:?}"
        )));
    }
    let half = match document.half {
        None => None,
        Some(name) => {
            let mut halves = Half::BOTH.into_iter();
            let half = halves.find(|half| half_name(*half) == name);
            let unknown =
                || Failure::new(format!("the half is {name:?}, expected Computer or User"));
            Some(half.ok_or_else(unknown)?)
        }
    };
    let entries = document.entries.into_iter().enumerate();
    entries
        .map(|(index, entry)| {
            let place = format!("entry {}", index + 1);
            let entry = entry.read().map_err(|error| error.at(place))?;
            Ok((half, entry))
        })
        .collect()
}

impl EntryView {
    fn read(self) -> Result<RegistryEntry, Failure> {
        let data_type = RegistryType(self.data_type);
        let wrong = || Failure::new(format!("the value is none of the type {data_type}"));
        let narrow = |number: u64| u32::try_from(number).map_err(|_| wrong());
        Ok(RegistryEntry {
            key: self.key.read()?,
            value_name: self.value_name.read()?,
            value: match (data_type, self.value) {
                (RegistryType::NONE, ValueView::None) => RegistryValue::None,
                (RegistryType::SZ, ValueView::Text(text)) => RegistryValue::Sz(text),
                (RegistryType::EXPAND_SZ, ValueView::Text(text)) => RegistryValue::ExpandSz(text),
                (RegistryType::MULTI_SZ, ValueView::Texts(texts)) => RegistryValue::MultiSz(texts),
                (RegistryType::DWORD, ValueView::Number(number)) => {
                    RegistryValue::Dword(narrow(number)?)
                }
                (RegistryType::DWORD_BIG_ENDIAN, ValueView::Number(number)) => {
                    RegistryValue::DwordBigEndian(narrow(number)?)
                }
                (RegistryType::QWORD, ValueView::Number(number)) => RegistryValue::Qword(number),
                (data_type, ValueView::Bytes { hex }) => {
                    // The error would show what stands there, which may be a password.
                    let data = from_spaced_hex(&hex).map_err(|_| wrong())?;
                    RegistryValue::from_bytes(data_type, &data)
                }
                _ => return Err(wrong()),
            },
        })
    }
}

impl NameView {
    fn read(self) -> Result<RegistryName, Failure> {
        let bytes = match self {
            Self::Text(text) => return Ok(text.parse()?),
            Self::Units { hex } => from_spaced_hex(&hex)?,
        };
        let (units, rest) = bytes.as_chunks();
        if !rest.is_empty() {
            return Err(Failure::new("a name has half a UTF-16 unit at its end"));
        }
        let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
        Ok(RegistryName::from_units(&units)?)
    }
}
