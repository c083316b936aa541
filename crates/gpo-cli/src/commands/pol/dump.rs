//! `gpo pol dump`.

use std::io::{self, IsTerminal, Write};

use clap::{Args, ValueEnum};
use gpo_core::{
    Encoding, Half, Quoted, RegistryPol, RegistryValue, Text, to_lgpo_text, to_reg_text,
    to_spaced_hex,
};
use gpo_engine::Severity;

use super::super::Exit;
use super::json::{self, PolView};
use crate::console::{Console, ListingFormat, write_lines, write_raw};
use crate::count::counted;
use crate::failure::Failure;
use crate::half_arg::HalfArg;
use crate::input_file::InputFile;

/// Show the entries of a registry.pol
///
/// The formats other than text are conversions: they hold the whole file, passwords included,
/// unless --redact is given. Text is for people and never shows a password.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo pol dump Machine/registry.pol
  gpo pol dump registry.pol --format lgpo --half User
  gpo pol dump --redact --json Machine/registry.pol
  unzip -p backups.zip '*/Machine/registry.pol' | gpo pol dump -")]
pub(crate) struct Dump {
    #[command(flatten)]
    file: InputFile,

    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    #[command(flatten)]
    half: HalfArg,

    /// Leave out the entries that hold a password
    #[arg(long)]
    redact: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs, as with --json; `gpo pol build` reads it
    Json,
    /// The text of Microsoft's LGPO.exe, which `gpo pol build` reads; needs to know the half
    Lgpo,
    /// A .reg file, in UTF-16 unless it is ASCII; needs to know the half
    Reg,
}

/// Makes a text, and tells the entries that it has nothing for.
type Convert = fn(&RegistryPol, Half) -> (String, Vec<usize>);

impl Dump {
    pub(super) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let mut pol = self.file.parse(RegistryPol::parse)?;
        if self.redact {
            let before = pol.entries.len();
            pol.entries.retain(|entry| !entry.is_secret());
            let dropped = before - pol.entries.len();
            if dropped > 0 {
                let message = format!(
                    "info: left out: {} with a password",
                    counted(dropped, "entry", "entries")
                );
                console.message(Severity::Info, message);
            }
        }
        let half = self.half.of(&self.file);
        let convert = match self.format {
            Format::Lgpo => Some(to_lgpo_text as Convert),
            Format::Reg => Some(to_reg_text as Convert),
            Format::Text | Format::Json => None,
        };
        if let Some(convert) = convert.filter(|_| !console.is_json()) {
            let (text, left_out) = convert(&pol, self.half.require(&self.file)?);
            // Windows takes a .reg file without a byte order mark for one in its code page.
            if self.format == Format::Reg && !text.is_ascii() && !io::stdout().is_terminal() {
                write_raw(&Text::new(text, Encoding::Utf16Le, true).encode()?)?;
            } else {
                write_lines(&text)?;
            }
            if !left_out.is_empty() {
                let entries = counted(left_out.len(), "entry", "entries");
                let message = format!("warning: the format has nothing for {entries}");
                console.message(Severity::Warning, message);
            }
            return Ok(Exit::Good);
        }
        let format = match self.format {
            Format::Json => ListingFormat::Json,
            _ => ListingFormat::Text,
        };
        console.in_format(format).result(
            json::SCHEMA,
            || PolView::of(&pol, half),
            |out| write(out, &pol, half),
        )?;
        Ok(Exit::Good)
    }
}

/// A key, and below it its entries, as long as they have the same key.
fn write(out: &mut dyn Write, pol: &RegistryPol, half: Option<Half>) -> io::Result<()> {
    let root = match half {
        Some(Half::Machine) => "HKLM\\",
        Some(Half::User) => "HKCU\\",
        None => "",
    };
    let mut key = None;
    for entry in &pol.entries {
        if key.replace(&entry.key) != Some(&entry.key) {
            writeln!(out, "{root}{}", Quoted::bare(&entry.key.to_string()))?;
        }
        let name = entry.value_name.to_string();
        let name = if name.is_empty() { "(default)" } else { &name };
        let name = Quoted::bare(name);
        let data_type = entry.value.data_type();
        if entry.is_secret() {
            writeln!(out, "    {name}  {data_type}  (password, not shown)")?;
        } else {
            let data = data(&entry.value);
            let line = format!("    {name}  {data_type}  {}", Quoted::bare(&data));
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    Ok(())
}

fn data(value: &RegistryValue) -> String {
    match value {
        RegistryValue::None => String::new(),
        RegistryValue::Sz(text) | RegistryValue::ExpandSz(text) => format!("{text:?}"),
        RegistryValue::MultiSz(texts) => {
            let texts: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
            texts.join(", ")
        }
        RegistryValue::Dword(number) | RegistryValue::DwordBigEndian(number) => {
            format!("{number} (0x{number:x})")
        }
        RegistryValue::Qword(number) => format!("{number} (0x{number:x})"),
        RegistryValue::Binary(data) | RegistryValue::Raw(_, data) => to_spaced_hex(data),
    }
}
