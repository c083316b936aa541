//! A GPO as it is, on both sides of its domain.

use gpo_core::{
    EntryKind, ExtensionList, Gpo, GpoContainer, GpoId, GpoPath, GpoStatus, GpoVersion, GptIni,
    HalfVersion, Inventory, LARGEST_GPT_INI, SourceError,
};

use crate::gpo_folder::{of_listed, walk_gpo_folder};
use crate::source::{GPT_INI, Source, gpo_folder};

/// What both sides of a domain say about a GPO, without the content of its files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct GpoState {
    /// Its container; none where it has none.
    pub(crate) container: Option<GpoContainer>,
    /// Its files and folders in SYSVOL without GPT.INI; none where it has no folder.
    pub(crate) tree: Option<Inventory>,
    pub(crate) gpt_ini: Option<GptIniFile>,
    /// The descriptor of its folder, where the source keeps any.
    pub(crate) descriptor: Option<Vec<u8>>,
}

/// GPT.INI as it lies in SYSVOL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GptIniFile {
    /// Its name, as it is spelled.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl GptIniFile {
    /// The version in it; none where it is none.
    pub(crate) fn version(&self) -> Option<GpoVersion> {
        GptIni::parse(&self.bytes).ok()?.version().ok()
    }
}

impl GpoState {
    /// Reads both sides.
    pub(crate) fn read(source: Source<'_>, id: GpoId) -> Result<Self, SourceError> {
        let container = source.directory.containers(&[id])?.into_iter().next();
        let container = container.transpose()?.flatten();
        let spelled = container.as_ref().map_or(id, |container| container.id);
        let folder = gpo_folder(spelled)?;
        let (tree, gpt_ini) = read_tree(source, &folder)?;
        let descriptor = match &tree {
            Some(_) => source.sysvol.descriptor(&folder)?,
            None => None,
        };
        Ok(Self {
            container,
            tree,
            gpt_ini,
            descriptor,
        })
    }

    /// Whether the GPO is there, if only by half.
    pub(crate) fn exists(&self) -> bool {
        self.container.is_some() || self.tree.is_some()
    }

    /// The higher version of both sides, for each half; none where there is none.
    pub(crate) fn version(&self) -> Option<GpoVersion> {
        let directory = self.container.as_ref().map(|container| container.version);
        let sysvol = self.gpt_ini.as_ref().and_then(GptIniFile::version);
        match (directory, sysvol) {
            (Some(a), Some(b)) => Some(GpoVersion::from_halves(
                a.user().max(b.user()),
                a.machine().max(b.machine()),
            )),
            (one, other) => one.or(other),
        }
    }
}

/// The files and folders of a GPO, and its GPT.INI.
pub(crate) fn read_tree(
    source: Source<'_>,
    folder: &GpoPath,
) -> Result<(Option<Inventory>, Option<GptIniFile>), SourceError> {
    let mut inventory = Inventory::default();
    let mut gpt_ini = None;
    let is_there = walk_gpo_folder(source.sysvol, folder, &mut |entry| {
        let Some(path) = entry.path.strip_prefix(folder) else {
            return Ok(());
        };
        if entry.kind != EntryKind::Folder && path.as_str().eq_ignore_ascii_case(GPT_INI) {
            gpt_ini = Some(entry.path);
            return Ok(());
        }
        let inserted = inventory.insert(path, entry.kind);
        inserted.map_err(|e| SourceError::invalid(entry.path.as_str(), e))
    })?;
    if !is_there {
        return Ok((None, None));
    }
    let gpt_ini = gpt_ini.map(|path| {
        Ok::<_, SourceError>(GptIniFile {
            name: path.file_name().unwrap_or(GPT_INI).to_owned(),
            bytes: of_listed(source.sysvol.read_all(&path, LARGEST_GPT_INI))?,
        })
    });
    Ok((Some(inventory), gpt_ini.transpose()?))
}

/// The model of a GPO, of which one side may be missing. The link to a WMI filter is left out: a
/// backup has it in another form.
pub(crate) fn gpo_of(
    id: GpoId,
    domain: &str,
    container: Option<&GpoContainer>,
    sysvol: Option<GpoVersion>,
    inventory: Inventory,
) -> Gpo {
    let directory = container.map(|c| c.version).unwrap_or_default();
    let sysvol = sysvol.unwrap_or_default();
    let text = |get: fn(&GpoContainer) -> &String| container.map(get).cloned();
    Gpo {
        id: container.map_or(id, |c| c.id),
        domain: domain.into(),
        display_name: text(|c| &c.display_name)
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| id.to_string()),
        status: container.map_or(GpoStatus::empty(), |c| c.status),
        machine_version: HalfVersion {
            directory: directory.machine(),
            sysvol: sysvol.machine(),
        },
        user_version: HalfVersion {
            directory: directory.user(),
            sysvol: sysvol.user(),
        },
        machine_extensions: ExtensionList::from_text(
            text(|c| &c.machine_extensions).unwrap_or_default(),
        ),
        user_extensions: ExtensionList::from_text(text(|c| &c.user_extensions).unwrap_or_default()),
        wmi_filter: None,
        wmi_filter_name: String::new(),
        security_descriptor: container.and_then(|c| c.security_descriptor.clone()),
        inventory,
        machine_objects: container
            .map(|c| c.machine_objects.clone())
            .unwrap_or_default(),
        user_objects: container
            .map(|c| c.user_objects.clone())
            .unwrap_or_default(),
    }
}
