//! The report on a GPO of a domain.

use gpo_admx::AdmxSet;
use gpo_core::{BackupTime, DirectoryCapabilities, GpoLink, SourceError};
use gpo_report::{GpoFiles, Report, ReportSource};
use jiff::Timestamp;
use sddl_parser::Sid;

use super::Names;
use super::read_gpo::{Reader, Reading};
use crate::links_of::sort_links;
use crate::observer::Cancel;
use crate::selection::{GpoSelector, Selection, select};
use crate::source::{Source, gpo_folder, no_such_gpo};

/// What a report shows beside what was read of the GPO itself.
pub(super) struct Parts<'a> {
    pub(super) names: &'a Names<'a>,
    pub(super) domain_sid: Option<Sid>,
    pub(super) files: &'a GpoFiles,
    pub(super) links: &'a [GpoLink],
    pub(super) time: BackupTime,
    pub(super) admx: Option<&'a AdmxSet>,
}

/// The report. It shows the whole descriptor, of which a backup keeps the DACL only.
pub(super) fn report(reading: &mut Reading, parts: &Parts<'_>) -> Report {
    reading.gpo.security_descriptor = reading.whole_descriptor.take();
    let account_name = |sid: &Sid| {
        let principal = parts.names.principal(sid)?;
        let (own, name) = (&principal.netbios_domain, principal.sam_account_name);
        // The directory has the groups of BUILTIN among those of the domain.
        let well_known = sid.well_known_name().and_then(|name| name.split_once('\\'));
        let domain = match well_known {
            Some((domain @ "BUILTIN", _)) => domain,
            _ => own,
        };
        Some(if domain.is_empty() {
            name
        } else {
            format!("{domain}\\{name}")
        })
    };
    let source = ReportSource {
        when_created: &reading.when_created,
        when_changed: &reading.when_changed,
        domain_sid: parts.domain_sid,
        account_name: &account_name,
        wmi_filter: reading.wmi_filter.as_ref(),
        links: parts.links,
        files: Some(parts.files),
        admx: parts.admx,
        // A backup time is always in the range of timestamps.
        ..ReportSource::at(Timestamp::from_second(parts.time.unix_seconds()).unwrap_or_default())
    };
    Report::of_gpo(&reading.gpo, &source)
}

/// The report on a GPO of a domain, as a backup made at this time would have it.
///
/// # Errors
///
/// [`SourceErrorKind::NotFound`](gpo_core::SourceErrorKind::NotFound) where the domain has no such
/// GPO; any failure to read the domain.
pub fn report_gpo(
    source: Source<'_>,
    gpo: &GpoSelector,
    time: BackupTime,
    admx: Option<&AdmxSet>,
    cancel: &Cancel,
) -> Result<Report, SourceError> {
    let selected = select(source, &Selection::Gpos(vec![gpo.clone()]))?;
    if let Some(error) = selected.errors.into_iter().next() {
        return Err(error);
    }
    let listing = selected.gpos.first();
    let listing = listing.ok_or_else(|| no_such_gpo(gpo.to_string()))?;
    let domain = source.directory.domain()?;
    let names = Names::new(source.directory);
    let reader = Reader {
        source,
        domain: &domain.dns_name,
        names: &names,
        cancel,
        // A report on half a GPO shows that half.
        allow_half: true,
    };
    let containers = source.directory.containers(&[listing.id])?;
    let container = containers.into_iter().next().unwrap_or(Ok(None))?;
    let mut reading = reader.read(listing, container)?;
    names.learn(reading.sids())?;
    let folder = gpo_folder(reading.gpo.id)?;
    let files = GpoFiles::read(source.sysvol, &folder, &reading.gpo.inventory)?;
    let capabilities = source.directory.capabilities();
    let mut links = if capabilities.contains(DirectoryCapabilities::LINKS) {
        source.directory.links(&[listing.id])?.concat()
    } else {
        Vec::new()
    };
    sort_links(&mut links);
    let parts = Parts {
        names: &names,
        domain_sid: domain.sid,
        files: &files,
        links: &links,
        time,
        admx,
    };
    Ok(report(&mut reading, &parts))
}
