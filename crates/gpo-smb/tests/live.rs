//! Against a real server: a domain controller named by `GPO_LIVE_HOST`, `GPO_LIVE_REALM`,
//! `GPO_LIVE_USER`, `GPO_LIVE_PASSWORD_FILE`, and `GPO_LIVE_SMB_PORT` where it is not 445. Without
//! these every test says SKIPPED.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::env;
use std::fs;

use gpo_core::{Contents, GpoPath, SourceErrorKind, Sysvol, SysvolWrite};
use gpo_smb::{Login, SmbSettings, SmbSysvol};
use gpo_testkit::conformance;

/// The server to test against.
struct Server {
    host: String,
    realm: String,
    user: String,
    password: String,
    port: u16,
}

impl Server {
    /// The server, or word that there is none.
    fn find(test: &str) -> Option<Self> {
        let found = Self::from_environment();
        if found.is_none() {
            println!("SKIPPED {test}: GPO_LIVE_HOST and its like name no server");
        }
        found
    }

    fn from_environment() -> Option<Self> {
        let host = env::var("GPO_LIVE_HOST").ok()?;
        let wanted = |name: &str| {
            env::var(name).unwrap_or_else(|_| panic!("GPO_LIVE_HOST is set and {name} is not"))
        };
        let password = fs::read_to_string(wanted("GPO_LIVE_PASSWORD_FILE")).unwrap();
        let port = env::var("GPO_LIVE_SMB_PORT").ok();
        Some(Self {
            host,
            realm: wanted("GPO_LIVE_REALM"),
            // It has the domain behind it, as LDAP wants it.
            user: wanted("GPO_LIVE_USER").split('@').next().unwrap().into(),
            password: password.trim_end().to_owned(),
            port: port.map_or(445, |port| port.parse().unwrap()),
        })
    }

    fn domain(&self) -> String {
        self.realm.to_lowercase()
    }

    fn ntlm(&self, password: &str) -> Login {
        Login::Ntlm {
            domain: self.domain(),
            user: self.user.clone(),
            password: password.into(),
        }
    }

    fn settings(&self, login: Login) -> SmbSettings {
        SmbSettings::new(self.host.as_str(), self.domain(), login).port(self.port)
    }

    fn connect(&self) -> SmbSysvol {
        SmbSysvol::connect(self.settings(self.ntlm(&self.password))).unwrap()
    }
}

fn path(text: &str) -> GpoPath {
    text.parse().unwrap()
}

/// The default domain policy, which every domain has.
const DEFAULT_POLICY: &str = r"Policies\{31B2F340-016D-11D2-945F-00C04FB984F9}";

fn gpt_ini(sysvol: &SmbSysvol) -> Vec<u8> {
    let file = path(&format!(r"{DEFAULT_POLICY}\GPT.INI"));
    sysvol.read_all(&file, 10_000).unwrap()
}

#[test]
fn the_default_policy_is_read_with_its_descriptor() {
    let Some(server) = Server::find("reading") else {
        return;
    };
    let sysvol = server.connect();
    assert!(gpt_ini(&sysvol).starts_with(b"[General]"));
    let mut names = Vec::new();
    sysvol
        .children(&path("Policies"), &mut |entry| {
            names.push(entry?.path);
            Ok(())
        })
        .unwrap();
    assert!(names.contains(&path(DEFAULT_POLICY)), "{names:?}");
    let descriptor = sysvol.descriptor(&path(DEFAULT_POLICY)).unwrap().unwrap();
    // Revision 1, self-relative, with a DACL ([MS-DTYP] 2.4.6).
    assert_eq!(descriptor[0], 1);
    assert_eq!(descriptor[3] & 0x80, 0x80);
    assert_eq!(descriptor[2] & 0x04, 0x04);
    let missing = sysvol.descriptor(&path("missing")).unwrap_err();
    assert_eq!(missing.kind(), SourceErrorKind::NotFound, "{missing}");
}

#[test]
fn it_conforms() {
    let Some(server) = Server::find("conformance") else {
        return;
    };
    let sysvol = server.connect();
    remove_test_gpos(&sysvol);
    conformance::sysvol(&sysvol);
    remove_test_gpos(&sysvol);
}

/// Removes what the conformance suite leaves: GPOs whose numbers are small.
fn remove_test_gpos(sysvol: &SmbSysvol) {
    let mut found = Vec::new();
    sysvol
        .children(&path("Policies"), &mut |entry| {
            let path = entry?.path;
            let name = path.file_name().unwrap_or_default();
            found.extend(name.starts_with("{00000000-").then_some(path));
            Ok(())
        })
        .unwrap();
    for folder in found {
        sysvol.remove_tree(&folder).unwrap();
    }
}

#[test]
fn kerberos_logs_on_with_a_password() {
    let Some(server) = Server::find("Kerberos") else {
        return;
    };
    let login = Login::Kerberos {
        realm: server.realm.to_uppercase(),
        user: server.user.clone(),
        password: server.password.as_str().into(),
        kdc: server.host.clone(),
    };
    gpt_ini(&SmbSysvol::connect(server.settings(login)).unwrap());
}

#[test]
fn who_is_not_let_in_is_told_so_and_the_password_is_in_no_message() {
    let Some(server) = Server::find("refused log-ons") else {
        return;
    };
    let refused = |login: Login| {
        let error = SmbSysvol::connect(server.settings(login)).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert_eq!(error.kind(), SourceErrorKind::Denied, "{error}");
    };
    refused(server.ntlm("hunter2"));
    for user in ["", "Guest"] {
        refused(Login::Ntlm {
            domain: server.domain(),
            user: user.into(),
            password: "hunter2".into(),
        });
    }
    refused(Login::Kerberos {
        realm: server.realm.to_uppercase(),
        user: server.user.clone(),
        password: "hunter2".into(),
        kdc: server.host.clone(),
    });
}

#[test]
fn nobody_listening_is_an_error_at_once() {
    let Some(server) = Server::find("nobody listening") else {
        return;
    };
    // Port 1 has had no service for decades.
    let settings = server.settings(server.ntlm("")).port(1);
    let error = SmbSysvol::connect(settings).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Unreachable, "{error}");
}

fn called_and_dropped_inside_a_runtime() {
    let Some(server) = Server::find("inside a runtime") else {
        return;
    };
    let sysvol = server.connect();
    let files = [path(&format!(r"{DEFAULT_POLICY}\GPT.INI")), path("missing")];
    // More calls than a task of tokio may make before it has to yield.
    for _ in 0..100 {
        sysvol.read_many(&files, 2, &mut |_, _| Ok(())).unwrap();
    }
    drop(sysvol);
}

#[tokio::test]
async fn it_is_called_and_dropped_inside_a_runtime_of_one_thread() {
    called_and_dropped_inside_a_runtime();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_called_and_dropped_inside_a_runtime_of_many_threads() {
    called_and_dropped_inside_a_runtime();
}
