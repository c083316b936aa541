//! The report that a backup carries.

use gpo_core::{BackupTime, GpoLink};
use gpo_report::{GpoFiles, Report, ReportSource};
use jiff::Timestamp;

use super::{Reading, Worker};

/// The bytes of gpreport.xml.
pub(super) fn report(
    worker: &Worker<'_>,
    reading: &mut Reading,
    files: &GpoFiles,
    links: &[GpoLink],
    time: BackupTime,
) -> Vec<u8> {
    // The report shows the whole descriptor, of which the backup keeps the DACL only.
    reading.gpo.security_descriptor = reading.whole_descriptor.take();
    let account_name = |sid: &sddl_parser::Sid| {
        let principal = worker.names.principal(sid)?;
        let (domain, name) = (principal.netbios_domain, principal.sam_account_name);
        Some(if domain.is_empty() {
            name
        } else {
            format!("{domain}\\{name}")
        })
    };
    let source = ReportSource {
        when_created: &reading.when_created,
        when_changed: &reading.when_changed,
        domain_sid: worker.domain.sid,
        account_name: &account_name,
        wmi_filter: reading.wmi_filter.as_ref(),
        links,
        files: Some(files),
        // A backup time is always in the range of timestamps.
        ..ReportSource::at(Timestamp::from_second(time.unix_seconds()).unwrap_or_default())
    };
    Report::of_gpo(&reading.gpo, &source).to_bytes()
}
