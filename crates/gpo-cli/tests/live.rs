//! The program against a real domain controller, named by `GPO_LIVE_HOST` and its like
//! (`cargo xtask live` sets them). Without these every test says SKIPPED.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::env;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const DEFAULT_POLICY: &str = "{31B2F340-016D-11D2-945F-00C04FB984F9}";

/// The domain controller to test against.
struct Server {
    host: String,
    realm: String,
    user: String,
    password_file: String,
    ca: String,
    smb_port: String,
}

impl Server {
    /// The server, or word that there is none.
    fn find(test: &str) -> Option<Self> {
        let Ok(host) = env::var("GPO_LIVE_HOST") else {
            // Past the capture of the test harness: a skipped test must be seen.
            let mut out = std::io::stderr();
            writeln!(
                out,
                "SKIPPED {test}: GPO_LIVE_HOST names no domain controller"
            )
            .unwrap();
            return None;
        };
        let wanted = |name: &str| {
            env::var(name).unwrap_or_else(|_| panic!("GPO_LIVE_HOST is set and {name} is not"))
        };
        Some(Self {
            host,
            realm: wanted("GPO_LIVE_REALM").to_lowercase(),
            user: wanted("GPO_LIVE_USER"),
            password_file: wanted("GPO_LIVE_PASSWORD_FILE"),
            ca: wanted("GPO_LIVE_CA"),
            smb_port: env::var("GPO_LIVE_SMB_PORT").unwrap_or_else(|_| "445".into()),
        })
    }

    fn password(&self) -> String {
        let password = fs::read_to_string(&self.password_file).unwrap();
        password.trim_end().to_owned()
    }

    /// Runs a command on an address, with all that it needs to get in.
    fn run(&self, command: &[&str], address: &str) -> Output {
        let mut program = program();
        program.args(command).arg(address);
        program.args(["--user", &self.user, "--password-file", &self.password_file]);
        program.args(["--ca-file", &self.ca, "--smb-port", &self.smb_port]);
        program.output().unwrap()
    }

    fn ldaps(&self) -> String {
        format!("ldaps://{}", self.host)
    }
}

fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_gpo"));
    program.stdin(Stdio::null()).env_remove("GPO_PASSWORD");
    program
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// The IDs in a listing.
fn ids(listing: &Value) -> Vec<String> {
    let gpos = listing["gpos"].as_array().unwrap();
    let mut ids: Vec<_> = gpos.iter().map(|gpo| gpo["gpo_id"].to_string()).collect();
    ids.sort();
    ids
}

fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn every_address_leads_to_the_same_gpos() {
    let Some(server) = Server::find("every_address_leads_to_the_same_gpos") else {
        return;
    };
    let listed = server.run(&["gpos", "--json", "--from"], &server.ldaps());
    assert!(listed.status.success(), "{listed:?}");
    let expected = ids(&json(&listed));
    assert!(
        expected.contains(&format!("\"{DEFAULT_POLICY}\"")),
        "{expected:?}"
    );
    let plain = format!("ldap://{}", server.host);
    let domain = format!("ldap:///{}", server.realm);
    let tls_domain = format!("ldaps:///{}", server.realm.to_uppercase());
    for (command, address) in [
        (&["gpos", "--json", "--starttls", "--from"][..], &plain),
        (
            &[
                "gpos",
                "--json",
                "--starttls",
                "--dc",
                &server.host,
                "--from",
            ],
            &domain,
        ),
        (
            &["gpos", "--json", "--dc", &server.host, "--from"],
            &tls_domain,
        ),
    ] {
        let listed = server.run(command, address);
        assert!(listed.status.success(), "{listed:?}");
        assert_eq!(ids(&json(&listed)), expected, "{address}");
    }
    let other = server.run(
        &["gpos", "--dc", &server.host, "--from"],
        "ldaps:///other.test",
    );
    assert_eq!(other.status.code(), Some(2));
    assert!(errors(&other).contains("not of other.test"), "{other:?}");
}

#[test]
fn all_gpos_are_backed_up_and_found_good() {
    let Some(server) = Server::find("all_gpos_are_backed_up_and_found_good") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let backup = [
        "backup",
        "--all",
        "--json",
        "--allow-half",
        "--to",
        to,
        "--from",
    ];
    let made = server.run(&backup, &server.ldaps());
    assert!(made.status.success(), "{made:?}");
    let listed = server.run(&["gpos", "--json", "--from"], &server.ldaps());
    let listed = json(&listed);
    let gpos = listed["gpos"].as_array().unwrap().iter();
    let in_directory = gpos.filter(|gpo| gpo["in_directory"] == true).count();
    assert!(json(&made)["gpos"].as_array().unwrap().len() >= in_directory);
    let verified = program().args(["verify", to]).output().unwrap();
    assert!(verified.status.success(), "{verified:?}");
}

#[test]
fn a_gpo_is_restored_and_equal_afterwards() {
    let Some(server) = Server::find("a_gpo_is_restored_and_equal_afterwards") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let [before, after] = ["before", "after"].map(|name| folder.path().join(name));
    for to in [&before, &after] {
        fs::create_dir(to).unwrap();
        let to = to.to_str().unwrap();
        let backup = ["backup", "Default Domain Policy", "--to", to, "--from"];
        let made = server.run(&backup, &server.ldaps());
        assert!(made.status.success(), "{made:?}");
        let restore = ["restore", to, "--gpo", DEFAULT_POLICY, "--to"];
        let restored = server.run(&restore, &server.ldaps());
        assert!(restored.status.success(), "{restored:?}");
    }
    assert_eq!(files(&before), files(&after));
}

/// The files of the only backup in a folder, below `DomainSysvol`.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let backup = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let backup = backup.into_iter().find(|path| path.is_dir()).unwrap();
    let mut open = vec![backup.join("DomainSysvol")];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(&backup).unwrap().display().to_string();
                found.push((name, fs::read(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_password_is_never_sent_in_the_clear_nor_shown() {
    let Some(server) = Server::find("a_password_is_never_sent_in_the_clear") else {
        return;
    };
    let plain = format!("ldap://{}", server.host);
    let refused = server.run(&["gpos", "--from"], &plain);
    assert_eq!(refused.status.code(), Some(2));
    assert!(errors(&refused).contains("--starttls"), "{refused:?}");

    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("wrong");
    fs::write(&wrong, "not-the-password-7\n").unwrap();
    for json in [&["gpos", "--json"][..], &["gpos"]] {
        let refused = program()
            .args(json)
            .args(["--from", &server.ldaps(), "--user", &server.user])
            .args(["--ca-file", &server.ca, "--password-file"])
            .arg(&wrong)
            .output()
            .unwrap();
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        assert!(
            errors(&refused).contains("password is wrong"),
            "{refused:?}"
        );
        assert!(!format!("{refused:?}").contains("not-the-password-7"));
    }
}

#[test]
fn a_password_comes_from_the_environment_and_nobody_is_asked_without_a_terminal() {
    let Some(server) = Server::find("a_password_comes_from_the_environment") else {
        return;
    };
    let gpos = || {
        let mut gpos = program();
        gpos.args(["gpos", "--from", &server.ldaps(), "--user", &server.user]);
        gpos.args(["--ca-file", &server.ca, "--smb-port", &server.smb_port]);
        gpos
    };
    let listed = gpos()
        .env("GPO_PASSWORD", server.password())
        .output()
        .unwrap();
    assert!(listed.status.success(), "{listed:?}");
    let refused = gpos().output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(errors(&refused).contains("--password-file"), "{refused:?}");
}

#[test]
fn a_certificate_of_nobody_known_is_refused() {
    let Some(server) = Server::find("a_certificate_of_nobody_known_is_refused") else {
        return;
    };
    let gpos = |check: &[&str]| {
        let mut gpos = program();
        gpos.args(["gpos", "--from", &server.ldaps(), "--user", &server.user]);
        gpos.args([
            "--password-file",
            &server.password_file,
            "--smb-port",
            &server.smb_port,
        ]);
        gpos.args(check).output().unwrap()
    };
    let refused = gpos(&[]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(errors(&refused).contains("certificate"), "{refused:?}");
    let taken = gpos(&["--no-certificate-check"]);
    assert!(taken.status.success(), "{taken:?}");
}
