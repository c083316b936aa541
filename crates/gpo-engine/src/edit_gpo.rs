//! The smaller changes of a GPO: making and removing it, its name, status, description, WMI filter,
//! permissions and links.

use std::collections::BTreeMap;

use gpo_core::{
    GpLinkOptions, GpoContainer, GpoId, GpoPath, GpoStatus, GpoVersion, Inventory, SidecarLink,
    SourceError, SourceErrorKind, WmiFilterId, WmiFilterLink, gpo_comment_to_bytes,
};
use sddl_parser::{Acl, SecurityDescriptor};

use crate::gpo_state::GpoState;
use crate::journal::Journal;
use crate::link_edits::LinkEdits;
use crate::new_container::{check_new_name, new_container};
use crate::new_tree::{NewTree, TreeSource};
use crate::new_version::gpt_ini;
use crate::observer::{Cancel, Observer};
use crate::plan::{NewGpo, Plan};
use crate::source::{gpo_folder, no_such_gpo};
use crate::stamps::Stamps;
use crate::status::Outcome;
use crate::target::Target;
use crate::transaction;

/// The file with the description.
const COMMENT: &str = "GPO.cmt";

/// A change of a GPO that is no change of its settings. Nothing is written before
/// [`apply`](Self::apply), which writes all of it or nothing; the version stays, as GPMC lets it.
///
/// ```
/// use gpo_core::GpoStatus;
/// use gpo_engine::{EditGpo, Journal, Stamps, Status, Target};
/// use gpo_testkit::{MemoryDomain, MemoryStore, sample};
///
/// let (domain, state) = (MemoryDomain::example(), MemoryStore::default());
/// let journal = Journal::new(&state, Stamps::system());
/// let mut edit = EditGpo::open(Target::of(&domain), sample::container(1).id)?;
/// edit.rename("Another name").set_status(GpoStatus::USER_DISABLED);
/// edit.set_description("what it is for")?;
/// let outcome = edit.apply(&journal, &mut (), &Default::default())?;
/// assert_eq!(outcome.status, Status::Succeeded);
/// # Ok::<(), gpo_core::SourceError>(())
/// ```
pub struct EditGpo<'a> {
    target: Target<'a>,
    domain: String,
    before: GpoState,
    container: GpoContainer,
    /// None: as it is; empty: taken away.
    description: Option<String>,
    links: LinkEdits,
    warnings: Vec<String>,
}

impl<'a> EditGpo<'a> {
    /// Reads a GPO to be changed.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::NotFound`] where there is no container; any failure to read.
    pub fn open(target: Target<'a>, id: GpoId) -> Result<Self, SourceError> {
        let before = GpoState::read(target.source(), id)?;
        let Some(container) = before.container.clone() else {
            return Err(no_such_gpo(id.to_string()));
        };
        let domain = target.directory.domain()?;
        Ok(Self {
            target,
            before,
            description: None,
            links: LinkEdits::new(container.id, &domain.dn),
            warnings: Vec::new(),
            domain: domain.dns_name,
            container,
        })
    }

    /// Gives it another name. Names need not be unique.
    pub fn rename(&mut self, name: impl Into<String>) -> &mut Self {
        self.container.display_name = name.into();
        self
    }

    /// Switches its halves on or off; flags that have no name stay as they are.
    pub fn set_status(&mut self, status: GpoStatus) -> &mut Self {
        let halves = GpoStatus::USER_DISABLED | GpoStatus::COMPUTER_DISABLED;
        self.container.status = (self.container.status - halves) | (status & halves);
        self
    }

    /// Gives it a description; an empty one takes it away.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::NotFound`] where the GPO has no folder in SYSVOL, which holds it.
    pub fn set_description(&mut self, text: &str) -> Result<&mut Self, SourceError> {
        if self.before.tree.is_none() {
            let message = "it has no folder in SYSVOL, where the description is kept";
            let kind = SourceErrorKind::NotFound;
            return Err(SourceError::new(
                kind,
                self.container.id.to_string(),
                message,
            ));
        }
        self.description = Some(text.to_owned());
        Ok(self)
    }

    /// Links it to a WMI filter of its domain, or to none.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::NotFound`] where there is no such filter; any failure to read.
    pub fn set_wmi_filter(&mut self, id: Option<WmiFilterId>) -> Result<&mut Self, SourceError> {
        let Some(id) = id else {
            self.container.wql_filter.clear();
            return Ok(self);
        };
        if !self
            .target
            .directory
            .wmi_filters(&[id])?
            .iter()
            .any(Option::is_some)
        {
            let message = "there is no such WMI filter";
            let kind = SourceErrorKind::NotFound;
            return Err(SourceError::new(kind, id.to_string(), message));
        }
        let link = WmiFilterLink::in_directory(id, &self.domain);
        let link = link.map_err(|e| SourceError::invalid("gPCWQLFilter", e))?;
        self.container.wql_filter = link.as_str().into();
        Ok(self)
    }

    /// Changes its permissions; see [`add_permission`](crate::add_permission) and
    /// [`remove_permission`](crate::remove_permission). The descriptor of its folder follows.
    ///
    /// # Errors
    ///
    /// What `change` returned; [`SourceErrorKind::Unsupported`] where the directory does not show
    /// permissions, [`SourceErrorKind::Invalid`] where they cannot be read.
    pub fn change_permissions(
        &mut self,
        change: impl FnOnce(&mut Acl) -> Result<(), SourceError>,
    ) -> Result<&mut Self, SourceError> {
        let id = self.container.id.to_string();
        let Some(bytes) = &self.container.security_descriptor else {
            let message = "the directory does not show the permissions of the GPO";
            return Err(SourceError::new(SourceErrorKind::Unsupported, id, message));
        };
        let invalid = |error: sddl_parser::Error| {
            SourceError::new(SourceErrorKind::Invalid, id.as_str(), error.to_string())
        };
        let mut descriptor = SecurityDescriptor::from_bytes(bytes).map_err(invalid)?;
        let Some(mut dacl) = descriptor.dacl().cloned() else {
            let message = "its descriptor has no DACL: everybody may do everything with the GPO";
            return Err(SourceError::new(SourceErrorKind::Invalid, id, message));
        };
        change(&mut dacl)?;
        if descriptor.dacl() != Some(&dacl) {
            descriptor.set_dacl(Some(dacl));
            descriptor.use_windows_layout();
            let bytes = descriptor.to_bytes().map_err(invalid)?;
            self.container.security_descriptor = Some(bytes);
        }
        Ok(self)
    }

    /// Links it to a domain, an organizational unit or a site, at a place in its `gPLink` from 0;
    /// the last wins. GPMC links at 0. A place behind the end is the end.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::NotFound`] where there is nothing of this distinguished name,
    /// [`SourceErrorKind::Invalid`] where it is linked already; any failure to read.
    pub fn add_link(
        &mut self,
        som: &str,
        options: GpLinkOptions,
        place: usize,
    ) -> Result<&mut Self, SourceError> {
        self.links.add(self.target.directory, som, options, place)?;
        Ok(self)
    }

    /// Takes its link to a domain, an organizational unit or a site away.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::NotFound`] where there is no such link; any failure to read.
    pub fn remove_link(&mut self, som: &str) -> Result<&mut Self, SourceError> {
        self.links.remove(self.target.directory, som)?;
        Ok(self)
    }

    /// Gives a link other options, and another place, counted without it.
    ///
    /// # Errors
    ///
    /// As [`remove_link`](Self::remove_link).
    pub fn change_link(
        &mut self,
        som: &str,
        options: impl FnOnce(GpLinkOptions) -> GpLinkOptions,
        place: Option<usize>,
    ) -> Result<&mut Self, SourceError> {
        self.links
            .change(self.target.directory, som, options, place)?;
        Ok(self)
    }

    /// Puts back the links of a side-car: options, place among the others, and whether the SOM
    /// blocks inheritance. Links that it does not hold stay, and what it is linked to and is gone
    /// is a warning of the plan.
    ///
    /// # Errors
    ///
    /// Any failure to read.
    pub fn restore_links(&mut self, links: &[SidecarLink]) -> Result<&mut Self, SourceError> {
        let warnings = &mut self.warnings;
        self.links
            .restore(self.target.directory, links, &mut |text| {
                warnings.push(text);
            })?;
        Ok(self)
    }

    /// Says what would be written.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::Invalid`] for a new name that is empty, too long (256 characters are
    /// possible) or has control characters; any failure to read.
    pub fn plan(&self) -> Result<Plan, SourceError> {
        let name = &self.container.display_name;
        let old = self.before.container.as_ref();
        if old.is_none_or(|old| old.display_name != *name) {
            check_new_name(name)?;
        }
        let new = NewGpo {
            container: self.container.clone(),
            tree: self.tree()?,
            soms: self.links.changes(),
        };
        let mut plan = plan(
            self.target,
            "edit",
            &self.domain,
            self.container.id,
            self.before.clone(),
            Some(new),
        )?;
        for warning in &self.warnings {
            plan.warn(warning);
        }
        Ok(plan)
    }

    /// Writes the change: all of it, or nothing.
    ///
    /// # Errors
    ///
    /// As [`plan`](Self::plan).
    pub fn apply(
        &self,
        journal: &Journal<'_>,
        observer: &mut dyn Observer,
        cancel: &Cancel,
    ) -> Result<Outcome<Plan>, SourceError> {
        Ok(apply_plan(
            self.plan()?,
            self.target,
            journal,
            observer,
            cancel,
        ))
    }

    /// The tree with another description; none where that stays.
    fn tree(&self) -> Result<Option<NewTree>, SourceError> {
        let (Some(description), Some(tree)) = (&self.description, &self.before.tree) else {
            return Ok(None);
        };
        let path = GpoPath::from_name(COMMENT).map_err(|e| SourceError::invalid(COMMENT, e))?;
        let mut inventory = tree.clone();
        let spelled = inventory
            .get(&path)
            .map_or(path, |(spelled, _)| spelled.clone());
        inventory.remove(&spelled);
        let kept = inventory.files().map(|(path, _)| path.clone()).collect();
        let mut replaced = BTreeMap::new();
        if !description.is_empty() {
            replaced.insert(spelled, gpo_comment_to_bytes(description));
        }
        let tree = NewTree::new(inventory, replaced, self.before.gpt_ini.clone())?;
        Ok(Some(tree.keep(kept)))
    }
}

/// Plans a GPO without settings and with the permissions of a new one, as
/// `IGPMDomain::CreateGPO` makes it.
///
/// # Errors
///
/// [`SourceErrorKind::Invalid`] for a name that is empty, too long (256 characters are possible) or
/// has control characters; any failure to read the domain.
pub fn plan_new_gpo(
    target: Target<'_>,
    name: &str,
    stamps: Stamps<'_>,
) -> Result<Plan, SourceError> {
    let domain = target.directory.domain()?;
    let id = GpoId::new((stamps.new_id)().guid());
    let before = GpoState::default();
    let ini = gpt_ini(&before, GpoVersion::new(0))?;
    let new = NewGpo {
        container: new_container(target.directory, &domain, id, name)?,
        tree: Some(NewTree::new(
            Inventory::default(),
            BTreeMap::new(),
            Some(ini),
        )?),
        soms: Vec::new(),
    };
    plan(target, "create", &domain.dns_name, id, before, Some(new))
}

/// Plans the removal of a GPO from both sides. Links to it stay, as `IGPMGPO::Delete` lets them.
///
/// # Errors
///
/// [`SourceErrorKind::NotFound`] where there is no such GPO; any failure to read.
pub fn plan_removal(target: Target<'_>, id: GpoId) -> Result<Plan, SourceError> {
    let before = GpoState::read(target.source(), id)?;
    if !before.exists() {
        return Err(no_such_gpo(id.to_string()));
    }
    let domain = target.directory.domain()?.dns_name;
    plan(target, "delete", &domain, id, before, None)
}

/// Carries out a plan of this module: all of it, or nothing.
pub fn apply_plan(
    plan: Plan,
    target: Target<'_>,
    journal: &Journal<'_>,
    observer: &mut dyn Observer,
    cancel: &Cancel,
) -> Outcome<Plan> {
    let folder = plan.folder.clone();
    let content = TreeSource::new(target.sysvol, &folder).beside(target.sysvol, &folder);
    transaction::apply(plan, Some(content), target, journal, observer, cancel)
}

fn plan(
    target: Target<'_>,
    operation: &'static str,
    domain: &str,
    id: GpoId,
    before: GpoState,
    after: Option<NewGpo>,
) -> Result<Plan, SourceError> {
    let folder = gpo_folder(id)?;
    let content = TreeSource::new(target.sysvol, &folder).beside(target.sysvol, &folder);
    Plan::new(
        operation,
        domain,
        id,
        target.source(),
        before,
        after,
        Some(content),
    )
}
