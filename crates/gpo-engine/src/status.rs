//! What an operation has to say: messages, and the status that follows from them.

use std::fmt;

use gpo_core::{Error, Quoted, SourceError, SourceErrorKind};

/// How bad a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// For information.
    Info,
    /// The operation went on.
    Warning,
    /// The operation, or the part of it that concerns one GPO, did not succeed.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// The overall status of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// It succeeded.
    Succeeded,
    /// It succeeded, and there are warnings.
    Warnings,
    /// It failed, wholly or for some of the GPOs.
    Failed,
    /// The user cancelled it.
    Cancelled,
}

/// What an operation was doing when it had something to say; the counterpart of
/// `IGPMStatusMessage::OperationCode`, whose values Microsoft has not published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OperationCode {
    /// Reading the directory.
    ReadDirectory,
    /// Reading SYSVOL.
    ReadSysvol,
    /// Resolving a security principal.
    ResolvePrincipal,
    /// Writing a backup.
    WriteBackup,
    /// Updating the manifest.
    UpdateManifest,
    /// Reading a backup.
    ReadBackup,
    /// Checking a backup.
    CheckBackup,
    /// Removing a backup.
    RemoveBackup,
    /// Writing SYSVOL.
    WriteSysvol,
    /// Writing the directory.
    WriteDirectory,
    /// Mapping principals and paths.
    MapReferences,
    /// Looking up what a principal is mapped to: `STATUS_ENTRY_DEST_UNRESOLVED`.
    ResolveDestination,
    /// Keeping what was there before in the journal.
    WriteJournal,
    /// Comparing a GPO that was written with what was to be written.
    VerifyGpo,
    /// Putting back what an operation left half written.
    Recover,
}

/// A message of an operation, as `IGPMStatusMessage` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusMessage {
    /// How bad it is.
    pub severity: Severity,
    /// The object that it is about: a GPO, a file, a distinguished name.
    pub object_path: String,
    /// The extension whose settings were being processed, where it was one.
    pub extension: Option<String>,
    /// The setting, where it was one.
    pub setting: Option<String>,
    /// What happened, for a person.
    pub text: String,
    /// The first low-level error, as an `HRESULT`; 0 where there is none.
    pub error_code: u32,
    /// What was being done.
    pub operation: OperationCode,
}

impl StatusMessage {
    /// A message without an error code.
    pub fn new(
        severity: Severity,
        operation: OperationCode,
        object_path: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            object_path: object_path.into(),
            extension: None,
            setting: None,
            text: text.into(),
            error_code: 0,
            operation,
        }
    }

    /// An error of a source or a store.
    pub fn of_source_error(operation: OperationCode, error: &SourceError) -> Self {
        let error_code = hresult(error.kind());
        let new = Self::new(Severity::Error, operation, error.object(), error.message());
        Self { error_code, ..new }
    }

    /// An error in the content of a file.
    pub fn of_error(operation: OperationCode, object: &str, error: &Error) -> Self {
        let error_code = hresult(SourceErrorKind::Invalid);
        Self {
            error_code,
            ..Self::new(Severity::Error, operation, object, error.to_string())
        }
    }

    /// The same message with the extension that it is about.
    #[must_use]
    pub fn in_extension(mut self, extension: impl Into<String>) -> Self {
        self.extension = Some(extension.into());
        self
    }

    /// The same message, but as a warning.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }
}

impl fmt::Display for StatusMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.severity)?;
        if !self.object_path.is_empty() {
            write!(f, "{}: ", Quoted::bare(&self.object_path))?;
        }
        write!(f, "{}", Quoted::bare(&self.text))
    }
}

/// The `HRESULT` that Windows has for a kind of failure.
fn hresult(kind: SourceErrorKind) -> u32 {
    match kind {
        SourceErrorKind::NotFound => 0x8007_0002,
        SourceErrorKind::Exists => 0x8007_00B7,
        SourceErrorKind::Denied => 0x8007_0005,
        SourceErrorKind::Busy => 0x8007_0020,
        SourceErrorKind::Unreachable => 0x8007_0035,
        SourceErrorKind::TimedOut => 0x8007_05B4,
        SourceErrorKind::Full => 0x8007_0070,
        SourceErrorKind::Invalid => 0x8007_000D,
        SourceErrorKind::Unsupported => 0x8007_0032,
        SourceErrorKind::Cancelled => 0x8007_04C7,
        // E_FAIL, and what is not known here.
        _ => 0x8000_4005,
    }
}

/// What an operation made, all that it had to say, and how it ended: `IGPMResult`.
#[derive(Clone, Debug)]
#[must_use]
pub struct Outcome<T> {
    /// What it made.
    pub value: T,
    /// Its messages, in the order of the GPOs.
    pub messages: Vec<StatusMessage>,
    /// How it ended.
    pub status: Status,
}

impl<T> Outcome<T> {
    /// An outcome whose status follows from its messages.
    pub fn new(value: T, messages: Vec<StatusMessage>) -> Self {
        let status = match messages.iter().map(|m| m.severity).max() {
            Some(Severity::Error) => Status::Failed,
            Some(Severity::Warning) => Status::Warnings,
            _ => Status::Succeeded,
        };
        Self {
            value,
            messages,
            status,
        }
    }

    /// The same outcome of another value.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Outcome<U> {
        Outcome {
            value: make(self.value),
            messages: self.messages,
            status: self.status,
        }
    }

    /// The same outcome, cancelled.
    pub fn cancelled(self) -> Self {
        Self {
            status: Status::Cancelled,
            ..self
        }
    }
}
