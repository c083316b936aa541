//! What `--json` prints; JSON.md in this crate describes it.

use gpo_core::{BackupInst, Position};
use gpo_engine::{Finding, SetMember, Status, StatusMessage};
use serde::Serialize;

/// A result with the name of its schema. The schema's number goes up when a member goes away or
/// changes its meaning; new members may come without that.
#[derive(Serialize)]
pub(crate) struct Document<T> {
    pub(crate) schema: &'static str,
    #[serde(flatten)]
    pub(crate) value: T,
}

/// What bkupInfo.xml says about a backup.
#[derive(Serialize)]
pub(crate) struct Inst {
    id: String,
    time: String,
    gpo_id: String,
    gpo_domain: String,
    gpo_domain_id: Option<String>,
    domain_controller: String,
    gpo_name: String,
    comment: String,
    software_installation: bool,
}

impl From<&BackupInst> for Inst {
    fn from(inst: &BackupInst) -> Self {
        Self {
            id: inst.id.to_string(),
            // GPMC writes UTC without saying so.
            time: format!("{}Z", inst.time),
            gpo_id: inst.gpo_id.to_string(),
            gpo_domain: inst.gpo_domain.clone(),
            gpo_domain_id: inst.gpo_domain_id.map(|id| id.to_string()),
            domain_controller: inst.domain_controller.clone(),
            gpo_name: inst.display_name.clone(),
            comment: inst.comment.clone(),
            software_installation: inst.software_installation,
        }
    }
}

/// A backup of a set.
#[derive(Serialize)]
pub(crate) struct Backup {
    folder: String,
    #[serde(flatten)]
    inst: Inst,
}

impl Backup {
    pub(crate) fn new(member: &SetMember, inst: &BackupInst) -> Self {
        Self {
            folder: member.folder.path.clone(),
            inst: inst.into(),
        }
    }
}

/// A finding.
#[derive(Serialize)]
pub(crate) struct FindingJson {
    severity: String,
    kind: &'static str,
    folder: String,
    file: Option<String>,
    offset: Option<u64>,
    line: Option<u32>,
    column: Option<u32>,
    text: String,
}

impl From<&Finding> for FindingJson {
    fn from(finding: &Finding) -> Self {
        let line_column = finding.position.and_then(|at: Position| at.line_column);
        Self {
            severity: finding.severity().to_string(),
            kind: finding.kind.name(),
            folder: finding.folder.clone(),
            file: finding.file.clone(),
            offset: finding.position.map(|at| at.offset),
            line: line_column.map(|at| at.0),
            column: line_column.map(|at| at.1),
            text: finding.text.clone(),
        }
    }
}

/// Findings in their order.
pub(crate) fn findings(findings: &[Finding]) -> Vec<FindingJson> {
    findings.iter().map(Into::into).collect()
}

/// A message of an operation.
#[derive(Serialize)]
pub(crate) struct MessageJson {
    severity: String,
    object: String,
    extension: Option<String>,
    setting: Option<String>,
    text: String,
    error_code: Option<String>,
    operation: String,
}

impl From<&StatusMessage> for MessageJson {
    fn from(message: &StatusMessage) -> Self {
        Self {
            severity: message.severity.to_string(),
            object: message.object_path.clone(),
            extension: message.extension.clone(),
            setting: message.setting.clone(),
            text: message.text.clone(),
            error_code: (message.error_code != 0).then(|| format!("0x{:08X}", message.error_code)),
            operation: format!("{:?}", message.operation),
        }
    }
}

/// Messages in their order.
pub(crate) fn messages(messages: &[StatusMessage]) -> Vec<MessageJson> {
    messages.iter().map(Into::into).collect()
}

/// The overall status of an operation.
pub(crate) const fn status(status: Status) -> &'static str {
    match status {
        Status::Succeeded => "succeeded",
        Status::Warnings => "warnings",
        Status::Failed => "failed",
        Status::Cancelled => "cancelled",
    }
}
