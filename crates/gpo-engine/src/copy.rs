//! Copying a GPO.

use gpo_core::{
    Domain, Gpo, GpoContainer, GpoId, GpoVersion, LARGEST_SETTINGS_FILE, Principal, PrincipalQuery,
    SourceError, SourceErrorKind, references, same_name,
};

use crate::gpo_state::{GpoState, GptIniFile, gpo_of};
use crate::import::{adopt_packages, map};
use crate::journal::Journal;
use crate::mapping::Mapping;
use crate::new_container::new_container;
use crate::new_tree::{NewTree, TreeSource};
use crate::new_version::{gpt_ini, raised};
use crate::observer::{Cancel, Observer};
use crate::plan::{NewGpo, Plan};
use crate::references::principals_in;
use crate::restore::with_dacl;
use crate::source::{Source, gpo_folder, no_such_gpo};
use crate::stamps::Stamps;
use crate::status::Outcome;
use crate::target::Target;
use crate::transaction;

/// Copying a GPO, as `IGPMGPO::CopyTo` does: a new GPO with a new ID, in the same domain or another,
/// gets the settings, the description and the status of the one that is there. It is linked to
/// nothing. Its permissions are those of a new GPO, unless they are copied, too; the link to a WMI
/// filter is kept in the same domain.
///
/// ```
/// use gpo_engine::{Copy, Journal, Source, Stamps, Status, Target};
/// use gpo_testkit::{MemoryDomain, MemoryStore, sample};
///
/// let (domain, state) = (MemoryDomain::example(), MemoryStore::default());
/// let outcome = Copy::new(Source::of(&domain), sample::container(1).id, Target::of(&domain), Stamps::system())
///     .name("Another")
///     .run(&Journal::new(&state, Stamps::system()), &mut (), &Default::default());
/// assert_eq!(outcome.status, Status::Succeeded, "{:?}", outcome.messages);
/// assert_eq!(outcome.value.unwrap().display_name, "Another");
/// ```
pub struct Copy<'a> {
    source: Source<'a>,
    gpo: GpoId,
    target: Target<'a>,
    stamps: Stamps<'a>,
    /// The ID of the new GPO, one for all plans of this copy.
    id: GpoId,
    name: Option<String>,
    with_permissions: bool,
    mapping: Option<&'a Mapping>,
}

impl<'a> Copy<'a> {
    /// A copy of a GPO; the stamps give its ID.
    pub fn new(source: Source<'a>, gpo: GpoId, target: Target<'a>, stamps: Stamps<'a>) -> Self {
        Self {
            source,
            gpo,
            target,
            stamps,
            id: GpoId::new((stamps.new_id)().guid()),
            name: None,
            with_permissions: false,
            mapping: None,
        }
    }

    /// The name of the copy; without it, `Copy of` that of the GPO, with a number where that is
    /// taken.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            ..self
        }
    }

    /// Whether the permissions of the GPO and of its directory objects are copied
    /// (`GPM_PROCESS_SECURITY`). Let the mapping map them, too.
    #[must_use]
    pub fn with_permissions(self, with_permissions: bool) -> Self {
        Self {
            with_permissions,
            ..self
        }
    }

    /// What becomes of principals and paths; without it they stay as they are.
    #[must_use]
    pub fn mapping(self, mapping: Option<&'a Mapping>) -> Self {
        Self { mapping, ..self }
    }

    /// Reads everything, maps it, checks it, and says what would be written. Why it would fail is
    /// among the messages of the plan.
    ///
    /// # Errors
    ///
    /// Why there is no plan: source or target cannot be read; there is no such GPO; the name is
    /// empty, too long or has control characters.
    pub fn plan(&self) -> Result<Plan, SourceError> {
        let from = self.source.directory.domain()?;
        let to = self.target.directory.domain()?;
        let state = GpoState::read(self.source, self.gpo)?;
        let (container, gpo) = self.original(&from, &state)?;
        let folder = gpo_folder(gpo.id)?;
        let content = TreeSource::new(self.source.sysvol, &folder);
        let principals = match self.mapping {
            Some(_) => self.principals(&gpo, content)?,
            None => Vec::new(),
        };
        let mut mapped = map(self.mapping, &gpo, &principals, self.target, content)?;
        let (name, taken) = self.new_name(&container.display_name)?;
        let directory = self.target.directory;
        let mut new = new_container(directory, &to, self.id, &name)?;
        let before = GpoState::default();
        let version = raised(&mapped.gpo, None, GpoVersion::default());
        new.version = version;
        new.status = container.status;
        new.machine_extensions = mapped.gpo.machine_extensions.as_str().into();
        new.user_extensions = mapped.gpo.user_extensions.as_str().into();
        let original = mapped.gpo.clone();
        adopt_packages(&mut mapped.gpo, &new.file_sys_path, &before, self.stamps);
        new.machine_objects.clone_from(&mapped.gpo.machine_objects);
        new.user_objects.clone_from(&mapped.gpo.user_objects);
        let mut warnings = Vec::new();
        if self.with_permissions {
            keep_descriptors(&mut new.machine_objects, &original.machine_objects);
            keep_descriptors(&mut new.user_objects, &original.user_objects);
            let own = new.security_descriptor.take();
            let copied = mapped.gpo.security_descriptor.as_deref();
            new.security_descriptor = copied
                .map(|copied| with_dacl(own.as_deref(), copied))
                .or(own);
        }
        if to.is(from.id, &from.dns_name) {
            new.wql_filter.clone_from(&container.wql_filter);
        } else if !container.wql_filter.trim().is_empty() {
            warnings.push("the link to a WMI filter is dropped: filters belong to their domain");
        }
        let ini = gpt_ini(&before, version)?;
        let new = NewGpo {
            container: new,
            tree: Some(NewTree::new(
                mapped.gpo.inventory.clone(),
                mapped.files,
                Some(ini),
            )?),
            soms: Vec::new(),
        };
        let (target, domain) = (self.target.source(), &to.dns_name);
        let mut plan = Plan::new(
            "copy",
            domain,
            self.id,
            target,
            before,
            Some(new),
            Some(content),
        )?;
        plan.references = mapped.references;
        plan.messages.extend(mapped.messages);
        for warning in warnings {
            plan.warn(warning);
        }
        for file in self.source.sysvol.damage(&folder)? {
            plan.warn(file.to_string());
        }
        if let Some(error) = taken {
            plan.refuse(&error);
        }
        Ok(plan)
    }

    /// Copies the GPO: rolls back what an operation before left half written, plans, and carries
    /// the plan out.
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

    /// Writes what a plan of this copy says: all of it, or nothing.
    pub fn apply(
        &self,
        plan: Plan,
        journal: &Journal<'_>,
        observer: &mut dyn Observer,
        cancel: &Cancel,
    ) -> Outcome<Plan> {
        let root = plan.content_root.clone();
        let content = TreeSource::new(self.source.sysvol, &root);
        let target = self.target;
        transaction::apply(plan, Some(content), target, journal, observer, cancel)
    }

    /// The GPO that is copied: both sides of it.
    fn original(
        &self,
        domain: &Domain,
        state: &GpoState,
    ) -> Result<(GpoContainer, Gpo), SourceError> {
        let (Some(container), Some(tree)) = (&state.container, &state.tree) else {
            let message = match (&state.container, &state.tree) {
                (None, None) => return Err(no_such_gpo(self.gpo.to_string())),
                (None, _) => "its container in the directory is missing",
                _ => "its folder in SYSVOL is missing",
            };
            let kind = SourceErrorKind::NotFound;
            return Err(SourceError::new(kind, self.gpo.to_string(), message));
        };
        let version = state.gpt_ini.as_ref().and_then(GptIniFile::version);
        let (id, name) = (container.id, &domain.dns_name);
        let gpo = gpo_of(id, name, Some(container), version, tree.clone());
        Ok((container.clone(), gpo))
    }

    /// What the source knows of the principals that the GPO names.
    fn principals(
        &self,
        gpo: &Gpo,
        content: TreeSource<'_>,
    ) -> Result<Vec<Principal>, SourceError> {
        let found = references(gpo, |path| {
            let from = content.root.join_path(path);
            let from = from.map_err(|e| SourceError::invalid(path.as_str(), e))?;
            content.contents.read_all(&from, LARGEST_SETTINGS_FILE)
        })?;
        let mut queries = principals_in(&found.found);
        let descriptor = gpo.security_descriptor.as_deref().unwrap_or_default();
        if let Ok(descriptor) = sddl_parser::SecurityDescriptor::from_bytes(descriptor) {
            let aces = descriptor.dacl().into_iter().flat_map(|dacl| &dacl.aces);
            queries.extend(
                aces.filter_map(|ace| ace.sid())
                    .copied()
                    .map(PrincipalQuery::Sid),
            );
        }
        let found = self.source.directory.principals(&queries)?;
        Ok(found.into_iter().flatten().collect())
    }

    /// The name of the copy, and whether it is taken.
    fn new_name(&self, original: &str) -> Result<(String, Option<SourceError>), SourceError> {
        let mut names = Vec::new();
        self.target.directory.list(&mut |gpo| {
            names.push(gpo.display_name);
            Ok(())
        })?;
        let is_taken = |name: &str| names.iter().any(|other| same_name(other, name));
        if let Some(name) = &self.name {
            let error = is_taken(name).then(|| {
                let message = "a GPO of this name is there already";
                SourceError::new(SourceErrorKind::Exists, name.as_str(), message)
            });
            return Ok((name.clone(), error));
        }
        let mut name = format!("Copy of {original}");
        let mut number = 2;
        while is_taken(&name) {
            name = format!("Copy ({number}) of {original}");
            number += 1;
        }
        Ok((name, None))
    }
}

/// Gives objects the descriptors that others of the same names have.
fn keep_descriptors(
    objects: &mut [gpo_core::DirectoryObject],
    originals: &[gpo_core::DirectoryObject],
) {
    for (object, original) in objects.iter_mut().zip(originals) {
        object
            .security_descriptor
            .clone_from(&original.security_descriptor);
        keep_descriptors(&mut object.children, &original.children);
    }
}
