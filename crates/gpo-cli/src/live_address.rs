//! The address of a live domain.

use std::str::FromStr;

use gpo_core::Quoted;

/// `ldap://HOST[:PORT]`, `ldaps://HOST[:PORT]`, `ldap:///dns.domain`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LiveAddress {
    /// TLS from the first byte.
    pub(crate) tls: bool,
    pub(crate) place: LivePlace,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LivePlace {
    /// This domain controller.
    Controller { host: String, port: Option<u16> },
    /// The PDC emulator of this domain.
    Domain(String),
}

impl FromStr for LiveAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || {
            format!(
                "{} is no address of a domain: write ldaps://HOST, ldap://HOST:PORT or \
                 ldap:///DNS.DOMAIN",
                Quoted::new(text)
            )
        };
        let (scheme, rest) = text.split_once("://").ok_or_else(invalid)?;
        let tls = scheme.eq_ignore_ascii_case("ldaps");
        if !tls && !scheme.eq_ignore_ascii_case("ldap") {
            return Err(invalid());
        }
        if let Some(domain) = rest.strip_prefix('/') {
            let place = LivePlace::Domain(domain.to_owned());
            return is_name(domain)
                .then_some(Self { tls, place })
                .ok_or_else(invalid);
        }
        let (host, port) = host_and_port(rest.strip_suffix('/').unwrap_or(rest));
        let port = port.map(|port| port.parse().map_err(|_| invalid()));
        let address = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
        let is_address = address.is_some_and(|a| a.parse::<std::net::Ipv6Addr>().is_ok());
        if !is_name(host) && !is_address {
            return Err(invalid());
        }
        let place = LivePlace::Controller {
            host: host.to_owned(),
            port: port.transpose()?,
        };
        Ok(Self { tls, place })
    }
}

/// An IPv6 address stands in brackets, because it holds colons.
fn host_and_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    }
}

/// A DNS name or an IPv4 address.
fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    !text.is_empty() && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_controller_or_a_domain() {
        let controller = |tls, host: &str, port| LiveAddress {
            tls,
            place: LivePlace::Controller {
                host: host.into(),
                port,
            },
        };
        let domain = |tls, name: &str| LiveAddress {
            tls,
            place: LivePlace::Domain(name.into()),
        };
        for (text, address) in [
            ("ldaps://dc1", controller(true, "dc1", None)),
            (
                "LDAP://dc1.example.test:3389",
                controller(false, "dc1.example.test", Some(3389)),
            ),
            ("ldap://127.0.0.1/", controller(false, "127.0.0.1", None)),
            ("ldap://[::1]:636", controller(false, "[::1]", Some(636))),
            ("ldaps://[::1]", controller(true, "[::1]", None)),
            ("ldap:///example.test", domain(false, "example.test")),
            ("ldaps:///example.test", domain(true, "example.test")),
        ] {
            assert_eq!(text.parse(), Ok(address), "{text}");
        }
        for text in [
            "ldap://",
            "ldap:///",
            "ldap://dc1:port",
            "ldap://dc1:99999",
            "ldap://user@dc1",
            "ldap://dc1/OU=x",
            "ldap:///example.test/x",
            "ldap://[x]",
            "ldap://::1",
            "http://dc1",
            "ldap:dc1",
        ] {
            assert!(text.parse::<LiveAddress>().is_err(), "{text}");
        }
    }
}
