//! Against a real domain controller, named by `GPO_LIVE_HOST` and its like (`cargo xtask live`
//! sets them). Without these every test says SKIPPED.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::env;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use gpo_core::{
    Directory, DirectoryCapabilities, Dn, GpoContainer, GpoId, Guid, PrincipalKind, PrincipalQuery,
    SourceError, SourceErrorKind, WmiFilterId,
};
use gpo_ldap::{CertificateCheck, Credentials, LdapDirectory, LdapSettings, Transport};

#[path = "live/connecting.rs"]
mod connecting;
#[path = "live/reading.rs"]
mod reading;
#[path = "live/writing.rs"]
mod writing;

/// Says so past the capture of the test harness: a skipped test must be seen.
fn skipped(test: &str, why: &str) {
    let mut out = std::io::stderr();
    writeln!(out, "SKIPPED {test}: {why}").unwrap();
}

/// The domain controller to test against.
struct Server {
    host: String,
    realm: String,
    user: String,
    password: String,
    ca: PathBuf,
}

impl Server {
    /// The server, or word that there is none.
    fn find(test: &str) -> Option<Self> {
        let Ok(host) = env::var("GPO_LIVE_HOST") else {
            skipped(test, "GPO_LIVE_HOST names no domain controller");
            return None;
        };
        let wanted = |name: &str| {
            env::var(name).unwrap_or_else(|_| panic!("GPO_LIVE_HOST is set and {name} is not"))
        };
        let password = fs::read_to_string(wanted("GPO_LIVE_PASSWORD_FILE")).unwrap();
        Some(Self {
            host,
            realm: wanted("GPO_LIVE_REALM").to_lowercase(),
            user: wanted("GPO_LIVE_USER"),
            password: password.trim_end().to_owned(),
            ca: wanted("GPO_LIVE_CA").into(),
        })
    }

    /// `DC=gpo,DC=test`.
    fn dn(&self) -> String {
        format!("DC={}", self.realm.replace('.', ",DC="))
    }

    fn credentials(&self) -> Credentials {
        Credentials::Password {
            user: self.user.clone(),
            password: self.password.clone().into(),
        }
    }

    fn settings(&self) -> LdapSettings {
        LdapSettings::new(self.host.as_str())
            .certificates(CertificateCheck::CaFile(self.ca.clone()))
            .time_limit(Duration::from_secs(10))
    }

    fn connect(&self) -> LdapDirectory {
        LdapDirectory::connect(self.settings(), self.credentials()).unwrap()
    }
}

/// The GPOs that every domain has.
const DEFAULT_POLICIES: [(&str, &str); 2] = [
    (
        "{31B2F340-016D-11D2-945F-00C04FB984F9}",
        "Default Domain Policy",
    ),
    (
        "{6AC1786C-016F-11D2-945F-00C04FB984F9}",
        "Default Domain Controllers Policy",
    ),
];

fn default_policies() -> [GpoId; 2] {
    DEFAULT_POLICIES.map(|(id, _)| id.parse::<Guid>().unwrap().into())
}

fn one(directory: &LdapDirectory, id: GpoId) -> Option<GpoContainer> {
    directory.containers(&[id]).unwrap().remove(0).unwrap()
}
