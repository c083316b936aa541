//! The report on a backup.

use gpo_admx::AdmxSet;
use gpo_core::{
    BackupFolder, BackupStore, BkupInfo, Contents, Error, GpoLink, GpoPath, LARGEST_BKUP_INFO,
    LARGEST_SETTINGS_FILE, Sidecar, SourceError, SourceErrorKind,
};
use gpo_report::{GpoFiles, Report, ReportSource};
use jiff::Timestamp;

use crate::backup_files::{BackupFiles, backup_xml, sysvol_folder};
use crate::links_of::sort_links;
use crate::show::{principal_name, sddl_context};

/// The report on a backup, made from what is in it.
#[derive(Clone, Debug)]
pub struct BackupReport {
    /// The report.
    pub report: Report,
    /// Where that comes from which only the directory knows.
    pub directory_facts: DirectoryFacts,
    /// What of the backup that could give these facts cannot be read, and why.
    pub warnings: Vec<String>,
    /// Files that the report is without, each with its path: Backup.xml lists them and they are
    /// missing, or they cannot be part of a backup. Those whose content cannot be read the report
    /// itself names: see [`Report::unreadable`].
    pub unread: Vec<Error>,
}

/// Where those parts of a report come from that only the directory knows: when the GPO was made and
/// changed, its owner and its SACL, its links, the description of its WMI filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryFacts {
    /// From the gpreport.xml of the backup.
    StoredReport,
    /// From its gpo-sidecar.json, which has no times: there is no gpreport.xml that can be read.
    Sidecar,
    /// The backup has neither; they are missing.
    Missing,
}

/// What a report is stored as.
const REPORT: &str = "gpreport.xml";

impl BackupReport {
    /// Makes the report on a backup.
    ///
    /// The settings are made from the files of the backup, with the names that administrative
    /// templates give them. The time of the report is that of the backup.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::Invalid`] where Backup.xml is missing or cannot be read; any failure to
    /// read the store.
    pub fn read(
        store: &dyn BackupStore,
        folder: &BackupFolder,
        admx: Option<&AdmxSet>,
    ) -> Result<Self, SourceError> {
        let contents = store.open(folder)?;
        let contents = &*contents;
        let xml = backup_xml(contents, &folder.path)?;
        let invalid = |error| SourceError::invalid("Backup.xml", error);
        let files = BackupFiles::read(contents)?;
        let unread = files.lost(&xml).map_err(invalid)?;
        let inventory = xml.inventory(&files.sysvol).map_err(invalid)?.inventory;
        let mut gpo = xml.to_gpo(inventory).map_err(invalid)?;
        let mut warnings = Vec::new();
        let stored = stored_report(contents).unwrap_or_else(|reason| {
            warnings.push(format!("{REPORT}: {reason}"));
            None
        });
        let sidecar = match &stored {
            Some(_) => None,
            None => Sidecar::read(contents).unwrap_or_else(|error| {
                warnings.push(error.to_string());
                None
            }),
        };
        if let Some(sidecar) = &sidecar {
            let cut = gpo.security_descriptor;
            gpo.security_descriptor = cut.map(|cut| sidecar.whole_descriptor(&cut));
        }
        let mut links: Vec<GpoLink> = sidecar
            .iter()
            .flat_map(|sidecar| sidecar.links.iter().flatten())
            .map(|link| link.link.clone())
            .collect();
        sort_links(&mut links);
        let settings = GpoFiles::read(contents, &sysvol_folder(), &gpo.inventory)?;
        let account_name = |sid: &sddl_parser::Sid| principal_name(&xml, sid);
        let source = ReportSource {
            domain_sid: sddl_context(&xml).domain().copied(),
            account_name: &account_name,
            wmi_filter: sidecar
                .as_ref()
                .and_then(|sidecar| sidecar.wmi_filter.as_ref()),
            links: &links,
            files: Some(&settings),
            admx,
            ..ReportSource::at(backup_time(contents))
        };
        let mut report = Report::of_gpo(&gpo, &source);
        let directory_facts = match (stored, sidecar) {
            (Some(stored), _) => {
                add_directory_facts(&mut report, stored);
                DirectoryFacts::StoredReport
            }
            (None, Some(_)) => DirectoryFacts::Sidecar,
            (None, None) => DirectoryFacts::Missing,
        };
        Ok(Self {
            report,
            directory_facts,
            warnings,
            unread,
        })
    }
}

/// The time of the backup; the start of 1970 where it has no bkupInfo.xml that can be read.
fn backup_time(contents: &dyn Contents) -> Timestamp {
    let path = GpoPath::from_name("bkupInfo.xml").unwrap_or_default();
    let bytes = contents.read_all(&path, LARGEST_BKUP_INFO).ok();
    let info = bytes.and_then(|bytes| BkupInfo::parse(&bytes).ok());
    let seconds = info.map_or(0, |info| info.inst.time.unix_seconds());
    Timestamp::from_second(seconds).unwrap_or_default()
}

/// The report in a backup; none where there is none.
fn stored_report(contents: &dyn Contents) -> Result<Option<Report>, String> {
    let path = GpoPath::from_name(REPORT).unwrap_or_default();
    let bytes = match contents.read_all(&path, LARGEST_SETTINGS_FILE) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == SourceErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let report = Report::parse(&bytes).map_err(|error| error.to_string())?;
    Ok(Some(report))
}

fn add_directory_facts(report: &mut Report, stored: Report) {
    report.created = stored.created;
    report.modified = stored.modified;
    report.read = stored.read;
    if stored.security.is_some() {
        report.security = stored.security;
    }
    report.filter_data_available = stored.filter_data_available;
    if stored.filter.is_some() {
        report.filter = stored.filter;
    }
    report.links = stored.links;
}
