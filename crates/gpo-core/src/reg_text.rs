//! The text of a `.reg` file for a registry.pol.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::convert::Infallible;
use core::fmt::Write;

use crate::damage::Damage;
use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::gpo::Half;
use crate::registry_pol::{
    RegistryAction, RegistryEntry, RegistryPol, RegistryType, RegistryValue,
};
use crate::text::{NumberedLine, NumberedLines};

/// Writes a registry.pol as the text of a `.reg` file, version 5, with keys below
/// `HKEY_LOCAL_MACHINE` or `HKEY_CURRENT_USER`. Windows stores such a file in UTF-16LE with a byte
/// order mark.
///
/// | line | entry |
/// |---|---|
/// | `"Name"="text"`, `@="text"` | `REG_SZ`; `\\` and `\"` stand for `\` and `"` |
/// | `"Name"=dword:0000000a` | `REG_DWORD` |
/// | `"Name"=hex:01,02`, `hex(b):…` | bytes of `REG_BINARY`, or of the type of that number |
/// | `"Name"=-` | `**del.Name` |
/// | `[key]` with nothing below it | the key alone |
/// | `; "**delvals."=" "` | any other directive |
///
/// The registry has no directives, so importing the file into it does not do what these ask for; they
/// are comments, which [`parse_reg_text`] takes back. Entries come in their order, and a key whenever
/// it changes. An entry whose names have a line break, or are no text, is left out; its index is in
/// the list.
///
/// ```
/// use gpo_core::{Half, RegistryPol, RegistryValue, parse_reg_text, to_reg_text};
///
/// let mut pol = RegistryPol::default();
/// pol.set(r"Software\Demo", "Path", RegistryValue::Sz(r"C:\x".into()))?;
/// pol.delete(r"Software\Demo", "Old")?;
/// let (text, left_out) = to_reg_text(&pol, Half::Machine);
/// assert_eq!(text, "Windows Registry Editor Version 5.00\r\n\r\n\
///     [HKEY_LOCAL_MACHINE\\Software\\Demo]\r\n\"Path\"=\"C:\\\\x\"\r\n\"Old\"=-\r\n");
/// assert!(left_out.is_empty());
/// assert_eq!(parse_reg_text(&text)?[1], (Half::Machine, pol.entries[1].clone()));
/// # Ok::<(), gpo_core::Error>(())
/// ```
pub fn to_reg_text(pol: &RegistryPol, half: Half) -> (String, Vec<usize>) {
    let mut text = format!("{HEADER}\r\n");
    let mut left_out = Vec::new();
    let mut open = None;
    for (index, entry) in pol.entries.iter().enumerate() {
        let one_line = |text: &&str| !text.contains(['\r', '\n']);
        let key = entry.key.as_str().filter(one_line);
        let name = entry.value_name.as_str().filter(one_line);
        let data = entry.value.to_bytes();
        let (Some(key), Some(name), Ok(data)) = (key, name, data) else {
            left_out.push(index);
            continue;
        };
        let is_key = entry.action() == RegistryAction::CreateKey;
        if is_key || open != Some(key) {
            text.extend(["\r\n[", hive(half), "\\", key, "]\r\n"]);
        }
        open = (!is_key).then_some(key);
        if !is_key {
            append_value(&mut text, entry, name, &data);
        }
    }
    (text, left_out)
}

const HEADER: &str = "Windows Registry Editor Version 5.00";

const fn hive(half: Half) -> &'static str {
    match half {
        Half::Machine => "HKEY_LOCAL_MACHINE",
        Half::User => "HKEY_CURRENT_USER",
    }
}

fn append_value(text: &mut String, entry: &RegistryEntry, name: &str, data: &[u8]) {
    if let RegistryAction::DeleteValue(value) = entry.action()
        && let Some(value) = value.as_str()
        && let Some(key) = entry.key.as_str()
        && RegistryEntry::delete(key, value).as_ref() == Ok(entry)
    {
        append_name(text, value);
        return text.push_str("=-\r\n");
    }
    let is_directive = entry.action() != RegistryAction::SetValue;
    let start = text.len();
    text.push_str(if is_directive { COMMENT } else { "" });
    append_name(text, name);
    match &entry.value {
        RegistryValue::Sz(value) if !value.contains(char::is_control) => {
            text.push('=');
            append_quoted(text, value);
        }
        // Writing to a string does not fail.
        RegistryValue::Dword(number) => _ = write!(text, "=dword:{number:08x}"),
        value => {
            match value.data_type() {
                RegistryType::BINARY => text.push_str("=hex:"),
                RegistryType(number) => _ = write!(text, "=hex({number:x}):"),
            }
            // A comment has one line only.
            append_hex(text, data, start, !is_directive);
        }
    }
    text.push_str("\r\n");
}

/// In front of a directive.
const COMMENT: &str = "; ";

fn append_name(text: &mut String, name: &str) {
    if name.is_empty() {
        text.push('@');
    } else {
        append_quoted(text, name);
    }
}

fn append_quoted(text: &mut String, value: &str) {
    text.push('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('"');
}

/// Bytes with commas between them, in lines of at most 80 columns. The first line starts at `start`.
fn append_hex(text: &mut String, data: &[u8], start: usize, wraps: bool) {
    let mut line = start;
    for (n, byte) in data.iter().enumerate() {
        let separator = if n + 1 < data.len() { "," } else { "" };
        // A byte, a comma and the backslash that continues the line.
        if wraps && n > 0 && text.len() - line + 4 > 80 {
            text.push_str("\\\r\n");
            line = text.len();
            text.push_str("  ");
        }
        let _ = write!(text, "{byte:02x}{separator}");
    }
}

/// Reads the text of a `.reg` file as entries of registry.pol, each with its half.
///
/// Beside what [`to_reg_text`] writes, `[-key]` is taken as `**DeleteKeys` of the key above it.
/// Names of hives and types are found without case; other comments are passed over.
///
/// # Errors
///
/// [`ErrorKind::Syntax`] at the line that cannot be read: a file of another version, a key of another
/// hive, a value without a key.
pub fn parse_reg_text(text: &str) -> Result<Vec<(Half, RegistryEntry)>> {
    read(text, |damage| Err(damage.error))
}

/// Reads every entry that can be saved, and lists what is wrong, with the bytes of the text that were
/// skipped: lines that are no value, and the values below a line that is no key. The list is empty
/// exactly for a text that [`parse_reg_text`] takes.
///
/// ```
/// use gpo_core::parse_reg_text_lossy;
///
/// let text = "Windows Registry Editor Version 5.00\n[HKEY_CURRENT_USER\\K]\n\"v\"=dword:x\n\"w\"=\"1\"\n";
/// let (entries, damage) = parse_reg_text_lossy(text);
/// assert_eq!(entries.len(), 1);
/// assert_eq!(damage[0].skipped, 59..71);
/// ```
pub fn parse_reg_text_lossy(text: &str) -> (Vec<(Half, RegistryEntry)>, Vec<Damage>) {
    let mut all = Vec::new();
    let entries = read(text, |damage| {
        all.push(damage);
        Ok::<_, Infallible>(())
    });
    match entries {
        Ok(entries) => (entries, all),
        Err(never) => match never {},
    }
}

/// Reads a text; `wrong` decides whether it is read on behind what is wrong.
fn read<E>(
    text: &str,
    mut wrong: impl FnMut(Damage) -> Result<(), E>,
) -> Result<Vec<(Half, RegistryEntry)>, E> {
    let mut reader = Reader::default();
    let mut lines = NumberedLines::of(text).peekable();
    let at = |line: &NumberedLine<'_>, found: &str, expected: &str| {
        let message = format!("{} where a .reg file has {expected}", Quoted::new(found));
        line.error(ErrorKind::Syntax, message)
    };
    let header = lines.next_if(|line| line.text.trim_end() == HEADER);
    if header.is_none() {
        let error = match lines.peek() {
            Some(line) => at(line, line.text, HEADER),
            None => Error::new(
                ErrorKind::Syntax,
                "an empty text where a .reg file has lines",
            ),
        };
        wrong(Damage {
            error,
            skipped: 0..0,
        })?;
    }
    while let Some(first) = lines.next() {
        let mut line = String::from(first.text.trim_matches(BLANKS));
        while line.starts_with(['"', '@']) && line.contains("=hex") && line.ends_with('\\') {
            let Some(next) = lines.next() else { break };
            line.pop();
            line.push_str(next.text.trim_matches(BLANKS));
        }
        let Err(expected) = reader.line(&line) else {
            continue;
        };
        let error = at(&first, &line, expected);
        if reader.key.is_none() {
            // All that follows would be put below another key.
            while lines
                .next_if(|line| !line.text.trim_matches(BLANKS).starts_with('['))
                .is_some()
            {}
        }
        let end = lines.peek().map_or(text.len(), |line| line.offset);
        wrong(Damage {
            error,
            skipped: first.offset..end,
        })?;
    }
    reader.end_key();
    Ok(reader.entries)
}

const BLANKS: [char; 2] = [' ', '\t'];

#[derive(Default)]
struct Reader {
    entries: Vec<(Half, RegistryEntry)>,
    /// The key that is open, its entry that makes it, and whether something stood below it.
    key: Option<(Half, RegistryEntry, bool)>,
}

impl Reader {
    /// Takes a line, or says what should stand there.
    fn line(&mut self, line: &str) -> Result<(), &'static str> {
        if let Some(header) = line.strip_prefix('[') {
            self.end_key();
            let key = header.strip_suffix(']').and_then(|key| self.header(key));
            return key.ok_or("[HKEY_LOCAL_MACHINE\\key]");
        }
        let directive = line
            .strip_prefix(COMMENT)
            .filter(|line| line.starts_with("\"**"));
        if line.is_empty() || (line.starts_with(';') && directive.is_none()) {
            return Ok(());
        }
        let Some((half, key, is_used)) = &mut self.key else {
            return Err("a key before the first value");
        };
        let entry = value(key, directive.unwrap_or(line));
        let entry = entry.ok_or("\"name\"= and \"text\", dword:, hex: or -")?;
        *is_used = true;
        self.entries.push((*half, entry));
        Ok(())
    }

    fn header(&mut self, header: &str) -> Option<()> {
        let deleted = header.strip_prefix('-');
        let (own, key) = deleted.unwrap_or(header).split_once('\\')?;
        let half = Half::BOTH
            .into_iter()
            .find(|half| own.eq_ignore_ascii_case(hive(*half)))?;
        if deleted.is_some() {
            let (parent, name) = key
                .rsplit_once('\\')
                .filter(|(_, name)| !name.contains(';'))?;
            let list = RegistryValue::Sz(name.into());
            let entry = RegistryEntry::set(parent, "**DeleteKeys", list).ok()?;
            self.entries.push((half, entry));
        } else {
            self.key = Some((half, RegistryEntry::create_key(key).ok()?, false));
        }
        Some(())
    }

    fn end_key(&mut self) {
        if let Some((half, key, false)) = self.key.take() {
            self.entries.push((half, key));
        }
    }
}

/// The entry of a line `"name"=value` in a key.
fn value(key: &RegistryEntry, line: &str) -> Option<RegistryEntry> {
    let (name, rest) = match line.strip_prefix('@') {
        Some(rest) => (String::new(), rest),
        None => quoted(line)?,
    };
    let data = rest
        .trim_start_matches(BLANKS)
        .strip_prefix('=')?
        .trim_start_matches(BLANKS);
    let key = key.key.as_str()?;
    if data == "-" {
        return RegistryEntry::delete(key, &name).ok();
    }
    let value = if data.starts_with('"') {
        let (text, _) = quoted(data).filter(|(_, rest)| rest.is_empty())?;
        RegistryValue::Sz(text)
    } else {
        let (kind, data) = data.split_once(':')?;
        let kind = kind.to_ascii_lowercase();
        if kind == "dword" {
            let is_hex = data.bytes().all(|b| b.is_ascii_hexdigit());
            RegistryValue::Dword(u32::from_str_radix(data, 16).ok().filter(|_| is_hex)?)
        } else {
            let number = match kind.strip_prefix("hex")? {
                "" => RegistryType::BINARY.0,
                number => {
                    u32::from_str_radix(number.strip_prefix('(')?.strip_suffix(')')?, 16).ok()?
                }
            };
            RegistryValue::from_bytes(RegistryType(number), &bytes(data)?)
        }
    };
    RegistryEntry::set(key, &name, value).ok()
}

/// The text between the quotes at the start, and what follows them.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.strip_prefix('"')?.chars();
    loop {
        match chars.next()? {
            '"' => return Some((value, chars.as_str())),
            '\\' => value.push(chars.next()?),
            c => value.push(c),
        }
    }
}

fn bytes(data: &str) -> Option<Vec<u8>> {
    if data.is_empty() {
        return Some(Vec::new());
    }
    let byte = |byte: &str| -> Option<u8> {
        let is_hex = byte.bytes().all(|b| b.is_ascii_hexdigit());
        u8::from_str_radix(byte, 16).ok().filter(|_| is_hex)
    };
    data.split(',').map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;
    use alloc::vec;
    use proptest::prelude::*;

    #[test]
    fn every_line_is_read() {
        let text = "Windows Registry Editor Version 5.00\n\n; a comment\n[hkey_local_machine\\A b]\n\
                    \"v\" = DWORD:0000000A\n@=\"a\\\\b\\\"\"\n\"old\"=-\n; \"**delvals.\"=\" \"\n\
                    \"b\"=hex:01,\\\n  ff\n\"m\"=hex(7):61,00,00,00,00,00\n\n[HKEY_CURRENT_USER\\C]\n\
                    [-HKEY_CURRENT_USER\\D\\E]\n";
        let set = |name, value| RegistryEntry::set("A b", name, value).unwrap();
        let key = |half, entry: Result<RegistryEntry>| (half, entry.unwrap());
        let keys = RegistryValue::Sz("E".into());
        let expected = [
            (Half::Machine, set("v", RegistryValue::Dword(10))),
            (Half::Machine, set("", RegistryValue::Sz("a\\b\"".into()))),
            key(Half::Machine, RegistryEntry::delete("A b", "old")),
            key(Half::Machine, RegistryEntry::delete_all_values("A b")),
            (Half::Machine, set("b", RegistryValue::Binary(vec![1, 255]))),
            (
                Half::Machine,
                set("m", RegistryValue::MultiSz(vec!["a".into()])),
            ),
            key(Half::User, RegistryEntry::create_key("C")),
            key(Half::User, RegistryEntry::set("D", "**DeleteKeys", keys)),
        ];
        assert_eq!(parse_reg_text(text).unwrap(), expected);
    }

    #[test]
    fn what_is_no_line_is_an_error_at_its_place() {
        let head = "Windows Registry Editor Version 5.00\n";
        let key = "[HKEY_CURRENT_USER\\C]\n";
        assert!(parse_reg_text("REGEDIT4\n").is_err());
        for (line, text) in [
            (2, "\"v\"=\"x\""),
            (2, "[HKEY_CLASSES_ROOT\\x]"),
            (2, "[HKEY_CURRENT_USER\\x"),
            (2, "[-HKEY_CURRENT_USER\\x]"),
            (3, "[k]v"),
            (3, "[k]\"v=\"x\""),
            (3, "[k]\"v\"=\"x\"y"),
            (3, "[k]\"v\"=\"x\\"),
            (3, "[k]\"v\"=dword:x"),
            (3, "[k]\"v\"=dword:+1"),
            (3, "[k]\"v\"=hex:1,,2"),
            (3, "[k]\"v\"=hex(:1"),
            (3, "[k]\"v\"=hex:01,\\"),
        ] {
            let text = format!("{head}{}", text.replace("[k]", key));
            let error = parse_reg_text(&text).expect_err(&text);
            let found = error.position().unwrap().line_column.unwrap();
            assert_eq!(found, (line, 1), "{text}");
        }
    }

    #[test]
    fn later_values_are_saved() {
        let head = "Windows Registry Editor Version 5.00\n";
        let names = |text: &str| {
            let (entries, damage) = parse_reg_text_lossy(text);
            let names: Vec<_> = entries
                .iter()
                .map(|(_, e)| e.value_name.to_string_lossy().into_owned())
                .collect();
            let skipped: Vec<_> = damage
                .into_iter()
                .map(|d| text.get(d.skipped).unwrap().to_owned())
                .collect();
            (names.join(" "), skipped)
        };
        for (body, saved, skipped) in [
            (
                "[HKEY_CURRENT_USER\\K]\n\"a\"=-\n\"b\"=x\n\"c\"=-\n",
                "**del.a **del.c",
                "\"b\"=x\n",
            ),
            (
                "[HKEY_CURRENT_USER\\K]\n\"b\"=hex:1,\\\n  x\n\"c\"=-\n",
                "**del.c",
                "\"b\"=hex:1,\\\n  x\n",
            ),
            (
                "[HKEY_X\\K]\n\"a\"=-\n\n [HKEY_CURRENT_USER\\K]\n\"c\"=-\n",
                "**del.c",
                "[HKEY_X\\K]\n\"a\"=-\n\n",
            ),
            (
                "\"a\"=-\n[HKEY_CURRENT_USER\\K]\n\"c\"=-",
                "**del.c",
                "\"a\"=-\n",
            ),
        ] {
            let (found, lost) = names(&format!("{head}{body}"));
            assert_eq!(
                (found.as_str(), lost),
                (saved, vec![skipped.to_owned()]),
                "{body}"
            );
        }
        let (found, lost) = names("[HKEY_CURRENT_USER\\K]\n\"c\"=-");
        assert_eq!((found.as_str(), lost), ("**del.c", vec![String::new()]));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            entries in prop::collection::vec(
                ("[^\0\r\n]{0,2}", "(\\*\\*(del|soft)\\.|\\*\\*delvals)?[^\0\r\n]{0,2}", 0u32..13, prop::collection::vec(0u8..3, 0..40)),
                0..6,
            ),
        ) {
            let entries = entries.iter().map(|(key, name, number, data)| {
                let value = RegistryValue::from_bytes(RegistryType(*number), data);
                RegistryEntry::set(key, name, value).unwrap()
            });
            let mut pol = RegistryPol { entries: entries.collect() };
            pol.entries.push(RegistryEntry::delete("K", "v").unwrap());
            pol.entries.push(RegistryEntry::set("K", "a\nb", RegistryValue::None).unwrap());
            pol.entries.push(RegistryEntry::set("K", "t", RegistryValue::Sz("\"\\;-".into())).unwrap());
            let (text, left_out) = to_reg_text(&pol, Half::User);
            prop_assert!(text.lines().all(|line| line.starts_with(';') || line.chars().count() <= 80));
            prop_assert_eq!(left_out, vec![pol.entries.len() - 2]);
            pol.entries.remove(pol.entries.len() - 2);
            let expected: Vec<_> = pol.entries.into_iter().map(|entry| (Half::User, entry)).collect();
            prop_assert_eq!(parse_reg_text(&text).unwrap(), expected);
        }

        #[test]
        fn any_text_is_entries_or_refused(text in "([\\[\\]\"=@:;,\\\\\n0a-]|hex|dword|HKEY_CURRENT_USER){0,14}") {
            let text = format!("{HEADER}\n[HKEY_CURRENT_USER\\K]\n{text}");
            let (saved, damage) = parse_reg_text_lossy(&text);
            match parse_reg_text(&text) {
                Ok(entries) => prop_assert_eq!((saved, damage), (entries, vec![])),
                Err(error) => prop_assert_eq!(&damage[0].error, &error),
            }
        }
    }
}
