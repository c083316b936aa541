//! The files of a GPO that have a format, each read by its parser.

use gpo_core::{
    ClientSideExtension, Error, FileKind, FolderRedirection, GpoPath, GptIni, Guid, InfItem,
    PolicyComments, ScriptEvent, SecurityTemplate, SettingsFile, check_advertise_script,
    gpo_comment_to_bytes, parse_gpo_comment,
};

/// A file of a GPO whose place says which format it has.
pub(super) enum ParsedFile {
    Settings(Box<SettingsFile>),
    Comments(PolicyComments),
    Version(GptIni),
    /// GPO.cmt, the description of the GPO.
    Description(String),
    /// The script of a software package: bytes with a known header.
    AdvertiseScript(Vec<u8>),
}

/// Reads the file at a path below the SYSVOL folder; none for a file of any content, such as a
/// script.
pub(super) fn parse(path: &GpoPath, bytes: &[u8]) -> Option<Result<ParsedFile, Error>> {
    Some(match FileKind::of(path) {
        FileKind::PolicyComments => PolicyComments::parse(bytes).map(ParsedFile::Comments),
        FileKind::GptIni => GptIni::parse(bytes).map(ParsedFile::Version),
        FileKind::GpoComment => parse_gpo_comment(bytes).map(ParsedFile::Description),
        FileKind::AdvertiseScript => {
            check_advertise_script(bytes).map(|()| ParsedFile::AdvertiseScript(bytes.to_owned()))
        }
        kind if kind.holds_settings() => {
            SettingsFile::parse(path, bytes).map(|file| ParsedFile::Settings(Box::new(file)))
        }
        _ => return None,
    })
}

impl ParsedFile {
    /// Writes it back.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        match self {
            Self::Settings(file) => file.to_bytes(),
            Self::Comments(file) => file.to_bytes(),
            Self::Version(file) => file.to_bytes(),
            Self::Description(comment) => Ok(gpo_comment_to_bytes(comment)),
            Self::AdvertiseScript(bytes) => Ok(bytes.clone()),
        }
    }

    /// What is wrong with single values.
    pub(super) fn problems(&self) -> Vec<Error> {
        match self {
            Self::Version(file) => file.version().err().into_iter().collect(),
            Self::Settings(file) => file.problems(),
            Self::Comments(_) | Self::Description(_) | Self::AdvertiseScript(_) => Vec::new(),
        }
    }

    /// The extension that has to be listed for clients to read the file; none where the file sets
    /// nothing, and for preferences, whose kinds have one each.
    pub(super) fn extension(&self) -> Option<Guid> {
        let Self::Settings(file) = self else {
            return None;
        };
        let extension = match &**file {
            SettingsFile::RegistryPol(_) => ClientSideExtension::REGISTRY,
            SettingsFile::SecurityTemplate(_) => ClientSideExtension::SECURITY,
            SettingsFile::AuditCsv(_) => ClientSideExtension::AUDIT,
            SettingsFile::Scripts(_) | SettingsFile::PowerShellScripts(_) => {
                ClientSideExtension::SCRIPTS
            }
            SettingsFile::FolderRedirection(_) => ClientSideExtension::FOLDER_REDIRECTION,
            _ => return None,
        };
        sets_something(file).then_some(extension)
    }

    /// How many passwords are in the file that everybody who can read it has.
    pub(super) fn passwords(&self) -> usize {
        let Self::Settings(file) = self else {
            return 0;
        };
        match &**file {
            SettingsFile::RegistryPol(file) => {
                let entries = file.entries.iter();
                entries.filter(|entry| entry.is_secret()).count()
            }
            SettingsFile::SecurityTemplate(file) => {
                let values = file.registry_values().filter(|setting| {
                    let name = setting.path.rsplit('\\').next().unwrap_or_default();
                    setting.value().is_ok_and(|value| value.is_secret(name))
                });
                values.count()
            }
            SettingsFile::Preferences(file) => file.secrets().count(),
            _ => 0,
        }
    }
}

/// Whether a file makes clients do something.
pub(crate) fn sets_something(file: &SettingsFile) -> bool {
    match file {
        SettingsFile::RegistryPol(file) => !file.entries.is_empty(),
        SettingsFile::SecurityTemplate(file) => has_settings(file),
        SettingsFile::AuditCsv(file) => file.rows().next().is_some(),
        SettingsFile::Scripts(file) | SettingsFile::PowerShellScripts(file) => ScriptEvent::ALL
            .iter()
            .any(|event| !file.scripts(*event).is_empty()),
        SettingsFile::FolderRedirection(file) => redirects(file),
        SettingsFile::Preferences(file) => file.items().next().is_some(),
        // Of a kind that came later.
        _ => true,
    }
}

/// Whether a template says more than what kind of file it is.
fn has_settings(template: &SecurityTemplate) -> bool {
    let mut sections = template.document().sections().filter(|section| {
        let head = ["Unicode", "Version"];
        !head
            .iter()
            .any(|name| section.name.eq_ignore_ascii_case(name))
    });
    sections.any(|section| {
        section
            .lines()
            .any(|(_, line)| !matches!(InfItem::of(line), InfItem::Blank | InfItem::Comment(_)))
    })
}

fn redirects(file: &FolderRedirection) -> bool {
    file.targets().next().is_some() || file.statuses().next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_sets_nothing_needs_no_extension() {
        for (path, nothing, something) in [
            (
                r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf",
                "[Unicode]\nUnicode=yes\n[Version]\nRevision=1\n[System Access]\n; none\n",
                "[System Access]\nMinimumPasswordAge = 1\n",
            ),
            (
                r"User\Scripts\scripts.ini",
                "\n[Logon]\n",
                "[Logon]\n0CmdLine=a\n0Parameters=\n",
            ),
            (
                r"Machine\Microsoft\Windows NT\Audit\audit.csv",
                "Machine Name,Policy Target\n",
                "h\n,System,x,{0CCE9215-69AE-11D9-BED3-505054503030},,,1\n",
            ),
        ] {
            let path: GpoPath = path.parse().unwrap();
            let extension = |text: &str| {
                let parsed = parse(&path, text.as_bytes()).unwrap();
                parsed.unwrap().extension()
            };
            assert_eq!(extension(nothing), None, "{path}");
            assert!(extension(something).is_some(), "{path}");
        }
    }

    #[test]
    fn passwords_are_counted() {
        let drives = r#"<Drives><Drive><Properties cpassword="x"/></Drive><Drive><Properties cpassword=""/></Drive></Drives>"#;
        let path: GpoPath = r"User\Preferences\Drives\Drives.xml".parse().unwrap();
        let parsed = parse(&path, drives.as_bytes()).unwrap().unwrap();
        assert_eq!(parsed.passwords(), 1);
    }
}
