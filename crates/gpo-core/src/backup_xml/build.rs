//! Making a Backup.xml from a GPO: what goes into which block, in which order.

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::directory_objects::{software_installation, unknown_objects};
use super::template::{Line, LineKind, Place, SLOTS};
use super::template::{Slot, SlotContent};
use super::{
    BackupForm, BackupLayout, BackupObject, BackupXml, CoreSettings, ExtensionBlock, FsObject,
};
use crate::client_side_extension::ClientSideExtension;
use crate::gpo::{Gpo, Half};
use crate::inventory::EntryKind;
use crate::path::{GpoPath, same_name};
use crate::security_group::SecurityGroup;

impl BackupXml {
    /// The Backup.xml of a GPO that was read from this domain controller, with these principals
    /// and paths.
    ///
    /// Order and case are GPMC's (census): a typed block exists exactly when its extension is
    /// listed, whatever files there are; a wildcard lists its matches backwards; everything else
    /// is under "Unknown Extension", directory objects first, then the root, then `Machine`, then
    /// `User`.
    pub fn build(
        gpo: &Gpo,
        domain_controller: &str,
        security_groups: Vec<SecurityGroup>,
        file_paths: Vec<String>,
    ) -> Self {
        Self::in_layout(
            BackupLayout::Gpmc,
            gpo,
            domain_controller,
            security_groups,
            file_paths,
        )
    }

    /// The same in the dialect of LGPO.exe: its white space, and always a Security block.
    pub fn build_lgpo(
        gpo: &Gpo,
        domain_controller: &str,
        security_groups: Vec<SecurityGroup>,
        file_paths: Vec<String>,
    ) -> Self {
        Self::in_layout(
            BackupLayout::Lgpo,
            gpo,
            domain_controller,
            security_groups,
            file_paths,
        )
    }

    fn in_layout(
        layout: BackupLayout,
        gpo: &Gpo,
        domain_controller: &str,
        security_groups: Vec<SecurityGroup>,
        file_paths: Vec<String>,
    ) -> Self {
        let core = CoreSettings::of_gpo(gpo);
        let base = format!(
            "\\\\{domain_controller}\\sysvol\\{}\\Policies\\{}",
            gpo.domain, gpo.id
        );
        let always = |id| match layout {
            BackupLayout::Gpmc => id == ClientSideExtension::REGISTRY,
            BackupLayout::Lgpo => {
                id == ClientSideExtension::REGISTRY || id == ClientSideExtension::SECURITY
            }
        };
        let mut builder = Builder {
            gpo,
            base,
            claimed: BTreeSet::new(),
        };
        let mut extensions: Vec<_> = SLOTS
            .iter()
            .flatten()
            .filter(|slot| always(slot.id) || core.has_extension(slot.id))
            .map(|slot| builder.block(slot))
            .collect();
        extensions.push(builder.unknown_extension());
        let mut form = BackupForm {
            layout,
            ..BackupForm::default()
        };
        if layout == BackupLayout::Lgpo {
            form.xml.epilog = form.line_end.as_str().into();
        }
        Self {
            security_groups,
            file_paths,
            core,
            extensions,
            form,
            unusual: None,
        }
    }
}

impl CoreSettings {
    fn of_gpo(gpo: &Gpo) -> Self {
        Self {
            id: gpo.id,
            domain: gpo.domain.clone(),
            security_descriptor: gpo.security_descriptor.clone(),
            display_name: gpo.display_name.clone(),
            options: Some(gpo.status),
            user_version: Some(gpo.user_version),
            machine_version: Some(gpo.machine_version),
            machine_extensions: gpo.machine_extensions.clone(),
            user_extensions: gpo.user_extensions.clone(),
            wmi_filter: gpo.wmi_filter.clone(),
            wmi_filter_name: gpo.wmi_filter.as_ref().map(|_| gpo.wmi_filter_name.clone()),
        }
    }
}

pub(super) struct Builder<'a> {
    pub(super) gpo: &'a Gpo,
    /// `\\dc\sysvol\domain\Policies\{GUID}`.
    base: String,
    /// What a typed block lists, and "Unknown Extension" therefore does not.
    claimed: BTreeSet<&'a GpoPath>,
}

impl<'a> Builder<'a> {
    fn block(&mut self, slot: &Slot) -> ExtensionBlock {
        let objects = match slot.content {
            SlotContent::Lines(lines) => lines.iter().filter_map(|l| self.line(l)).collect(),
            SlotContent::SoftwareInstallation => software_installation(self),
        };
        ExtensionBlock {
            id: slot.id,
            name: slot.name.into(),
            objects,
            foreign: None,
        }
    }

    fn line(&mut self, line: &Line) -> Option<BackupObject> {
        let mut object = match line.kind {
            LineKind::File => BackupObject::File(self.claimed_file(line.place, line.path)?),
            LineKind::Files => BackupObject::File(self.files(line)),
            LineKind::Folders => BackupObject::Folder(self.folders(line)),
        };
        if let BackupObject::File(file) = &mut object {
            file.re_evaluate_function = line.re_evaluate.map(Into::into);
        }
        Some(object)
    }

    /// A file in the case of the template, if SYSVOL has it.
    pub(super) fn claimed_file(&mut self, place: Place, path: &str) -> Option<FsObject> {
        match self.find(place, path) {
            Some((there, EntryKind::File(_))) => {
                self.claimed.insert(there);
                Some(self.object(place, path, Spelling::Template))
            }
            _ => None,
        }
    }

    fn files(&mut self, line: &Line) -> FsObject {
        let mut matches = Vec::new();
        if let Some((folder, _)) = self.find(line.place, line.target()) {
            for (path, kind) in self.gpo.inventory.below(folder) {
                if let EntryKind::File(_) = kind {
                    self.claimed.insert(path);
                    matches.push(self.found(line, folder, path));
                }
            }
        }
        // GPMC writes the walk backwards.
        matches.reverse();
        FsObject {
            matches,
            ..self.wildcard(line)
        }
    }

    fn folders(&mut self, line: &Line) -> FsObject {
        let mut matches = Vec::new();
        if let Some((folder, EntryKind::Folder)) = self.find(line.place, line.target()) {
            for (path, kind) in self.gpo.inventory.below(folder) {
                if kind == EntryKind::Folder {
                    self.claimed.insert(path);
                    matches.push(self.found(line, folder, path));
                }
            }
        }
        // The folder itself stays in front, what is below it goes backwards.
        if let Some(below) = matches.get_mut(1..) {
            below.reverse();
        }
        FsObject {
            matches,
            ..self.wildcard(line)
        }
    }

    /// A match of a wildcard: the folder in the case of the template, the rest in SYSVOL's.
    fn found(&self, line: &Line, folder: &GpoPath, path: &GpoPath) -> FsObject {
        let below = path.strip_prefix(folder).unwrap_or_default();
        let path = if below.is_root() {
            Cow::Borrowed(line.target())
        } else {
            Cow::Owned(format!("{}\\{below}", line.target()))
        };
        self.object(line.place, &path, Spelling::Template)
    }

    fn wildcard(&self, line: &Line) -> FsObject {
        FsObject {
            location: None,
            ..self.object(line.place, line.path, Spelling::Template)
        }
    }

    fn unknown_extension(&mut self) -> ExtensionBlock {
        let mut objects = unknown_objects(self);
        let inventory = &self.gpo.inventory;
        for place in Place::ALL {
            for (path, kind) in inventory.iter() {
                let mut components = path.components();
                let top = components.next().unwrap_or_default();
                let half = Half::BOTH
                    .into_iter()
                    .find(|half| same_name(half.name(), top));
                let is_half = half.is_some() && inventory.is_folder(top);
                let here = match place {
                    Place::Root => !is_half,
                    Place::In(place) => half == Some(place) && components.next().is_some(),
                };
                if !here || self.claimed.contains(path) {
                    continue;
                }
                let below = match place {
                    Place::Root => path.as_str(),
                    Place::In(_) => path
                        .as_str()
                        .split_once('\\')
                        .map_or("", |(_, below)| below),
                };
                let object = self.object(place, below, Spelling::Sysvol);
                objects.push(match kind {
                    EntryKind::Folder => BackupObject::Folder(object),
                    EntryKind::File(_) => BackupObject::File(object),
                });
            }
        }
        ExtensionBlock {
            id: ExtensionBlock::UNKNOWN_EXTENSION,
            name: "Unknown Extension".into(),
            objects,
            foreign: None,
        }
    }

    fn find(&self, place: Place, path: &str) -> Option<(&'a GpoPath, EntryKind)> {
        let path = match place.folder() {
            Some(folder) => format!("{folder}\\{path}"),
            None => path.to_string(),
        };
        self.gpo.inventory.get(&path.parse().ok()?)
    }

    pub(super) fn object(&self, place: Place, path: &str, spelling: Spelling) -> FsObject {
        let folder = place.folder();
        let real = folder.map(|folder| match spelling {
            Spelling::Template => folder,
            Spelling::Sysvol => self.spelled(folder),
        });
        let below = |folder: Option<&str>| match folder {
            Some(folder) => format!("\\{folder}\\{path}"),
            None => format!("\\{path}"),
        };
        FsObject {
            path: format!("{}\\{path}", place.variable()),
            source_expanded_path: Some(format!("{}{}", self.base, below(real))),
            location: Some(format!("{LOCATION}{}", below(folder))),
            ..FsObject::default()
        }
    }

    /// The folder of a half as SYSVOL spells it: `MACHINE` in GPOs as old as the domain.
    fn spelled<'s>(&'s self, folder: &'s str) -> &'s str {
        let path = GpoPath::from_name(folder).ok();
        path.and_then(|path| self.gpo.inventory.get(&path))
            .map_or(folder, |(p, _)| p.as_str())
    }
}

/// Whose upper and lower case the expanded path takes in the folder of a half.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    Template,
    Sysvol,
}

/// The folder in a backup that holds the GPO's SYSVOL tree.
pub(super) const LOCATION: &str = "DomainSysvol\\GPO";
