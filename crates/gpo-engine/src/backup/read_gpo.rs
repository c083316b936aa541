//! Reading a GPO from both sides of its domain.

use std::collections::BTreeSet;

use gpo_core::{
    ClientSideExtension, DirectoryObject, EntryKind, Error, ErrorKind, FileKind, Gpo, GpoContainer,
    GpoListing, GpoPath, GpoVersion, GptIni, Half, Inventory, LARGEST_SETTINGS_FILE,
    PrincipalQuery, Reference, SettingsFile, SourceError, SourceErrorKind, WmiFilter, WmiFilterId,
    WmiFilterLink, template_principals, unc_folder,
};
use sddl_parser::{SecurityDescriptorRef, Sid};

use super::Names;
use crate::gpo_folder::{of_listed, walk_gpo_folder};
use crate::gpo_state::gpo_of;
use crate::observer::Cancel;
use crate::source::{GPT_INI, Source, gpo_folder, no_such_gpo, object_name, read_gpt_ini};
use crate::status::{OperationCode, Severity, StatusMessage};

/// A GPO as it was read, and what there is to say about it.
pub(super) struct Reading {
    pub(super) gpo: Gpo,
    /// What the DACL and the settings name.
    pub(super) dacl: Vec<Sid>,
    pub(super) principals: Vec<PrincipalQuery>,
    pub(super) file_paths: Vec<String>,
    /// The versions on both sides; another value later means that the GPO changed meanwhile.
    pub(super) versions: (Option<GpoVersion>, Option<GpoVersion>),
    /// The descriptor before it was cut to its DACL.
    pub(super) whole_descriptor: Option<Vec<u8>>,
    /// Owner and group of it.
    pub(super) owners: Vec<Sid>,
    pub(super) wmi_filter: Option<WmiFilter>,
    pub(super) when_created: String,
    pub(super) when_changed: String,
    /// GPT.INI as it is.
    pub(super) gpt_ini: Option<Vec<u8>>,
    /// What is missing of a half GPO.
    pub(super) missing: Option<&'static str>,
    pub(super) messages: Vec<StatusMessage>,
}

impl Reading {
    /// Everybody who is named by a SID: in the descriptor and in the settings.
    pub(super) fn sids(&self) -> impl Iterator<Item = Sid> {
        let in_settings = self.principals.iter().filter_map(|query| match query {
            PrincipalQuery::Sid(sid) => Some(sid),
            PrincipalQuery::Name(_) => None,
        });
        let in_descriptor = self.dacl.iter().chain(&self.owners);
        in_descriptor.chain(in_settings).copied()
    }

    /// That half of the GPO is not there, and what becomes of the other one.
    pub(super) fn half_message(&self, gpo: &GpoListing, becomes: &str) -> Option<StatusMessage> {
        let text = format!("{}; the half that is there {becomes}", self.missing?);
        let (severity, code) = (Severity::Error, OperationCode::ReadSysvol);
        Some(StatusMessage::new(severity, code, object_name(gpo), text))
    }
}

pub(super) struct Reader<'a> {
    pub(super) source: Source<'a>,
    pub(super) domain: &'a str,
    pub(super) names: &'a Names<'a>,
    pub(super) cancel: &'a Cancel,
    pub(super) allow_half: bool,
}

impl Reader<'_> {
    pub(super) fn read(
        &self,
        listing: &GpoListing,
        container: Option<GpoContainer>,
    ) -> Result<Reading, SourceError> {
        let object = object_name(listing);
        let spelled = container.as_ref().map_or(listing.id, |c| c.id);
        let folder = gpo_folder(spelled)?;
        // Before the tree is listed: whoever puts another in its place changes this file, and
        // `check_unchanged` sees it. Of a tree that is being removed, a part may be listed.
        let gpt_ini = read_gpt_ini(self.source.sysvol, &folder);
        let inventory = self.inventory(&folder)?;
        let missing = match (&container, &inventory) {
            (Some(_), Some(_)) => None,
            (None, None) => {
                return Err(no_such_gpo(object));
            }
            (Some(_), None) => Some("its folder in SYSVOL is missing"),
            (None, Some(_)) => Some("its container in the directory is missing"),
        };
        if let Some(missing) = missing.filter(|_| !self.allow_half) {
            let message = format!("{missing}; nothing of it was backed up");
            return Err(SourceError::new(SourceErrorKind::NotFound, object, message));
        }
        let mut messages = Vec::new();
        let (gpt_ini, sysvol_version) = match &inventory {
            Some(_) => gpt_ini_and_version(gpt_ini, &folder, &object, &mut messages)?,
            None => (None, None),
        };
        let directory_version = container.as_ref().map(|c| c.version);
        let mut reading = Reading {
            gpo: gpo_of(
                listing.id,
                self.domain,
                container.as_ref(),
                sysvol_version,
                inventory.unwrap_or_default(),
            ),
            dacl: Vec::new(),
            whole_descriptor: None,
            owners: Vec::new(),
            wmi_filter: None,
            principals: Vec::new(),
            file_paths: Vec::new(),
            versions: (directory_version, sysvol_version),
            when_created: container
                .as_ref()
                .map(|c| c.when_created.clone())
                .unwrap_or_default(),
            when_changed: container
                .as_ref()
                .map(|c| c.when_changed.clone())
                .unwrap_or_default(),
            gpt_ini,
            missing,
            messages,
        };
        if let Some(container) = container {
            self.wmi_filter(&container.wql_filter, &object, &mut reading)?;
        }
        if missing.is_none() {
            compare_versions(&object, &mut reading);
        }
        keep_dacl(&object, &mut reading);
        self.settings(&folder, &object, &mut reading)?;
        Ok(reading)
    }

    /// Everything in SYSVOL but GPT.INI; `None` where there is no folder.
    fn inventory(&self, folder: &GpoPath) -> Result<Option<Inventory>, SourceError> {
        let mut inventory = Inventory::default();
        let is_there = walk_gpo_folder(self.source.sysvol, folder, &mut |entry| {
            self.cancel.check()?;
            let Some(path) = entry.path.strip_prefix(folder) else {
                return Ok(());
            };
            if entry.kind != EntryKind::Folder && path.as_str().eq_ignore_ascii_case(GPT_INI) {
                return Ok(());
            }
            invalid(entry.path.as_str(), inventory.insert(path, entry.kind))
        })?;
        Ok(is_there.then_some(inventory))
    }

    /// The version in GPT.INI; `None` where there is no such file.
    pub(super) fn sysvol_version(
        &self,
        folder: &GpoPath,
    ) -> Result<Option<GpoVersion>, SourceError> {
        let bytes = read_gpt_ini(self.source.sysvol, folder)?;
        bytes.map(|bytes| version_in(&bytes, folder)).transpose()
    }

    /// The link to a WMI filter in the form of a backup, with the name of the filter.
    fn wmi_filter(
        &self,
        text: &str,
        object: &str,
        reading: &mut Reading,
    ) -> Result<(), SourceError> {
        if text.trim().is_empty() {
            return Ok(());
        }
        let directory_form = WmiFilterLink::from_text(text);
        let link = directory_form
            .target()
            .and_then(|(id, domain)| Ok((id, WmiFilterLink::in_backup(id, domain)?)));
        let (id, link): (WmiFilterId, _) = match link {
            Ok(link) => link,
            Err(error) => {
                let text = format!("the link to a WMI filter is left out: {error}");
                reading.messages.push(warning(object, text));
                return Ok(());
            }
        };
        let filter = self.names.wmi_filter(id)?;
        if filter.is_none() {
            let text = format!("the WMI filter {id} that it is linked to is not in the directory");
            reading.messages.push(warning(object, text));
        }
        reading.gpo.wmi_filter = Some(link);
        reading.gpo.wmi_filter_name = filter.as_ref().map(|f| f.name.clone()).unwrap_or_default();
        reading.wmi_filter = filter;
        Ok(())
    }

    /// Principals and paths that the settings name.
    fn settings(
        &self,
        folder: &GpoPath,
        object: &str,
        reading: &mut Reading,
    ) -> Result<(), SourceError> {
        let gpo = &reading.gpo;
        let is_listed = |path: &GpoPath| {
            FileKind::of(path).has_listed_references()
                && ClientSideExtension::owner(path).is_some_and(|cse| gpo.has_extension(cse.id))
        };
        let files = gpo.inventory.files().map(|(path, _)| path);
        let files: Vec<GpoPath> = files.filter(|path| is_listed(path)).cloned().collect();
        let mut references = Vec::new();
        for path in files {
            let Some(file) = self.parsed(folder, &path, object, reading)? else {
                continue;
            };
            if let SettingsFile::SecurityTemplate(template) = &file {
                reading.principals.extend(template_principals(template));
            } else {
                references.append(&mut file.references());
            }
        }
        if reading
            .gpo
            .has_extension(ClientSideExtension::SOFTWARE_INSTALLATION)
        {
            for half in Half::BOTH {
                for object in reading.gpo.objects(half) {
                    object_references(object, &mut references);
                }
            }
        }
        let mut paths = Vec::new();
        for reference in references.iter().filter(|reference| reference.is_listed()) {
            let sid = reference.sid().map(PrincipalQuery::Sid);
            reading.principals.extend(sid);
            paths.extend(unc_folder(&reference.text).map(String::from));
        }
        let mut seen = BTreeSet::new();
        paths.retain(|path| seen.insert(path.to_lowercase()));
        reading.file_paths = paths;
        Ok(())
    }

    /// A settings file, if it is there and can be read; a file that is broken, or too large to be
    /// looked into, is still backed up, so it is a warning.
    fn parsed(
        &self,
        folder: &GpoPath,
        path: &GpoPath,
        object: &str,
        reading: &mut Reading,
    ) -> Result<Option<SettingsFile>, SourceError> {
        let place = invalid(path.as_str(), folder.join_path(path))?;
        let is_large = matches!(
            reading.gpo.inventory.get(path),
            Some((_, EntryKind::File(size))) if size > LARGEST_SETTINGS_FILE
        );
        let parsed = if is_large {
            let message = format!("the file is larger than {LARGEST_SETTINGS_FILE} bytes");
            Err(Error::new(ErrorKind::Limit, message))
        } else {
            let bytes = self.source.sysvol.read_all(&place, LARGEST_SETTINGS_FILE);
            SettingsFile::parse(path, &of_listed(bytes)?)
        };
        match parsed {
            Ok(value) => Ok(Some(value)),
            Err(error) => {
                let text = format!(
                    "{}; principals and paths in it are not listed",
                    error.in_file(path.as_str())
                );
                reading.messages.push(warning(object, text));
                Ok(None)
            }
        }
    }
}

/// GPT.INI and the version in it; what is missing or broken of them is a warning.
fn gpt_ini_and_version(
    read: Result<Option<Vec<u8>>, SourceError>,
    folder: &GpoPath,
    object: &str,
    messages: &mut Vec<StatusMessage>,
) -> Result<(Option<Vec<u8>>, Option<GpoVersion>), SourceError> {
    let mut warn = |text: String| messages.push(warning(object, text));
    let counts = "the version in SYSVOL counts as 0";
    let bytes = match read {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            warn(format!("GPT.INI is missing, so {counts}"));
            return Ok((None, None));
        }
        Err(error) if error.kind() == SourceErrorKind::Invalid => {
            warn(format!("{error}; {counts}"));
            return Ok((None, None));
        }
        Err(error) => return Err(error),
    };
    let version = version_in(&bytes, folder);
    if let Err(error) = &version {
        warn(format!("{error}; {counts}"));
    }
    Ok((Some(bytes), version.ok()))
}

fn version_in(gpt_ini: &[u8], folder: &GpoPath) -> Result<GpoVersion, SourceError> {
    let version = GptIni::parse(gpt_ini).and_then(|ini| ini.version());
    let path = invalid(GPT_INI, folder.join(GPT_INI))?;
    invalid(path.as_str(), version)
}

/// Those of an object and of all below it. Sources limit the depth, so the recursion ends.
fn object_references(object: &DirectoryObject, found: &mut Vec<Reference>) {
    found.append(&mut object.references());
    object
        .children
        .iter()
        .for_each(|child| object_references(child, found));
}

/// Cuts the descriptor to its DACL, which is all that GPMC keeps (census: 630 of 630), and notes
/// who is named in it.
fn keep_dacl(object: &str, reading: &mut Reading) {
    let Some(bytes) = reading.gpo.security_descriptor.take() else {
        return;
    };
    let cut = SecurityDescriptorRef::from_bytes(&bytes).and_then(|descriptor| {
        let mut descriptor = descriptor.to_descriptor();
        let owners = [descriptor.owner(), descriptor.group()];
        reading.owners = owners.into_iter().flatten().copied().collect();
        if let Some(dacl) = descriptor.dacl() {
            reading.dacl = dacl
                .aces
                .iter()
                .filter_map(|ace| ace.sid().copied())
                .collect();
        }
        if reading.owners.is_empty() && descriptor.sacl().is_none() {
            return Ok(bytes.clone());
        }
        descriptor.set_owner(None);
        descriptor.set_group(None);
        descriptor.set_sacl(None);
        descriptor.use_windows_layout();
        descriptor.to_bytes()
    });
    reading.gpo.security_descriptor = Some(match cut {
        Ok(cut) => cut,
        Err(error) => {
            let text = format!("the security descriptor is kept as it is: {error}");
            reading.messages.push(warning(object, text));
            bytes.clone()
        }
    });
    reading.whole_descriptor = Some(bytes);
}

fn compare_versions(object: &str, reading: &mut Reading) {
    let gpo = &reading.gpo;
    for (half, version) in [
        ("computer", gpo.machine_version),
        ("user", gpo.user_version),
    ] {
        if !version.agrees() {
            let text = format!(
                "the {half} half has version {} in the directory and {} in SYSVOL",
                version.directory, version.sysvol
            );
            reading.messages.push(warning(object, text));
        }
    }
}

fn warning(object: &str, text: impl Into<String>) -> StatusMessage {
    StatusMessage::new(Severity::Warning, OperationCode::ReadSysvol, object, text)
}

pub(super) fn invalid<T>(object: &str, result: gpo_core::Result<T>) -> Result<T, SourceError> {
    result.map_err(|error| SourceError::invalid(object, error))
}
