//! Areas of settings, of which an import can take some and leave the others.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use gpo_core::{
    ClientSideExtension, DirectoryObject, EntryKind, ExtensionList, Gpo, GpoPath, Guid, Half,
    Inventory, Quoted, SourceError,
};

/// An area of settings: what one page of the editor, or some that belong together, edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SettingsArea {
    /// Administrative templates and all else in registry.pol, with their comments.
    Registry,
    /// The security template.
    Security,
    /// Advanced audit policy.
    Audit,
    /// Scripts, PowerShell scripts, and what lies beside them.
    Scripts,
    /// Preferences.
    Preferences,
    /// Folder redirection.
    FolderRedirection,
    /// Software installation.
    Software,
    /// Everything else.
    Other,
}

impl SettingsArea {
    /// All areas.
    pub const ALL: [Self; 8] = [
        Self::Registry,
        Self::Security,
        Self::Audit,
        Self::Scripts,
        Self::Preferences,
        Self::FolderRedirection,
        Self::Software,
        Self::Other,
    ];

    /// Its name on a command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Security => "security",
            Self::Audit => "audit",
            Self::Scripts => "scripts",
            Self::Preferences => "preferences",
            Self::FolderRedirection => "folder-redirection",
            Self::Software => "software",
            Self::Other => "other",
        }
    }

    /// The area of a file or folder below the folder of a GPO; none for what is in no half, such as
    /// the description, and for the folders of the halves.
    pub fn of_path(path: &GpoPath) -> Option<Self> {
        let mut names = path.components().map(str::to_ascii_lowercase);
        let top = names.next()?;
        if top == "adm" {
            return Some(Self::Registry);
        }
        if !Half::BOTH
            .iter()
            .any(|half| half.name().eq_ignore_ascii_case(&top))
        {
            return None;
        }
        let below: Vec<String> = names.collect();
        let names: Vec<&str> = below.iter().map(String::as_str).collect();
        Some(match names.as_slice() {
            [] => return None,
            ["registry.pol" | "comment.cmtx"] => Self::Registry,
            ["microsoft", "windows nt", "secedit", ..] => Self::Security,
            ["microsoft", "windows nt", "audit", ..] => Self::Audit,
            ["scripts", ..] => Self::Scripts,
            ["preferences", ..] => Self::Preferences,
            ["documents & settings", ..] => Self::FolderRedirection,
            ["applications", ..] => Self::Software,
            _ => Self::Other,
        })
    }

    /// The area of a client-side extension.
    pub fn of_extension(cse: Guid) -> Self {
        // The editors of administrative templates, whose extensions read registry.pol.
        const TEMPLATES: [Guid; 2] = [
            Guid::from_u128(0xD02B_1F72_3407_48AE_BA88_E821_3C67_61F1),
            Guid::from_u128(0xD02B_1F73_3407_48AE_BA88_E821_3C67_61F1),
        ];
        let own = [
            (ClientSideExtension::SECURITY, Self::Security),
            (ClientSideExtension::AUDIT, Self::Audit),
            (ClientSideExtension::SCRIPTS, Self::Scripts),
            (
                ClientSideExtension::FOLDER_REDIRECTION,
                Self::FolderRedirection,
            ),
            (ClientSideExtension::SOFTWARE_INSTALLATION, Self::Software),
        ];
        if let Some((_, area)) = own.into_iter().find(|(id, _)| *id == cse) {
            return area;
        }
        let Some(known) = ClientSideExtension::of(cse) else {
            return Self::Other;
        };
        let of_preferences = |place: &str| place.contains(r"\PREFERENCES\");
        if cse.is_nil() || known.files.iter().any(|place| of_preferences(place)) {
            Self::Preferences
        } else if known.tools.iter().any(|tool| TEMPLATES.contains(tool)) {
            Self::Registry
        } else {
            Self::Other
        }
    }

    /// The area of an object directly below the container of a half.
    pub fn of_object(object: &DirectoryObject) -> Self {
        if object.class.eq_ignore_ascii_case("classStore") {
            Self::Software
        } else {
            Self::Other
        }
    }
}

impl fmt::Display for SettingsArea {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for SettingsArea {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|area| area.name() == text);
        known.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!(
                "{} is no area of settings; there are: {names}",
                Quoted::new(text)
            )
        })
    }
}

/// A GPO of which some areas come from another.
pub(crate) struct Merged {
    pub(crate) gpo: Gpo,
    /// The files that it keeps.
    pub(crate) kept: BTreeSet<GpoPath>,
    /// What of either GPO is in the areas: a half that has some of it changes.
    pub(crate) touched: Gpo,
}

/// Puts these areas of a GPO in the place of those of another.
pub(crate) fn merge(
    current: &Gpo,
    new: &Gpo,
    areas: &BTreeSet<SettingsArea>,
) -> Result<Merged, SourceError> {
    let taken =
        |path: &GpoPath| SettingsArea::of_path(path).is_some_and(|area| areas.contains(&area));
    let mut merged = Merged {
        gpo: Gpo {
            inventory: Inventory::default(),
            ..new.clone()
        },
        kept: BTreeSet::new(),
        touched: Gpo {
            inventory: Inventory::default(),
            ..new.clone()
        },
    };
    let clash = |path: &GpoPath, error| SourceError::invalid(path.as_str(), error);
    for (path, kind) in current.inventory.iter() {
        if taken(path) {
            let touched = merged.touched.inventory.insert(path.clone(), kind);
            touched.map_err(|e| clash(path, e))?;
            continue;
        }
        merged
            .gpo
            .inventory
            .insert(path.clone(), kind)
            .map_err(|e| clash(path, e))?;
        if kind != EntryKind::Folder {
            merged.kept.insert(path.clone());
        }
    }
    for (path, kind) in new.inventory.iter().filter(|(path, _)| taken(path)) {
        merged
            .gpo
            .inventory
            .insert(path.clone(), kind)
            .map_err(|e| clash(path, e))?;
        if merged.touched.inventory.get(path).is_none() {
            let touched = merged.touched.inventory.insert(path.clone(), kind);
            touched.map_err(|e| clash(path, e))?;
        }
    }
    let (old, own) = (&current.machine_extensions, &new.machine_extensions);
    (
        merged.gpo.machine_extensions,
        merged.touched.machine_extensions,
    ) = merge_extensions("gPCMachineExtensionNames", old, own, areas)?;
    let (old, own) = (&current.user_extensions, &new.user_extensions);
    (merged.gpo.user_extensions, merged.touched.user_extensions) =
        merge_extensions("gPCUserExtensionNames", old, own, areas)?;
    for half in Half::BOTH {
        let (objects, touched) = merge_objects(current.objects(half), new.objects(half), areas);
        let (place, other) = match half {
            Half::Machine => (
                &mut merged.gpo.machine_objects,
                &mut merged.touched.machine_objects,
            ),
            Half::User => (
                &mut merged.gpo.user_objects,
                &mut merged.touched.user_objects,
            ),
        };
        (*place, *other) = (objects, touched);
    }
    Ok(merged)
}

fn merge_extensions(
    attribute: &str,
    current: &ExtensionList,
    new: &ExtensionList,
    areas: &BTreeSet<SettingsArea>,
) -> Result<(ExtensionList, ExtensionList), SourceError> {
    let groups = |list: &ExtensionList| {
        let groups = list.groups();
        groups.map_err(|error| SourceError::invalid(attribute, error))
    };
    let taken = |cse: Guid| areas.contains(&SettingsArea::of_extension(cse));
    let (new_groups, current_groups) = (groups(new)?, groups(current)?);
    let all = new_groups.iter().chain(&current_groups);
    let touched: Vec<_> = all.filter(|group| taken(group.cse)).cloned().collect();
    let mut merged: Vec<_> = new_groups.into_iter().filter(|g| taken(g.cse)).collect();
    merged.extend(current_groups.into_iter().filter(|g| !taken(g.cse)));
    // The order in which GPMC keeps them.
    merged.sort_by_key(|group| group.cse);
    Ok((
        ExtensionList::from_groups(&merged),
        ExtensionList::from_groups(&touched),
    ))
}

fn merge_objects(
    current: &[DirectoryObject],
    new: &[DirectoryObject],
    areas: &BTreeSet<SettingsArea>,
) -> (Vec<DirectoryObject>, Vec<DirectoryObject>) {
    let taken = |object: &&DirectoryObject| areas.contains(&SettingsArea::of_object(object));
    let kept = current.iter().filter(|object| !taken(object));
    let merged = kept.chain(new.iter().filter(taken)).cloned().collect();
    let touched = current.iter().chain(new).filter(taken).cloned().collect();
    (merged, touched)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_and_extension_has_its_area() {
        for (path, area) in [
            (r"MACHINE\Registry.pol", Some(SettingsArea::Registry)),
            (r"User\comment.cmtx", Some(SettingsArea::Registry)),
            (r"Adm\system.adm", Some(SettingsArea::Registry)),
            (
                r"machine\microsoft\Windows NT\SecEdit\GptTmpl.inf",
                Some(SettingsArea::Security),
            ),
            (
                r"Machine\Microsoft\Windows NT\Audit\audit.csv",
                Some(SettingsArea::Audit),
            ),
            (r"User\Scripts\Logon\a.cmd", Some(SettingsArea::Scripts)),
            (
                r"User\Preferences\Drives\Drives.xml",
                Some(SettingsArea::Preferences),
            ),
            (
                r"User\Documents & Settings\fdeploy1.ini",
                Some(SettingsArea::FolderRedirection),
            ),
            (r"Machine\Applications\x.aas", Some(SettingsArea::Software)),
            (
                r"Machine\Microsoft\IEAK\install.ins",
                Some(SettingsArea::Other),
            ),
            ("Machine", None),
            ("GPO.cmt", None),
        ] {
            assert_eq!(
                SettingsArea::of_path(&path.parse().unwrap()),
                area,
                "{path}"
            );
        }
        let lapse: Guid = "{D76B9641-3288-4F75-942D-087DE603E3EA}".parse().unwrap();
        assert_eq!(SettingsArea::of_extension(lapse), SettingsArea::Registry);
        let drives: Guid = "{5794DAFD-BE60-433F-88A2-1A31939AC01F}".parse().unwrap();
        for preferences in [drives, Guid::from_u128(0)] {
            assert_eq!(
                SettingsArea::of_extension(preferences),
                SettingsArea::Preferences
            );
        }
        assert_eq!("audit".parse(), Ok(SettingsArea::Audit));
        assert!("Audit".parse::<SettingsArea>().is_err());
    }
}
