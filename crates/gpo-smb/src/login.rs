//! Who logs on, and how.

use std::fmt;
use std::path::PathBuf;

use secrecy::SecretString;

/// Who logs on, and how.
///
/// The password is wiped from memory when this is dropped, and is in no `Debug` output and no
/// error. (The protocol's implementation copies it for the moment of the log-on.)
#[derive(Clone)]
pub enum Login {
    /// NTLM version 2.
    Ntlm {
        /// The NetBIOS or DNS name of the account's domain.
        domain: String,
        /// The account's name.
        user: String,
        /// Its password.
        password: SecretString,
    },
    /// Kerberos, with a ticket that is asked for with a password.
    Kerberos {
        /// The realm: the domain's DNS name in upper case.
        realm: String,
        /// The account's name, without the realm.
        user: String,
        /// Its password.
        password: SecretString,
        /// The key distribution centre, as `host` or `host:port`: a domain controller.
        kdc: String,
    },
    /// Kerberos, with the ticket that `kinit` left in a file.
    TicketCache {
        /// The ticket cache: what follows `FILE:` in its name. Other kinds of cache cannot be read.
        file: PathBuf,
        /// The key distribution centre, as `host` or `host:port`, which is asked for a ticket for
        /// the file server where the cache has none.
        kdc: String,
    },
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, fields) = match self {
            Self::Ntlm { domain, user, .. } => ("Ntlm", vec![("domain", domain), ("user", user)]),
            Self::Kerberos {
                realm, user, kdc, ..
            } => (
                "Kerberos",
                vec![("realm", realm), ("user", user), ("kdc", kdc)],
            ),
            Self::TicketCache { file, kdc } => {
                let mut f = f.debug_struct("TicketCache");
                return f.field("file", file).field("kdc", kdc).finish();
            }
        };
        let mut f = f.debug_struct(name);
        for (field, value) in fields {
            f.field(field, value);
        }
        f.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        let (user, password) = ("u".to_owned(), SecretString::from("hunter2"));
        let logins = [
            Login::Ntlm {
                domain: "D".into(),
                user: user.clone(),
                password: password.clone(),
            },
            Login::Kerberos {
                realm: "R".into(),
                user,
                password,
                kdc: "k".into(),
            },
        ];
        for login in logins {
            let shown = format!("{login:?}");
            assert!(
                shown.contains("\"u\"") && !shown.contains("hunter2"),
                "{shown}"
            );
        }
    }
}
