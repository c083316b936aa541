//! Whether the extension lists of a GPO fit its files.

use std::collections::BTreeSet;

use gpo_core::{
    ClientSideExtension, DirectoryObject, ExtensionList, GpoContainer, GpoPath, Guid, Half,
    SettingsFile, SourceError, SourceErrorKind, same_name,
};

use super::GpoCheck;
use crate::finding::{Finding, FindingKind};
use crate::verify::file_format;

/// The largest settings file that is looked into.
const LARGEST_SETTINGS: u64 = 64 << 20;

impl GpoCheck<'_> {
    pub(super) fn check_extension_lists(
        &mut self,
        container: &GpoContainer,
        folder: &GpoPath,
        files: &[GpoPath],
    ) -> Result<(), SourceError> {
        for (half, list, objects) in [
            (
                Half::Machine,
                &container.machine_extensions,
                &container.machine_objects,
            ),
            (
                Half::User,
                &container.user_extensions,
                &container.user_objects,
            ),
        ] {
            let list = ExtensionList::from_text(list.as_str());
            let groups = match list.groups() {
                Ok(groups) => groups,
                Err(error) => {
                    let text = format!("the {} half: {error}", half.name().to_lowercase());
                    self.find(FindingKind::InvalidExtensionList, text);
                    continue;
                }
            };
            let listed: BTreeSet<Guid> = groups.iter().map(|group| group.cse).collect();
            let mut present = with_objects(objects);
            for file in files.iter().filter(|file| is_in(file, half)) {
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
            for known in listed.iter().filter_map(|id| ClientSideExtension::of(*id)) {
                if !known.files.is_empty() && !present.contains(&known.id) {
                    let text = format!(
                        "{} is listed for the {} half, which has no settings of it",
                        known.name,
                        half.name().to_lowercase()
                    );
                    self.find(FindingKind::MissingSettings, text);
                }
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
        let bytes = match self.source.sysvol.read_all(&path, LARGEST_SETTINGS) {
            Ok(bytes) => bytes,
            // It went away meanwhile.
            Err(error) if error.kind() == SourceErrorKind::NotFound => return Ok(false),
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
