//! How a domain controller is reached.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

/// How the connection is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// TLS from the first byte, port 636.
    #[default]
    Ldaps,
    /// TLS that begins on a plain connection (RFC 4511 4.14), port 389.
    StartTls,
    /// None, port 389. Passwords are refused on it unless
    /// [`allow_password_without_tls`](LdapSettings::allow_password_without_tls) is called;
    /// Kerberos encrypts by itself.
    Plain,
}

/// What the certificate of the domain controller is checked against.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CertificateCheck {
    /// The authorities that the system trusts.
    #[default]
    System,
    /// The authorities in this file, and no others: one or more certificates in PEM.
    CaFile(PathBuf),
    /// Nothing. Anybody on the way can read and change everything, the password among it.
    NoneInsecure,
}

/// Who logs on.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// A user with a password, in a simple bind.
    Password {
        /// `user@dns.domain`, `DOMAIN\user` or a distinguished name.
        user: String,
        /// The password; an empty one is refused, because the directory takes it for anonymous.
        password: SecretString,
    },
    /// The Kerberos ticket of the user who runs the program: its ticket cache, or a keytab, found
    /// as the Kerberos library finds them (`KRB5CCNAME`, `KRB5_CLIENT_KTNAME`). The host must be
    /// the DNS name of the controller, because tickets are issued for names. Over
    /// [`Transport::Plain`] Kerberos seals what is sent, one operation at a time; over TLS many
    /// controllers refuse it.
    #[cfg(feature = "gssapi")]
    Kerberos,
}

/// How a domain controller is reached. What is not said has a safe default: LDAPS, certificates
/// checked against what the system trusts, 30 seconds.
///
/// ```
/// use gpo_ldap::{CertificateCheck, LdapSettings, Transport};
///
/// let settings = LdapSettings::new("dc1.example.test")
///     .transport(Transport::StartTls)
///     .certificates(CertificateCheck::CaFile("ca.pem".into()));
/// ```
#[derive(Clone, Debug)]
pub struct LdapSettings {
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    pub(crate) transport: Transport,
    pub(crate) certificates: CertificateCheck,
    pub(crate) password_without_tls: bool,
    pub(crate) time_limit: Duration,
}

impl LdapSettings {
    /// A controller by its DNS name or address.
    pub fn new(host: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            port: None,
            transport: Transport::default(),
            certificates: CertificateCheck::default(),
            password_without_tls: false,
            time_limit: Duration::from_secs(30),
        }
    }

    /// Another port than that of the transport.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// How the connection is protected.
    #[must_use]
    pub fn transport(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// What the certificate is checked against.
    #[must_use]
    pub fn certificates(mut self, certificates: CertificateCheck) -> Self {
        self.certificates = certificates;
        self
    }

    /// Lets the password be sent over [`Transport::Plain`], where everybody on the way can read
    /// it. Domain controllers refuse it by default, too.
    #[must_use]
    pub fn allow_password_without_tls(mut self) -> Self {
        self.password_without_tls = true;
        self
    }

    /// How long to wait for the connection, and for each answer of the server.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// The same controller at another port.
    pub(crate) fn at_port(&self, port: u16) -> Self {
        self.clone().port(port)
    }

    /// The DNS name or the address, without the brackets of one with colons.
    pub(crate) fn host_name(&self) -> &str {
        let inside = self.host.strip_prefix('[');
        let inside = inside.and_then(|host| host.strip_suffix(']'));
        inside.unwrap_or(&self.host)
    }

    pub(crate) fn port_number(&self) -> u16 {
        self.port.unwrap_or(match self.transport {
            Transport::Ldaps => 636,
            Transport::StartTls | Transport::Plain => 389,
        })
    }

    /// `ldaps://dc1.example.test:636`, for messages.
    pub(crate) fn url(&self) -> String {
        let scheme = match self.transport {
            Transport::Ldaps => "ldaps",
            Transport::StartTls | Transport::Plain => "ldap",
        };
        format!("{scheme}://{}:{}", self.host_in_url(), self.port_number())
    }

    /// The host as a URL has it: an address with colons in brackets.
    pub(crate) fn host_in_url(&self) -> String {
        match self.host_name() {
            host if host.contains(':') => format!("[{host}]"),
            host => host.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transport_decides_the_port() {
        let of = |transport| LdapSettings::new("dc1").transport(transport).url();
        assert_eq!(of(Transport::Ldaps), "ldaps://dc1:636");
        assert_eq!(of(Transport::StartTls), "ldap://dc1:389");
        for host in ["::1", "[::1]"] {
            let settings = LdapSettings::new(host).port(1);
            assert_eq!(settings.url(), "ldaps://[::1]:1");
            assert_eq!(settings.host_name(), "::1");
            assert_eq!(settings.host_in_url(), "[::1]");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let credentials = Credentials::Password {
            user: "u".into(),
            password: "secret7".to_owned().into(),
        };
        assert!(!format!("{credentials:?}").contains("secret7"));
    }
}
