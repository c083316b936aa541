//! Kerberos tickets in the place of a password.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::server::{Server, program};

/// Where somebody's tickets and keys are, or are not yet.
struct Tickets {
    folder: tempfile::TempDir,
}

impl Tickets {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    fn cache(&self) -> PathBuf {
        self.folder.path().join("tickets")
    }

    fn keytab(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    /// Gets the ticket of a user, as everybody does: one that cannot be forwarded.
    fn kinit(&self, server: &Server, user: &str) {
        let mut kinit = Command::new("kinit");
        kinit.arg("-c").arg(self.cache());
        kinit.arg(format!("{user}@{}", server.realm.to_uppercase()));
        tell(&mut kinit, &format!("{}\n", server.password()));
    }

    /// Writes the key of a user into a keytab.
    fn ktutil(&self, server: &Server, user: &str) {
        let user = format!("{user}@{}", server.realm.to_uppercase());
        let keytab = self.keytab();
        tell(
            &mut Command::new("ktutil"),
            &format!(
                "addent -password -p {user} -k 1 -e aes256-cts-hmac-sha1-96\n{}\nwkt {}\nquit\n",
                server.password(),
                keytab.display()
            ),
        );
        assert!(keytab.exists());
    }

    /// Runs the program without a user's name.
    fn gpo(&self, server: &Server, args: &[&str]) -> Output {
        program()
            .args(args)
            .arg(format!("--smb-port={}", server.smb_port))
            .env("KRB5CCNAME", format!("FILE:{}", self.cache().display()))
            .env("KRB5_CLIENT_KTNAME", self.keytab())
            .output()
            .unwrap()
    }
}

/// Runs a program with something to read.
fn tell(command: &mut Command, text: &str) {
    let mut process = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = process.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    assert!(process.wait().unwrap().success(), "{command:?}");
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn files(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let count = |entry: fs::DirEntry| match entry.path() {
        path if path.is_dir() => files(&path),
        _ => 1,
    };
    entries.map(count).sum()
}

#[test]
fn a_ticket_or_a_keytab_backs_up_what_a_password_does() {
    let Some(server) = Server::find("Kerberos") else {
        return;
    };
    let expected = files(server.backup().path());
    let from = format!("ldap://{}", server.host);
    for keytab in [false, true] {
        let tickets = Tickets::new();
        if keytab {
            tickets.ktutil(&server, "Administrator");
        } else {
            tickets.kinit(&server, "Administrator");
        }
        let to = tempfile::tempdir().unwrap();
        let folder = to.path().to_str().unwrap();
        let backup = ["backup", "--all", "--from", &from, "--to", folder];
        let run = tickets.gpo(&server, &backup);
        assert!(run.status.success(), "keytab {keytab}: {run:?}");
        assert_eq!(files(to.path()), expected, "keytab {keytab}");
    }
}

#[test]
fn a_ticket_of_somebody_with_few_rights_reads_and_does_not_write() {
    let Some(server) = Server::find("Kerberos with few rights") else {
        return;
    };
    let tickets = Tickets::new();
    tickets.kinit(&server, "reader");
    let from = format!("ldap://{}", server.host);
    let to = tempfile::tempdir().unwrap();
    let folder = to.path().to_str().unwrap();
    let id = server.id_of("Software für alle");
    let backup = ["backup", &id, "--from", &from, "--to", folder];
    let run = tickets.gpo(&server, &backup);
    assert!(run.status.success(), "{run:?}");
    let restore = ["restore", folder, "--gpo", &id, "--to", &from];
    let run = tickets.gpo(&server, &restore);
    assert!(!run.status.success(), "{run:?}");
}

#[test]
fn who_has_no_ticket_is_told_how_to_get_one() {
    let Some(server) = Server::find("no Kerberos ticket") else {
        return;
    };
    let tickets = Tickets::new();
    let from = format!("ldap://{}", server.host);
    let run = tickets.gpo(&server, &["gpos", "--from", &from]);
    assert_eq!(run.status.code(), Some(2));
    assert!(said(&run).contains("kinit"), "{run:?}");
    assert!(said(&run).contains("password"), "{run:?}");

    // TLS around it is more than this controller takes, and that is said.
    tickets.kinit(&server, "Administrator");
    let ldaps = [
        "gpos",
        "--no-certificate-check",
        "--from",
        &format!("ldaps://{}", server.host),
    ];
    let run = tickets.gpo(&server, &ldaps);
    assert_eq!(run.status.code(), Some(2));
    assert!(said(&run).contains("plain LDAP"), "{run:?}");
}
