//! Importing the settings of a backup into a GPO of any domain.

use std::collections::{BTreeMap, BTreeSet};

use gpo_core::{
    Contents, Domain, Gpo, GpoId, GpoPath, GpoVersion, LARGEST_SETTINGS_FILE, Principal,
    SecurityGroup, SourceError, SourceErrorKind,
};

use crate::backup_files;
use crate::backup_gpo::{Allowed, BackupGpo};
use crate::gpo_state::{GpoState, GptIniFile, gpo_of};
use crate::journal::Journal;
use crate::mapping::{MappedGpo, Mapping};
use crate::new_container::new_container;
use crate::new_tree::{NewTree, TreeSource};
use crate::new_version::{gpt_ini, raised};
use crate::observer::{Cancel, Observer};
use crate::plan::{NewGpo, Plan};
use crate::selection::{GpoSelector, find_gpo};
use crate::settings_area::{Merged, SettingsArea, merge};
use crate::software_packages::{drop_descriptors, move_scripts, renew_deployments};
use crate::source::gpo_folder;
use crate::stamps::Stamps;
use crate::status::Outcome;
use crate::target::Target;
use crate::transaction;

/// Importing a backup, as `IGPMGPO::Import` does: a GPO of any domain gets the settings and the
/// description of the backup. Its ID, name, permissions, links, status and link to a WMI filter
/// stay.
///
/// ```
/// use gpo_engine::{Backup, Import, Journal, Selection, Source, Stamps, Status, Target};
/// use gpo_core::BackupStore;
/// use gpo_testkit::{MemoryDomain, MemoryStore};
///
/// let (domain, store) = (MemoryDomain::example(), MemoryStore::default());
/// let backups = Backup::new(Source::of(&domain), &store, Stamps::system())
///     .run(&Selection::All, &mut (), &Default::default());
/// let backup = store.open(&store.backups()?[0])?;
/// let state = MemoryStore::default();
/// let outcome = Import::new(backup.as_ref(), Target::of(&domain), "New name".parse().unwrap(), Stamps::system())
///     .create_if_needed(true)
///     .run(&Journal::new(&state, Stamps::system()), &mut (), &Default::default());
/// assert_eq!(outcome.status, Status::Succeeded, "{:?}", outcome.messages);
/// # Ok::<(), gpo_core::SourceError>(())
/// ```
pub struct Import<'a> {
    backup: &'a dyn Contents,
    target: Target<'a>,
    gpo: GpoSelector,
    stamps: Stamps<'a>,
    create_if_needed: bool,
    mapping: Option<&'a Mapping>,
    areas: BTreeSet<SettingsArea>,
    allowed: Allowed,
}

impl<'a> Import<'a> {
    /// An import of a backup, the folder with its Backup.xml, into a GPO of a domain.
    pub fn new(
        backup: &'a dyn Contents,
        target: Target<'a>,
        gpo: GpoSelector,
        stamps: Stamps<'a>,
    ) -> Self {
        Self {
            backup,
            target,
            gpo,
            stamps,
            create_if_needed: false,
            mapping: None,
            areas: SettingsArea::ALL.into(),
            allowed: Allowed::default(),
        }
    }

    /// Whether a GPO that is not there is made, with the name that it is called by.
    #[must_use]
    pub fn create_if_needed(self, create_if_needed: bool) -> Self {
        Self {
            create_if_needed,
            ..self
        }
    }

    /// What becomes of principals and paths; without it they stay as they are.
    #[must_use]
    pub fn mapping(self, mapping: Option<&'a Mapping>) -> Self {
        Self { mapping, ..self }
    }

    /// Only these areas are imported, the others stay as they are; and then the description does,
    /// too.
    #[must_use]
    pub fn areas(self, areas: impl IntoIterator<Item = SettingsArea>) -> Self {
        Self {
            areas: areas.into_iter().collect(),
            ..self
        }
    }

    /// Whether a backup is imported, too, that does not have all the files that it lists.
    #[must_use]
    pub fn allow_missing(mut self, allow_missing: bool) -> Self {
        self.allowed.missing = allow_missing;
        self
    }

    /// Whether a backup of half a GPO is imported, too.
    #[must_use]
    pub fn allow_half(mut self, allow_half: bool) -> Self {
        self.allowed.half = allow_half;
        self
    }

    /// Reads everything, maps it, checks it, and says what would be written. Why it would fail is
    /// among the messages of the plan.
    ///
    /// # Errors
    ///
    /// Why there is no plan: the backup, or the target, cannot be read; there is no such GPO, or
    /// there are several of its name; the name of one to be made is empty, too long or has
    /// control characters.
    pub fn plan(&self) -> Result<Plan, SourceError> {
        let backup = BackupGpo::read(self.backup, self.allowed)?;
        let domain = self.target.directory.domain()?;
        let (id, before) = self.current(&domain)?;
        let groups = backup.xml.security_groups.iter();
        let principals: Vec<_> = groups.filter_map(SecurityGroup::principal).collect();
        let root = backup_files::sysvol_folder();
        let folder = gpo_folder(id)?;
        let content = TreeSource::new(self.backup, &root);
        let mut mapped = map(self.mapping, &backup.gpo, &principals, self.target, content)?;
        let mut container = match &before.container {
            Some(container) => container.clone(),
            None => new_container(self.target.directory, &domain, id, &self.name()?)?,
        };
        adopt_packages(
            &mut mapped.gpo,
            &container.file_sys_path,
            &before,
            self.stamps,
        );
        let merged = self.merge(&before, &container.id, &domain, &mapped.gpo)?;
        let gpo = &merged.gpo;
        let current = before.version();
        let version = raised(&merged.touched, current, GpoVersion::default());
        container.version = version;
        container.machine_extensions = gpo.machine_extensions.as_str().into();
        container.user_extensions = gpo.user_extensions.as_str().into();
        (container.machine_objects, container.user_objects) =
            (gpo.machine_objects.clone(), gpo.user_objects.clone());
        let tree = NewTree::new(
            gpo.inventory.clone(),
            mapped.files,
            Some(gpt_ini(&before, version)?),
        )?
        .keep(merged.kept);
        let new = NewGpo {
            container,
            tree: Some(tree),
            soms: Vec::new(),
        };
        let source = self.target.source();
        let content = content.beside(self.target.sysvol, &folder);
        let name = &domain.dns_name;
        let mut plan = Plan::new("import", name, id, source, before, Some(new), Some(content))?;
        plan.references = mapped.references;
        plan.messages.extend(mapped.messages);
        backup.tell(&mut plan);
        Ok(plan)
    }

    /// Imports the backup: rolls back what an operation before left half written, plans, and
    /// carries the plan out.
    pub fn run(
        &self,
        journal: &Journal<'_>,
        observer: &mut dyn Observer,
        cancel: &Cancel,
    ) -> Outcome<Option<Plan>> {
        transaction::run(self.target, journal, observer, |observer| {
            Ok(self.apply(self.plan()?, journal, observer, cancel))
        })
    }

    /// Writes what a plan of this import says: all of it, or nothing.
    pub fn apply(
        &self,
        plan: Plan,
        journal: &Journal<'_>,
        observer: &mut dyn Observer,
        cancel: &Cancel,
    ) -> Outcome<Plan> {
        let root = plan.content_root.clone();
        let folder = plan.folder.clone();
        let content = TreeSource::new(self.backup, &root).beside(self.target.sysvol, &folder);
        let target = self.target;
        transaction::apply(plan, Some(content), target, journal, observer, cancel)
    }

    /// The GPO as it is; one that is to be made has a new ID.
    fn current(&self, domain: &Domain) -> Result<(GpoId, GpoState), SourceError> {
        let source = self.target.source();
        let id = match find_gpo(source, &self.gpo) {
            Err(error) if error.kind() == SourceErrorKind::NotFound && self.create_if_needed => {
                let id = GpoId::new((self.stamps.new_id)().guid());
                return Ok((id, GpoState::default()));
            }
            found => found?,
        };
        let state = GpoState::read(source, id)?;
        if state.container.is_some() {
            return Ok((id, state));
        }
        if self.create_if_needed {
            // Of an ID, which is no name to make one by.
            self.name()?;
        }
        let message = format!("the domain {} has no such GPO", domain.dns_name);
        let kind = SourceErrorKind::NotFound;
        Err(SourceError::new(kind, self.gpo.to_string(), message))
    }

    fn name(&self) -> Result<String, SourceError> {
        match &self.gpo {
            GpoSelector::Name(name) => Ok(name.clone()),
            GpoSelector::Id(id) => {
                let message = "a GPO that is to be made is called by its name";
                let kind = SourceErrorKind::NotFound;
                Err(SourceError::new(kind, id.to_string(), message))
            }
        }
    }

    fn merge(
        &self,
        before: &GpoState,
        id: &GpoId,
        domain: &Domain,
        new: &Gpo,
    ) -> Result<Merged, SourceError> {
        if SettingsArea::ALL
            .iter()
            .all(|area| self.areas.contains(area))
        {
            return Ok(Merged {
                gpo: new.clone(),
                kept: BTreeSet::new(),
                touched: new.clone(),
            });
        }
        let version = before.gpt_ini.as_ref().and_then(GptIniFile::version);
        let inventory = before.tree.clone().unwrap_or_default();
        let container = before.container.as_ref();
        let current = gpo_of(*id, &domain.dns_name, container, version, inventory);
        merge(&current, new, &self.areas)
    }
}

/// Maps a GPO; without a mapping it stays as it is.
pub(crate) fn map(
    mapping: Option<&Mapping>,
    gpo: &Gpo,
    principals: &[Principal],
    target: Target<'_>,
    content: TreeSource<'_>,
) -> Result<MappedGpo, SourceError> {
    let Some(mapping) = mapping else {
        return Ok(MappedGpo {
            gpo: gpo.clone(),
            files: BTreeMap::new(),
            references: Vec::new(),
            messages: Vec::new(),
        });
    };
    let read = |path: &GpoPath| {
        let from = content.root.join_path(path);
        let from = from.map_err(|e| SourceError::invalid(path.as_str(), e))?;
        content.contents.read_all(&from, LARGEST_SETTINGS_FILE)
    };
    mapping.map(gpo, principals, target.directory, read)
}

/// Makes the software packages of another GPO those of the one with this `gPCFileSysPath`. The
/// directory gives their objects the permissions that their class has, as GPMC lets it.
pub(crate) fn adopt_packages(
    gpo: &mut Gpo,
    file_sys_path: &str,
    before: &GpoState,
    stamps: Stamps<'_>,
) {
    let new_id = || (stamps.new_id)().guid();
    let there = before.container.as_ref();
    let id = gpo.id;
    let halves = [
        (&mut gpo.machine_objects, there.map(|c| &c.machine_objects)),
        (&mut gpo.user_objects, there.map(|c| &c.user_objects)),
    ];
    for (objects, there) in halves {
        let there = there.map(Vec::as_slice).unwrap_or_default();
        drop_descriptors(objects);
        move_scripts(objects, id, file_sys_path);
        renew_deployments(objects, there, &new_id);
    }
}
