//! Why a command could not do its work.

use std::fmt;
use std::io;

use gpo_core::{Quoted, SourceError, SourceErrorKind};

/// Why a command could not do its work: one message, fit for a terminal.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Something is wrong.
    Error,
    /// The user stopped it.
    Cancelled,
    /// Nobody reads the output any more, as behind `| head`.
    OutputClosed,
}

impl Failure {
    /// What the user did, wherever it struck: while a command read, or in the middle of its work.
    pub(crate) fn cancelled() -> Self {
        Self {
            message: "cancelled before all was done".into(),
            reason: Reason::Cancelled,
        }
    }

    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            reason: Reason::Error,
        }
    }

    /// The same failure, in a place that the user named.
    pub(crate) fn at(self, place: impl fmt::Display) -> Self {
        if self.reason == Reason::Cancelled {
            return self;
        }
        let place = place.to_string();
        Self {
            message: format!("{}: {}", Quoted::bare(&place), self.message),
            ..self
        }
    }

    pub(crate) fn reason(&self) -> Reason {
        self.reason
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        match error.kind() {
            SourceErrorKind::Cancelled => Self::cancelled(),
            _ => Self::new(error.to_string()),
        }
    }
}

impl From<gpo_core::Error> for Failure {
    fn from(error: gpo_core::Error) -> Self {
        Self::new(Quoted::bare(&error.to_string()).to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        let reason = match error.kind() {
            io::ErrorKind::BrokenPipe => Reason::OutputClosed,
            _ => Reason::Error,
        };
        Self {
            message: error.to_string(),
            reason,
        }
    }
}
