//! Restoring a backup into the domain that it came from.

use std::collections::BTreeMap;

use gpo_core::{
    BackupInst, BackupXml, Contents, Domain, Gpo, GpoContainer, GpoVersion, HalfVersion,
    SecurityGroup, SourceError, SourceErrorKind, WmiFilterLink, same_name,
};
use sddl_parser::{SecurityDescriptor, Sid};

use crate::backup_files;
use crate::backup_gpo::{Allowed, BackupGpo};
use crate::gpo_state::GpoState;
use crate::journal::Journal;
use crate::link_edits::LinkEdits;
use crate::new_container::file_sys_path;
use crate::new_tree::{NewTree, TreeSource};
use crate::new_version::{gpt_ini, raised};
use crate::observer::{Cancel, Observer};
use crate::plan::{NewGpo, Plan, SomChange};
use crate::software_packages::renew_deployments;
use crate::stamps::Stamps;
use crate::status::Outcome;
use crate::target::Target;
use crate::transaction;

/// Restoring a backup, as `IGPMDomain::RestoreGPO` does: the GPO gets its settings, name, status,
/// DACL and the link to its WMI filter back, under its old ID, whether it is still there or not.
/// Links to it are left alone.
///
/// ```
/// use gpo_engine::{Backup, Journal, Restore, Selection, Source, Stamps, Status, Target};
/// use gpo_core::BackupStore;
/// use gpo_testkit::{MemoryDomain, MemoryStore};
///
/// let (domain, store) = (MemoryDomain::example(), MemoryStore::default());
/// let backups = Backup::new(Source::of(&domain), &store, Stamps::system())
///     .run(&Selection::All, &mut (), &Default::default());
/// let folder = &store.backups()?[0];
/// let backup = store.open(folder)?;
/// let state = MemoryStore::default();
/// let journal = Journal::new(&state, Stamps::system());
/// let outcome = Restore::new(backup.as_ref(), Target::of(&domain), Stamps::system())
///     .run(&journal, &mut (), &Default::default());
/// assert_eq!(outcome.status, Status::Succeeded);
/// # Ok::<(), gpo_core::SourceError>(())
/// ```
pub struct Restore<'a> {
    backup: &'a dyn Contents,
    target: Target<'a>,
    stamps: Stamps<'a>,
    allowed: Allowed,
    with_links: bool,
}

impl<'a> Restore<'a> {
    /// A restore of a backup, the folder with its Backup.xml, into a domain.
    pub fn new(backup: &'a dyn Contents, target: Target<'a>, stamps: Stamps<'a>) -> Self {
        Self {
            backup,
            target,
            stamps,
            allowed: Allowed::default(),
            with_links: false,
        }
    }

    /// Whether the links that the side-car of the backup holds are put back, too: their options,
    /// their places among the others, and whether what they are linked to blocks inheritance. Links
    /// that it does not hold stay.
    #[must_use]
    pub fn with_links(mut self, with_links: bool) -> Self {
        self.with_links = with_links;
        self
    }

    /// Whether a backup is restored, too, that does not have all the files that it lists.
    #[must_use]
    pub fn allow_missing(mut self, allow_missing: bool) -> Self {
        self.allowed.missing = allow_missing;
        self
    }

    /// Whether a backup of half a GPO is restored, too.
    #[must_use]
    pub fn allow_half(mut self, allow_half: bool) -> Self {
        self.allowed.half = allow_half;
        self
    }

    /// Reads everything, checks it, and says what would be written. Why it would fail is among the
    /// messages of the plan: the backup is of another domain, files are missing, it is of half a
    /// GPO.
    ///
    /// # Errors
    ///
    /// Why there is no plan: the backup, or the target, cannot be read.
    pub fn plan(&self) -> Result<Plan, SourceError> {
        let backup = BackupGpo::read(self.backup, self.allowed)?;
        let (gpo, info) = (&backup.gpo, backup.info.as_ref());
        let directory = self.target.directory;
        let vacant = directory.is_vacant()?;
        let domain = if vacant {
            domain_of(info, &backup.xml)
        } else {
            directory.domain()?
        };
        let before = if vacant {
            GpoState::default()
        } else {
            GpoState::read(self.target.source(), gpo.id)?
        };
        let mut warnings = Vec::new();
        let current = before.version();
        let version = raised(gpo, current, backup_version(gpo));
        let wql_filter = self.wmi_filter(gpo, vacant, &mut |text| warnings.push(text))?;
        let mut container = container(gpo, version, wql_filter, before.container.as_ref());
        if before
            .container
            .as_ref()
            .is_some_and(|c| c.security_descriptor.is_none())
            && container.security_descriptor.take().is_some()
        {
            warnings.push(
                "the directory does not show the permissions of the GPO, so they stay as they are"
                    .into(),
            );
        }
        self.renew_packages(&mut container, &before, &mut warnings);
        let tree = NewTree::new(
            gpo.inventory.clone(),
            BTreeMap::new(),
            Some(gpt_ini(&before, version)?),
        )?;
        let new = NewGpo {
            container,
            tree: Some(tree),
            soms: self.soms(&backup, &domain, vacant, &mut |text| warnings.push(text))?,
        };
        let root = backup_files::sysvol_folder();
        let content = TreeSource::new(self.backup, &root);
        let source = self.target.source();
        let name = &domain.dns_name;
        let mut plan = Plan::new(
            "restore",
            name,
            gpo.id,
            source,
            before,
            Some(new),
            Some(content),
        )?;
        for warning in warnings {
            plan.warn(warning);
        }
        if let Some(error) = other_domain(&domain, info, &backup.xml) {
            plan.refuse(&error);
        }
        if let Some(bytes) = &gpo.security_descriptor
            && let Err(error) = SecurityDescriptor::from_bytes(bytes)
        {
            let message = format!("SecurityDescriptor: {error}");
            // A domain that is made of the backup holds what the backup holds, so that the next
            // backup is the same.
            if vacant {
                plan.warn(format!("Backup.xml: {message}; it is kept as it stands"));
            } else {
                let kind = SourceErrorKind::Invalid;
                plan.refuse(&SourceError::new(kind, backup_files::BACKUP_XML, message));
            }
        }
        if vacant {
            let groups = backup.xml.security_groups.iter();
            plan.principals = groups.filter_map(SecurityGroup::principal).collect();
            plan.new_domain = Some(domain);
        }
        backup.tell(&mut plan);
        Ok(plan)
    }

    /// Restores the backup: rolls back what an operation before left half written, plans, and
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

    /// Writes what a plan of this restore says: all of it, or nothing.
    pub fn apply(
        &self,
        plan: Plan,
        journal: &Journal<'_>,
        observer: &mut dyn Observer,
        cancel: &Cancel,
    ) -> Outcome<Plan> {
        let root = backup_files::sysvol_folder();
        let content = TreeSource::new(self.backup, &root);
        transaction::apply(plan, Some(content), self.target, journal, observer, cancel)
    }

    fn renew_packages(
        &self,
        container: &mut GpoContainer,
        before: &GpoState,
        warnings: &mut Vec<String>,
    ) {
        let there = before.container.as_ref();
        let machine = there
            .map(|c| c.machine_objects.as_slice())
            .unwrap_or_default();
        let user = there.map(|c| c.user_objects.as_slice()).unwrap_or_default();
        let new_id = || (self.stamps.new_id)().guid();
        let renewed = renew_deployments(&mut container.machine_objects, machine, &new_id)
            + renew_deployments(&mut container.user_objects, user, &new_id);
        if renewed > 0 {
            warnings.push(format!(
                "software packages that had been deleted get new deployment GUIDs ({renewed} of \
                 them): clients may install them again, and packages of other GPOs that upgrade \
                 them no longer do"
            ));
        }
    }

    /// What gets its links back.
    fn soms(
        &self,
        backup: &BackupGpo,
        domain: &Domain,
        vacant: bool,
        warn: &mut dyn FnMut(String),
    ) -> Result<Vec<SomChange>, SourceError> {
        if !self.with_links {
            return Ok(Vec::new());
        }
        let sidecar = match &backup.sidecar {
            Err(error) if error.kind() == SourceErrorKind::Invalid => {
                warn(format!("{error}; the links stay as they are"));
                return Ok(Vec::new());
            }
            Err(error) => {
                return Err(SourceError::new(
                    error.kind(),
                    error.object(),
                    error.message(),
                ));
            }
            Ok(sidecar) => sidecar.as_ref(),
        };
        match sidecar.and_then(|sidecar| sidecar.links.as_ref()) {
            None => warn("the backup does not say what it was linked to".into()),
            Some(links) if vacant && !links.is_empty() => {
                warn("a new domain has nothing that it could be linked to".into());
            }
            Some(links) => {
                let mut edits = LinkEdits::new(backup.gpo.id, &domain.dn);
                edits.restore(self.target.directory, links, warn)?;
                return Ok(edits.changes());
            }
        }
        Ok(Vec::new())
    }

    /// The link to the WMI filter in the form of the directory; empty where the filter is gone.
    fn wmi_filter(
        &self,
        gpo: &Gpo,
        vacant: bool,
        warn: &mut dyn FnMut(String),
    ) -> Result<String, SourceError> {
        let Some(link) = &gpo.wmi_filter else {
            return Ok(String::new());
        };
        let (id, domain) = match link.target() {
            Ok(target) => target,
            Err(error) => {
                warn(format!("the link to a WMI filter is dropped: {error}"));
                return Ok(String::new());
            }
        };
        let there = !vacant
            && self
                .target
                .directory
                .wmi_filters(&[id])?
                .into_iter()
                .next()
                .flatten()
                .is_some();
        if !there {
            let name = &gpo.wmi_filter_name;
            warn(format!(
                "the WMI filter {name} {id} is not there; the link to it is dropped"
            ));
            return Ok(String::new());
        }
        let link = WmiFilterLink::in_directory(id, domain);
        link.map(|link| link.as_str().into())
            .map_err(|e| SourceError::invalid("WMIFilter", e))
    }
}

/// The versions in a backup, for each half the higher one of both sides.
fn backup_version(gpo: &Gpo) -> GpoVersion {
    let higher = |version: HalfVersion| version.directory.max(version.sysvol);
    GpoVersion::from_halves(higher(gpo.user_version), higher(gpo.machine_version))
}

/// The domain that a backup names.
fn domain_of(info: Option<&BackupInst>, xml: &BackupXml) -> Domain {
    let name = domain_name(info, xml);
    let own = |g: &&SecurityGroup| g.dns_domain.eq_ignore_ascii_case(name);
    let account = xml.security_groups.iter().find(own);
    let controller = info
        .map(|info| info.domain_controller.as_str())
        .or_else(|| xml.domain_controller());
    Domain {
        netbios_name: account.map(|g| g.netbios_domain.clone()),
        id: info.and_then(|info| info.gpo_domain_id),
        sid: account.and_then(|g| g.sid.parse::<Sid>().ok()?.domain()),
        ..Domain::new(name, controller.unwrap_or_default())
    }
}

fn domain_name<'a>(info: Option<&'a BackupInst>, xml: &'a BackupXml) -> &'a str {
    match info {
        Some(info) if xml.core.domain.is_empty() => &info.gpo_domain,
        _ => &xml.core.domain,
    }
}

/// Why a backup cannot be restored into a domain: it is of another one.
fn other_domain(
    domain: &Domain,
    info: Option<&BackupInst>,
    xml: &BackupXml,
) -> Option<SourceError> {
    let name = domain_name(info, xml);
    let id = info.and_then(|info| info.gpo_domain_id);
    let same = domain.is(id, name);
    let rule = "a restore goes to the same domain only, an import to any";
    let message = match (id, domain.id) {
        // One that was made anew has its old name.
        (Some(was), Some(is)) if same_name(name, &domain.dns_name) => format!(
            "the backup is of another domain of this name, with the GUID {was}; this one has \
             {is}; {rule}"
        ),
        _ => format!("the backup is of the domain {name}; {rule}"),
    };
    let error = SourceError::new(SourceErrorKind::Invalid, domain.dns_name.as_str(), message);
    (!same).then_some(error)
}

fn container(
    gpo: &Gpo,
    version: GpoVersion,
    wql_filter: String,
    current: Option<&GpoContainer>,
) -> GpoContainer {
    let path = || file_sys_path(&gpo.domain, gpo.id);
    let now = current.and_then(|c| c.security_descriptor.as_deref());
    GpoContainer {
        id: gpo.id,
        display_name: gpo.display_name.clone(),
        status: gpo.status,
        version,
        machine_extensions: gpo.machine_extensions.as_str().into(),
        user_extensions: gpo.user_extensions.as_str().into(),
        wql_filter,
        file_sys_path: current.map_or_else(path, |c| c.file_sys_path.clone()),
        security_descriptor: match gpo.security_descriptor.as_deref() {
            Some(descriptor) => Some(with_dacl(now, descriptor)),
            None => now.map(Into::into),
        },
        machine_objects: gpo.machine_objects.clone(),
        user_objects: gpo.user_objects.clone(),
        when_created: String::new(),
        when_changed: String::new(),
    }
}

/// The descriptor that is there with the DACL of the backup; the backup's where there is none, or
/// none that can be read.
pub(crate) fn with_dacl(now: Option<&[u8]>, backup: &[u8]) -> Vec<u8> {
    let merged = || {
        let mut descriptor = SecurityDescriptor::from_bytes(now?).ok()?;
        let backup = SecurityDescriptor::from_bytes(backup).ok()?;
        descriptor.set_dacl(backup.dacl().cloned());
        let dacl_bits = sddl_parser::Control::DACL_PROTECTED
            | sddl_parser::Control::DACL_AUTO_INHERITED
            | sddl_parser::Control::DACL_PRESENT;
        let kept = descriptor.control() - dacl_bits;
        descriptor.set_control(kept | (backup.control() & dacl_bits));
        descriptor.use_windows_layout();
        descriptor.to_bytes().ok()
    };
    merged().unwrap_or_else(|| backup.to_vec())
}
