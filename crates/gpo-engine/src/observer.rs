//! Watching an operation and stopping it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gpo_core::{SourceError, SourceErrorKind};

use crate::status::StatusMessage;

/// How far an operation is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The GPO or backup that is being worked on; several at a time take turns.
    pub object: String,
    /// Steps done: one for each extension of each GPO, and one for its end.
    pub step: u64,
    /// Steps in all. Equal to `step` exactly when the operation is done.
    pub steps: u64,
    /// Bytes of files done.
    pub bytes: u64,
}

/// Who watches an operation. Called on the thread that runs the operation.
pub trait Observer {
    /// The operation got further.
    fn progress(&mut self, progress: &Progress) {
        let _ = progress;
    }

    /// The operation has something to say. It will be in the [`Outcome`](crate::Outcome), too.
    fn message(&mut self, message: &StatusMessage) {
        let _ = message;
    }
}

/// Nobody watches.
impl Observer for () {}

/// A flag that stops an operation at its next file. Clones share the flag.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    flag: Arc<AtomicBool>,
}

impl Cancel {
    /// Stops the operation.
    pub fn cancel(&self) {
        self.flag.store(true, Ordering::Relaxed);
    }

    /// Whether the operation is to stop.
    pub fn is_cancelled(&self) -> bool {
        self.flag.load(Ordering::Relaxed)
    }

    /// An error when the operation is to stop.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::Cancelled`].
    pub fn check(&self) -> Result<(), SourceError> {
        if self.is_cancelled() {
            return Err(SourceError::new(
                SourceErrorKind::Cancelled,
                "",
                "cancelled",
            ));
        }
        Ok(())
    }
}
