//! What a file of a GPO is, by its place.

use crate::path::GpoPath;

/// What a file below the SYSVOL folder of a GPO is, by its place and name; its content is not looked
/// at.
///
/// ```
/// use gpo_core::FileKind;
///
/// let kind = FileKind::of(&r"Machine\Applications\{47EC6B63-59DB-4C6F-9491-6BDC308A9288}.aas".parse()?);
/// assert_eq!((kind.name(), kind.has_format()), ("advertise-script", false));
/// assert_eq!(FileKind::of(&r"Machine\readme.aas".parse()?), FileKind::Other);
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileKind {
    /// `registry.pol` of either half, read by [`RegistryPol`](crate::RegistryPol).
    RegistryPol,
    /// `GptTmpl.inf`, read by [`SecurityTemplate`](crate::SecurityTemplate).
    SecurityTemplate,
    /// `audit.csv`, read by [`AuditCsv`](crate::AuditCsv).
    AuditCsv,
    /// `scripts.ini` of either half, read by [`ScriptsIni`](crate::ScriptsIni).
    Scripts,
    /// `psscripts.ini` of either half, read by [`ScriptsIni`](crate::ScriptsIni).
    PowerShellScripts,
    /// `fdeploy.ini` or `fdeploy1.ini`, read by [`FolderRedirection`](crate::FolderRedirection).
    FolderRedirection,
    /// Preferences of any kind in either half, read by [`Preferences`](crate::Preferences).
    Preferences,
    /// `comment.cmtx` of either half, read by [`PolicyComments`](crate::PolicyComments).
    PolicyComments,
    /// `GPT.INI`, read by [`GptIni`](crate::GptIni). Backups do not have it.
    GptIni,
    /// `GPO.cmt`, the description of the GPO, read by [`parse_gpo_comment`](crate::parse_gpo_comment).
    GpoComment,
    /// The advertise script of a software package: bytes of Windows Installer, of which
    /// [`check_advertise_script`](crate::check_advertise_script) checks the start.
    AdvertiseScript,
    /// An old administrative template, `Adm\*.adm`.
    AdministrativeTemplate,
    /// `cap.inf`, which names central access policies ([MS-GPCAP]).
    CentralAccessPolicies,
    /// Settings of Internet Explorer Maintenance, which Windows 8 dropped: `*.ins`.
    InternetExplorerMaintenance,
    /// `oscfilter.ini` of Remote Installation Services, which Windows Server 2008 dropped.
    RemoteInstallation,
    /// A certificate, with its private key where it is a `.pfx`.
    Certificate,
    /// A script, or what lies beside one, in the folder of its event.
    ScriptContent,
    /// Anything else.
    Other,
}

/// Paths in upper case; `*` stands for one name, or the start of one.
const PLACES: [(&str, FileKind); 19] = [
    (r"MACHINE\REGISTRY.POL", FileKind::RegistryPol),
    (r"USER\REGISTRY.POL", FileKind::RegistryPol),
    (
        r"MACHINE\MICROSOFT\WINDOWS NT\SECEDIT\GPTTMPL.INF",
        FileKind::SecurityTemplate,
    ),
    (
        r"MACHINE\MICROSOFT\WINDOWS NT\SECEDIT\CAP.INF",
        FileKind::CentralAccessPolicies,
    ),
    (
        r"MACHINE\MICROSOFT\WINDOWS NT\AUDIT\AUDIT.CSV",
        FileKind::AuditCsv,
    ),
    (r"*\SCRIPTS\SCRIPTS.INI", FileKind::Scripts),
    (r"*\SCRIPTS\PSSCRIPTS.INI", FileKind::PowerShellScripts),
    (
        r"USER\DOCUMENTS & SETTINGS\FDEPLOY.INI",
        FileKind::FolderRedirection,
    ),
    (
        r"USER\DOCUMENTS & SETTINGS\FDEPLOY1.INI",
        FileKind::FolderRedirection,
    ),
    (r"MACHINE\PREFERENCES\*\*.XML", FileKind::Preferences),
    (r"USER\PREFERENCES\*\*.XML", FileKind::Preferences),
    (r"MACHINE\COMMENT.CMTX", FileKind::PolicyComments),
    (r"USER\COMMENT.CMTX", FileKind::PolicyComments),
    (r"GPT.INI", FileKind::GptIni),
    (r"GPO.CMT", FileKind::GpoComment),
    (r"MACHINE\APPLICATIONS\*.AAS", FileKind::AdvertiseScript),
    (r"USER\APPLICATIONS\*.AAS", FileKind::AdvertiseScript),
    (r"ADM\*.ADM", FileKind::AdministrativeTemplate),
    (
        r"USER\MICROSOFT\REMOTEINSTALL\OSCFILTER.INI",
        FileKind::RemoteInstallation,
    ),
];

/// Folders in upper case, of whose files those are of a kind whose names end like this.
const FOLDERS: [(&str, &str, FileKind); 9] = [
    (
        r"MACHINE\MICROSOFT\IEAK",
        ".INS",
        FileKind::InternetExplorerMaintenance,
    ),
    (
        r"USER\MICROSOFT\IEAK",
        ".INS",
        FileKind::InternetExplorerMaintenance,
    ),
    (r"MACHINE\SCRIPTS\STARTUP", "", FileKind::ScriptContent),
    (r"MACHINE\SCRIPTS\SHUTDOWN", "", FileKind::ScriptContent),
    (r"USER\SCRIPTS\LOGON", "", FileKind::ScriptContent),
    (r"USER\SCRIPTS\LOGOFF", "", FileKind::ScriptContent),
    ("", ".PFX", FileKind::Certificate),
    ("", ".P12", FileKind::Certificate),
    ("", ".CER", FileKind::Certificate),
];

impl FileKind {
    /// The kind of the file at this path below the SYSVOL folder of a GPO.
    pub fn of(path: &GpoPath) -> Self {
        if let Some((_, kind)) = PLACES.iter().find(|(place, _)| path.fits(place)) {
            return *kind;
        }
        let found = FOLDERS
            .iter()
            .find(|(folder, end, _)| path.is_below(folder, end));
        found.map_or(Self::Other, |(_, _, kind)| *kind)
    }

    /// Whether this crate reads and writes such files, and keeps no opaque bytes.
    pub const fn has_format(self) -> bool {
        self.holds_settings()
            || matches!(self, Self::PolicyComments | Self::GptIni | Self::GpoComment)
    }

    /// Whether such files hold settings: whether they are a [`SettingsFile`](crate::SettingsFile).
    pub const fn holds_settings(self) -> bool {
        matches!(
            self,
            Self::RegistryPol
                | Self::SecurityTemplate
                | Self::AuditCsv
                | Self::Scripts
                | Self::PowerShellScripts
                | Self::FolderRedirection
                | Self::Preferences
        )
    }

    /// Whether GPMC lists in Backup.xml principals or paths that such files name; which of them,
    /// [`Reference::is_listed`](crate::Reference::is_listed) says.
    pub const fn has_listed_references(self) -> bool {
        matches!(
            self,
            Self::SecurityTemplate | Self::Scripts | Self::FolderRedirection
        )
    }

    /// The name for programs: lower case, with hyphens. Names are stable.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RegistryPol => "registry-policy",
            Self::SecurityTemplate => "security-template",
            Self::AuditCsv => "audit-policy",
            Self::Scripts => "scripts",
            Self::PowerShellScripts => "powershell-scripts",
            Self::FolderRedirection => "folder-redirection",
            Self::Preferences => "preferences",
            Self::PolicyComments => "policy-comments",
            Self::GptIni => "gpt-ini",
            Self::GpoComment => "gpo-comment",
            Self::AdvertiseScript => "advertise-script",
            Self::AdministrativeTemplate => "administrative-template",
            Self::CentralAccessPolicies => "central-access-policies",
            Self::InternetExplorerMaintenance => "internet-explorer-maintenance",
            Self::RemoteInstallation => "remote-installation",
            Self::Certificate => "certificate",
            Self::ScriptContent => "script-content",
            Self::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_of_a_kind_only_in_its_place() {
        for (path, kind) in [
            (r"Machine\Registry.pol", FileKind::RegistryPol),
            (r"USER\registry.pol", FileKind::RegistryPol),
            (r"Machine\Scripts\registry.pol", FileKind::Other),
            (r"User\Scripts\psscripts.ini", FileKind::PowerShellScripts),
            (r"User\Scripts\Logon\scripts.ini", FileKind::ScriptContent),
            (r"User\Scripts\Startup\a.cmd", FileKind::Other),
            (
                r"Machine\Preferences\Drives\Drives.xml",
                FileKind::Preferences,
            ),
            (r"Machine\Preferences\Drives\readme.txt", FileKind::Other),
            (r"Machine\Preferences\Drives.xml", FileKind::Other),
            (r"Machine\comment.cmtx", FileKind::PolicyComments),
            (r"gpt.ini", FileKind::GptIni),
            (r"Machine\gpt.ini", FileKind::Other),
            (r"GPO.cmt", FileKind::GpoComment),
            (r"User\Applications\{1}.aas", FileKind::AdvertiseScript),
            (r"User\Applications\x\{1}.aas", FileKind::Other),
            (r"Adm\system.adm", FileKind::AdministrativeTemplate),
            (
                r"User\Microsoft\IEAK\install.ins",
                FileKind::InternetExplorerMaintenance,
            ),
            (
                r"User\MICROSOFT\IEAK\BRANDING\cs\connect.ins",
                FileKind::InternetExplorerMaintenance,
            ),
            (r"User\MICROSOFT\IEAKX\connect.ins", FileKind::Other),
            (r"Machine\x\key.PFX", FileKind::Certificate),
            (r"Machine\pfx", FileKind::Other),
        ] {
            assert_eq!(FileKind::of(&path.parse().unwrap()), kind, "{path}");
        }
    }
}
