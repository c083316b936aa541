//! The settings of a GPO, from its files and its directory objects.

use gpo_core::{
    AuditCsv, ClientSideExtension, Contents, DirectoryObject, Error, ExtensionList,
    FolderRedirection, GpoPath, Half, Preferences, RegistryPol, ScriptsIni, SecurityTemplate,
    SourceErrorKind,
};

use crate::extension::{ExtensionContent, ExtensionError, ReportExtension};
use crate::report_source::ReportSource;
use crate::settings::Settings;

mod application_control;
mod auditing;
mod certificate;
mod folder_redirection;
mod name_resolution;
mod object_security;
mod preferences;
mod public_key;
mod registry;
mod scripts;
mod security;
mod security_option;
mod software_installation;
mod task;
mod windows_firewall;

/// Where the files of a GPO are.
#[derive(Clone, Copy)]
pub struct GpoFiles<'a> {
    /// A domain's SYSVOL, or a backup.
    pub contents: &'a dyn Contents,
    /// The folder of the GPO in it, in which `Machine` and `User` are.
    pub folder: &'a GpoPath,
}

/// The largest file of settings that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// A half of a GPO whose settings are wanted.
pub(crate) struct HalfContent<'a> {
    pub(crate) half: Half,
    pub(crate) files: GpoFiles<'a>,
    pub(crate) extensions: &'a ExtensionList,
    pub(crate) objects: &'a [DirectoryObject],
    pub(crate) source: &'a ReportSource<'a>,
}

/// What an extension says: nothing, its settings, or why they cannot be read.
type Found = Result<Option<ReportExtension>, Error>;

impl HalfContent<'_> {
    /// What the extensions say, in the order of a report: by the GUID of the extension, then those
    /// that are made from registry.pol (census: 352 of 355 halves).
    pub(crate) fn extensions(&self) -> Vec<ReportExtension> {
        let mut by_guid = vec![
            (
                ClientSideExtension::SECURITY,
                self.known("Security", Self::security),
            ),
            (
                ClientSideExtension::AUDIT,
                self.known("Advanced Audit Configuration", Self::auditing),
            ),
            (
                ClientSideExtension::SCRIPTS,
                self.known("Scripts", Self::scripts),
            ),
            (
                ClientSideExtension::FOLDER_REDIRECTION,
                self.known("Folder Redirection", Self::folder_redirection),
            ),
            (
                ClientSideExtension::SOFTWARE_INSTALLATION,
                self.known("Software Installation", Self::software_installation),
            ),
        ];
        for kind in &preferences::KINDS {
            let Some(path) = self.preferences_path(kind) else {
                continue;
            };
            if let Some(owner) = ClientSideExtension::owner(&path) {
                by_guid.push((
                    owner.id,
                    self.known(kind.name, |content| content.preferences(kind)),
                ));
            }
        }
        by_guid.sort_by_key(|(id, _)| id.uuid());
        let mut extensions: Vec<_> = by_guid.into_iter().filter_map(|(_, found)| found).collect();
        extensions.extend(self.registry());
        extensions
    }

    /// What one extension says, with its error if that cannot be read.
    fn known(&self, name: &str, read: impl FnOnce(&Self) -> Found) -> Option<ReportExtension> {
        read(self).unwrap_or_else(|error| Some(failed(name, &error)))
    }

    /// A file of the half, by its path in `Machine` or `User`; none where it is not there.
    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        let place = format!(r"{}\{}\{path}", self.files.folder, self.half.name()).parse()?;
        match self.files.contents.read_all(&place, LARGEST) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == SourceErrorKind::NotFound => Ok(None),
            Err(error) => {
                let message = error.to_string();
                Err(Error::new(gpo_core::ErrorKind::Missing, message))
            }
        }
    }

    /// A file, read; an error names it.
    fn read<T>(
        &self,
        path: &str,
        parse: impl FnOnce(&[u8]) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let bytes = self.file(path)?;
        let read = bytes.map(|bytes| parse(&bytes).map_err(|error| error.in_file(path)));
        read.transpose()
    }

    fn security(&self) -> Found {
        if self.half == Half::User {
            return Ok(None);
        }
        let path = r"Microsoft\Windows NT\SecEdit\GptTmpl.inf";
        let template = self.read(path, SecurityTemplate::parse)?;
        let settings = template.and_then(|template| security::settings(&template, self.source));
        Ok(settings
            .map(Settings::Security)
            .and_then(ReportExtension::of_settings))
    }

    fn auditing(&self) -> Found {
        let csv = self.read(r"Microsoft\Windows NT\Audit\audit.csv", AuditCsv::parse)?;
        let settings = csv.map(|csv| auditing::settings(&csv, self.source));
        Ok(settings
            .map(Settings::Auditing)
            .and_then(ReportExtension::of_settings))
    }

    fn scripts(&self) -> Found {
        let scripts = self.read(r"Scripts\scripts.ini", ScriptsIni::parse)?;
        let powershell = self.read(r"Scripts\psscripts.ini", ScriptsIni::parse)?;
        let settings = scripts::settings(scripts.as_ref(), powershell.as_ref());
        let any = !settings.scripts.is_empty();
        let settings = any.then_some(Settings::Scripts(settings));
        Ok(settings.and_then(ReportExtension::of_settings))
    }

    fn folder_redirection(&self) -> Found {
        if self.half == Half::Machine {
            return Ok(None);
        }
        let path = r"Documents & Settings\fdeploy1.ini";
        let Some(file) = self.read(path, FolderRedirection::parse)? else {
            return Ok(None);
        };
        let settings = folder_redirection::settings(&file, self.source)?;
        Ok(ReportExtension::of_settings(Settings::FolderRedirection(
            settings,
        )))
    }

    /// There even without a package where the extension is listed (census: 3 of 3).
    fn software_installation(&self) -> Found {
        let settings = software_installation::settings(self.objects);
        let is_listed = self
            .extensions
            .contains_cse(ClientSideExtension::SOFTWARE_INSTALLATION);
        if settings.applications.is_empty() && !is_listed {
            return Ok(None);
        }
        Ok(ReportExtension::of_settings(
            Settings::SoftwareInstallation(settings),
        ))
    }

    fn preferences_path(&self, kind: &preferences::ReportedKind) -> Option<GpoPath> {
        format!(r"{0}\Preferences\{1}\{1}.xml", self.half.name(), kind.file)
            .parse()
            .ok()
    }

    fn preferences(&self, kind: &preferences::ReportedKind) -> Found {
        let path = format!(r"Preferences\{0}\{0}.xml", kind.file);
        let preferences = self.read(&path, Preferences::parse)?;
        Ok(preferences.map(|preferences| kind.extension(&preferences)))
    }

    /// The extensions that are made from registry.pol. But for the last, the user half has none of
    /// them (census: 1,174 of 1,174).
    fn registry(&self) -> Vec<ReportExtension> {
        let pol = match self.read("registry.pol", RegistryPol::parse) {
            Ok(Some(pol)) => pol,
            Ok(None) => return Vec::new(),
            Err(error) => return vec![failed("Registry", &error)],
        };
        let mut extensions = Vec::new();
        if self.half == Half::Machine {
            let public_key = public_key::settings(&pol).map(Settings::PublicKey);
            extensions.extend(public_key.and_then(ReportExtension::of_settings));
            let control = application_control::settings(&pol).map(Settings::Elements);
            extensions.extend(control.map(|settings| {
                let name = "Application Control Policies";
                ReportExtension::new("SRPV2", "Policy", name, settings)
            }));
            let firewall = windows_firewall::settings(&pol).map(Settings::WindowsFirewall);
            extensions.extend(firewall.and_then(ReportExtension::of_settings));
            let resolution = name_resolution::settings(&pol).map(Settings::Elements);
            extensions.extend(resolution.map(|settings| {
                ReportExtension::new("nrpt", "NrptSettings", "Name Resolution Policy", settings)
            }));
        }
        let settings = registry::settings(&pol, self.half).map(Settings::Registry);
        extensions.extend(settings.and_then(ReportExtension::of_settings));
        extensions
    }
}

/// An extension whose settings cannot be read.
fn failed(name: &str, error: &Error) -> ReportExtension {
    ReportExtension {
        name: name.to_owned(),
        content: ExtensionContent::Error(ExtensionError {
            source: Some(name.to_owned()),
            details: Some(error.to_string()),
            description: None,
        }),
    }
}
