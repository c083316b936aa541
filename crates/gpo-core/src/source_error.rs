//! What can go wrong in a source, a target or a store.

use std::boxed::Box;
use std::fmt;
use std::io;
use std::string::{String, ToString};

use crate::error::{Error, Quoted};

/// A failure of an adapter: what it was doing to which object, and why it could not.
#[derive(Debug)]
pub struct SourceError {
    inner: Box<Inner>,
}

#[derive(Debug)]
struct Inner {
    kind: SourceErrorKind,
    object: String,
    message: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What kind of failure it is; tells a program whether to go on, to try again, or to give up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SourceErrorKind {
    /// The object is not there.
    NotFound,
    /// The object is there already.
    Exists,
    /// The right to do it is missing.
    Denied,
    /// Somebody else holds the object; a later try may succeed.
    Busy,
    /// The object changed while it was read.
    Changed,
    /// The source cannot be reached.
    Unreachable,
    /// The source did not answer in time.
    TimedOut,
    /// No room is left.
    Full,
    /// The source holds something that is not valid.
    Invalid,
    /// The adapter cannot do this.
    Unsupported,
    /// The user cancelled the operation.
    Cancelled,
    /// Anything else.
    Other,
}

impl SourceError {
    /// A failure with a message of its own.
    pub fn new(
        kind: SourceErrorKind,
        object: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        let (object, message) = (object.into(), message.into());
        Self {
            inner: Box::new(Inner {
                kind,
                object,
                message,
                source: None,
            }),
        }
    }

    /// A failure of the operating system.
    pub fn io(object: impl Into<String>, error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => SourceErrorKind::NotFound,
            io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => {
                SourceErrorKind::Exists
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                SourceErrorKind::Denied
            }
            io::ErrorKind::ResourceBusy | io::ErrorKind::WouldBlock => SourceErrorKind::Busy,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => SourceErrorKind::Full,
            io::ErrorKind::TimedOut => SourceErrorKind::TimedOut,
            io::ErrorKind::Unsupported => SourceErrorKind::Unsupported,
            io::ErrorKind::InvalidData => SourceErrorKind::Invalid,
            _ => SourceErrorKind::Other,
        };
        Self::new(kind, object, error.to_string()).caused_by(error)
    }

    /// Content of a source that is not valid.
    pub fn invalid(object: impl Into<String>, error: Error) -> Self {
        Self::new(SourceErrorKind::Invalid, object, error.to_string()).caused_by(error)
    }

    /// The same failure, with the error that caused it.
    #[must_use]
    pub fn caused_by(mut self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.inner.source = Some(error.into());
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> SourceErrorKind {
        self.inner.kind
    }

    /// The object: a path, a distinguished name.
    pub fn object(&self) -> &str {
        &self.inner.object
    }

    /// Why it failed.
    pub fn message(&self) -> &str {
        &self.inner.message
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = Quoted::bare(&self.inner.message);
        if self.inner.object.is_empty() {
            write!(f, "{message}")
        } else {
            write!(f, "{}: {message}", Quoted::bare(&self.inner.object))
        }
    }
}

impl std::error::Error for SourceError {
    // The message already says what the cause says, so the chain starts below it.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.source.as_ref().and_then(|e| e.source())
    }
}
