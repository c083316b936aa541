//! scripts.ini and psscripts.ini: what runs at startup, shutdown, logon and logoff.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use crate::error::{Error, Result};
use crate::inf::{InfDocument, InfItem};
use crate::reference::{Edit, Reference, ReferenceSetting, in_list, in_value, one};
use crate::text::Encoding;

/// When a script runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScriptEvent {
    /// The computer starts.
    Startup,
    /// The computer shuts down.
    Shutdown,
    /// A user logs on.
    Logon,
    /// A user logs off.
    Logoff,
}

impl ScriptEvent {
    /// All of them; the first two are of the computer half.
    pub const ALL: [Self; 4] = [Self::Startup, Self::Shutdown, Self::Logon, Self::Logoff];

    /// The name of the section, and of the folder that scripts without a path lie in.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Startup => "Startup",
            Self::Shutdown => "Shutdown",
            Self::Logon => "Logon",
            Self::Logoff => "Logoff",
        }
    }

    /// The key that says whether PowerShell scripts run before the others.
    const fn order_key(self) -> &'static str {
        match self {
            Self::Startup | Self::Logon => "StartExecutePSFirst",
            Self::Shutdown | Self::Logoff => "EndExecutePSFirst",
        }
    }
}

/// A script and its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Script<'a> {
    /// The line of the command, from 1.
    pub line: usize,
    /// The number in front of its keys, by which scripts run in order.
    pub number: u32,
    /// The script: a name in the folder of its event, or a path.
    pub command: &'a str,
    /// Its parameters; often empty.
    pub parameters: &'a str,
}

/// `Scripts\scripts.ini` or `Scripts\psscripts.ini` of either half ([MS-GPSCR] 2.2.2, 2.2.3).
///
/// UTF-16LE with a byte order mark, CRLF, the first line blank. A section for each
/// [event](ScriptEvent) holds two lines a script, `0CmdLine=…` and `0Parameters=…`, numbered from 0.
/// In psscripts.ini, whose scripts are for PowerShell, `[ScriptsConfig]` may say which kind runs
/// first.
///
/// # Limits
///
/// Any text is one. Scripts are numbered from 0; one whose number has no command is left out.
///
/// ```
/// use gpo_core::{ScriptEvent, ScriptsIni};
///
/// let mut scripts = ScriptsIni::new()?;
/// scripts.set_scripts(ScriptEvent::Logon, &[(r"\\srv\it\map.cmd", "/q"), ("hello.cmd", "")])?;
///
/// let read = ScriptsIni::parse(&scripts.to_bytes()?)?;
/// let logon = read.scripts(ScriptEvent::Logon);
/// assert_eq!((logon[0].command, logon[0].parameters), (r"\\srv\it\map.cmd", "/q"));
/// assert_eq!(logon[1].number, 1);
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptsIni {
    document: InfDocument,
}

const COMMAND: &str = "CmdLine";
const PARAMETERS: &str = "Parameters";
const CONFIG: &str = "ScriptsConfig";

text_file!(ScriptsIni {
    document: InfDocument
});

impl ScriptsIni {
    /// A file without scripts, as Windows writes it.
    ///
    /// # Errors
    ///
    /// None at present; edits of a document may fail.
    pub fn new() -> Result<Self> {
        let mut document = InfDocument::new(Encoding::Utf16Le, true);
        document.push_line("")?;
        Ok(Self { document })
    }

    /// The scripts of an event in the order of their numbers.
    ///
    /// Parameters without a command are left out.
    pub fn scripts(&self, event: ScriptEvent) -> Vec<Script<'_>> {
        let mut commands: BTreeMap<u32, (usize, &str)> = BTreeMap::new();
        let mut parameters: BTreeMap<u32, &str> = BTreeMap::new();
        let sections = self.document.sections_named(event.name());
        for entry in sections.flat_map(|section| section.entries()) {
            // The first of two entries with the same key counts.
            if let Some(number) = number_before(entry.key, COMMAND) {
                commands.entry(number).or_insert((entry.line, entry.value));
            } else if let Some(number) = number_before(entry.key, PARAMETERS) {
                parameters.entry(number).or_insert(entry.value);
            }
        }
        let scripts = commands.into_iter();
        let scripts = scripts.map(|(number, (line, command))| Script {
            line,
            number,
            command,
            parameters: parameters.get(&number).copied().unwrap_or_default(),
        });
        scripts.collect()
    }

    /// What is wrong with single lines: those of an event that are neither a command nor parameters,
    /// and parameters without a command.
    pub fn problems(&self) -> Vec<Error> {
        let text = self.document.text();
        let lines = ScriptEvent::ALL.into_iter().flat_map(|event| {
            let scripts = self.scripts(event);
            let sections = self.document.sections_named(event.name());
            let lines = sections.flat_map(|section| section.lines());
            lines.filter_map(move |(line, own)| {
                let message = match InfItem::of(own) {
                    InfItem::Blank | InfItem::Comment(_) | InfItem::Section(_) => return None,
                    InfItem::Entry { key, .. } if number_before(key, COMMAND).is_some() => {
                        return None;
                    }
                    InfItem::Entry { key, .. } => match number_before(key, PARAMETERS) {
                        Some(number) if has_command(&scripts, number) => return None,
                        Some(_) => "these are parameters without a command",
                        None => "this is neither a command nor parameters of one",
                    },
                    InfItem::Other(_) => "this is neither a command nor parameters of one",
                };
                Some(text.error_at(line, own, message.into()))
            })
        });
        Error::of_file(lines)
    }

    /// The server paths in commands and parameters, and SIDs in them, in file order. `setting` is
    /// what a command is: [`Script`](ReferenceSetting::Script) in scripts.ini,
    /// [`PowerShellScript`](ReferenceSetting::PowerShellScript) in psscripts.ini.
    pub fn references(&self, setting: ReferenceSetting) -> Vec<Reference> {
        let mut found = Vec::new();
        let sections = self.document.sections();
        let sections = sections.filter(|s| {
            ScriptEvent::ALL
                .iter()
                .any(|e| s.name.eq_ignore_ascii_case(e.name()))
        });
        for entry in sections.flat_map(|section| section.entries()) {
            let (setting, parts) = if number_before(entry.key, COMMAND).is_some() {
                (setting, in_value(entry.value))
            } else if number_before(entry.key, PARAMETERS).is_some() {
                (ReferenceSetting::ScriptParameters, in_list(entry.value))
            } else {
                continue;
            };
            self.document
                .add_references(&mut found, setting, entry.line, entry.value, parts);
        }
        found
    }

    /// Puts other text in a place that [`references`](Self::references) gave.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Missing`](crate::ErrorKind::Missing) where something else stands there,
    /// [`ErrorKind::Unwritable`](crate::ErrorKind::Unwritable) for a line break.
    pub fn set_reference(&mut self, reference: &Reference, text: &str) -> Result<()> {
        one(self.edit_references(&[(reference, Some(text))]))
    }

    pub(crate) fn edit_references(&mut self, edits: &[Edit<'_>]) -> Vec<Result<()>> {
        self.document.edit_references(edits, &|_, _| Ok(()))
    }

    /// Sets the scripts of an event, each a command and its parameters.
    ///
    /// Scripts that stay in their place keep their lines.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`](crate::ErrorKind::Unwritable) for a command or parameters with a
    /// line break, or blanks around them.
    pub fn set_scripts(&mut self, event: ScriptEvent, scripts: &[(&str, &str)]) -> Result<()> {
        let section = event.name();
        let mut numbers: Vec<u32> = self.scripts(event).iter().map(|own| own.number).collect();
        for surplus in numbers.split_off(scripts.len().min(numbers.len())) {
            self.remove(event, surplus);
        }
        let kept = numbers.len();
        while numbers.len() < scripts.len() {
            let number = numbers.last().map_or(0, |last| last.saturating_add(1));
            // Parameters without a command may lie there.
            self.remove(event, number);
            numbers.push(number);
        }
        for (index, (number, (command, parameters))) in numbers.iter().zip(scripts).enumerate() {
            self.document
                .set_value(section, &format!("{number}{COMMAND}"), command)?;
            let key = format!("{number}{PARAMETERS}");
            let own = self.document.value(section, &key).unwrap_or_default();
            // A script that has none may have no line for them.
            if index >= kept || own != *parameters {
                self.document.set_value(section, &key, parameters)?;
            }
        }
        Ok(())
    }

    /// Takes out the lines of a script.
    fn remove(&mut self, event: ScriptEvent, number: u32) {
        let sections = self.document.sections_named(event.name());
        let lines: Vec<usize> = sections
            .flat_map(|section| section.entries())
            .filter(|entry| {
                number_before(entry.key, COMMAND).or_else(|| number_before(entry.key, PARAMETERS))
                    == Some(number)
            })
            .map(|entry| entry.line)
            .collect();
        for line in lines.into_iter().rev() {
            self.document.remove_line(line);
        }
    }

    /// Whether the PowerShell scripts of an event run before the others; `None` where the file
    /// leaves it to Windows. Startup and logon have one setting, shutdown and logoff the other.
    pub fn powershell_first(&self, event: ScriptEvent) -> Option<bool> {
        let value = self.document.value(CONFIG, event.order_key())?;
        if value.eq_ignore_ascii_case("true") {
            Some(true)
        } else if value.eq_ignore_ascii_case("false") {
            Some(false)
        } else {
            None
        }
    }

    /// Sets whether the PowerShell scripts of an event run before the others.
    ///
    /// # Errors
    ///
    /// None at present; edits of a document may fail.
    pub fn set_powershell_first(&mut self, event: ScriptEvent, first: bool) -> Result<()> {
        if self.powershell_first(event) == Some(first) {
            return Ok(());
        }
        let value = if first { "true" } else { "false" };
        self.document.set_value(CONFIG, event.order_key(), value)
    }
}

impl From<InfDocument> for ScriptsIni {
    fn from(document: InfDocument) -> Self {
        Self { document }
    }
}

/// Whether one of the scripts, in the order of their numbers, has this number.
fn has_command(scripts: &[Script<'_>], number: u32) -> bool {
    scripts
        .binary_search_by_key(&number, |script| script.number)
        .is_ok()
}

/// The number in a key like `0CmdLine`.
fn number_before(key: &str, name: &str) -> Option<u32> {
    let (digits, rest) = key.split_at_checked(key.len().checked_sub(name.len())?)?;
    let canonical = digits == "0" || digits.starts_with(|c| matches!(c, '1'..='9'));
    (canonical && rest.eq_ignore_ascii_case(name)).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;
    use alloc::string::String;
    use alloc::vec;
    use proptest::prelude::*;

    fn scripts(text: &str) -> ScriptsIni {
        ScriptsIni::parse(text.as_bytes()).unwrap()
    }

    fn text(scripts: &ScriptsIni) -> String {
        String::from_utf8(scripts.to_bytes().unwrap()).unwrap()
    }

    #[test]
    fn a_new_file_is_the_one_of_windows() {
        let bytes = ScriptsIni::new().unwrap().to_bytes().unwrap();
        assert_eq!(bytes, b"\xff\xfe\r\0\n\0");
    }

    #[test]
    fn scripts_run_in_the_order_of_their_numbers() {
        let file = "\r\n[Logon]\r\n10CmdLine=c\r\n2cmdline=b\r\n2Parameters=p q\r\n01CmdLine=x\r\n\
                    3Parameters=y\r\n[logon]\r\n0CmdLine=a\r\n2CmdLine=z\r\n";
        let scripts = scripts(file);
        let read: Vec<_> = scripts
            .scripts(ScriptEvent::Logon)
            .iter()
            .map(|script| {
                (
                    script.line,
                    script.number,
                    script.command,
                    script.parameters,
                )
            })
            .collect();
        assert_eq!(
            read,
            [(9, 0, "a", ""), (4, 2, "b", "p q"), (3, 10, "c", "")]
        );
        assert!(scripts.scripts(ScriptEvent::Logoff).is_empty());
    }

    #[test]
    fn edits_touch_only_what_they_change() {
        let before = "[Logon]\n0CmdLine=a\n0Parameters=\n1CmdLine=b\n1Parameters=p\nodd\n";
        for (set, after) in [
            (vec![("a", ""), ("b", "p")], before.to_owned()),
            (vec![("a", ""), ("b", "q")], before.replace("=p", "=q")),
            (
                vec![("a", "")],
                before.replace("1CmdLine=b\n1Parameters=p\n", ""),
            ),
            (vec![], "[Logon]\nodd\n".to_owned()),
            (
                vec![("a", ""), ("b", "p"), ("c", "")],
                before.to_owned() + "2CmdLine=c\n2Parameters=\n",
            ),
        ] {
            let mut scripts = scripts(before);
            scripts.set_scripts(ScriptEvent::Logon, &set).unwrap();
            assert_eq!(text(&scripts), after);
        }
    }

    #[test]
    fn the_order_of_powershell_is_set_for_pairs_of_events() {
        let mut scripts =
            scripts("[ScriptsConfig]\nStartExecutePSFirst=True\nEndExecutePSFirst=x\n");
        assert_eq!(scripts.powershell_first(ScriptEvent::Logon), Some(true));
        assert_eq!(scripts.powershell_first(ScriptEvent::Shutdown), None);
        scripts
            .set_powershell_first(ScriptEvent::Startup, true)
            .unwrap();
        scripts
            .set_powershell_first(ScriptEvent::Logoff, false)
            .unwrap();
        let after = "[ScriptsConfig]\nStartExecutePSFirst=True\nEndExecutePSFirst=false\n";
        assert_eq!(text(&scripts), after);
    }

    proptest! {
        #[test]
        fn scripts_that_were_set_are_read(
            lines in prop::collection::vec("\\[Logon\\]|0?[0-3](CmdLine|Parameters) ?=[a-c]?|\\PC{0,4}", 0..9),
            set in prop::collection::vec(("[a-cé\\\\=;]{0,5}", "[a-c%]{0,3}"), 0..5),
        ) {
            let mut scripts = scripts(&lines.join("\n"));
            let before = scripts.clone();
            let own: Vec<_> = before.scripts(ScriptEvent::Logon);
            let own: Vec<_> = own.iter().map(|s| (s.command, s.parameters)).collect();
            scripts.set_scripts(ScriptEvent::Logon, &own).unwrap();
            prop_assert_eq!(&scripts, &before);

            let set: Vec<_> = set.iter().map(|(c, p)| (c.as_str(), p.as_str())).collect();
            scripts.set_scripts(ScriptEvent::Logon, &set).unwrap();
            let scripts = ScriptsIni::parse(&scripts.to_bytes().unwrap()).unwrap();
            let read: Vec<_> = scripts.scripts(ScriptEvent::Logon);
            let read: Vec<_> = read.iter().map(|s| (s.command, s.parameters)).collect();
            prop_assert_eq!(read, set);
        }
    }
}
