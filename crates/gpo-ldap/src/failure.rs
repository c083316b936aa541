//! What went wrong, as the directory and the network say it, and what to do about it.

use std::io;

use gpo_core::{SourceError, SourceErrorKind};
use ldap3::{LdapError, LdapResult};
use rustls::CertificateError;

use crate::message::Malformed;

/// More of a server's text than this says nothing more.
const LONGEST_TEXT: usize = 300;

/// A failure of one operation.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: SourceError,
    /// The connection is gone, or in a state that nobody knows: the next operation needs a new
    /// one.
    pub(crate) breaks_connection: bool,
}

impl Failure {
    /// A failure of an operation on an object.
    pub(crate) fn new(object: &str, error: LdapError) -> Self {
        let refused = |error| Self {
            error,
            breaks_connection: false,
        };
        match error {
            LdapError::LdapResult { result } => refused(of_result(object, &result)),
            LdapError::Timeout { .. } => {
                let message = "the domain controller did not answer in time";
                Self::broken(SourceErrorKind::TimedOut, object, message)
            }
            LdapError::Io { source } => match Malformed::in_error(&source) {
                Some(malformed) => Self::malformed(object, malformed.0),
                None => Self {
                    error: of_io(object, source),
                    breaks_connection: true,
                },
            },
            LdapError::EndOfStream
            | LdapError::ResultRecv { .. }
            | LdapError::OpSend { .. }
            | LdapError::IdScrubSend { .. } => {
                let message = "the domain controller closed the connection";
                Self::broken(SourceErrorKind::Unreachable, object, message)
            }
            LdapError::DNSName { .. } => {
                let message = "no certificate can be checked against this name: use the DNS name \
                               or the IPv4 address of the controller";
                refused(SourceError::new(SourceErrorKind::Invalid, object, message))
            }
            #[cfg(feature = "gssapi")]
            LdapError::GssapiOperationError(why) => {
                let message = format!(
                    "Kerberos gives no ticket for this controller: get one with kinit, or \
                     log on with a password ({why})"
                );
                refused(SourceError::new(SourceErrorKind::Denied, object, message))
            }
            other => refused(SourceError::new(
                SourceErrorKind::Other,
                object,
                other.to_string(),
            )),
        }
    }

    /// An answer that is no LDAP, or not what was asked for.
    pub(crate) fn malformed(object: &str, what: &str) -> Self {
        let message = format!("the answer of the domain controller is malformed: {what}");
        Self::broken(SourceErrorKind::Invalid, object, &message)
    }

    /// An answer on which the LDAP library panicked.
    pub(crate) fn no_ldap(object: &str) -> Self {
        Self::malformed(object, "it is no LDAP")
    }

    fn broken(kind: SourceErrorKind, object: &str, message: &str) -> Self {
        Self {
            error: SourceError::new(kind, object, message),
            breaks_connection: true,
        }
    }

    pub(crate) fn kind(&self) -> SourceErrorKind {
        self.error.kind()
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        Self {
            error,
            breaks_connection: false,
        }
    }
}

fn of_io(object: &str, error: io::Error) -> SourceError {
    let tls = error
        .get_ref()
        .and_then(|e| e.downcast_ref::<rustls::Error>());
    if let Some(rustls::Error::InvalidCertificate(why)) = tls {
        let message = format!(
            "the certificate of the domain controller is not trusted: {}",
            distrust(why)
        );
        return SourceError::new(SourceErrorKind::Invalid, object, message);
    }
    let kind = match error.kind() {
        io::ErrorKind::TimedOut => SourceErrorKind::TimedOut,
        _ => SourceErrorKind::Unreachable,
    };
    let message = match error.kind() {
        io::ErrorKind::ConnectionRefused => "no directory listens there".to_owned(),
        _ if tls.is_some() => format!("TLS failed: {error}"),
        _ => error.to_string(),
    };
    SourceError::new(kind, object, message).caused_by(error)
}

/// Why a certificate is not trusted, and what to do about it.
fn distrust(why: &CertificateError) -> String {
    match why {
        CertificateError::UnknownIssuer => {
            "nobody known has issued it; name the authority that did in a CA file".into()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("it has expired, or the clock of this computer is wrong ({why})")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("it is not valid yet, or the clock of this computer is wrong ({why})")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("it is for another name; name the controller as it does ({why})")
        }
        other => other.to_string(),
    }
}

/// The result codes of RFC 4511, Appendix A, with what they mean to who runs this.
fn of_result(object: &str, result: &LdapResult) -> SourceError {
    use SourceErrorKind as Kind;
    let (kind, meaning) = match result.rc {
        3 => (
            Kind::TimedOut,
            "the search took longer than the server allows",
        ),
        4 | 11 => (Kind::Other, "the answer is larger than the server allows"),
        8 | 13 => (
            Kind::Denied,
            "the server takes this log-on only protected: a password over LDAPS or StartTLS, a \
             Kerberos ticket over plain LDAP, which it seals",
        ),
        10 => (
            Kind::NotFound,
            "another server holds it, and referrals are not followed: name a domain controller \
             of its domain",
        ),
        16 => (Kind::Invalid, "it does not have this attribute"),
        17 => (
            Kind::Invalid,
            "the schema of this forest has no such attribute",
        ),
        19 => (Kind::Invalid, "a value breaks a rule of the directory"),
        20 => (Kind::Exists, "it has this value already"),
        21 => (
            Kind::Invalid,
            "a value has not the form that the schema demands",
        ),
        32 => (Kind::NotFound, "it is not there"),
        34 => (Kind::Invalid, "it is no distinguished name"),
        49 => (Kind::Denied, logon_failure(&result.text)),
        50 => (Kind::Denied, "the user has not the right to do this"),
        51 => (Kind::Busy, "the server is busy"),
        52 => (
            Kind::Unreachable,
            "the server is shutting down or not ready",
        ),
        53 => (Kind::Denied, "the server does not do this"),
        64 => (
            Kind::Invalid,
            "it cannot have this name or stand in this place",
        ),
        65 => (Kind::Invalid, "its class does not allow these attributes"),
        66 => (Kind::Exists, "there are objects below it"),
        68 => (Kind::Exists, "it is there already"),
        69 => (Kind::Invalid, "the class of an object cannot be changed"),
        _ => (Kind::Other, "the directory refused"),
    };
    SourceError::new(kind, object, with_text(meaning, result))
}

/// Why a bind failed: Active Directory says it in a number after `data`.
fn logon_failure(text: &str) -> &'static str {
    let data = text.split_once("data ").map(|(_, rest)| rest);
    let data = data.map(|rest| rest.split([',', ' ']).next().unwrap_or_default());
    match data {
        Some("525") => "there is no such user",
        Some("52e") => "the user name or the password is wrong",
        Some("530") => "the user may not log on at this time",
        Some("531") => "the user may not log on from this computer",
        Some("532") => "the password has expired",
        Some("533") => "the account is disabled",
        Some("701") => "the account has expired",
        Some("773") => "the user must change the password first",
        Some("775") => "the account is locked",
        Some("80090346") => "the server demands channel binding, which a simple bind cannot give",
        _ => "the logon was refused: user name, password or ticket are not accepted",
    }
}

/// The meaning, with the code and the first of the server's own words.
fn with_text(meaning: &str, result: &LdapResult) -> String {
    let text = result.text.trim_end_matches('\0').trim();
    let short: String = text.chars().take(LONGEST_TEXT).collect();
    let code = result.rc;
    if short.is_empty() {
        format!("{meaning} (LDAP result {code})")
    } else {
        format!("{meaning} (LDAP result {code}: {short})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(rc: u32, text: &str) -> SourceError {
        let result = LdapResult {
            rc,
            matched: String::new(),
            text: text.into(),
            refs: Vec::new(),
            ctrls: Vec::new(),
        };
        Failure::new("CN=x", LdapError::from(result)).error
    }

    #[test]
    fn a_result_code_says_what_kind_of_failure_it_is_and_what_to_do() {
        use SourceErrorKind as Kind;
        for (rc, text, kind, says) in [
            (8, "", Kind::Denied, "LDAPS or StartTLS"),
            (16, "", Kind::Invalid, "attribute"),
            (32, "", Kind::NotFound, "not there"),
            (
                49,
                "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, v1db1",
                Kind::Denied,
                "password is wrong",
            ),
            (49, "data 775,", Kind::Denied, "locked"),
            (49, "", Kind::Denied, "refused"),
            (50, "", Kind::Denied, "right"),
            (51, "", Kind::Busy, "busy"),
            (66, "", Kind::Exists, "below it"),
            (68, "", Kind::Exists, "already"),
            (4711, "?", Kind::Other, "4711: ?"),
        ] {
            let error = failed(rc, text);
            assert_eq!(error.kind(), kind, "{error}");
            assert!(error.message().contains(says), "{error}");
            assert_eq!(error.object(), "CN=x");
        }
    }

    #[test]
    fn a_certificate_that_is_not_trusted_says_what_to_do() {
        for (why, says) in [
            (CertificateError::UnknownIssuer, "CA file"),
            (CertificateError::Expired, "clock"),
            (CertificateError::NotValidYet, "clock"),
            (CertificateError::NotValidForName, "another name"),
            (CertificateError::Revoked, "evoked"),
        ] {
            let why = rustls::Error::InvalidCertificate(why);
            let source = io::Error::new(io::ErrorKind::InvalidData, why);
            let failure = Failure::new("ldaps://dc1", LdapError::from(source));
            assert_eq!(failure.kind(), SourceErrorKind::Invalid);
            assert!(failure.error.message().contains(says), "{}", failure.error);
        }
    }

    #[test]
    fn the_text_of_a_server_is_cut() {
        let error = failed(1, &"x".repeat(10_000));
        assert!(error.message().len() < 400);
    }

    #[test]
    fn a_lost_connection_needs_a_new_one_and_a_refusal_does_not() {
        for (error, kind) in [
            (LdapError::EndOfStream, SourceErrorKind::Unreachable),
            (
                LdapError::from(io::Error::from(io::ErrorKind::ConnectionReset)),
                SourceErrorKind::Unreachable,
            ),
            (
                LdapError::from(io::Error::from(io::ErrorKind::TimedOut)),
                SourceErrorKind::TimedOut,
            ),
        ] {
            let failure = Failure::new("", error);
            assert!(failure.breaks_connection);
            assert_eq!(failure.kind(), kind);
        }
        assert!(!Failure::new("", LdapError::AddNoValues).breaks_connection);
    }
}
