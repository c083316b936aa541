//! A file of a GPO, read as what its place says it is.

use alloc::format;
use alloc::vec::Vec;

use crate::audit_csv::AuditCsv;
use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::file_kind::FileKind;
use crate::folder_redirection::FolderRedirection;
use crate::path::GpoPath;
use crate::preferences::Preferences;
use crate::reference::{Reference, ReferenceSetting, one};
use crate::registry_pol::RegistryPol;
use crate::scripts_ini::ScriptsIni;
use crate::security_template::SecurityTemplate;

/// A file of a GPO that holds settings, read as what its place in SYSVOL says it is.
///
/// ```
/// use gpo_core::SettingsFile;
///
/// let path = r"Machine\Scripts\psscripts.ini".parse()?;
/// let mut file = SettingsFile::parse(&path, b"[Startup]\n0CmdLine=\\\\old\\it\\a.ps1\n0Parameters=\n")?;
/// for reference in file.references().iter().rev() {
///     file.set_reference(reference, &reference.text.replace("old", "new"))?;
/// }
/// assert_eq!(file.to_bytes()?, b"[Startup]\n0CmdLine=\\\\new\\it\\a.ps1\n0Parameters=\n");
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingsFile {
    /// `registry.pol` of either half.
    RegistryPol(RegistryPol),
    /// `GptTmpl.inf`.
    SecurityTemplate(SecurityTemplate),
    /// `audit.csv`.
    AuditCsv(AuditCsv),
    /// `scripts.ini` of either half.
    Scripts(ScriptsIni),
    /// `psscripts.ini` of either half.
    PowerShellScripts(ScriptsIni),
    /// `fdeploy.ini` or `fdeploy1.ini`.
    FolderRedirection(FolderRedirection),
    /// Preferences of any kind, in either half.
    Preferences(Preferences),
}

impl SettingsFile {
    /// Whether a file at this path below the SYSVOL folder of a GPO is one.
    pub fn is_known(path: &GpoPath) -> bool {
        FileKind::of(path).holds_settings()
    }

    /// Reads the file at this path below the SYSVOL folder of a GPO.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Path`] where no settings lie there; what its format finds wrong.
    pub fn parse(path: &GpoPath, bytes: &[u8]) -> Result<Self> {
        match FileKind::of(path) {
            FileKind::RegistryPol => RegistryPol::parse(bytes).map(Self::RegistryPol),
            FileKind::SecurityTemplate => {
                SecurityTemplate::parse(bytes).map(Self::SecurityTemplate)
            }
            FileKind::AuditCsv => AuditCsv::parse(bytes).map(Self::AuditCsv),
            FileKind::Scripts => ScriptsIni::parse(bytes).map(Self::Scripts),
            FileKind::PowerShellScripts => ScriptsIni::parse(bytes).map(Self::PowerShellScripts),
            FileKind::FolderRedirection => {
                FolderRedirection::parse(bytes).map(Self::FolderRedirection)
            }
            FileKind::Preferences => Preferences::parse(bytes).map(Self::Preferences),
            _ => {
                let message = format!("{} is no file of settings", Quoted::new(path.as_str()));
                Err(Error::new(ErrorKind::Path, message))
            }
        }
    }

    /// The bytes of the file.
    ///
    /// # Errors
    ///
    /// As the format has them.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        match self {
            Self::RegistryPol(file) => file.to_bytes(),
            Self::SecurityTemplate(file) => file.to_bytes(),
            Self::AuditCsv(file) => file.to_bytes(),
            Self::Scripts(file) | Self::PowerShellScripts(file) => file.to_bytes(),
            Self::FolderRedirection(file) => file.to_bytes(),
            Self::Preferences(file) => file.to_bytes(),
        }
    }

    /// What is wrong with single values, each at its place; the rest of the file can be used.
    ///
    /// registry.pol and preferences have no such values: what data means, the component knows that
    /// the setting is for.
    pub fn problems(&self) -> Vec<Error> {
        match self {
            Self::SecurityTemplate(file) => file.problems(),
            Self::AuditCsv(file) => file.problems(),
            Self::Scripts(file) | Self::PowerShellScripts(file) => file.problems(),
            Self::FolderRedirection(file) => file.problems(),
            Self::RegistryPol(_) | Self::Preferences(_) => Vec::new(),
        }
    }

    /// The principals and paths that the file names.
    pub fn references(&self) -> Vec<Reference> {
        match self {
            Self::RegistryPol(file) => file.references(),
            Self::SecurityTemplate(file) => file.references(),
            Self::AuditCsv(file) => file.references(),
            Self::Scripts(file) => file.references(ReferenceSetting::Script),
            Self::PowerShellScripts(file) => file.references(ReferenceSetting::PowerShellScript),
            Self::FolderRedirection(file) => file.references(),
            Self::Preferences(file) => file.references(),
        }
    }

    /// Puts other text in a place that [`references`](Self::references) gave.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Missing`] where something else stands there, [`ErrorKind::Unwritable`] for text
    /// that cannot stand there.
    pub fn set_reference(&mut self, reference: &Reference, text: &str) -> Result<()> {
        one(self.edit_references(&[(reference, Some(text))]))
    }

    /// Puts other text in places that [`references`](Self::references) gave, in the order in which
    /// it gave them, or takes references out of their settings; one result for each edit.
    ///
    /// A principal is taken out of the list of a user right or restricted group, a SID with its
    /// ACE, a member of a local group with its element, name and SID together, an audited user with
    /// the row.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Missing`] where something else stands in the place, [`ErrorKind::Unwritable`]
    /// for text that cannot stand there, or where the setting would be another one without the
    /// reference: a restricted group itself, the owner in a descriptor, who runs a task, item-level
    /// targeting, a path. The other edits are done all the same.
    ///
    /// ```
    /// use gpo_core::SettingsFile;
    ///
    /// let path = r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf".parse()?;
    /// let file = b"[Privilege Rights]\nSeBackupPrivilege = *S-1-5-32-544,*S-1-5-21-1-2-3-1104\n";
    /// let mut file = SettingsFile::parse(&path, file)?;
    /// let references = file.references();
    /// let edits = [(&references[0], Some("*S-1-5-32-551")), (&references[1], None)];
    /// assert_eq!(file.edit_references(&edits), [Ok(()), Ok(())]);
    /// assert_eq!(file.to_bytes()?, b"[Privilege Rights]\nSeBackupPrivilege = *S-1-5-32-551\n");
    /// # Ok::<(), gpo_core::Error>(())
    /// ```
    pub fn edit_references(&mut self, edits: &[(&Reference, Option<&str>)]) -> Vec<Result<()>> {
        match self {
            Self::RegistryPol(file) => file.edit_references(edits),
            Self::SecurityTemplate(file) => file.edit_references(edits),
            Self::AuditCsv(file) => file.edit_references(edits),
            Self::Scripts(file) | Self::PowerShellScripts(file) => file.edit_references(edits),
            Self::FolderRedirection(file) => file.edit_references(edits),
            Self::Preferences(file) => file.edit_references(edits),
        }
    }
}
