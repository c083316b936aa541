//! The operations that write a GPO, and what has to be there before each.

use gpo_core::{
    BackupId, BackupStore, BackupStoreWrite, BackupTime, DirectoryObject, GpLink, GpLinkOptions,
    GpoContainer, GpoId, GpoPath, GpoStatus, GpoVersion, Guid, SourceError,
};
use gpo_engine::{
    Backup, Cancel, Copy, EditGpo, GpoSelector, Import, Journal, Outcome, Restore, Selection,
    SettingsArea, Stamps, Status, Target, add_permission, apply_plan, fix_acl, plan_new_gpo,
    plan_removal, recover,
};
use gpo_testkit::{Faults, Faulty, MemoryDomain, sample};
use sddl_parser::{GpoPermission, SddlContext, SecurityDescriptor};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Over a GPO that is there, with other settings.
    Restore,
    RestoreDeleted,
    RestoreIntoVacant,
    /// With the link of the side-car, which has other options now.
    RestoreWithLinks,
    /// Into a GPO that is there.
    Import,
    /// Of one area, the others stay.
    ImportArea,
    /// Into a GPO that is made for it.
    ImportNew,
    /// Into the same domain.
    Copy,
    Create,
    Delete,
    Rename,
    Status,
    Description,
    WmiFilter,
    Permissions,
    Link,
    /// All that an edit can change of the GPO itself, at once.
    Edit,
    FixAcl,
}

/// A domain, the backups that are restored, and the store of the journal.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) target: Target<'a>,
    pub(crate) backups: &'a dyn BackupStoreWrite,
    pub(crate) state: &'a dyn BackupStoreWrite,
}

/// How an operation ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) failed: bool,
    pub(crate) messages: Vec<String>,
}

impl<T> From<Outcome<T>> for Ended {
    fn from(outcome: Outcome<T>) -> Self {
        Self {
            failed: outcome.status == Status::Failed,
            messages: outcome.messages.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<SourceError> for Ended {
    fn from(error: SourceError) -> Self {
        Self {
            failed: true,
            messages: vec![error.to_string()],
        }
    }
}

/// The GPO that is there before.
const OLD: u128 = 0x0f00_0000_0001;
/// The one that is made.
const NEW: u128 = 0x0f00_0000_0002;

fn id(n: u128) -> GpoId {
    GpoId::new(Guid::from_u128(n))
}

pub(crate) fn folder(id: GpoId) -> GpoPath {
    format!(r"Policies\{id}").parse().unwrap()
}

/// IDs that are always the same: the folder domain gives the same bytes for the same operation.
fn stamps() -> Stamps<'static> {
    Stamps {
        now: &|| BackupTime::EPOCH,
        new_id: &|| BackupId::new(id(NEW).guid()),
    }
}

/// A state of a GPO: its container, its files, and folders where there is no content.
struct State {
    container: GpoContainer,
    files: &'static [(&'static str, Option<&'static [u8]>)],
}

impl State {
    /// What is backed up.
    fn backed_up(domain: &str) -> Self {
        Self {
            container: GpoContainer {
                id: id(OLD),
                display_name: "Büro 1".into(),
                file_sys_path: format!(r"\\{domain}\sysvol\{domain}\Policies\{}", id(OLD)),
                version: GpoVersion::from_halves(4, 3),
                ..sample::container(1)
            },
            files: &[
                ("GPT.INI", Some(b"[General]\r\nVersion=262147\r\n")),
                ("GPO.cmt", Some(b"a\0b\0")),
                (r"Machine\Registry.pol", Some(b"PReg\x01\0\0\0")),
                (
                    r"User\Scripts\scripts.ini",
                    Some(b"[Logon]\r\n0CmdLine=a.cmd\r\n"),
                ),
                (r"User\Scripts\Logoff", None),
            ],
        }
    }

    /// What is there when the operation starts.
    fn old(domain: &str) -> Self {
        let descriptor = SecurityDescriptor::from_sddl(OTHER_SDDL, &SddlContext::new()).unwrap();
        let backed_up = Self::backed_up(domain).container;
        Self {
            container: GpoContainer {
                display_name: "Büro 1 (alt)".into(),
                status: GpoStatus::USER_DISABLED,
                // The user half wraps at its next change.
                version: GpoVersion::from_halves(0xffff, 7),
                security_descriptor: Some(descriptor.to_bytes().unwrap()),
                machine_objects: vec![DirectoryObject {
                    rdn: "CN=Old".into(),
                    class: "container".into(),
                    ..DirectoryObject::default()
                }],
                user_objects: Vec::new(),
                ..backed_up
            },
            files: &[
                ("gpt.ini", Some(b"[General]\r\nVersion=4294901767\r\n")),
                // The size of the new one, and another content.
                (r"Machine\Registry.pol", Some(b"PReg\x01\0\0\x01")),
                (r"USER\old.txt", Some(b"old")),
            ],
        }
    }

    fn put(&self, target: Target<'_>) {
        let (id, folder) = (self.container.id, folder(self.container.id));
        target.directory.put_container(&self.container).unwrap();
        target
            .sysvol
            .replace_tree(&folder, &mut |tree| {
                for (name, content) in self.files {
                    let path = name.parse().unwrap();
                    match content {
                        None => tree.create_folder(&path)?,
                        Some(bytes) => {
                            tree.create_file(&path)?;
                            tree.append(bytes)?;
                        }
                    }
                }
                Ok(())
            })
            .unwrap();
        fix_acl(target, id).unwrap();
    }
}

const OTHER_SDDL: &str = "O:BAG:BAD:P(A;CI;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;BA)(A;CI;LCRPLORC;;;WD)";

/// Removes a GPO, if it is there.
fn remove(target: Target<'_>, id: GpoId) {
    let found = target.directory.containers(&[id]).unwrap().remove(0);
    if found.unwrap().is_some() {
        target.directory.remove_container(id).unwrap();
    }
    if target.sysvol.walk(&folder(id), &mut |_| Ok(())).is_ok() {
        target.sysvol.remove_tree(&folder(id)).unwrap();
    }
    link(target, id, None);
}

/// Links a GPO to the domain with these options, or not at all.
fn link(target: Target<'_>, id: GpoId, options: Option<GpLinkOptions>) {
    let domain = target.directory.domain().unwrap().dn;
    let mut som = target
        .directory
        .soms(std::slice::from_ref(&domain))
        .unwrap();
    let mut som = som.remove(0).unwrap();
    let mut links = GpLink::from_text(&som.links);
    links.remove(id);
    if let Some(options) = options {
        let dn = format!("cn={id},cn=policies,cn=system,{domain}");
        links.insert(0, &dn, options).unwrap();
    }
    let links = links.to_string();
    if links != som.links {
        som.links = links;
        target.directory.put_som(&som).unwrap();
    }
}

impl Operation {
    pub(crate) const ALL: [Self; 18] = [
        Self::Restore,
        Self::RestoreDeleted,
        Self::RestoreIntoVacant,
        Self::RestoreWithLinks,
        Self::Import,
        Self::ImportArea,
        Self::ImportNew,
        Self::Copy,
        Self::Create,
        Self::Delete,
        Self::Rename,
        Self::Status,
        Self::Description,
        Self::WmiFilter,
        Self::Permissions,
        Self::Link,
        Self::Edit,
        Self::FixAcl,
    ];

    /// The one with this name.
    pub(crate) fn named(name: &str) -> Self {
        let mut all = Self::ALL.into_iter();
        all.find(|operation| format!("{operation:?}") == name)
            .unwrap()
    }

    /// The GPO that it writes.
    pub(crate) fn gpo(self) -> GpoId {
        match self {
            Self::ImportNew | Self::Copy | Self::Create => id(NEW),
            _ => id(OLD),
        }
    }

    /// Backs up what the operation brings back or over. The domain has to be one without these
    /// GPOs, and is that again.
    pub(crate) fn prepare_backup(self, place: Place<'_>) {
        let spare = MemoryDomain::new(sample::domain());
        let from = match self {
            Self::RestoreIntoVacant => Target::of(&spare),
            _ => place.target,
        };
        let domain = from.directory.domain().unwrap().dns_name;
        State::backed_up(&domain).put(from);
        if self == Self::RestoreWithLinks {
            link(from, id(OLD), Some(GpLinkOptions::ENFORCED));
        }
        let outcome = Backup::new(from.source(), place.backups, stamps())
            .report(false)
            .run(
                &Selection::Gpos(vec![GpoSelector::Id(id(OLD))]),
                &mut (),
                &Cancel::default(),
            );
        assert_ne!(outcome.status, Status::Failed, "{:?}", outcome.messages);
        remove(from, id(OLD));
    }

    /// Removes the GPOs of all operations.
    pub(crate) fn remove_all(target: Target<'_>) {
        for gpo in [OLD, NEW] {
            remove(target, id(gpo));
        }
    }

    /// Makes the domain what it is before the operation.
    pub(crate) fn prepare(self, target: Target<'_>) {
        if self == Self::RestoreIntoVacant {
            return;
        }
        Self::remove_all(target);
        let domain = target.directory.domain().unwrap();
        match self {
            Self::RestoreDeleted => return,
            // A copy of what has most.
            Self::Copy => State::backed_up(&domain.dns_name).put(target),
            _ => State::old(&domain.dns_name).put(target),
        }
        if self == Self::RestoreWithLinks {
            link(target, id(OLD), Some(GpLinkOptions::empty()));
        }
        if self == Self::FixAcl {
            let folder = folder(id(OLD));
            let old = target.sysvol.descriptor(&folder).unwrap().unwrap();
            let mut other = SecurityDescriptor::from_bytes(&old).unwrap();
            other.dacl_mut().unwrap().aces.pop();
            let other = other.to_bytes().unwrap();
            target.sysvol.set_descriptor(&folder, &other).unwrap();
        }
        let filters = target.directory.all_wmi_filters().unwrap();
        if self.links_filter() && filters.is_empty() {
            target
                .directory
                .put_wmi_filter(&sample::wmi_filter(1))
                .unwrap();
        }
    }

    fn links_filter(self) -> bool {
        matches!(self, Self::WmiFilter | Self::Edit)
    }

    /// Runs it as a program does: what is left half written is rolled back first. Domain, backups
    /// and journal meet the faults.
    pub(crate) fn run(self, place: Place<'_>, faults: &Faults) -> Ended {
        let directory = Faulty::new(place.target.directory, faults);
        let sysvol = Faulty::new(place.target.sysvol, faults);
        let backups = Faulty::new(place.backups, faults);
        let state = Faulty::new(place.state, faults);
        let target = Target {
            directory: &directory,
            sysvol: &sysvol,
        };
        let journal = Journal::new(&state, Stamps::system());
        match self.run_on(target, &backups, &journal) {
            Ok(ended) => ended,
            Err(error) => error.into(),
        }
    }

    fn run_on(
        self,
        target: Target<'_>,
        backups: &dyn BackupStore,
        journal: &Journal<'_>,
    ) -> Result<Ended, SourceError> {
        let cancel = Cancel::default();
        match self {
            Self::Restore
            | Self::RestoreDeleted
            | Self::RestoreIntoVacant
            | Self::RestoreWithLinks => {
                let backup = backups.open(&backups.backups()?[0])?;
                let restore = Restore::new(backup.as_ref(), target, stamps())
                    .with_links(self == Self::RestoreWithLinks);
                Ok(restore.run(journal, &mut (), &cancel).into())
            }
            Self::Import | Self::ImportArea | Self::ImportNew => {
                let backup = backups.open(&backups.backups()?[0])?;
                let gpo = match self {
                    Self::ImportNew => GpoSelector::Name("Imported".into()),
                    _ => GpoSelector::Id(id(OLD)),
                };
                let mut import = Import::new(backup.as_ref(), target, gpo, stamps())
                    .create_if_needed(self == Self::ImportNew);
                if self == Self::ImportArea {
                    import = import.areas([SettingsArea::Scripts]);
                }
                Ok(import.run(journal, &mut (), &cancel).into())
            }
            Self::Copy => {
                let copy = Copy::new(target.source(), id(OLD), target, stamps());
                let copy = copy.with_permissions(true);
                Ok(copy.run(journal, &mut (), &cancel).into())
            }
            Self::FixAcl => {
                fix_acl(target, id(OLD))?;
                Ok(Ended {
                    failed: false,
                    messages: Vec::new(),
                })
            }
            _ => {
                // What it could not put back, the operation refuses to go on with.
                let _ = recover(target, journal);
                self.edit(target, journal)
            }
        }
    }

    fn edit(self, target: Target<'_>, journal: &Journal<'_>) -> Result<Ended, SourceError> {
        let cancel = Cancel::default();
        let plan = match self {
            Self::Create => plan_new_gpo(target, "Made", stamps())?,
            Self::Delete => plan_removal(target, id(OLD))?,
            _ => {
                let mut edit = EditGpo::open(target, id(OLD))?;
                let is = |operation| self == operation || self == Self::Edit;
                if is(Self::Rename) {
                    edit.rename("Another <name> & more");
                }
                if is(Self::Status) {
                    edit.set_status(GpoStatus::COMPUTER_DISABLED);
                }
                if is(Self::Description) {
                    edit.set_description("what it is for")?;
                }
                if is(Self::WmiFilter) {
                    let filters = target.directory.all_wmi_filters()?;
                    edit.set_wmi_filter(filters.first().map(|filter| filter.id))?;
                }
                if is(Self::Permissions) {
                    let everybody = "S-1-5-11".parse().unwrap();
                    edit.change_permissions(|dacl| {
                        add_permission(dacl, everybody, GpoPermission::Apply).map(|_| ())
                    })?;
                }
                if self == Self::Link {
                    let domain = target.directory.domain()?.dn;
                    edit.add_link(&domain, GpLinkOptions::ENFORCED, 0)?;
                }
                return Ok(edit.apply(journal, &mut (), &cancel)?.into());
            }
        };
        Ok(apply_plan(plan, target, journal, &mut (), &cancel).into())
    }
}
