//! What a server's answer, or the lack of one, means.

use std::time::Duration;

use gpo_core::{SourceError, SourceErrorKind};
use smb2::types::status::NtStatus;
use smb2::{Error, ErrorKind};

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The server refused it.
    Status(NtStatus),
    /// The connection or its session is gone. Whether the server did what was asked for is not
    /// known.
    Broken(String),
    /// No answer came in time.
    TimedOut(Duration),
    /// Anything else, with the message for the user.
    Other(SourceErrorKind, String),
}

/// Statuses that are not among the constants of [`NtStatus`] ([MS-ERREF] 2.3.1).
mod status {
    use smb2::types::status::NtStatus;

    pub(super) const OBJECT_PATH_SYNTAX_BAD: NtStatus = NtStatus(0xc000_003b);
    pub(super) const QUOTA_EXCEEDED: NtStatus = NtStatus(0xc000_0044);
    pub(super) const INVALID_OWNER: NtStatus = NtStatus(0xc000_005a);
    pub(super) const PRIVILEGE_NOT_HELD: NtStatus = NtStatus(0xc000_0061);
    pub(super) const INVALID_SECURITY_DESCR: NtStatus = NtStatus(0xc000_0079);
    pub(super) const MEDIA_WRITE_PROTECTED: NtStatus = NtStatus(0xc000_00a2);
    pub(super) const NETWORK_ACCESS_DENIED: NtStatus = NtStatus(0xc000_00ca);
    pub(super) const NAME_TOO_LONG: NtStatus = NtStatus(0xc000_0106);
    pub(super) const IO_REPARSE_TAG_NOT_HANDLED: NtStatus = NtStatus(0xc000_0279);
    pub(super) const NO_LOGON_SERVERS: NtStatus = NtStatus(0xc000_005e);
}

impl Failure {
    /// A link where a file or folder should be.
    pub(crate) fn link() -> Self {
        Self::Other(SourceErrorKind::Invalid, LINK.into())
    }

    /// An answer that does not hold together.
    pub(crate) fn malformed(what: &str) -> Self {
        let message = format!("the answer of the server is malformed: {what}");
        Self::Other(SourceErrorKind::Invalid, message)
    }

    /// What is not as it was when reading began.
    pub(crate) fn changed(message: &str) -> Self {
        Self::Other(SourceErrorKind::Changed, message.into())
    }

    /// What the client reports. A response whose status is an error comes as one, too.
    pub(crate) fn from_client(error: &Error) -> Self {
        if let Some(status) = error.status() {
            return Self::from_status(status);
        }
        let kind = match error.kind() {
            ErrorKind::ConnectionLost | ErrorKind::SessionExpired | ErrorKind::Io => {
                return Self::Broken(format!("the connection broke: {error}"));
            }
            ErrorKind::TimedOut => SourceErrorKind::TimedOut,
            ErrorKind::AuthRequired
            | ErrorKind::GuestSessionRefused
            | ErrorKind::SignatureInvalid => SourceErrorKind::Denied,
            ErrorKind::InvalidData => SourceErrorKind::Invalid,
            ErrorKind::Unsupported | ErrorKind::DfsReferral => SourceErrorKind::Unsupported,
            _ => SourceErrorKind::Other,
        };
        Self::Other(kind, error.to_string())
    }

    /// What the server answered.
    pub(crate) fn from_status(status: NtStatus) -> Self {
        match status {
            NtStatus::USER_SESSION_DELETED
            | NtStatus::NETWORK_NAME_DELETED
            | NtStatus::NETWORK_SESSION_EXPIRED
            | NtStatus::FILE_CLOSED => Self::Broken(format!("the session is gone ({status})")),
            _ => Self::Status(status),
        }
    }

    /// Whether a later try may succeed, because the server did nothing.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(
            self,
            Self::Status(
                NtStatus::SHARING_VIOLATION
                    | NtStatus::FILE_LOCK_CONFLICT
                    | NtStatus::DELETE_PENDING
                    // What was deleted in the folder stays until nobody has it open any more.
                    | NtStatus::DIRECTORY_NOT_EMPTY
                    | NtStatus::INSUFFICIENT_RESOURCES
                    | NtStatus::INSUFF_SERVER_RESOURCES
            )
        )
    }

    /// Whether the server says that a right is missing.
    pub(crate) fn is_access_denied(&self) -> bool {
        *self == Self::Status(NtStatus::ACCESS_DENIED)
    }

    /// Whether the object is not there.
    pub(crate) fn is_not_found(&self) -> bool {
        self.kind() == SourceErrorKind::NotFound
    }

    pub(crate) fn kind(&self) -> SourceErrorKind {
        match self {
            Self::Status(status) => explain(*status).0,
            Self::Broken(_) => SourceErrorKind::Unreachable,
            Self::TimedOut(_) => SourceErrorKind::TimedOut,
            Self::Other(kind, _) => *kind,
        }
    }

    pub(crate) fn message(&self) -> String {
        match self {
            Self::Status(status) => format!("{} ({status})", explain(*status).1),
            Self::TimedOut(limit) => {
                format!("the server did not answer in {} s", limit.as_secs_f64())
            }
            Self::Broken(message) | Self::Other(_, message) => message.clone(),
        }
    }

    /// The error of an object.
    pub(crate) fn at(&self, object: impl Into<String>) -> SourceError {
        SourceError::new(self.kind(), object, self.message())
    }
}

const LINK: &str = "a link, which is not followed";

/// What a status means for who asked.
fn explain(status: NtStatus) -> (SourceErrorKind, &'static str) {
    match status {
        NtStatus::OBJECT_NAME_NOT_FOUND
        | NtStatus::OBJECT_PATH_NOT_FOUND
        | NtStatus::NO_SUCH_FILE
        | NtStatus::NOT_FOUND => (SourceErrorKind::NotFound, "it is not there"),
        NtStatus::NOT_A_DIRECTORY => (SourceErrorKind::NotFound, "a file, not a folder"),
        NtStatus::BAD_NETWORK_NAME => (
            SourceErrorKind::NotFound,
            "the server has no share of this name: it is no domain controller",
        ),
        NtStatus::OBJECT_NAME_COLLISION => (SourceErrorKind::Exists, "it is there already"),
        NtStatus::DIRECTORY_NOT_EMPTY => (SourceErrorKind::Exists, "the folder is not empty"),
        NtStatus::ACCESS_DENIED
        | status::NETWORK_ACCESS_DENIED
        | status::PRIVILEGE_NOT_HELD
        | status::INVALID_OWNER => (SourceErrorKind::Denied, "the right to do this is missing"),
        NtStatus::CANNOT_DELETE | status::MEDIA_WRITE_PROTECTED => {
            (SourceErrorKind::Denied, "it is read-only")
        }
        NtStatus::LOGON_FAILURE => (
            SourceErrorKind::Denied,
            "the user name or the password is not right",
        ),
        NtStatus::ACCOUNT_RESTRICTION
        | NtStatus::INVALID_LOGON_HOURS
        | NtStatus::INVALID_WORKSTATION
        | NtStatus::PASSWORD_EXPIRED
        | NtStatus::ACCOUNT_DISABLED
        | NtStatus::ACCOUNT_EXPIRED
        | NtStatus::PASSWORD_MUST_CHANGE
        | NtStatus::ACCOUNT_LOCKED_OUT => {
            (SourceErrorKind::Denied, "the account may not log on now")
        }
        status::NO_LOGON_SERVERS => (
            SourceErrorKind::Unreachable,
            "the server finds no controller to log on with",
        ),
        NtStatus::SHARING_VIOLATION | NtStatus::FILE_LOCK_CONFLICT => {
            (SourceErrorKind::Busy, "somebody else has it open")
        }
        NtStatus::DELETE_PENDING => (SourceErrorKind::Busy, "it is being deleted"),
        NtStatus::INSUFFICIENT_RESOURCES
        | NtStatus::INSUFF_SERVER_RESOURCES
        | NtStatus::REQUEST_NOT_ACCEPTED => (SourceErrorKind::Busy, "the server is overloaded"),
        NtStatus::DISK_FULL | status::QUOTA_EXCEEDED => (SourceErrorKind::Full, "no room is left"),
        NtStatus::FILE_IS_A_DIRECTORY => (SourceErrorKind::Invalid, "a folder, not a file"),
        NtStatus::STOPPED_ON_SYMLINK | status::IO_REPARSE_TAG_NOT_HANDLED => {
            (SourceErrorKind::Invalid, LINK)
        }
        NtStatus::OBJECT_NAME_INVALID | status::OBJECT_PATH_SYNTAX_BAD | status::NAME_TOO_LONG => (
            SourceErrorKind::Invalid,
            "the server does not take the name",
        ),
        status::INVALID_SECURITY_DESCR => (
            SourceErrorKind::Invalid,
            "the server does not take the security descriptor",
        ),
        NtStatus::NOT_SUPPORTED | NtStatus::NOT_IMPLEMENTED | NtStatus::INVALID_DEVICE_REQUEST => {
            (SourceErrorKind::Unsupported, "the server cannot do this")
        }
        NtStatus::PATH_NOT_COVERED => (
            SourceErrorKind::Unsupported,
            "the server refers to another one, which is not followed",
        ),
        NtStatus::BAD_NETWORK_PATH => (SourceErrorKind::Unreachable, "the server is not found"),
        _ => (SourceErrorKind::Other, "the server refused"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_the_kind_that_a_program_acts_on() {
        use SourceErrorKind as Kind;
        for (status, kind) in [
            (0xc000_0034, Kind::NotFound),
            (0xc000_003a, Kind::NotFound),
            (0xc000_0103, Kind::NotFound),
            (0xc000_00cc, Kind::NotFound),
            (0xc000_0035, Kind::Exists),
            (0xc000_0022, Kind::Denied),
            (0xc000_006d, Kind::Denied),
            (0xc000_0234, Kind::Denied),
            (0xc000_0043, Kind::Busy),
            (0xc000_0054, Kind::Busy),
            (0xc000_007f, Kind::Full),
            (0xc000_0044, Kind::Full),
            (0xc000_00ba, Kind::Invalid),
            (0x8000_002d, Kind::Invalid),
            (0xc000_0257, Kind::Unsupported),
            (0xc000_0203, Kind::Unreachable),
            (0xc000_035c, Kind::Unreachable),
            (0xc000_0001, Kind::Other),
            (0xdead_beef, Kind::Other),
        ] {
            let failure = Failure::from_status(NtStatus(status));
            assert_eq!(failure.kind(), kind, "{status:#x}");
        }
    }

    #[test]
    fn errors_of_the_client_keep_their_kind() {
        use SourceErrorKind as Kind;
        for (error, kind) in [
            (Error::Disconnected, Kind::Unreachable),
            (Error::SessionExpired, Kind::Unreachable),
            (Error::Timeout, Kind::TimedOut),
            (Error::invalid_data("x"), Kind::Invalid),
            (
                Error::GuestSessionRefused {
                    username: "u".into(),
                    anonymous: false,
                },
                Kind::Denied,
            ),
        ] {
            assert_eq!(Failure::from_client(&error).kind(), kind, "{error}");
        }
    }

    #[test]
    fn the_error_names_the_object_and_the_status() {
        let error = Failure::Status(NtStatus::ACCESS_DENIED).at(r"\\dc\SYSVOL\x\GPT.INI");
        assert_eq!(
            error.to_string(),
            r"\\dc\SYSVOL\x\GPT.INI: the right to do this is missing (STATUS_ACCESS_DENIED)"
        );
    }
}
