//! What is wrong or unusual about a set of backups or a domain, and where.

use std::fmt;

use gpo_core::{Error, Position, Quoted};

use crate::status::Severity;

/// Something that is wrong or unusual about a backup, about the manifest beside it, or about a GPO
/// of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is; says how bad it is, too.
    pub kind: FindingKind,
    /// The folder of the backup, or of the manifest: its path from the root of the store, `/`
    /// between the names, empty for the root. Of a domain, the folder of the GPO in SYSVOL.
    pub folder: String,
    /// The file, by its path from that folder.
    pub file: Option<String>,
    /// The place in the file.
    pub position: Option<Position>,
    /// What stands there, and what was expected, for a person.
    pub text: String,
}

impl Finding {
    /// A finding about a folder.
    pub fn new(kind: FindingKind, folder: &str, text: impl Into<String>) -> Self {
        Self {
            kind,
            folder: folder.to_owned(),
            file: None,
            position: None,
            text: text.into(),
        }
    }

    /// The same finding, in a file.
    #[must_use]
    pub fn in_file(self, file: impl Into<String>) -> Self {
        Self {
            file: Some(file.into()),
            ..self
        }
    }

    /// An error in the content of a file.
    pub fn of_error(kind: FindingKind, folder: &str, file: &str, error: &Error) -> Self {
        Self {
            position: error.position(),
            ..Self::new(kind, folder, error.message()).in_file(file)
        }
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.kind.severity()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.severity())?;
        let file = self.file.as_deref().unwrap_or_default();
        // A path to be opened here, so with one separator.
        let file = file.replace('\\', "/");
        let parts = [self.folder.as_str(), &file];
        let mut parts = parts.into_iter().filter(|part| !part.is_empty());
        if let Some(first) = parts.next() {
            write!(f, "{}", Quoted::bare(first))?;
            parts.try_for_each(|part| write!(f, "/{}", Quoted::bare(part)))?;
            f.write_str(": ")?;
        }
        if let Some(position) = self.position {
            write!(f, "{position}: ")?;
        }
        write!(f, "{} [{}]", Quoted::bare(&self.text), self.kind)
    }
}

macro_rules! finding_kinds {
    ($($(#[doc = $doc:literal])* $kind:ident $name:literal $severity:ident,)*) => {
        /// The kinds of findings. Their names are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum FindingKind {
            $($(#[doc = $doc])* $kind,)*
        }

        impl FindingKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The name for programs: lower case, with hyphens.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }

            /// How bad it is. An error: something is lost or cannot be restored. A warning: parts
            /// contradict each other. Information: unusual, but nothing is lost.
            pub const fn severity(self) -> Severity {
                match self {
                    $(Self::$kind => Severity::$severity,)*
                }
            }
        }
    };
}

finding_kinds! {
    /// Several backups of the set have the same ID.
    SharedId "shared-id" Warning,
    /// The folder has another name than the ID of its backup.
    FolderName "folder-name" Warning,
    /// The manifest cannot be read.
    InvalidManifest "invalid-manifest" Error,
    /// There is no manifest beside the backup.
    NoManifest "no-manifest" Info,
    /// The manifest has an entry for a backup that is not there.
    EntryWithoutFolder "entry-without-folder" Warning,
    /// The manifest has no entry for a backup that is there.
    FolderWithoutEntry "folder-without-entry" Warning,
    /// The manifest has several entries with the same ID.
    EntryTwice "entry-twice" Warning,
    /// The entry in the manifest says something else than the bkupInfo.xml of the backup.
    EntryDiffers "entry-differs" Warning,
    /// A file that has to be there, or that Backup.xml lists, is missing.
    MissingFile "missing-file" Error,
    /// A folder that Backup.xml lists is missing: archives and version control lose empty ones.
    MissingFolder "missing-folder" Info,
    /// A file of the GPO that Backup.xml does not list.
    UnlistedFile "unlisted-file" Warning,
    /// The backup is of half a GPO, and restored only when that is allowed.
    HalfGpo "half-gpo" Error,
    /// A file beside the files of a backup that no backup has.
    StrayFile "stray-file" Info,
    /// A file or folder that cannot be part of a backup: a link, a device, a name that Windows
    /// does not allow.
    BadName "bad-name" Error,
    /// A file that cannot be read from the store.
    Unreadable "unreadable" Error,
    /// A file whose content is not of its format.
    InvalidFile "invalid-file" Error,
    /// A file that is larger than those that are read into memory: what is in it is not checked.
    TooLarge "too-large" Error,
    /// There are passwords in a file: `cpassword`, whose key is published ([MS-GPPREF] 2.2.1.1.4),
    /// or a registry value that holds one as text.
    Password "password" Warning,
    /// A gpo-sidecar.json that is none: only what GPMC's layout has no place for is lost.
    InvalidSidecar "invalid-sidecar" Warning,
    /// A file has not the content that it was backed up with, as the side-car tells: it is damaged.
    /// Whoever changed it on purpose can have changed the side-car, too.
    ChangedFile "changed-file" Error,
    /// A file that was not in the backup when it was made, as the side-car tells.
    AddedFile "added-file" Warning,
    /// A gpreport.xml that is no well-formed XML: it is only for people to read.
    InvalidReport "invalid-report" Warning,
    /// A file that is written back with other bytes than it was read from.
    RoundTrip "round-trip" Error,
    /// A file whose white space between XML elements is not GPMC's; written back, it is.
    Layout "layout" Info,
    /// XML that the format does not have.
    UnknownXml "unknown-xml" Warning,
    /// bkupInfo.xml and Backup.xml name different GPOs.
    IdentityDiffers "identity-differs" Warning,
    /// Backup.xml puts a file outside the backup or the GPO, or under a name that no file can have.
    BadLocation "bad-location" Error,
    /// There is no security descriptor.
    NoDescriptor "no-descriptor" Warning,
    /// The security descriptor cannot be read, or has no DACL.
    InvalidDescriptor "invalid-descriptor" Error,
    /// Directory objects that cannot be restored, or an attribute of a software package that is not
    /// of its syntax.
    InvalidObject "invalid-object" Error,
    /// The link to a WMI filter is none.
    InvalidWmiFilter "invalid-wmi-filter" Warning,
    /// A domain principal of the DACL is not among the principals that Backup.xml lists.
    UnlistedPrincipal "unlisted-principal" Warning,
    /// Backup.xml lists a principal as one of the DACL that is not in it.
    PrincipalNotInDacl "principal-not-in-dacl" Warning,
    /// A list of extensions is no such list.
    InvalidExtensionList "invalid-extension-list" Warning,
    /// An extension has a block in Backup.xml and is not listed, or is listed and has none.
    BlockMismatch "block-mismatch" Warning,
    /// There are settings of an extension that is not listed: clients ignore them.
    UnlistedExtension "unlisted-extension" Info,
    /// The directory and SYSVOL have different versions, or had when the backup was made.
    VersionsDiffer "versions-differ" Warning,
    /// A GPO of a domain has a container and no folder in SYSVOL.
    NoFolder "no-folder" Error,
    /// A GPO of a domain has a folder in SYSVOL and no container.
    NoContainer "no-container" Error,
    /// The folder of a GPO has no GPT.INI: clients apply nothing of it.
    NoGptIni "no-gpt-ini" Error,
    /// `gPCFileSysPath` leads elsewhere than to the GPO's folder.
    FileSysPath "file-sys-path" Warning,
    /// The permissions of the folder do not follow from those of the container.
    PermissionsDiffer "permissions-differ" Warning,
    /// The link to a WMI filter leads to none.
    NoWmiFilter "no-wmi-filter" Warning,
    /// A file of a domain's GPO has settings of an extension that is not listed: clients ignore
    /// them.
    IgnoredSettings "ignored-settings" Warning,
    /// An extension is listed, and there are no files or objects for it.
    MissingSettings "missing-settings" Warning,
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line_whatever_is_in_it() {
        let position = Position {
            offset: 9,
            line_column: None,
        };
        let finding = Finding {
            position: Some(position),
            ..Finding::new(FindingKind::InvalidFile, "a\u{1b}[2J", "two\nlines")
                .in_file("Machine\\registry.pol")
        };
        assert_eq!(
            finding.to_string(),
            "error: a\\u{1b}[2J/Machine/registry.pol: byte 9: two\\u{a}lines [invalid-file]"
        );
    }

    #[test]
    fn names_are_for_programs() {
        for kind in FindingKind::ALL {
            let fit = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(kind.name().chars().all(fit), "{kind}");
        }
    }
}
