//! Which SYSVOL, and how to reach it.

use std::time::Duration;

use crate::login::Login;

/// Which SYSVOL, and how to reach it.
#[derive(Clone, Debug)]
pub struct SmbSettings {
    pub(crate) server: String,
    pub(crate) port: u16,
    pub(crate) domain: String,
    pub(crate) login: Login,
    pub(crate) time_limit: Duration,
}

impl SmbSettings {
    /// The SYSVOL of the domain with this DNS name on this server: a controller's DNS name or
    /// address. Kerberos asks for a ticket for that very name (`cifs/server`).
    pub fn new(server: impl Into<String>, domain: impl Into<String>, login: Login) -> Self {
        Self {
            server: server.into(),
            port: 445,
            domain: domain.into(),
            login,
            time_limit: Duration::from_secs(30),
        }
    }

    /// Another port than 445.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How long to wait for the connection with its log-on, and for the answer to a request, 30
    /// seconds unless told. A call can take longer: it makes many requests, and repeats those that
    /// meet a file somebody else holds open.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }
}
