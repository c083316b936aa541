//! `gpo pol set`, `gpo pol delete`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use gpo_core::{Quoted, RegistryPol, RegistryValue};

use super::super::Exit;
use crate::console::Console;
use crate::failure::Failure;
use crate::input_file::InputFile;
use crate::new_file::NewFile;
use crate::output_file::OutputFile;

/// Set a value in a registry.pol
///
/// The entry that decides about the value gets the data; a value that is not there is added. All
/// else stays as it is, byte by byte.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo pol set Machine/registry.pol 'Software\\Policies\\Demo' Level REG_DWORD 3
  gpo pol set Machine/registry.pol 'Software\\Policies\\Demo' Servers REG_MULTI_SZ one two
  gpo pol set User/registry.pol 'Software\\Policies\\Demo' Path REG_EXPAND_SZ '%APPDATA%\\x' --dry-run")]
pub(crate) struct Set {
    #[command(flatten)]
    target: Target,

    /// The type of the value
    #[arg(value_name = "TYPE", value_enum, ignore_case = true)]
    data_type: DataType,

    /// The data: text, several for a list; a number, decimal or 0x…; bytes in hexadecimal. Behind --
    /// it may start with -
    #[arg(value_name = "DATA", allow_negative_numbers = true)]
    data: Vec<String>,
}

/// Take a value out of a registry.pol
///
/// The GPO then says nothing about the value. With --on-clients it says that the value is to be
/// deleted.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo pol delete Machine/registry.pol 'Software\\Policies\\Demo' Level
  gpo pol delete Machine/registry.pol 'Software\\Policies\\Demo' Level --on-clients")]
pub(crate) struct Delete {
    #[command(flatten)]
    target: Target,

    /// Have the value deleted on the computers that get the GPO: write **del.VALUE
    #[arg(long)]
    on_clients: bool,
}

#[derive(Args, Debug)]
struct Target {
    #[command(flatten)]
    file: InputFile,

    /// The key below HKLM or HKCU, without either
    #[arg(value_name = "KEY", value_parser = parse_key)]
    key: String,

    /// The name of the value; '' is the default value of the key
    #[arg(value_name = "VALUE")]
    value: String,

    /// Where to write [default: FILE itself]; - is standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// The types, as reg.exe calls them.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum DataType {
    #[value(name = "REG_SZ", alias = "SZ")]
    Sz,
    #[value(name = "REG_EXPAND_SZ", aliases = ["EXPAND_SZ", "EXSZ"])]
    ExpandSz,
    #[value(name = "REG_MULTI_SZ", aliases = ["MULTI_SZ", "MULTISZ"])]
    MultiSz,
    #[value(name = "REG_DWORD", alias = "DWORD")]
    Dword,
    #[value(name = "REG_QWORD", alias = "QWORD")]
    Qword,
    #[value(name = "REG_BINARY", alias = "BINARY")]
    Binary,
}

fn parse_key(text: &str) -> Result<String, String> {
    let root = text.split('\\').next().unwrap_or_default();
    let roots = ["HKLM", "HKCU", "HKEY_LOCAL_MACHINE", "HKEY_CURRENT_USER"];
    if roots.iter().any(|known| root.eq_ignore_ascii_case(known)) {
        return Err(format!(
            "the key is written without {root}, which follows from the half of the GPO"
        ));
    }
    if text.is_empty() {
        return Err("a key has a name".into());
    }
    Ok(text.to_owned())
}

/// Whether a key can be written. One that is there can be taken out, whatever it is called.
fn check_new_key(key: &str) -> Result<(), Failure> {
    if key.split('\\').any(str::is_empty) {
        let key = Quoted::new(key);
        let message = format!("the key {key} has a backslash too many: no name stands beside it");
        return Err(Failure::new(message));
    }
    Ok(())
}

impl Set {
    pub(super) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let value = value(self.data_type, &self.data)?;
        self.target.edit(console, |pol, key, name| {
            check_new_key(key)?;
            pol.set(key, name, value).map_err(Failure::from)
        })
    }
}

impl Delete {
    pub(super) fn run(self, console: &Console) -> Result<Exit, Failure> {
        self.target.edit(console, |pol, key, name| {
            if self.on_clients {
                check_new_key(key)?;
                return Ok(pol.delete(key, name)?);
            }
            if pol.remove(key, name)? == 0 {
                let (key, name) = (Quoted::new(key), Quoted::new(name));
                let message = format!("there is no entry for the value {name} of the key {key}");
                return Err(Failure::new(message));
            }
            Ok(())
        })
    }
}

impl Target {
    fn edit(
        self,
        console: &Console,
        edit: impl FnOnce(&mut RegistryPol, &str, &str) -> Result<(), Failure>,
    ) -> Result<Exit, Failure> {
        let before = self.file.parse(RegistryPol::parse)?;
        let mut pol = before.clone();
        edit(&mut pol, &self.key, &self.value).map_err(|failure| failure.at(&self.file))?;
        let output = OutputFile::or_input(self.output, &self.file);
        finish(console, &pol, &output, self.dry_run, pol != before)
    }
}

fn value(data_type: DataType, data: &[String]) -> Result<RegistryValue, Failure> {
    if let DataType::MultiSz = data_type {
        return Ok(RegistryValue::MultiSz(data.to_vec()));
    }
    let [text] = data else {
        return Err(Failure::new("a value of this type has one DATA"));
    };
    let value = match data_type {
        DataType::Sz => Some(RegistryValue::Sz(text.clone())),
        DataType::ExpandSz => Some(RegistryValue::ExpandSz(text.clone())),
        DataType::Dword => number(text)
            .and_then(|n| n.try_into().ok())
            .map(RegistryValue::Dword),
        DataType::Qword => number(text).map(RegistryValue::Qword),
        DataType::Binary => bytes(text).map(RegistryValue::Binary),
        DataType::MultiSz => None,
    };
    value.ok_or_else(|| {
        let name = data_type.to_possible_value();
        let name = name.as_ref().map_or("value", |name| name.get_name());
        Failure::new(format!("{} is no {name}", Quoted::new(text)))
    })
}

fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        // `from_str_radix` takes a sign.
        Some(digits) if digits.starts_with('+') => None,
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None if text.starts_with('+') => None,
        None => text.parse().ok(),
    }
}

/// Pairs of digits, with or without commas or blanks between them.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.chars().filter(|c| !matches!(c, ',' | ' '));
    let digits: Option<Vec<u32>> = digits.map(|c| c.to_digit(16)).collect();
    let digits = digits?;
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let bytes = pairs
        .iter()
        .map(|[high, low]| u8::try_from(high << 4 | low));
    bytes.collect::<Result<_, _>>().ok()
}

/// Writes the file, unless it is only to be said what would be written.
pub(super) fn finish(
    console: &Console,
    pol: &RegistryPol,
    output: &OutputFile,
    dry_run: bool,
    changed: bool,
) -> Result<Exit, Failure> {
    let new = NewFile {
        schema: "gpo/pol-write/1",
        bytes: pol.to_bytes()?,
        entries: pol.entries.len(),
        changed,
    };
    new.write(console, output, dry_run)
}
