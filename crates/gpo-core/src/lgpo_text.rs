//! The text that Microsoft's LGPO.exe reads and writes for a registry.pol.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;
use core::ops::Range;

use crate::damage::Damage;
use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::gpo::Half;
use crate::registry_pol::{RegistryAction, RegistryEntry, RegistryPol, RegistryValue};
use crate::text::{NumberedLine, NumberedLines};

/// A command of LGPO text: an entry of the registry.pol of one half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LgpoCommand {
    /// The line that it starts on, from 1.
    pub line: usize,
    /// The half.
    pub half: Half,
    /// The entry.
    pub entry: RegistryEntry,
}

/// Writes a registry.pol as the text of LGPO.exe 3.0.
///
/// A command is four lines, `Computer` or `User`, key, value name, action, and a blank line:
///
/// | action | entry |
/// |---|---|
/// | `DWORD:16`, `QWORD:16` | number, written in decimal, also read as `0x10` |
/// | `SZ:text`, `EXSZ:text` | text; backslash, CR and LF are `\\`, `\r`, `\n` |
/// | `MULTISZ:one\0two` | texts; a list of a single NUL is `MULTISZ:\0` |
/// | `BINARY:01,00,ff` | bytes |
/// | `DELETE` | `**del.` and the value name |
/// | `DELETEALLVALUES` | `**delvals.`; the value name is `*` |
/// | `CREATEKEY` | the key alone; the value name is `*` |
///
/// Commands stand in the order of the entries. An entry that no command makes (data that has not
/// the form of its type, other types, names with line breaks) is left out; its index is in the list,
/// and a comment stands in its place.
///
/// LGPO.exe itself reads `MULTISZ:\0` back as three NULs.
///
/// ```
/// use gpo_core::{Half, RegistryPol, RegistryValue, parse_lgpo_text, to_lgpo_text};
///
/// let mut pol = RegistryPol::default();
/// pol.set(r"Software\Demo", "Path", RegistryValue::Sz(r"C:\x".into()))?;
/// let (text, left_out) = to_lgpo_text(&pol, Half::Machine);
/// assert_eq!(text, "Computer\r\nSoftware\\Demo\r\nPath\r\nSZ:C:\\\\x\r\n\r\n");
/// assert!(left_out.is_empty());
/// assert_eq!(parse_lgpo_text(&text)?[0].entry, pol.entries[0]);
/// # Ok::<(), gpo_core::Error>(())
/// ```
pub fn to_lgpo_text(pol: &RegistryPol, half: Half) -> (String, Vec<usize>) {
    let mut text = String::new();
    let mut left_out = Vec::new();
    for (index, entry) in pol.entries.iter().enumerate() {
        if let Some((name, action)) = action(entry)
            && let Some(key) = entry.key.as_str().filter(|key| is_one_line(key))
        {
            let half = half_name(half);
            text.extend([
                half, "\r\n", key, "\r\n", &name, "\r\n", &action, "\r\n\r\n",
            ]);
        } else {
            left_out.push(index);
            // Writing to a string does not fail.
            let _ = write!(
                text,
                "; {}\\{}: LGPO.exe has no command for this {}\r\n\r\n",
                Quoted::bare(&entry.key.to_string_lossy()),
                Quoted::bare(&entry.value_name.to_string_lossy()),
                entry.value.data_type()
            );
        }
    }
    (text, left_out)
}

fn half_name(half: Half) -> &'static str {
    match half {
        Half::Machine => "Computer",
        Half::User => "User",
    }
}

fn is_one_line(text: &str) -> bool {
    !text.contains(['\r', '\n'])
}

/// The lines of value name and action.
fn action(entry: &RegistryEntry) -> Option<(String, String)> {
    // Only what the command makes again: Windows takes a directive in any case.
    let key = entry.key.as_str()?;
    let is = |made: Result<RegistryEntry>| made.is_ok_and(|made| made == *entry);
    match entry.action() {
        RegistryAction::DeleteValue(name) => {
            let name = name.as_str().filter(|name| is_one_line(name))?;
            if is(RegistryEntry::delete(key, name)) {
                return Some((name.into(), DELETE.into()));
            }
        }
        RegistryAction::DeleteAllValues if is(RegistryEntry::delete_all_values(key)) => {
            return Some((ANY.into(), DELETE_ALL_VALUES.into()));
        }
        RegistryAction::CreateKey if is(RegistryEntry::create_key(key)) => {
            return Some((ANY.into(), CREATE_KEY.into()));
        }
        _ => {}
    }
    let action = match &entry.value {
        RegistryValue::Sz(text) => format!("{SZ}{}", escaped(text)),
        RegistryValue::ExpandSz(text) => format!("{EXPAND_SZ}{}", escaped(text)),
        RegistryValue::Dword(number) => format!("{DWORD}{number}"),
        RegistryValue::Qword(number) => format!("{QWORD}{number}"),
        RegistryValue::Binary(data) => {
            let data: Vec<String> = data.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{BINARY}{}", data.join(","))
        }
        RegistryValue::MultiSz(texts) if texts.is_empty() => format!("{MULTI_SZ}\\0"),
        RegistryValue::MultiSz(texts) => {
            let texts: Vec<String> = texts.iter().map(|text| escaped(text)).collect();
            format!("{MULTI_SZ}{}", texts.join("\\0"))
        }
        _ => return None,
    };
    let name = entry.value_name.as_str().filter(|name| is_one_line(name))?;
    Some((name.into(), action))
}

const SZ: &str = "SZ:";
const EXPAND_SZ: &str = "EXSZ:";
const MULTI_SZ: &str = "MULTISZ:";
const DWORD: &str = "DWORD:";
const QWORD: &str = "QWORD:";
const BINARY: &str = "BINARY:";
const DELETE: &str = "DELETE";
const DELETE_ALL_VALUES: &str = "DELETEALLVALUES";
const CREATE_KEY: &str = "CREATEKEY";
/// The value name of actions that need none.
const ANY: &str = "*";

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => escaped.push_str("\\\\"),
            '\r' => escaped.push_str("\\r"),
            '\n' => escaped.push_str("\\n"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Reads LGPO text. Blank lines and lines that start with `;` may stand between commands.
///
/// A backslash that starts no escape stands for itself, so that hand-written paths are read.
///
/// # Errors
///
/// [`ErrorKind::Syntax`] at the line that is no part of a command, [`ErrorKind::Value`] at the line
/// of an action whose value is not of its type. `CLEAR` and `DELETEKEYS` change the policy of the
/// computer that LGPO.exe runs on and make no entry: they are errors, too.
pub fn parse_lgpo_text(text: &str) -> Result<Vec<LgpoCommand>> {
    Commands::of(text).collect()
}

/// Reads every command that can be saved, and lists what is wrong, with the bytes of the text that
/// were skipped.
///
/// What is no command is skipped up to the next line that starts one, `Computer` or `User`. The list
/// is empty exactly for a text that [`parse_lgpo_text`] takes.
///
/// ```
/// use gpo_core::parse_lgpo_text_lossy;
///
/// let text = "Computer\nK\nv\nDWORD:x\n\nUser\nK\nw\nDWORD:2\n";
/// let (commands, damage) = parse_lgpo_text_lossy(text);
/// assert_eq!((commands.len(), commands[0].line), (1, 6));
/// assert_eq!(damage[0].skipped, 0..22);
/// assert!(damage[0].error.to_string().starts_with("line 4, column 1 (byte 13): "));
/// ```
pub fn parse_lgpo_text_lossy(text: &str) -> (Vec<LgpoCommand>, Vec<Damage>) {
    let mut commands = Commands::of(text);
    let (mut saved, mut damage) = (Vec::new(), Vec::new());
    while let Some(command) = commands.next() {
        match command {
            Ok(command) => saved.push(command),
            Err(error) => damage.push(Damage {
                error,
                skipped: commands.skip_to_head(),
            }),
        }
    }
    (saved, damage)
}

/// The commands of a text, one by one.
struct Commands<'a> {
    lines: NumberedLines<'a>,
    /// Where the command that was read last starts.
    head: NumberedLines<'a>,
}

impl<'a> Commands<'a> {
    fn of(text: &'a str) -> Self {
        let lines = NumberedLines::of(text);
        let head = lines.clone();
        Self { lines, head }
    }

    /// Goes on behind the first line of the command that was read last, at the next line that starts
    /// one. Gives the bytes in between.
    fn skip_to_head(&mut self) -> Range<usize> {
        let start = self.head.offset();
        self.lines = self.head.clone();
        self.lines.next();
        while let Some(line) = self.lines.clone().next() {
            if half_of(line.text).is_some() {
                break;
            }
            self.lines.next();
        }
        start..self.lines.offset()
    }
}

impl Iterator for Commands<'_> {
    type Item = Result<LgpoCommand>;

    fn next(&mut self) -> Option<Self::Item> {
        let is_none =
            |line: &NumberedLine<'_>| line.text.trim().is_empty() || line.text.starts_with(';');
        let head = loop {
            self.head = self.lines.clone();
            let line = self.lines.next()?;
            if !is_none(&line) {
                break line;
            }
        };
        let Some(half) = half_of(head.text) else {
            let message = format!("{} is neither Computer nor User", Quoted::new(head.text));
            return Some(Err(head.error(ErrorKind::Syntax, message)));
        };
        let lines = &mut self.lines;
        let (Some(key), Some(name), Some(action)) = (lines.next(), lines.next(), lines.next())
        else {
            let message = "the command that starts here is not whole".into();
            return Some(Err(head.error(ErrorKind::Truncated, message)));
        };
        let trimmed = action.text.trim_end_matches([' ', '\t']);
        let entry = entry(key.text, name.text, trimmed, action.text);
        Some(match entry {
            Ok(entry) => Ok(LgpoCommand {
                line: head.number,
                half,
                entry,
            }),
            Err((kind, message)) => Err(action.error(kind, message)),
        })
    }
}

/// The half that a command is for, by its first line.
fn half_of(line: &str) -> Option<Half> {
    let name = line.trim();
    Half::BOTH
        .into_iter()
        .find(|half| name.eq_ignore_ascii_case(half_name(*half)))
}

/// `action` has no blanks at its end; of texts they are a part.
fn entry(
    key: &str,
    name: &str,
    action: &str,
    whole: &str,
) -> Result<RegistryEntry, (ErrorKind, String)> {
    let unwritable = |error: Error| (error.kind(), error.message().to_string());
    if action.eq_ignore_ascii_case(DELETE) {
        return RegistryEntry::delete(key, name).map_err(unwritable);
    } else if action.eq_ignore_ascii_case(DELETE_ALL_VALUES) {
        return RegistryEntry::delete_all_values(key).map_err(unwritable);
    } else if action.eq_ignore_ascii_case(CREATE_KEY) {
        return RegistryEntry::create_key(key).map_err(unwritable);
    }
    let value_of = |name: &str, action: &str| {
        let (head, value) = action.split_at_checked(name.len())?;
        head.eq_ignore_ascii_case(name).then(|| value.to_string())
    };
    let value = if let Some(text) = value_of(SZ, whole) {
        Some(RegistryValue::Sz(unescaped(&text)))
    } else if let Some(text) = value_of(EXPAND_SZ, whole) {
        Some(RegistryValue::ExpandSz(unescaped(&text)))
    } else if let Some(text) = value_of(MULTI_SZ, whole) {
        Some(RegistryValue::MultiSz(texts(&text)))
    } else if let Some(number) = value_of(DWORD, action) {
        number_of(&number)
            .and_then(|n| n.try_into().ok())
            .map(RegistryValue::Dword)
    } else if let Some(number) = value_of(QWORD, action) {
        number_of(&number).map(RegistryValue::Qword)
    } else if let Some(data) = value_of(BINARY, action) {
        bytes(&data).map(RegistryValue::Binary)
    } else {
        let message = format!("{} is no action that makes an entry", Quoted::new(action));
        return Err((ErrorKind::Syntax, message));
    };
    let value = value.ok_or_else(|| {
        let message = format!("{} is not of the type that it names", Quoted::new(action));
        (ErrorKind::Value, message)
    })?;
    RegistryEntry::set(key, name, value).map_err(unwritable)
}

fn number_of(text: &str) -> Option<u64> {
    let (digits, radix) = match text.get(..2) {
        Some("0x" | "0X") => (text.get(2..)?, 16),
        _ => (text, 10),
    };
    let is_number = digits.chars().all(|c| c.is_digit(radix));
    u64::from_str_radix(digits, radix)
        .ok()
        .filter(|_| is_number)
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let bytes = text.split(',').map(|byte| match byte.as_bytes() {
        [_] | [_, _] if byte.bytes().all(|b| b.is_ascii_hexdigit()) => {
            u8::from_str_radix(byte, 16).ok()
        }
        _ => None,
    });
    bytes.collect()
}

fn unescaped(text: &str) -> String {
    let mut unescaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        unescaped.push_str(before);
        let (c, length) = match after.as_bytes().first() {
            Some(b'\\') => ('\\', 1),
            Some(b'r') => ('\r', 1),
            Some(b'n') => ('\n', 1),
            _ => ('\\', 0),
        };
        unescaped.push(c);
        rest = after.get(length..).unwrap_or_default();
    }
    unescaped.push_str(rest);
    unescaped
}

/// The texts of a list: `\0` parts them, unless its backslash is itself escaped.
fn texts(text: &str) -> Vec<String> {
    if text == "\\0" {
        // What LGPO.exe writes for the list of a single NUL.
        return Vec::new();
    }
    let mut texts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (index, c) in text.char_indices() {
        if escaped && c == '0' {
            texts.push(unescaped(text.get(start..index - 1).unwrap_or_default()));
            start = index + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    texts.push(unescaped(text.get(start..).unwrap_or_default()));
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry_pol::RegistryType;
    use alloc::vec;
    use proptest::prelude::*;

    #[test]
    fn actions_are_read_in_every_spelling() {
        let text = "; a comment\n\nCOMPUTER\nK\\s\nv\nDWORD:0x10 \n\nuser\nK\n\nSZ: a\\b\\\\n\\r\\n \n\
                    Computer\nK\n;v\nMULTISZ:a\\\\0\\0b\nUser\nK\n*\nCREATEKEY";
        let commands = parse_lgpo_text(text).unwrap();
        let texts = vec!["a\\0".into(), "b".into()];
        let expected = [
            (
                3,
                Half::Machine,
                RegistryEntry::set("K\\s", "v", RegistryValue::Dword(16)),
            ),
            (
                8,
                Half::User,
                RegistryEntry::set("K", "", RegistryValue::Sz(" a\\b\\n\r\n ".into())),
            ),
            (
                12,
                Half::Machine,
                RegistryEntry::set("K", ";v", RegistryValue::MultiSz(texts)),
            ),
            (16, Half::User, RegistryEntry::create_key("K")),
        ];
        let expected = expected.map(|(line, half, entry)| LgpoCommand {
            line,
            half,
            entry: entry.unwrap(),
        });
        assert_eq!(commands, expected);
    }

    #[test]
    fn what_is_no_command_is_an_error_at_its_line() {
        for (text, line) in [
            ("\nComputers\nK\nv\nDWORD:1", 2),
            ("Computer\nK\nv", 1),
            ("User\nK\nv\nDWORD:4294967296", 4),
            ("User\nK\nv\nDWORD:-1", 4),
            ("User\nK\nv\nDWORD:", 4),
            ("User\nK\nv\nDWORD:0x+1", 4),
            ("User\nK\nv\nBINARY:0001", 4),
            ("User\nK\nv\nBINARY:+1", 4),
            ("User\nK\nv\nCLEAR", 4),
            ("User\nK\nv\nDELETEKEYS", 4),
            ("User\nK\nv\nSZ", 4),
        ] {
            let error = parse_lgpo_text(text).unwrap_err();
            let (found, _) = error.position().unwrap().line_column.unwrap();
            assert_eq!(found, line, "{text:?}: {error}");
        }
    }

    #[test]
    fn later_commands_are_saved() {
        let good = "User\nK\nv\nDWORD:1\n";
        for (broken, saved, skipped) in [
            ("Computers\nK\nv\nDWORD:1\n\n", vec![6], 0..23),
            ("Computer\nK\nv\nDWORD:x\n", vec![5], 0..21),
            ("Computer\nK\n", vec![3], 0..11),
            ("Computer\n\nnoise\n; User\n", vec![5], 0..23),
        ] {
            let text = format!("{broken}{good}");
            let (commands, damage) = parse_lgpo_text_lossy(&text);
            let lines: Vec<_> = commands.iter().map(|command| command.line).collect();
            assert_eq!(lines, saved, "{text:?}");
            assert_eq!(
                (damage.len(), &damage[0].skipped),
                (1, &skipped),
                "{text:?}"
            );
        }
        let (commands, damage) = parse_lgpo_text_lossy("Computer\nK");
        assert_eq!((commands.len(), damage[0].skipped.clone()), (0, 0..10));
    }

    #[test]
    fn what_no_command_makes_is_named() {
        let odd = RegistryValue::Raw(RegistryType::DWORD, vec![1]);
        let entries = vec![
            RegistryEntry::set("K", "a\nb", RegistryValue::Dword(1)).unwrap(),
            RegistryEntry::set("K", "odd", odd).unwrap(),
            RegistryEntry::set("K", "v", RegistryValue::Dword(1)).unwrap(),
        ];
        let (text, left_out) = to_lgpo_text(&RegistryPol { entries }, Half::User);
        assert_eq!(left_out, [0, 1]);
        assert_eq!(parse_lgpo_text(&text).unwrap().len(), 1);
        assert!(text.contains("; K\\a\\u{a}b: LGPO.exe has no command for this REG_DWORD\r\n"));
    }

    proptest! {
        #[test]
        fn what_is_right_is_saved_whole(text in "((Computer|user|K|v|;x|DWORD:1|DELETE|)\n){0,20}") {
            let (saved, damage) = parse_lgpo_text_lossy(&text);
            match parse_lgpo_text(&text) {
                Ok(commands) => prop_assert_eq!((saved, damage), (commands, vec![])),
                Err(error) => prop_assert_eq!(&damage[0].error, &error),
            }
        }

        #[test]
        fn what_is_written_is_read_again(
            key in "[^\0\r\n]{0,6}",
            name in "(\\*\\*del\\.)?[^\0\r\n]{0,4}",
            text in "(\\\\|[^\0]){0,6}",
            texts in prop::collection::vec("([\\\\0rn]|[^\0]){0,4}", 0..4),
            number: u64,
        ) {
            for value in [
                RegistryValue::None,
                RegistryValue::Sz(" ".into()),
                RegistryValue::Sz(text.clone()),
                RegistryValue::ExpandSz(text),
                RegistryValue::Qword(number),
                RegistryValue::Binary(number.to_le_bytes().to_vec()),
                RegistryValue::MultiSz(texts),
            ] {
                let entry = RegistryEntry::set(&key, &name, value).unwrap();
                let pol = RegistryPol { entries: vec![entry.clone()] };
                let (text, left_out) = to_lgpo_text(&pol, Half::User);
                let read = parse_lgpo_text(&text).unwrap();
                if left_out.is_empty() {
                    let expected = match entry.action() {
                        // LGPO.exe spells the directive in one way.
                        RegistryAction::DeleteAllValues => RegistryEntry::delete_all_values(&key).unwrap(),
                        // A list of one empty text and one of two look like others.
                        _ if text.contains("MULTISZ:\\0\r\n") || text.contains("MULTISZ:\r\n") => continue,
                        _ => entry,
                    };
                    prop_assert_eq!(&read[0].entry, &expected, "{}", text);
                } else {
                    prop_assert!(read.is_empty());
                }
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(Computer\n|User\r\n|K\n|\n|(DWORD|SZ|MULTISZ|BINARY):[\\\\0-9a,]{0,4}\n|\\PC{0,3}){0,12}") {
            let _ = parse_lgpo_text(&text);
        }
    }
}
