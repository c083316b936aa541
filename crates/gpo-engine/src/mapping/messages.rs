//! What a user should know about a mapping.

use gpo_core::{Error, Quoted};

use super::mapped_gpo::{KeptReason, MappedGpo, MappedReference, ReferenceFate};
use crate::status::{OperationCode, Severity, StatusMessage};

/// `HRESULT_FROM_WIN32(ERROR_NONE_MAPPED)`: no mapping between names and SIDs was done.
const NONE_MAPPED: u32 = 0x8007_0534;

pub(super) fn messages(
    mapped: &MappedGpo,
    unread: &[Error],
    table_only: bool,
) -> Vec<StatusMessage> {
    let mut messages: Vec<_> = mapped
        .references
        .iter()
        .filter_map(|own| message(own, table_only))
        .collect();
    for error in unread {
        let object = error.file().unwrap_or_default();
        let message = StatusMessage::of_error(OperationCode::MapReferences, object, error);
        let text = format!("what it names cannot be mapped: {}", error.message());
        let message = StatusMessage { text, ..message };
        messages.push(if table_only {
            message
        } else {
            message.as_warning()
        });
    }
    messages
}

fn message(own: &MappedReference, table_only: bool) -> Option<StatusMessage> {
    let (severity, operation) = weight(&own.fate, table_only)?;
    let (place, text) = (&own.reference.place, Quoted::new(&own.reference.text));
    let text = format!("{place}: {text} {}", own.fate);
    let mut message = StatusMessage::new(severity, operation, own.source.to_string(), text);
    message.setting = Some(own.reference.setting.name().to_owned());
    if operation == OperationCode::ResolveDestination {
        message.error_code = NONE_MAPPED;
    }
    Some(message)
}

/// How bad a fate is, and in which step; `None` where all is well.
fn weight(fate: &ReferenceFate, table_only: bool) -> Option<(Severity, OperationCode)> {
    let if_only = if table_only {
        Severity::Error
    } else {
        Severity::Warning
    };
    let unknown = OperationCode::ResolveDestination;
    match fate {
        ReferenceFate::Replaced {
            is_known: false, ..
        }
        | ReferenceFate::Kept(KeptReason::SameAsSource {
            is_known: false, ..
        }) => Some((Severity::Warning, unknown)),
        // Somebody asked for this very destination.
        ReferenceFate::Kept(KeptReason::Unresolved { is_entry: true, .. }) => {
            Some((Severity::Error, unknown))
        }
        ReferenceFate::Kept(KeptReason::Unresolved { .. }) => Some((if_only, unknown)),
        ReferenceFate::Kept(KeptReason::Unwritable { .. }) => {
            Some((if_only, OperationCode::MapReferences))
        }
        ReferenceFate::Kept(KeptReason::NoRule) => {
            table_only.then_some((Severity::Error, OperationCode::MapReferences))
        }
        ReferenceFate::Replaced { .. } | ReferenceFate::Removed { .. } | ReferenceFate::Kept(_) => {
            None
        }
    }
}
