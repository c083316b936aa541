//! What a source does not show to the user who reads it.

use gpo_core::DirectoryCapabilities;

use crate::status::{OperationCode, Severity, StatusMessage};

/// What the backups, or their reports, will be without; none where the source gives all.
pub(super) fn not_seen(capabilities: DirectoryCapabilities) -> Option<StatusMessage> {
    const PARTS: [(DirectoryCapabilities, &str); 5] = [
        (DirectoryCapabilities::OWNER, "owners"),
        (DirectoryCapabilities::SACL, "audit entries (SACL)"),
        (DirectoryCapabilities::LINKS, "links"),
        (DirectoryCapabilities::WMI_FILTERS, "WMI filters"),
        (
            DirectoryCapabilities::PRINCIPALS,
            "names of further principals",
        ),
    ];
    let missing = PARTS
        .iter()
        .filter(|(part, _)| !capabilities.contains(*part));
    let names: Vec<_> = missing.map(|(_, name)| *name).collect();
    let text = format!(
        "the source does not show: {}; the reports are without",
        names.join(", ")
    );
    (!names.is_empty())
        .then(|| StatusMessage::new(Severity::Info, OperationCode::ReadDirectory, "", text))
}
