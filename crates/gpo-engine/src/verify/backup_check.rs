//! Checking one backup.

use std::collections::BTreeSet;

use gpo_core::{
    BackupInst, BackupLayout, BackupXml, ClientSideExtension, Contents, DirectoryObject, EntryKind,
    Error, ExtensionList, FileKind, GpoPath, GroupSource, Guid, Half, Inventory,
    LARGEST_SETTINGS_FILE, Quoted, Sidecar, SourceError, SourceErrorKind, WmiFilterLink,
    XmlDocument, same_name,
};
use sddl_parser::{SecurityDescriptor, Sid};
use sha2::{Digest, Sha256};

use super::file_format::{ParsedFile, parse};
use super::round_trip::round_trip;

use crate::backup::INCOMPLETE;
use crate::backup_files::{BACKUP_XML, BackupFiles, read_backup_xml, sysvol_folder};
use crate::finding::{Finding, FindingKind};
use crate::observer::Cancel;

/// The extensions that have a block of their own in Backup.xml exactly when they are listed
/// (census: 649 of 649). Registry and "Unknown Extension" always have one.
const TYPED_BLOCKS: [Guid; 5] = [
    ClientSideExtension::REMOTE_INSTALLATION,
    ClientSideExtension::FOLDER_REDIRECTION,
    ClientSideExtension::SCRIPTS,
    ClientSideExtension::SECURITY,
    ClientSideExtension::SOFTWARE_INSTALLATION,
];

/// What stands beside the SYSVOL tree in a backup.
const BESIDE: [&str; 5] = [
    BACKUP_XML,
    "bkupInfo.xml",
    REPORT,
    Sidecar::NAME,
    "DomainSysvol",
];

const REPORT: &str = "gpreport.xml";

/// The check of one backup, and what it found so far.
pub(super) struct BackupCheck<'a> {
    pub(super) folder: &'a str,
    pub(super) contents: &'a dyn Contents,
    pub(super) round_trip: bool,
    pub(super) findings: Vec<Finding>,
    /// What was written beside the backup, where that can be read.
    pub(super) sidecar: Option<Sidecar>,
    /// How many files were read.
    pub(super) files: u64,
    /// How many bytes they have.
    pub(super) bytes: u64,
}

impl BackupCheck<'_> {
    /// Checks everything; `inst` is what bkupInfo.xml says, where it could be read.
    pub(super) fn run(
        &mut self,
        inst: Option<&BackupInst>,
        cancel: &Cancel,
    ) -> Result<(), SourceError> {
        let files = match BackupFiles::read(self.contents) {
            Ok(files) => files,
            Err(error) => {
                let finding = Finding::new(FindingKind::Unreadable, self.folder, error.message());
                self.findings.push(finding);
                return Ok(());
            }
        };
        self.findings.extend(files.findings(self.folder));
        self.sidecar = self.read_sidecar();
        if let Some(unusual) = inst.and_then(|inst| inst.unusual.as_deref())
            && !unusual.foreign.is_empty()
        {
            let text = "there is XML that the format does not have";
            self.find_in(FindingKind::UnknownXml, "bkupInfo.xml", text);
        }
        let xml = match read_backup_xml(self.contents, self.folder) {
            Ok(xml) => {
                self.check_xml(&xml, inst, &files);
                Some(xml)
            }
            Err(finding) => {
                self.findings.push(finding);
                None
            }
        };
        self.check_files(&files, xml.as_ref(), cancel)?;
        self.check_list(&files);
        Ok(())
    }

    fn read_sidecar(&mut self) -> Option<Sidecar> {
        Sidecar::read(self.contents).unwrap_or_else(|error| {
            let kind = match error.kind() {
                SourceErrorKind::Invalid => FindingKind::InvalidSidecar,
                _ => FindingKind::Unreadable,
            };
            self.find_in(kind, Sidecar::NAME, error.message());
            None
        })
    }

    /// Compares what is there with the list of the side-car.
    fn check_list(&mut self, files: &BackupFiles) {
        let Some(sidecar) = self.sidecar.take() else {
            return;
        };
        let mut there = BTreeSet::new();
        let sysvol = sysvol_folder();
        let below = files.sysvol.files();
        there.extend(below.filter_map(|(path, _)| sysvol.join_path(path).ok()));
        there.extend(files.beside.files().map(|(path, _)| path.clone()));
        there.remove(&name(Sidecar::NAME));
        for path in &there {
            if sidecar.file(path).is_none() {
                let text = "the file was not there when the backup was made";
                self.find_in(FindingKind::AddedFile, path.as_str(), text);
            }
        }
        for file in sidecar
            .files
            .iter()
            .filter(|file| !there.contains(&file.path))
        {
            let path = file.path.as_str();
            let known = |finding: &Finding| {
                let of_file = finding.file.as_deref().is_some_and(|f| same_name(f, path));
                of_file && finding.kind == FindingKind::MissingFile
            };
            if !self.findings.iter().any(known) {
                let text = "the file is missing; it was there when the backup was made";
                self.find_in(FindingKind::MissingFile, path, text);
            }
        }
    }

    /// Compares a file with the hash in the side-car.
    fn check_hash(&mut self, path: &GpoPath, size: u64, sha256: [u8; 32]) {
        let sidecar = self.sidecar.as_ref();
        if let Some(text) = sidecar.and_then(|sidecar| sidecar.change_of(path, size, sha256)) {
            self.find_in(FindingKind::ChangedFile, path.as_str(), text);
        }
    }

    fn find_in(&mut self, kind: FindingKind, file: &str, text: impl Into<String>) {
        let finding = Finding::new(kind, self.folder, text).in_file(file);
        self.findings.push(finding);
    }

    /// A finding in Backup.xml.
    fn find(&mut self, kind: FindingKind, text: impl Into<String>) {
        self.find_in(kind, BACKUP_XML, text);
    }

    fn check_xml(&mut self, xml: &BackupXml, inst: Option<&BackupInst>, files: &BackupFiles) {
        let unknown: BTreeSet<&str> = xml.foreign().map(|(element, _)| element).collect();
        for element in unknown {
            let text = format!("there is XML in {element} that the format does not have");
            self.find(FindingKind::UnknownXml, text);
        }
        if let Some(inst) = inst {
            self.check_identity(xml, inst);
        }
        self.check_inventory(xml, files);
        self.check_descriptor(xml);
        self.check_extensions(xml);
        self.check_objects(xml);
        let core = &xml.core;
        if let Some(Err(error)) = core.wmi_filter.as_ref().map(WmiFilterLink::target) {
            self.find(FindingKind::InvalidWmiFilter, error.to_string());
        }
        for (half, version) in [
            ("computer", core.machine_version),
            ("user", core.user_version),
        ] {
            if let Some(version) = version.filter(|version| !version.agrees()) {
                let (directory, sysvol) = (version.directory, version.sysvol);
                let text = format!(
                    "the {half} half had version {directory} in the directory and {sysvol} in SYSVOL"
                );
                self.find(FindingKind::VersionsDiffer, text);
            }
        }
    }

    fn check_identity(&mut self, xml: &BackupXml, inst: &BackupInst) {
        let core = &xml.core;
        for (what, own, other) in [
            ("GPO", core.id.to_string(), inst.gpo_id.to_string()),
            ("domain", core.domain.clone(), inst.gpo_domain.clone()),
            ("name", core.display_name.clone(), inst.display_name.clone()),
        ] {
            // Hand-made backups may leave the domain empty.
            let same = match what {
                "name" => own == other,
                _ => same_name(&own, &other) || own.is_empty(),
            };
            if !same {
                let (own, other) = (Quoted::new(&own), Quoted::new(&other));
                let text = format!("the {what} is {own}, in bkupInfo.xml {other}");
                self.find(FindingKind::IdentityDiffers, text);
            }
        }
    }

    fn check_inventory(&mut self, xml: &BackupXml, files: &BackupFiles) {
        let mut bad = false;
        for (object, _) in xml.objects_with_location() {
            if let Err(error) = object.place().and_then(|_| object.target()) {
                self.find(FindingKind::BadLocation, error.to_string());
                bad = true;
            }
        }
        if bad {
            return;
        }
        let tree = match xml.inventory(&files.sysvol) {
            Ok(tree) => tree,
            Err(error) => return self.find(FindingKind::BadLocation, error.to_string()),
        };
        let sysvol = sysvol_folder();
        let place = |path: &GpoPath| format!("{sysvol}\\{path}");
        for path in &tree.missing_files {
            let text = "the file is missing; Backup.xml lists it";
            self.find_in(FindingKind::MissingFile, &place(path), text);
        }
        for path in &tree.missing_folders {
            let text = "the folder is missing; Backup.xml lists it";
            self.find_in(FindingKind::MissingFolder, &place(path), text);
        }
        for path in &tree.unlisted_files {
            let text = "Backup.xml does not list the file";
            self.find_in(FindingKind::UnlistedFile, &place(path), text);
        }
    }

    fn check_descriptor(&mut self, xml: &BackupXml) {
        let Some(bytes) = xml.core.security_descriptor.as_deref() else {
            let text = "there is no security descriptor";
            return self.find(FindingKind::NoDescriptor, text);
        };
        let descriptor = match SecurityDescriptor::from_bytes(bytes) {
            Ok(descriptor) => descriptor,
            Err(error) => {
                let text = format!("the security descriptor cannot be read: {error}");
                return self.find(FindingKind::InvalidDescriptor, text);
            }
        };
        let Some(dacl) = descriptor.dacl() else {
            let text = "the security descriptor has no DACL";
            return self.find(FindingKind::InvalidDescriptor, text);
        };
        let trustees: BTreeSet<String> = dacl
            .aces
            .iter()
            .filter_map(|ace| ace.sid())
            .filter(|sid| sid.domain().as_ref().is_some_and(Sid::is_domain))
            .map(ToString::to_string)
            .collect();
        let groups = xml.security_groups.iter();
        let listed: BTreeSet<&str> = groups.map(|group| group.sid.as_str()).collect();
        for sid in &trustees {
            if !listed.contains(sid.as_str()) {
                let text = format!("SecurityGroups does not list {sid}, which is in the DACL");
                self.find(FindingKind::UnlistedPrincipal, text);
            }
        }
        for group in &xml.security_groups {
            if group.source == GroupSource::Dacl && !trustees.contains(&group.sid) {
                let (name, sid) = (
                    Quoted::new(&group.sam_account_name),
                    Quoted::bare(&group.sid),
                );
                let text = format!("SecurityGroups lists {name} {sid}, which is not in the DACL");
                self.find(FindingKind::PrincipalNotInDacl, text);
            }
        }
    }

    /// Whether the directory objects can be made again, and what is wrong with packages.
    fn check_objects(&mut self, xml: &BackupXml) {
        let gpo = match xml.to_gpo(Inventory::default()) {
            Ok(gpo) => gpo,
            Err(error) => return self.find(FindingKind::InvalidObject, error.to_string()),
        };
        let objects = Half::BOTH.into_iter().flat_map(|half| gpo.objects(half));
        for package in objects.flat_map(DirectoryObject::software_packages) {
            let name = Quoted::new(package.name().unwrap_or(&package.object.rdn));
            for problem in package.problems() {
                let text = format!("the software package {name}: {problem}");
                self.find(FindingKind::InvalidObject, text);
            }
        }
    }

    fn check_extensions(&mut self, xml: &BackupXml) {
        let core = &xml.core;
        for (name, list) in [
            ("MachineExtensionGuids", &core.machine_extensions),
            ("UserExtensionGuids", &core.user_extensions),
        ] {
            if let Err(error) = list.groups() {
                let text = format!("{name} is no list of extensions: {error}");
                self.find(FindingKind::InvalidExtensionList, text);
            }
        }
        // LGPO.exe writes one fixed template, whatever is listed.
        if xml.form.layout == BackupLayout::Lgpo {
            return;
        }
        for id in TYPED_BLOCKS {
            let name = gpo_core::extension_name(id).unwrap_or_default();
            let block = xml.extensions.iter().any(|block| block.id == id);
            match (block, core.has_extension(id)) {
                (true, false) => {
                    let text = format!("there is a block for {name}, which is not listed");
                    self.find(FindingKind::BlockMismatch, text);
                }
                (false, true) => {
                    let text = format!("{name} is listed and has no block");
                    self.find(FindingKind::BlockMismatch, text);
                }
                _ => {}
            }
        }
    }

    /// Reads every file; parses those whose format is known.
    fn check_files(
        &mut self,
        files: &BackupFiles,
        xml: Option<&BackupXml>,
        cancel: &Cancel,
    ) -> Result<(), SourceError> {
        for (path, kind) in files.beside.iter() {
            let known = path.parent().is_some_and(|parent| parent.is_root())
                && BESIDE.iter().any(|name| same_name(name, path.as_str()));
            if same_name(path.as_str(), INCOMPLETE) {
                let text = "this is the backup of half a GPO; restoring it has to be allowed";
                self.find_in(FindingKind::HalfGpo, INCOMPLETE, text);
            } else if !known && kind != EntryKind::Folder {
                let text = "no backup has such a file";
                self.find_in(FindingKind::StrayFile, path.as_str(), text);
            }
        }
        if self.round_trip {
            self.check_index_files(xml);
        }
        self.check_report(files);
        self.check_beside(files);
        let sysvol = sysvol_folder();
        for (path, size) in files.sysvol.files() {
            cancel.check()?;
            let place = match sysvol.join_path(path) {
                Ok(place) => place,
                Err(error) => {
                    self.find_in(FindingKind::BadName, path.as_str(), error.to_string());
                    continue;
                }
            };
            let kind = FileKind::of(path);
            let has_format = kind.has_format() || kind == FileKind::AdvertiseScript;
            if has_format && size > LARGEST_SETTINGS_FILE {
                let text = format!(
                    "the file is larger than {LARGEST_SETTINGS_FILE} bytes: what is in it is not \
                     checked"
                );
                self.find_in(FindingKind::TooLarge, place.as_str(), text);
                self.read_through(&place);
            } else if has_format {
                self.check_file(path, &place, xml);
            } else {
                self.read_through(&place);
            }
        }
        Ok(())
    }

    /// Reads what stands beside the SYSVOL tree, where there are hashes to compare it with.
    fn check_beside(&mut self, files: &BackupFiles) {
        if self.sidecar.is_none() {
            return;
        }
        for (path, _) in files.beside.files() {
            // The report was read already.
            if !same_name(path.as_str(), REPORT) && !same_name(path.as_str(), Sidecar::NAME) {
                self.read_through(path);
            }
        }
    }

    /// Whether what was read is what would be written: Backup.xml and bkupInfo.xml.
    fn check_index_files(&mut self, xml: Option<&BackupXml>) {
        if let Some(xml) = xml {
            let written = xml.to_bytes();
            self.compare(BACKUP_XML, written);
        }
        // One that cannot be read was reported with the set.
        if let Ok(bytes) = self
            .contents
            .read_all(&name("bkupInfo.xml"), LARGEST_SETTINGS_FILE)
            && let Ok(info) = gpo_core::BkupInfo::parse(&bytes)
        {
            self.compare("bkupInfo.xml", info.to_bytes());
        }
    }

    fn compare(&mut self, file: &str, written: Result<Vec<u8>, Error>) {
        match self.contents.read_all(&name(file), LARGEST_SETTINGS_FILE) {
            Ok(read) => self.round_trip(file, &read, written),
            Err(error) => self.unreadable(file, &error),
        }
    }

    fn check_report(&mut self, files: &BackupFiles) {
        let report = name(REPORT);
        if files.beside.get(&report).is_none() {
            return;
        }
        let Some(bytes) = self.read(&report) else {
            return;
        };
        if let Err(error) = XmlDocument::parse(&bytes) {
            let kind = FindingKind::InvalidReport;
            let finding = Finding::of_error(kind, self.folder, REPORT, &error);
            self.findings.push(finding);
        }
    }

    fn check_file(&mut self, path: &GpoPath, place: &GpoPath, xml: Option<&BackupXml>) {
        let Some(bytes) = self.read(place) else {
            return;
        };
        let Some(parsed) = parse(path, &bytes) else {
            return;
        };
        let invalid = |error: &Error| {
            Finding::of_error(FindingKind::InvalidFile, self.folder, place.as_str(), error)
        };
        let parsed = match parsed {
            Ok(parsed) => parsed,
            Err(error) => {
                let finding = invalid(&error);
                return self.findings.push(finding);
            }
        };
        let problems: Vec<_> = parsed.problems().iter().map(invalid).collect();
        self.findings.extend(problems);
        match parsed.passwords() {
            0 => {}
            number => {
                let text =
                    format!("everybody who can read the file has the passwords in it: {number}");
                self.find_in(FindingKind::Password, place.as_str(), text);
            }
        }
        if self.round_trip {
            self.round_trip(place.as_str(), &bytes, parsed.to_bytes());
        }
        if let Some(xml) = xml {
            self.check_listed(path, place, &parsed, xml);
        }
    }

    /// Whether clients read the file: only if its extension is listed in its half.
    fn check_listed(
        &mut self,
        path: &GpoPath,
        place: &GpoPath,
        parsed: &ParsedFile,
        xml: &BackupXml,
    ) {
        let Some(extension) = parsed.extension() else {
            return;
        };
        let top = path.components().next().unwrap_or_default();
        let Some(half) = Half::BOTH
            .into_iter()
            .find(|half| same_name(half.name(), top))
        else {
            return;
        };
        let list: &ExtensionList = match half {
            Half::Machine => &xml.core.machine_extensions,
            Half::User => &xml.core.user_extensions,
        };
        if !list.contains_cse(extension) {
            let name = gpo_core::extension_name(extension).unwrap_or_default();
            let text = format!("clients ignore the file: {name} is not listed for its half");
            self.find_in(FindingKind::UnlistedExtension, place.as_str(), text);
        }
    }

    fn round_trip(&mut self, file: &str, read: &[u8], written: Result<Vec<u8>, Error>) {
        let finding = round_trip(self.folder, file, read, written);
        self.findings.extend(finding);
    }

    fn read(&mut self, path: &GpoPath) -> Option<Vec<u8>> {
        match self.contents.read_all(path, LARGEST_SETTINGS_FILE) {
            Ok(bytes) => {
                self.files += 1;
                self.bytes += bytes.len() as u64;
                if self.sidecar.is_some() {
                    let hash = Sha256::digest(&bytes).into();
                    self.check_hash(path, bytes.len() as u64, hash);
                }
                Some(bytes)
            }
            Err(error) => {
                self.unreadable(path.as_str(), &error);
                None
            }
        }
    }

    /// Reads a file of any content, to see that it can be read.
    fn read_through(&mut self, path: &GpoPath) {
        let mut bytes = 0;
        let mut hash = self.sidecar.is_some().then(Sha256::new);
        let read = self.contents.read(path, &mut |data| {
            bytes += data.len() as u64;
            if let Some(hash) = &mut hash {
                hash.update(data);
            }
            Ok(())
        });
        match read {
            Ok(()) => {
                self.files += 1;
                self.bytes += bytes;
                if let Some(hash) = hash {
                    self.check_hash(path, bytes, hash.finalize().into());
                }
            }
            Err(error) => self.unreadable(path.as_str(), &error),
        }
    }

    fn unreadable(&mut self, file: &str, error: &SourceError) {
        let kind = match error.kind() {
            SourceErrorKind::NotFound => FindingKind::MissingFile,
            _ => FindingKind::Unreadable,
        };
        let finding = Finding::new(kind, self.folder, error.message()).in_file(file);
        // Backup.xml was tried already, for what it says.
        if !(same_name(file, BACKUP_XML) && self.findings.contains(&finding)) {
            self.findings.push(finding);
        }
    }
}

/// The path of a file in the folder of a backup; these names are fit for one.
fn name(file: &str) -> GpoPath {
    GpoPath::from_name(file).unwrap_or_default()
}
