//! Scheduled tasks of Windows Vista and later, as a report has them.

use crate::element::{Namespace, ReportElement};

/// Elements whose children a report has in an order of its own (census: 105 of 105 tasks); children
/// that are not listed stay behind them.
const ORDERS: [(&str, &[&str]); 7] = [
    (
        "Task",
        &[
            "RegistrationInfo",
            "Triggers",
            "Settings",
            "Principals",
            "Actions",
        ],
    ),
    (
        "Settings",
        &[
            "AllowStartOnDemand",
            "DisallowStartIfOnBatteries",
            "StopIfGoingOnBatteries",
            "AllowHardTerminate",
            "StartWhenAvailable",
            "RunOnlyIfNetworkAvailable",
            "WakeToRun",
            "Enabled",
            "Hidden",
            "DeleteExpiredTaskAfter",
            "RunOnlyIfIdle",
            "MultipleInstancesPolicy",
            "Priority",
            "ExecutionTimeLimit",
            "IdleSettings",
            "RestartOnFailure",
        ],
    ),
    (
        "IdleSettings",
        &["Duration", "WaitTimeout", "StopOnIdleEnd", "RestartOnIdle"],
    ),
    ("Repetition", &["Interval", "Duration", "StopAtDurationEnd"]),
    ("Principal", &["UserId", "LogonType", "RunLevel"]),
    ("Exec", &["Command", "Arguments", "WorkingDirectory"]),
    (
        "SendEmail",
        &[
            "Server",
            "Subject",
            "To",
            "Cc",
            "Bcc",
            "ReplyTo",
            "From",
            "Body",
            "Attachments",
        ],
    ),
];

/// The children of every trigger.
const TRIGGER: [&str; 7] = [
    "Enabled",
    "StartBoundary",
    "EndBoundary",
    "ExecutionTimeLimit",
    "Repetition",
    "RandomDelay",
    "Delay",
];

/// Brings what is in a task into the order of a report. It nests at most as deep as a file does.
pub(super) fn set_order(element: &mut ReportElement) {
    let orders = ORDERS.iter();
    let order = orders.copied().find(|(name, _)| *name == element.name);
    let order = match order {
        Some((_, order)) => order,
        None if element.name.ends_with("Trigger") => &TRIGGER,
        None => &[],
    };
    if !order.is_empty() {
        let place = |name: &str| order.iter().position(|own| *own == name);
        let last = order.len();
        element
            .children
            .sort_by_key(|child| place(&child.name).unwrap_or(last));
    }
    match element.name.as_str() {
        // Who runs the actions is not shown (census: 31 of 31).
        "Actions" => element.attributes.retain(|(name, _)| name != "Context"),
        "SendEmail" => set_attachments(element),
        _ => {}
    }
    for child in &mut element.children {
        set_order(child);
    }
}

/// The attachments of a message are always there, its header fields only if there are some (census: 2
/// of 2).
fn set_attachments(message: &mut ReportElement) {
    message
        .children
        .retain(|child| child.name != "HeaderFields" || !child.children.is_empty());
    if message.child("Attachments").is_none() {
        let none = ReportElement::parent(Namespace::Extension, "Attachments", Vec::new());
        message.children.push(none);
    }
}
