//! Which file of a GPO has which format.

use gpo_core::{
    AuditCsv, ClientSideExtension, Error, FolderRedirection, GpoPath, GptIni, Guid, PolicyComments,
    Preferences, RegistryPol, ScriptsIni, SecurityTemplate, fold_name,
};

/// A format, and the files that have it.
pub(super) struct FileFormat {
    /// Paths below the SYSVOL folder of a GPO in upper case; `*` stands for one name.
    places: &'static [&'static str],
    /// The extension that must be listed for clients to read the file.
    pub(super) extension: Option<Guid>,
    /// Reads the bytes of a file.
    pub(super) parse: fn(&[u8]) -> Result<ParsedFile, Error>,
}

/// A file that could be read.
pub(super) struct ParsedFile {
    /// What is wrong with single values.
    pub(super) problems: Vec<Error>,
    /// Writes it back.
    pub(super) write: Box<dyn FnOnce() -> Result<Vec<u8>, Error>>,
}

macro_rules! parser {
    ($format:ty) => {
        parser!($format, |_| Vec::new())
    };
    ($format:ty, $problems:expr) => {
        |bytes| {
            let problems: fn(&$format) -> Vec<Error> = $problems;
            let file = <$format>::parse(bytes)?;
            Ok(ParsedFile {
                problems: problems(&file),
                write: Box::new(move || file.to_bytes()),
            })
        }
    };
}

const FORMATS: &[FileFormat] = &[
    FileFormat {
        places: &[r"MACHINE\REGISTRY.POL", r"USER\REGISTRY.POL"],
        extension: Some(ClientSideExtension::REGISTRY),
        parse: parser!(RegistryPol),
    },
    FileFormat {
        places: &[r"MACHINE\MICROSOFT\WINDOWS NT\SECEDIT\GPTTMPL.INF"],
        extension: Some(ClientSideExtension::SECURITY),
        parse: parser!(SecurityTemplate, |template| {
            let values = template.registry_values();
            values.filter_map(|setting| setting.value().err()).collect()
        }),
    },
    FileFormat {
        places: &[r"MACHINE\MICROSOFT\WINDOWS NT\AUDIT\AUDIT.CSV"],
        extension: Some(ClientSideExtension::AUDIT),
        parse: parser!(AuditCsv),
    },
    FileFormat {
        places: &[r"*\SCRIPTS\SCRIPTS.INI", r"*\SCRIPTS\PSSCRIPTS.INI"],
        extension: Some(ClientSideExtension::SCRIPTS),
        parse: parser!(ScriptsIni),
    },
    FileFormat {
        places: &[
            r"USER\DOCUMENTS & SETTINGS\FDEPLOY.INI",
            r"USER\DOCUMENTS & SETTINGS\FDEPLOY1.INI",
        ],
        extension: Some(ClientSideExtension::FOLDER_REDIRECTION),
        parse: parser!(FolderRedirection, |file| {
            file.targets().filter_map(Result::err).collect()
        }),
    },
    FileFormat {
        places: &[r"*\PREFERENCES\*\*.XML"],
        extension: None,
        parse: parser!(Preferences),
    },
    FileFormat {
        places: &[r"MACHINE\COMMENT.CMTX", r"USER\COMMENT.CMTX"],
        extension: None,
        parse: parser!(PolicyComments),
    },
    FileFormat {
        places: &["GPT.INI"],
        extension: None,
        parse: parser!(GptIni, |file| file.version().err().into_iter().collect()),
    },
];

/// The format of the file at a path below the SYSVOL folder; none for a file of any content, such
/// as a script.
pub(super) fn file_format(path: &GpoPath) -> Option<&'static FileFormat> {
    let path = fold_name(path.as_str());
    let fits = |place: &&str| {
        let (mut names, mut patterns) = (path.split('\\'), place.split('\\'));
        loop {
            match (names.next(), patterns.next()) {
                (None, None) => return true,
                (Some(name), Some(pattern)) => match pattern.strip_prefix('*') {
                    Some(end) if name.ends_with(end) => {}
                    None if name == pattern => {}
                    _ => return false,
                },
                _ => return false,
            }
        }
    };
    FORMATS.iter().find(|format| format.places.iter().any(fits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_format_only_in_its_place() {
        for (path, known) in [
            (r"Machine\Registry.pol", true),
            (r"USER\registry.pol", true),
            (r"Machine\Scripts\registry.pol", false),
            (r"User\Scripts\psscripts.ini", true),
            (r"User\Scripts\Logon\scripts.ini", false),
            (r"Machine\Preferences\Drives\Drives.xml", true),
            (r"Machine\Preferences\Drives\readme.txt", false),
            (r"Machine\Preferences\Drives.xml", false),
            (r"gpt.ini", true),
            (r"Machine\gpt.ini", false),
        ] {
            let path: GpoPath = path.parse().unwrap();
            assert_eq!(file_format(&path).is_some(), known, "{path}");
        }
    }
}
