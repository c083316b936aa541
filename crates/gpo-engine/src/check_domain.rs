//! Checking whether the two sides of a domain's GPOs fit together.

use gpo_core::{
    DirectoryCapabilities, EntryKind, GpoContainer, GpoListing, GpoPath, GpoVersion, Quoted,
    SourceError, SourceErrorKind, WmiFilterLink, same_name,
};
use sddl_parser::{Ace, Acl, SddlContext, SecurityDescriptor};

use crate::finding::{Finding, FindingKind};
use crate::gpo_sides::{GpoSides, visit_all};
use crate::new_container::file_sys_path;
use crate::observer::{Cancel, Observer, Progress};
use crate::source::{GPT_INI, Source};
use crate::status::{OperationCode, Outcome, Severity, StatusMessage};

mod extension_lists;

/// A GPO and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedGpo {
    /// The GPO; without a name where there is no container.
    pub gpo: GpoListing,
    /// What was found, the folder of each being that of the GPO in SYSVOL.
    pub findings: Vec<Finding>,
}

/// Checks every GPO of a domain, in the order of their names, for what keeps clients from applying
/// it as it is meant, as far as that shows from outside:
///
/// * a container without a folder, a folder without a container, a folder without GPT.INI;
/// * versions of the two sides that differ ([MS-GPOL] 2.2.4);
/// * permissions of the folder that do not follow from those of the container;
/// * `gPCFileSysPath` that leads elsewhere than to the folder;
/// * extension lists that name extensions without files, or leave out some with settings;
/// * a link to a WMI filter that is not there.
///
/// A GPO that cannot be read is an error, and the others go on. Files are read only as far as these
/// questions need; [`Verify`](crate::Verify) on a backup reads them all.
///
/// ```
/// use gpo_core::DirectoryWrite;
/// use gpo_engine::{Cancel, FindingKind, Source, check_domain};
/// use gpo_testkit::{MemoryDomain, sample};
///
/// let domain = MemoryDomain::example();
/// domain.remove_container(sample::container(1).id)?;
/// let checked = check_domain(Source::of(&domain), &mut (), &Cancel::default()).value;
/// assert_eq!(checked[0].findings[0].kind, FindingKind::NoContainer);
/// # Ok::<(), gpo_core::SourceError>(())
/// ```
pub fn check_domain(
    source: Source<'_>,
    observer: &mut dyn Observer,
    cancel: &Cancel,
) -> Outcome<Vec<CheckedGpo>> {
    let mut checked = Vec::new();
    let mut messages = Vec::new();
    let mut without_descriptor = false;
    let visited = source.directory.domain().and_then(|domain| {
        let mut step = 0;
        visit_all(source, cancel, &mut |steps, sides| {
            let name = |sides: &GpoSides| sides.listing.display_name.clone();
            let object = sides.as_ref().map(name).unwrap_or_default();
            let found = sides.and_then(|sides| {
                let gpo = sides.listing.clone();
                let mut check = GpoCheck {
                    source,
                    domain: &domain.dns_name,
                    folder: sides.folder.as_str().replace('\\', "/"),
                    findings: Vec::new(),
                    without_descriptor: false,
                };
                check.run(sides, cancel)?;
                without_descriptor |= check.without_descriptor;
                let findings = check.findings;
                Ok(CheckedGpo { gpo, findings })
            });
            match found {
                Ok(found) => checked.push(found),
                // It is said once, below.
                Err(error) if error.kind() == SourceErrorKind::Cancelled => {}
                Err(error) => messages.push(of_error(&error)),
            }
            step += 1;
            observer.progress(&Progress {
                object,
                step,
                steps,
                bytes: 0,
            });
        })
    });
    if let Err(error) = visited.and_then(|()| cancel.check()) {
        messages.push(of_error(&error));
    }
    if without_descriptor {
        let text = "permissions were not compared: the source does not have those of SYSVOL, or \
                    not those of the directory";
        let code = OperationCode::ReadSysvol;
        messages.push(StatusMessage::new(Severity::Info, code, "", text));
    }
    for message in &messages {
        observer.message(message);
    }
    let outcome = Outcome::new(checked, messages);
    if cancel.is_cancelled() {
        return outcome.cancelled();
    }
    outcome
}

fn of_error(error: &SourceError) -> StatusMessage {
    StatusMessage::of_source_error(OperationCode::ReadSysvol, error)
}

/// The check of one GPO.
struct GpoCheck<'a> {
    source: Source<'a>,
    /// The DNS name of the domain.
    domain: &'a str,
    folder: String,
    findings: Vec<Finding>,
    /// One side has no descriptor to compare.
    without_descriptor: bool,
}

impl GpoCheck<'_> {
    fn run(&mut self, sides: GpoSides, cancel: &Cancel) -> Result<(), SourceError> {
        let Some(container) = &sides.container else {
            self.find(
                FindingKind::NoContainer,
                "there is no container in the directory",
            );
            return Ok(());
        };
        self.check_path(container);
        self.check_wmi_filter(container, &sides);
        if !sides.in_sysvol {
            self.find(FindingKind::NoFolder, "there is no folder in SYSVOL");
            return Ok(());
        }
        self.check_versions(container, sides.sysvol_version)?;
        self.check_permissions(container, &sides.folder)?;
        let files = self.files(&sides.folder, cancel)?;
        self.check_extension_lists(container, &sides.folder, &files)
    }

    fn find(&mut self, kind: FindingKind, text: impl Into<String>) {
        self.findings.push(Finding::new(kind, &self.folder, text));
    }

    /// The files below the folder, by their paths from there.
    fn files(&mut self, folder: &GpoPath, cancel: &Cancel) -> Result<Vec<GpoPath>, SourceError> {
        let mut files = Vec::new();
        self.source.sysvol.walk(folder, &mut |entry| {
            cancel.check()?;
            match entry {
                Ok(entry) if entry.kind == EntryKind::Folder => {}
                Ok(entry) => files.extend(entry.path.strip_prefix(folder)),
                Err(error) => self.find(FindingKind::BadName, error.to_string()),
            }
            Ok(())
        })?;
        Ok(files)
    }

    /// Clients go where `gPCFileSysPath` says ([MS-GPOL] 3.2.5.1.4).
    fn check_path(&mut self, container: &GpoContainer) {
        let expected = file_sys_path(self.domain, container.id);
        let found = container.file_sys_path.as_str();
        if !same_name(found, &expected) {
            let found = Quoted::new(found);
            let text = format!("gPCFileSysPath is {found}, expected {expected}");
            self.find(FindingKind::FileSysPath, text);
        }
    }

    fn check_wmi_filter(&mut self, container: &GpoContainer, sides: &GpoSides) {
        let link = container.wql_filter.trim();
        let known = self.source.directory.capabilities();
        if link.is_empty() || !known.contains(DirectoryCapabilities::WMI_FILTERS) {
            return;
        }
        match WmiFilterLink::from_text(link).target() {
            Err(error) => self.find(FindingKind::NoWmiFilter, error.to_string()),
            Ok((id, _)) if sides.wmi_filter.is_none() => {
                let text = format!("the WMI filter {id} that it is linked to is not there");
                self.find(FindingKind::NoWmiFilter, text);
            }
            Ok(_) => {}
        }
    }

    fn check_versions(
        &mut self,
        container: &GpoContainer,
        sysvol: Result<Option<GpoVersion>, SourceError>,
    ) -> Result<(), SourceError> {
        match sysvol {
            Ok(Some(version)) if version == container.version => {}
            Ok(Some(version)) => {
                let directory = container.version;
                let text = format!(
                    "the directory has version {} of the computer half and {} of the user half, \
                     SYSVOL {} and {}",
                    directory.machine(),
                    directory.user(),
                    version.machine(),
                    version.user()
                );
                self.find(FindingKind::VersionsDiffer, text);
            }
            Ok(None) => self.find(FindingKind::NoGptIni, "there is no GPT.INI"),
            Err(error) if error.kind() == SourceErrorKind::Invalid => {
                let finding = Finding::new(FindingKind::InvalidFile, &self.folder, error.message());
                self.findings.push(finding.in_file(GPT_INI));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// GPMC says of such a GPO that its permissions in SYSVOL are inconsistent.
    fn check_permissions(
        &mut self,
        container: &GpoContainer,
        folder: &GpoPath,
    ) -> Result<(), SourceError> {
        let found = self.source.sysvol.descriptor(folder)?;
        let (Some(directory), Some(sysvol)) = (&container.security_descriptor, found) else {
            self.without_descriptor = true;
            return Ok(());
        };
        let read = |side: &str, bytes: &[u8]| {
            SecurityDescriptor::from_bytes(bytes)
                .map_err(|error| format!("the security descriptor in {side}: {error}"))
        };
        let both = read("the directory", directory)
            .and_then(|directory| Ok((directory, read("SYSVOL", &sysvol)?)));
        let (directory, sysvol) = match both {
            Ok(both) => both,
            Err(text) => {
                self.find(FindingKind::InvalidDescriptor, text);
                return Ok(());
            }
        };
        let (Some(expected), Some(found)) = (directory.dacl(), sysvol.dacl()) else {
            let text = "without a DACL everybody may do everything";
            self.find(FindingKind::InvalidDescriptor, text);
            return Ok(());
        };
        let difference = expected.sysvol_difference(found);
        if !difference.is_empty() {
            let text = format!(
                "the folder's permissions do not follow from those in the directory: missing {}, \
                 unexpected {}",
                aces_in_sddl(&difference.missing),
                aces_in_sddl(&difference.unexpected)
            );
            self.find(FindingKind::PermissionsDiffer, text);
        }
        Ok(())
    }
}

/// ACEs as SDDL has them.
fn aces_in_sddl(aces: &[Ace]) -> String {
    if aces.is_empty() {
        return "none".into();
    }
    let mut descriptor = SecurityDescriptor::new();
    descriptor.set_dacl(Some(Acl::new(aces.to_vec())));
    let sddl = descriptor.to_sddl(&SddlContext::new());
    // An ACE of an unknown type has no text.
    sddl.map_or_else(
        |_| format!("{} ACEs", aces.len()),
        |sddl| sddl.trim_start_matches("D:").to_owned(),
    )
}
