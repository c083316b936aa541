//! Restoring a backup into the domain that it came from.

use gpo_core::{
    BackupInst, BackupInventory, BackupXml, BkupInfo, Contents, DirectoryWrite, Domain, EntryKind,
    Gpo, GpoContainer, GpoId, GpoPath, GpoVersion, GptIni, Half, HalfVersion, Inventory, Principal,
    SecurityGroup, SourceError, SourceErrorKind, SysvolWrite, TreeWriter, WmiFilterLink,
};
use sddl_parser::{SecurityDescriptor, Sid};

use crate::backup::INCOMPLETE;
use crate::backup_files::{self, BACKUP_XML, BackupFiles};
use crate::observer::{Cancel, Observer, Progress};
use crate::source::{GPT_INI, sysvol_folder};
use crate::status::{OperationCode, Outcome, Severity, StatusMessage};

/// The largest file beside `DomainSysvol` that is read.
const LARGEST: u64 = 256 << 20;

/// The name that Windows writes into every GPT.INI.
const GPT_INI_NAME: &str = "New Group Policy Object";

/// A domain to write to.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// The directory side.
    pub directory: &'a dyn DirectoryWrite,
    /// The SYSVOL side.
    pub sysvol: &'a dyn SysvolWrite,
}

impl<'a> Target<'a> {
    /// A domain whose two sides one adapter gives.
    pub fn of<T: DirectoryWrite + SysvolWrite>(adapter: &'a T) -> Self {
        Self {
            directory: adapter,
            sysvol: adapter,
        }
    }
}

/// Restoring a backup, as `IGPMDomain::RestoreGPO` does: the GPO gets its settings, name, status,
/// DACL and the link to its WMI filter back, under its old ID, whether it is still there or not.
/// Links to it are left alone.
///
/// ```
/// use gpo_engine::{Restore, Status, Target, Backup, Selection, Source, Stamps};
/// use gpo_core::BackupStore;
/// use gpo_testkit::{MemoryDomain, MemoryStore};
///
/// let (domain, store) = (MemoryDomain::example(), MemoryStore::default());
/// let backups = Backup::new(Source::of(&domain), &store, Stamps::system())
///     .run(&Selection::All, &mut (), &Default::default());
/// let folder = &store.backups()?[0];
/// let backup = store.open(folder)?;
/// let outcome = Restore::new(backup.as_ref(), Target::of(&domain))
///     .run(&mut (), &Default::default());
/// assert_eq!(outcome.status, Status::Succeeded);
/// # Ok::<(), gpo_core::SourceError>(())
/// ```
pub struct Restore<'a> {
    backup: &'a dyn Contents,
    target: Target<'a>,
    allow_missing: bool,
    allow_half: bool,
}

/// What a restore is going to do. Nothing has been written yet.
#[derive(Clone, Debug)]
pub struct RestorePlan {
    /// The GPO as it will be.
    pub gpo: Gpo,
    /// The version that it will have on both sides.
    pub version: GpoVersion,
    /// The version that it has now; none where it is not there.
    pub current_version: Option<GpoVersion>,
    /// The domain that has to be made first, because the target holds none.
    pub new_domain: Option<Domain>,
    /// Listed files that the backup does not have, and that the GPO therefore will not have.
    pub missing_files: Vec<GpoPath>,
    /// Files in the backup that its list does not have; they are not restored.
    pub unlisted_files: Vec<GpoPath>,
    /// Warnings.
    pub messages: Vec<StatusMessage>,
    principals: Vec<Principal>,
    container: GpoContainer,
    gpt_ini: Vec<u8>,
}

impl<'a> Restore<'a> {
    /// A restore of a backup, the folder with its Backup.xml, into a domain.
    pub fn new(backup: &'a dyn Contents, target: Target<'a>) -> Self {
        Self {
            backup,
            target,
            allow_missing: false,
            allow_half: false,
        }
    }

    /// Whether a backup is restored, too, that does not have all the files that it lists.
    #[must_use]
    pub fn allow_missing(self, allow_missing: bool) -> Self {
        Self {
            allow_missing,
            ..self
        }
    }

    /// Whether a backup of half a GPO is restored, too.
    #[must_use]
    pub fn allow_half(self, allow_half: bool) -> Self {
        Self { allow_half, ..self }
    }

    /// Reads everything, checks it, and says what would be written.
    ///
    /// # Errors
    ///
    /// Why the backup cannot be restored here: it cannot be read, it is of another domain, files
    /// are missing, it is of half a GPO.
    pub fn plan(&self) -> Result<RestorePlan, SourceError> {
        let info = self.info()?;
        let xml = BackupXml::parse(&self.file(BACKUP_XML)?);
        let xml = xml.map_err(|e| SourceError::invalid(BACKUP_XML, e))?;
        let disk = self.disk()?;
        let tree = xml
            .inventory(&disk)
            .map_err(|e| SourceError::invalid(BACKUP_XML, e))?;
        let BackupInventory {
            mut inventory,
            missing_files,
            unlisted_files,
            ..
        } = tree;
        if !missing_files.is_empty() && !self.allow_missing {
            return Err(missing(&missing_files));
        }
        for path in &unlisted_files {
            inventory.remove(path);
        }
        let gpo = xml
            .to_gpo(inventory)
            .map_err(|e| SourceError::invalid(BACKUP_XML, e))?;
        let new_domain = self.new_domain(info.as_ref(), &xml)?;
        let principals = match &new_domain {
            Some(_) => xml
                .security_groups
                .iter()
                .filter_map(SecurityGroup::principal)
                .collect(),
            None => Vec::new(),
        };
        let mut messages = Vec::new();
        let object = format!("{} {}", gpo.display_name, gpo.id);
        let mut warn = |text: String| {
            let code = OperationCode::CheckBackup;
            messages.push(StatusMessage::new(
                Severity::Warning,
                code,
                object.as_str(),
                text,
            ));
        };
        if info.is_none() {
            warn("bkupInfo.xml is not in the backup".into());
        }
        if !missing_files.is_empty() {
            warn(format!(
                "listed files that are not in the backup: {}",
                missing_files.len()
            ));
        }
        if !unlisted_files.is_empty() {
            warn(format!(
                "files of the backup that are not in its list: {}",
                unlisted_files.len()
            ));
        }
        let current = match &new_domain {
            Some(_) => None,
            None => self
                .target
                .directory
                .containers(&[gpo.id])?
                .into_iter()
                .next()
                .transpose()?,
        };
        let current = current.flatten();
        let version = new_version(&gpo, current.as_ref().map(|c| c.version));
        let wql_filter = self.wmi_filter(&gpo, new_domain.is_some(), &mut warn)?;
        let container = container(&gpo, version, wql_filter, current.as_ref());
        let gpt_ini = self.gpt_ini(gpo.id, version)?;
        Ok(RestorePlan {
            version,
            current_version: current.map(|c| c.version),
            new_domain,
            missing_files,
            unlisted_files,
            messages,
            principals,
            container,
            gpt_ini,
            gpo,
        })
    }

    /// Restores the backup: plans, and applies the plan.
    pub fn run(
        &self,
        observer: &mut dyn Observer,
        cancel: &Cancel,
    ) -> Outcome<Option<RestorePlan>> {
        match self.plan() {
            Ok(plan) => {
                let Outcome {
                    value,
                    messages,
                    status,
                } = self.apply(plan, observer, cancel);
                Outcome {
                    value: Some(value),
                    messages,
                    status,
                }
            }
            Err(error) => {
                let message = StatusMessage::of_source_error(OperationCode::ReadBackup, &error);
                observer.message(&message);
                Outcome::new(None, vec![message])
            }
        }
    }

    /// Writes what a plan of this restore says.
    pub fn apply(
        &self,
        plan: RestorePlan,
        observer: &mut dyn Observer,
        cancel: &Cancel,
    ) -> Outcome<RestorePlan> {
        let mut messages = plan.messages.clone();
        for message in &messages {
            observer.message(message);
        }
        if let Err(message) = self.write(&plan, observer, cancel) {
            observer.message(&message);
            messages.push(message);
        }
        let outcome = Outcome::new(plan, messages);
        if cancel.is_cancelled() {
            outcome.cancelled()
        } else {
            outcome
        }
    }

    /// SYSVOL first, GPT.INI in it, the directory last: a client that reads in between finds the
    /// old version and waits.
    fn write(
        &self,
        plan: &RestorePlan,
        observer: &mut dyn Observer,
        cancel: &Cancel,
    ) -> Result<(), StatusMessage> {
        let failed = |code| move |error: SourceError| StatusMessage::of_source_error(code, &error);
        let mut progress = Progress {
            object: plan.gpo.display_name.clone(),
            steps: 2,
            ..Progress::default()
        };
        let folder = sysvol_folder(plan.gpo.id)
            .map_err(|e| failed(OperationCode::WriteSysvol)(SourceError::invalid("Policies", e)))?;
        if let Some(domain) = &plan.new_domain {
            self.target
                .directory
                .create_domain(domain, &plan.principals)
                .map_err(failed(OperationCode::WriteDirectory))?;
        }
        self.target
            .sysvol
            .replace_tree(&folder, &mut |tree| {
                progress.bytes = self.write_tree(plan, tree, cancel)?;
                Ok(())
            })
            .map_err(failed(OperationCode::WriteSysvol))?;
        progress.step = 1;
        observer.progress(&progress);
        self.target
            .directory
            .put_container(&plan.container)
            .map_err(|error| {
                let mut message =
                    StatusMessage::of_source_error(OperationCode::WriteDirectory, &error);
                message.text.push_str(
                    "; SYSVOL has the restored settings already, the directory is as it was",
                );
                message
            })?;
        progress.step = 2;
        observer.progress(&progress);
        Ok(())
    }

    fn write_tree(
        &self,
        plan: &RestorePlan,
        tree: &mut dyn TreeWriter,
        cancel: &Cancel,
    ) -> Result<u64, SourceError> {
        let root = backup_files::sysvol_folder();
        let mut bytes = 0;
        for half in Half::BOTH {
            let folder = GpoPath::from_name(half.name())
                .map_err(|e| SourceError::invalid(half.name(), e))?;
            // GPOs as old as their domain have MACHINE and USER.
            let there = plan
                .gpo
                .inventory
                .get(&folder)
                .map(|(spelled, _)| spelled.clone());
            tree.create_folder(&there.unwrap_or(folder))?;
        }
        for (path, kind) in plan.gpo.inventory.iter() {
            cancel.check()?;
            if kind == EntryKind::Folder {
                tree.create_folder(path)?;
                continue;
            }
            let from = root
                .join_path(path)
                .map_err(|e| SourceError::invalid(path.as_str(), e))?;
            tree.create_file(path)?;
            self.backup.read(&from, &mut |data| {
                cancel.check()?;
                bytes += data.len() as u64;
                tree.append(data)
            })?;
        }
        let gpt_ini = GpoPath::from_name(GPT_INI).map_err(|e| SourceError::invalid(GPT_INI, e))?;
        tree.create_file(&gpt_ini)?;
        tree.append(&plan.gpt_ini)?;
        Ok(bytes)
    }

    fn file(&self, name: &str) -> Result<Vec<u8>, SourceError> {
        let path = GpoPath::from_name(name).map_err(|e| SourceError::invalid(name, e))?;
        self.backup.read_all(&path, LARGEST)
    }

    /// What bkupInfo.xml says; nothing where the file is missing and may be.
    fn info(&self) -> Result<Option<BackupInst>, SourceError> {
        match self.file("bkupInfo.xml") {
            Ok(bytes) => BkupInfo::parse(&bytes)
                .map(|info| Some(info.inst))
                .map_err(|e| SourceError::invalid("bkupInfo.xml", e)),
            Err(error) if error.kind() == SourceErrorKind::NotFound && self.allow_missing => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The tree below `DomainSysvol\GPO`, in a backup that is whole or need not be.
    fn disk(&self) -> Result<Inventory, SourceError> {
        let files = BackupFiles::read(self.backup)?;
        if let Some(refused) = files.refused.into_iter().next() {
            return Err(refused);
        }
        let note =
            GpoPath::from_name(INCOMPLETE).map_err(|e| SourceError::invalid(INCOMPLETE, e))?;
        if files.beside.get(&note).is_some() && !self.allow_half {
            let message = "this is the backup of half a GPO, which has to be allowed";
            return Err(SourceError::new(
                SourceErrorKind::Invalid,
                INCOMPLETE,
                message,
            ));
        }
        Ok(files.sysvol)
    }

    /// The domain to be made in a vacant target; `None` where there is one, which must be the
    /// backup's.
    fn new_domain(
        &self,
        info: Option<&BackupInst>,
        xml: &BackupXml,
    ) -> Result<Option<Domain>, SourceError> {
        let id = info.and_then(|info| info.gpo_domain_id);
        let name = match info {
            Some(info) if xml.core.domain.is_empty() => &info.gpo_domain,
            _ => &xml.core.domain,
        };
        if self.target.directory.is_vacant()? {
            let own = |g: &&SecurityGroup| g.dns_domain.eq_ignore_ascii_case(name);
            let account = xml.security_groups.iter().find(own);
            return Ok(Some(Domain {
                dns_name: name.clone(),
                dn: format!("DC={}", name.replace('.', ",DC=")),
                netbios_name: account.map(|g| g.netbios_domain.clone()),
                id,
                sid: account.and_then(|g| g.sid.parse::<Sid>().ok()?.domain()),
                domain_controller: info
                    .map(|info| info.domain_controller.as_str())
                    .or_else(|| xml.domain_controller())
                    .unwrap_or_default()
                    .into(),
            }));
        }
        let domain = self.target.directory.domain()?;
        let same = match (domain.id, id) {
            (Some(there), Some(backup)) => there == backup,
            _ => domain.dns_name.eq_ignore_ascii_case(name),
        };
        if same {
            return Ok(None);
        }
        let message = format!(
            "the backup is of the domain {name}; a restore goes to the same domain only, an \
             import to any"
        );
        Err(SourceError::new(
            SourceErrorKind::Invalid,
            domain.dns_name,
            message,
        ))
    }

    /// The link to the WMI filter in the form of the directory; empty where the filter is gone.
    fn wmi_filter(
        &self,
        gpo: &Gpo,
        new_domain: bool,
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
        let there = !new_domain
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

    /// GPT.INI with the new version: the one that is there, edited, or a new one.
    fn gpt_ini(&self, id: GpoId, version: GpoVersion) -> Result<Vec<u8>, SourceError> {
        let invalid = |e| SourceError::invalid(GPT_INI, e);
        let path = sysvol_folder(id)
            .and_then(|folder| folder.join(GPT_INI))
            .map_err(invalid)?;
        let mut ini = match self.target.sysvol.read_all(&path, LARGEST) {
            Ok(bytes) => GptIni::parse(&bytes).ok(),
            Err(error) if error.kind() == SourceErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if ini
            .as_mut()
            .is_none_or(|ini| ini.set_version(version).is_err())
        {
            ini = None;
        }
        let ini = match ini {
            Some(ini) => ini,
            None => GptIni::new(version, GPT_INI_NAME).map_err(invalid)?,
        };
        ini.to_bytes().map_err(invalid)
    }
}

fn missing(files: &[GpoPath]) -> SourceError {
    let first = files
        .iter()
        .take(3)
        .map(GpoPath::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    let message = format!(
        "{}{} {} listed and not in the backup; restoring it has to be allowed",
        first,
        if files.len() > 3 { ", …" } else { "" },
        if files.len() == 1 { "is" } else { "are" },
    );
    SourceError::new(SourceErrorKind::NotFound, BACKUP_XML, message)
}

/// Per half that has content max(current, backup) + 1, so that every client applies it again; a
/// half without content keeps its number.
fn new_version(gpo: &Gpo, current: Option<GpoVersion>) -> GpoVersion {
    let number = |half, backup: HalfVersion, current: Option<u16>| {
        let backup = backup.directory.max(backup.sysvol);
        if !has_content(gpo, half) {
            return current.unwrap_or(backup);
        }
        // 0 means that there is nothing, so the number after the last is 1.
        backup
            .max(current.unwrap_or_default())
            .checked_add(1)
            .unwrap_or(1)
    };
    GpoVersion::from_halves(
        number(Half::User, gpo.user_version, current.map(GpoVersion::user)),
        number(
            Half::Machine,
            gpo.machine_version,
            current.map(GpoVersion::machine),
        ),
    )
}

fn has_content(gpo: &Gpo, half: Half) -> bool {
    let extensions = match half {
        Half::Machine => &gpo.machine_extensions,
        Half::User => &gpo.user_extensions,
    };
    let in_half = |path: &GpoPath| {
        path.components()
            .next()
            .is_some_and(|top| top.eq_ignore_ascii_case(half.name()))
    };
    !extensions.is_blank()
        || !gpo.objects(half).is_empty()
        || gpo.inventory.files().any(|(path, _)| in_half(path))
}

fn container(
    gpo: &Gpo,
    version: GpoVersion,
    wql_filter: String,
    current: Option<&GpoContainer>,
) -> GpoContainer {
    let domain = &gpo.domain;
    let path = || format!("\\\\{domain}\\SysVol\\{domain}\\Policies\\{}", gpo.id);
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
        security_descriptor: gpo
            .security_descriptor
            .as_deref()
            .map(|sd| with_dacl(now, sd)),
        machine_objects: gpo.machine_objects.clone(),
        user_objects: gpo.user_objects.clone(),
        when_created: String::new(),
        when_changed: String::new(),
    }
}

/// The descriptor that is there with the DACL of the backup; the backup's where there is none, or
/// none that can be read.
fn with_dacl(now: Option<&[u8]>, backup: &[u8]) -> Vec<u8> {
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
