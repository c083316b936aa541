//! Whether the extension lists of a GPO fit its files.

use std::collections::BTreeSet;

use gpo_core::{
    ClientSideExtension, DirectoryObject, ExtensionList, GpoContainer, GpoPath, Guid, Half,
    LARGEST_SETTINGS_FILE, SettingsFile, SourceError, SourceErrorKind, same_name,
};

use super::GpoCheck;
use crate::finding::{Finding, FindingKind};
use crate::verify::file_format;

/// What the container says about a half.
struct ContainerHalf<'a> {
    half: Half,
    version: u16,
    extensions: &'a str,
    objects: &'a [DirectoryObject],
}

impl GpoCheck<'_> {
    pub(super) fn check_extension_lists(
        &mut self,
        container: &GpoContainer,
        folder: &GpoPath,
        files: &[GpoPath],
    ) -> Result<(), SourceError> {
        let machine = ContainerHalf {
            half: Half::Machine,
            version: container.version.machine(),
            extensions: &container.machine_extensions,
            objects: &container.machine_objects,
        };
        let user = ContainerHalf {
            half: Half::User,
            version: container.version.user(),
            extensions: &container.user_extensions,
            objects: &container.user_objects,
        };
        self.check_half(&machine, folder, files)?;
        self.check_half(&user, folder, files)
    }

    fn check_half(
        &mut self,
        container: &ContainerHalf<'_>,
        folder: &GpoPath,
        files: &[GpoPath],
    ) -> Result<(), SourceError> {
        let half = half_name(container.half);
        let groups = match ExtensionList::from_text(container.extensions).groups() {
            Ok(groups) => groups,
            Err(error) => {
                let text = format!("the {half} half: {error}");
                self.find(FindingKind::InvalidExtensionList, text);
                return Ok(());
            }
        };
        let listed: BTreeSet<Guid> = groups.iter().map(|group| group.cse).collect();
        let mut present = with_objects(container.objects);
        for file in files.iter().filter(|file| is_in(file, container.half)) {
            let Some(owner) = ClientSideExtension::owner(file) else {
                continue;
            };
            present.insert(owner.id);
            if !listed.contains(&owner.id) && self.sets_something(folder, file)? {
                let text = format!(
                    "clients ignore the file: {} is not listed for its half",
                    owner.name
                );
                let finding = Finding::new(FindingKind::IgnoredSettings, &self.folder, text);
                self.findings.push(finding.in_file(file.as_str()));
            }
        }
        // A half of version 0 was never edited, and clients pass over it. Those of a new domain
        // have lists all the same.
        let edited = listed.iter().filter(|_| container.version != 0);
        for known in edited.filter_map(|id| ClientSideExtension::of(*id)) {
            if !known.files.is_empty() && !present.contains(&known.id) {
                let name = known.name;
                let text =
                    format!("{name} is listed for the {half} half, which has no settings of it");
                self.find(FindingKind::MissingSettings, text);
            }
        }
        Ok(())
    }

    /// Whether a file makes clients do something.
    fn sets_something(&mut self, folder: &GpoPath, file: &GpoPath) -> Result<bool, SourceError> {
        if !SettingsFile::is_known(file) {
            return Ok(false);
        }
        let invalid = |error| SourceError::invalid(file.as_str(), error);
        let path = folder.join_path(file).map_err(invalid)?;
        let bytes = match self.source.sysvol.read_all(&path, LARGEST_SETTINGS_FILE) {
            Ok(bytes) => bytes,
            // It went away meanwhile.
            Err(error) if error.kind() == SourceErrorKind::NotFound => return Ok(false),
            Err(error) if error.kind() == SourceErrorKind::Invalid => {
                let finding = Finding::new(FindingKind::TooLarge, &self.folder, error.message());
                self.findings.push(finding.in_file(file.as_str()));
                return Ok(true);
            }
            Err(error) => return Err(error),
        };
        match SettingsFile::parse(file, &bytes) {
            Ok(settings) => Ok(file_format::sets_something(&settings)),
            Err(error) => {
                let kind = FindingKind::InvalidFile;
                let finding = Finding::of_error(kind, &self.folder, file.as_str(), &error);
                self.findings.push(finding);
                Ok(false)
            }
        }
    }
}

/// The half as a person calls it.
const fn half_name(half: Half) -> &'static str {
    match half {
        Half::Machine => "computer",
        Half::User => "user",
    }
}

/// Extensions that have settings in the directory.
fn with_objects(objects: &[DirectoryObject]) -> BTreeSet<Guid> {
    let store = |object: &DirectoryObject| object.class.eq_ignore_ascii_case("classStore");
    let installs = objects.iter().any(store);
    installs
        .then_some(ClientSideExtension::SOFTWARE_INSTALLATION)
        .into_iter()
        .collect()
}

fn is_in(file: &GpoPath, half: Half) -> bool {
    let top = file.components().next().unwrap_or_default();
    same_name(top, half.name())
}
