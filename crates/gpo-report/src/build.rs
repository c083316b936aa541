//! The settings of a GPO, from its files and its directory objects.

use gpo_core::{
    AuditCsv, ClientSideExtension, DirectoryObject, Error, ErrorKind, ExtensionList,
    FolderRedirection, GpoPath, Guid, Half, Inventory, PolicyComments, Preferences, RegistryPol,
    ScriptsIni, SecurityTemplate,
};

use crate::extension::{ExtensionContent, ExtensionError, ReportExtension};
use crate::gpo_files::GpoFiles;
use crate::report_source::ReportSource;
use crate::settings::{RegistrySettings, Settings};

mod administrative_templates;
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

/// How many files are named that no known extension reads.
const MOST_FILES: usize = 100;

/// A half of a GPO whose settings are wanted.
pub(crate) struct HalfContent<'a> {
    pub(crate) half: Half,
    pub(crate) files: &'a GpoFiles,
    pub(crate) inventory: &'a Inventory,
    pub(crate) extensions: &'a ExtensionList,
    pub(crate) objects: &'a [DirectoryObject],
    pub(crate) source: &'a ReportSource<'a>,
}

/// What an extension says: nothing, its settings, or why they cannot be read.
type Found = Result<Option<ReportExtension>, Error>;

/// Reads an extension of a half.
type Read = fn(&HalfContent<'_>) -> Found;

/// The extensions that are no preferences, with their names in a report.
const READERS: [(Guid, &str, Read); 5] = [
    (ClientSideExtension::SECURITY, "Security", |half| {
        half.security()
    }),
    (
        ClientSideExtension::AUDIT,
        "Advanced Audit Configuration",
        |half| half.auditing(),
    ),
    (ClientSideExtension::SCRIPTS, "Scripts", |half| {
        half.scripts()
    }),
    (
        ClientSideExtension::FOLDER_REDIRECTION,
        "Folder Redirection",
        |half| half.folder_redirection(),
    ),
    (
        ClientSideExtension::SOFTWARE_INSTALLATION,
        "Software Installation",
        |half| half.software_installation(),
    ),
];

impl HalfContent<'_> {
    /// What the extensions say, in the order of a report: by the GUID of the extension, then those
    /// that are made from registry.pol (census: 352 of 355 halves).
    ///
    /// An extension is shown where it is listed, whether it sets something or not, and no other: files
    /// of one that is not listed are dead (census: 475 of 475 listed, 64 of 64 not listed).
    pub(crate) fn extensions(&self) -> Vec<ReportExtension> {
        let Ok(groups) = self.extensions.groups() else {
            return Vec::new();
        };
        let mut listed: Vec<Guid> = groups.iter().map(|group| group.cse).collect();
        listed.sort_by_key(|id| id.uuid());
        listed.dedup();
        let is_registry = |id: &Guid| *id == ClientSideExtension::REGISTRY;
        let mut is_first = true;
        let mut extensions: Vec<_> = listed
            .iter()
            .filter(|id| !is_registry(id))
            .filter_map(|id| {
                if let Some(known) = ClientSideExtension::of(*id) {
                    return self.extension(known);
                }
                // Nothing says which of several reads which files, so the first names them all.
                let names_files = std::mem::take(&mut is_first);
                let files = names_files.then(|| self.unknown_files()).flatten();
                Some(unknown(*id, files))
            })
            .collect();
        if listed.iter().any(is_registry) {
            extensions.extend(self.registry());
        }
        extensions
    }

    /// What one extension says. Nothing where Windows knows it and a report does not show it.
    fn extension(&self, extension: &ClientSideExtension) -> Option<ReportExtension> {
        let known = READERS.iter().find(|(own, ..)| *own == extension.id);
        let (name, found) = if let Some((_, name, read)) = known {
            (*name, read(self))
        } else {
            let mut kinds = preferences::KINDS.iter();
            let kind = kinds.find(|kind| extension.files.iter().any(|f| kind.is_file(f)))?;
            (kind.name, self.preferences(kind))
        };
        found.unwrap_or_else(|error| Some(failed(name, &error)))
    }

    /// The files of the half that no known extension reads; none where there is none.
    fn unknown_files(&self) -> Option<String> {
        let files = self.inventory.files().map(|(path, _)| path);
        let files: Vec<&str> = files
            .filter(|path| ClientSideExtension::owner(path).is_none())
            .filter(|path| path.components().next() == Some(self.half.name()))
            .map(GpoPath::as_str)
            .collect();
        let (shown, others) = files.split_at(files.len().min(MOST_FILES));
        let shown = shown.join(", ");
        let more = match others.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        (!files.is_empty()).then(|| format!("Files of no known extension: {shown}{more}"))
    }

    /// A file of the half, read; none where it is not there. An error names it.
    fn read<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&[u8]) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let path: GpoPath = format!(r"{}\{name}", self.half.name()).parse()?;
        let read = match self.files.get(&path) {
            Some(bytes) => parse(bytes).map(Some),
            None if self.inventory.get(&path).is_some() => {
                Err(Error::new(ErrorKind::Limit, "the file is too large"))
            }
            None => Ok(None),
        };
        read.map_err(|error| error.in_file(path.as_str()))
    }

    fn security(&self) -> Found {
        if self.half == Half::User {
            return Ok(None);
        }
        let path = r"Microsoft\Windows NT\SecEdit\GptTmpl.inf";
        let template = match self.read(path, SecurityTemplate::parse)? {
            Some(template) => template,
            None => SecurityTemplate::new()?,
        };
        let settings = security::settings(&template, self.source);
        Ok(ReportExtension::of_settings(Settings::Security(settings)))
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

    #[allow(clippy::unnecessary_wraps)] // One of the readers.
    fn software_installation(&self) -> Found {
        let settings = software_installation::settings(self.objects);
        Ok(ReportExtension::of_settings(
            Settings::SoftwareInstallation(settings),
        ))
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
        let settings = Settings::Registry(self.registry_settings(&pol));
        extensions.extend(ReportExtension::of_settings(settings));
        extensions
    }

    /// The settings of registry.pol that no other extension shows, even where it has no entry.
    fn registry_settings(&self, pol: &RegistryPol) -> RegistrySettings {
        let entries = registry::shown(pol, self.half);
        let (policies, extra) = match self.source.admx {
            Some(set) => {
                // Comments that cannot be read are not worth an error.
                let comments = self.read("comment.cmtx", PolicyComments::parse);
                let comments = comments.ok().flatten();
                let comments = comments.map_or_else(Vec::new, |comments| comments.comments());
                administrative_templates::policies(set, self.half, &entries, &comments)
            }
            None => (Vec::new(), (0..entries.len()).collect()),
        };
        let extra = extra.into_iter().filter_map(|number| entries.get(number));
        RegistrySettings {
            policies,
            extra: extra.filter_map(registry::extra).collect(),
            blocked: Some(false),
        }
    }
}

/// An extension that nobody knows.
fn unknown(id: Guid, files: Option<String>) -> ReportExtension {
    ReportExtension {
        name: id.to_string(),
        content: ExtensionContent::Error(ExtensionError {
            source: Some(id.to_string()),
            details: Some("The extension is not known.".to_owned()),
            description: files,
        }),
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
