//! The server to test against, its own tools, and the program.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// No command of the program may take longer here, whatever happens to the server.
const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) realm: String,
    pub(crate) user: String,
    password_file: PathBuf,
    pub(crate) ca: PathBuf,
    pub(crate) smb_port: String,
    /// The folder of the controller, with the configuration of its tools.
    folder: PathBuf,
}

/// What the program printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) status: i32,
    pub(crate) took: Duration,
}

impl Run {
    /// The result, where `--json` was given.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Server {
    /// The server, or word that there is none.
    pub(crate) fn find(test: &str) -> Option<Self> {
        let Ok(host) = env::var("GPO_LIVE_HOST") else {
            // Not `eprintln!`, which the test runner swallows.
            let mut out = std::io::stderr();
            writeln!(out, "SKIPPED {test}: GPO_LIVE_HOST names no controller").unwrap();
            return None;
        };
        let wanted = |name: &str| {
            env::var(name).unwrap_or_else(|_| panic!("GPO_LIVE_HOST is set and {name} is not"))
        };
        Some(Self {
            host,
            realm: wanted("GPO_LIVE_REALM").to_lowercase(),
            user: wanted("GPO_LIVE_USER"),
            password_file: wanted("GPO_LIVE_PASSWORD_FILE").into(),
            ca: wanted("GPO_LIVE_CA").into(),
            smb_port: wanted("GPO_LIVE_SMB_PORT"),
            folder: wanted("GPO_LIVE_DC").into(),
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("ldaps://{}", self.host)
    }

    pub(crate) fn dn(&self) -> String {
        format!("DC={}", self.realm.replace('.', ",DC="))
    }

    pub(crate) fn password(&self) -> String {
        let password = fs::read_to_string(&self.password_file).unwrap();
        password.trim_end().to_owned()
    }

    /// The options that every live command takes, for the administrator.
    pub(crate) fn options(&self) -> Vec<String> {
        self.options_of(&self.user, &self.password_file)
    }

    /// The same for another user of the domain; all have one password.
    pub(crate) fn options_as(&self, user: &str) -> Vec<String> {
        let user = format!("{user}@{}", self.realm);
        self.options_of(&user, &self.password_file)
    }

    pub(crate) fn options_of(&self, user: &str, password_file: &Path) -> Vec<String> {
        let file = |path: &Path| path.to_str().unwrap().to_owned();
        vec![
            format!("--user={user}"),
            format!("--password-file={}", file(password_file)),
            format!("--ca-file={}", file(&self.ca)),
            format!("--smb-port={}", self.smb_port),
        ]
    }

    /// Runs the program as the administrator.
    pub(crate) fn gpo(&self, args: &[&str]) -> Run {
        gpo_with(args, &self.options())
    }

    /// Backs up every GPO into a new folder.
    pub(crate) fn backup(&self) -> tempfile::TempDir {
        let to = tempfile::tempdir().unwrap();
        let folder = to.path().to_str().unwrap();
        let run = self.gpo(&["backup", "--from", &self.url(), "--to", folder, "--all"]);
        assert_eq!(run.status, 0, "{run:?}");
        to
    }

    /// `samba-tool`; panics where it fails.
    pub(crate) fn samba_tool(&self, args: &[&str]) -> String {
        let mut tool = self.samba_tool_command(args);
        let output = tool.output().unwrap();
        assert!(output.status.success(), "samba-tool {args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn samba_tool_command(&self, args: &[&str]) -> Command {
        let mut tool = Command::new("timeout");
        tool.args(["60", "samba-tool"])
            .args(args)
            .args(["-H", &format!("ldap://{}", self.host)])
            .arg(format!("--configfile={}", self.client_conf()))
            .arg("--username=Administrator")
            .env("PASSWD_FILE", &self.password_file);
        tool
    }

    fn client_conf(&self) -> String {
        self.folder.join("client.conf").to_str().unwrap().to_owned()
    }

    /// `smbclient` in the folder of the policies; panics where it fails.
    pub(crate) fn smbclient(&self, commands: &str) -> String {
        let output = Command::new("timeout")
            .args(["60", "smbclient", &format!("//{}/sysvol", self.host)])
            .arg(format!("--configfile={}", self.client_conf()))
            .arg("--authentication-file")
            .arg(self.folder.join("administrator"))
            .arg(format!("--port={}", self.smb_port))
            .args(["--directory", &format!("{}\\Policies", self.realm)])
            .args(["--command", commands])
            .output()
            .unwrap();
        assert!(output.status.success(), "smbclient {commands}: {output:?}");
        text(&output)
    }

    /// Changes the rights on a file below the folder of the policies. The tool knows no other port than
    /// 445.
    pub(crate) fn smbcacls(&self, file: &str, args: &[&str]) {
        let output = Command::new("timeout")
            .args(["60", "smbcacls", &format!("//{}/sysvol", self.host)])
            .arg(format!("{}/Policies/{file}", self.realm))
            .args(args)
            .arg(format!("--configfile={}", self.client_conf()))
            .arg("--authentication-file")
            .arg(self.folder.join("administrator"))
            .output()
            .unwrap();
        assert!(output.status.success(), "smbcacls {args:?}: {output:?}");
    }

    /// The attributes that `ldapsearch` finds at one object, or at those below it.
    pub(crate) fn ldapsearch(&self, args: &[&str]) -> Vec<Entry> {
        let output = self
            .ldap("ldapsearch")
            .args(["-LLL", "-o", "ldif-wrap=no"])
            .args(args)
            .output()
            .unwrap();
        assert!(output.status.success(), "ldapsearch {args:?}: {output:?}");
        Entry::read_all(&String::from_utf8(output.stdout).unwrap())
    }

    /// Applies LDIF with `ldapmodify`.
    pub(crate) fn ldapmodify(&self, ldif: &str) {
        let mut modify = self
            .ldap("ldapmodify")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = modify.stdin.take().unwrap();
        stdin.write_all(ldif.as_bytes()).unwrap();
        drop(stdin);
        let output = modify.wait_with_output().unwrap();
        assert!(output.status.success(), "{ldif}: {output:?}");
    }

    /// Deletes an object with all that is below it.
    pub(crate) fn ldapdelete(&self, dn: &str) {
        let output = self.ldap("ldapdelete").args(["-r", dn]).output().unwrap();
        assert!(output.status.success(), "{dn}: {output:?}");
    }

    fn ldap(&self, program: &str) -> Command {
        let mut command = Command::new("timeout");
        command
            .args(["60", program, "-x", "-H", &self.url(), "-D", &self.user])
            .arg("-y")
            .arg(&self.password_file)
            .env("LDAPTLS_CACERT", &self.ca);
        command
    }

    /// The ID of the GPO with this name, as the server's tool lists it.
    pub(crate) fn id_of(&self, name: &str) -> String {
        let listed = self.listed();
        let found = listed.iter().find(|(_, other)| other == name);
        found
            .unwrap_or_else(|| panic!("{name}: {listed:?}"))
            .0
            .clone()
    }

    /// ID and name of each GPO, as the server's tool lists them.
    pub(crate) fn listed(&self) -> Vec<(String, String)> {
        let text = self.samba_tool(&["gpo", "listall"]);
        let values = |key: &str| -> Vec<String> {
            let values = text.lines().filter_map(|line| line.strip_prefix(key));
            values
                .map(|value| value.trim_start_matches([' ', ':']).to_owned())
                .collect()
        };
        let (ids, names) = (values("GPO "), values("display name"));
        assert!(!ids.is_empty() && ids.len() == names.len(), "{text}");
        ids.into_iter().zip(names).collect()
    }

    /// Whether the server's tool finds the rights of directory and SYSVOL to agree.
    pub(crate) fn aclcheck(&self) {
        self.samba_tool(&["gpo", "aclcheck"]);
    }

    /// Every process of the controller.
    pub(crate) fn processes(&self) -> Vec<String> {
        let output = Command::new("ps")
            .args(["-eo", "pid=,ppid=,args="])
            .output();
        let output = text(&output.unwrap());
        let rows: Vec<(&str, &str, &str)> = output
            .lines()
            .map(|line| {
                let (pid, rest) = line.trim().split_once(' ').unwrap();
                let (parent, args) = rest.trim().split_once(' ').unwrap();
                (pid, parent, args)
            })
            .collect();
        let state = self.folder.join("state");
        let state = state.to_str().unwrap();
        let ours = |args: &str| args.starts_with("unshare ") && args.contains(state);
        let mut found: Vec<&str> = Vec::new();
        found.extend(rows.iter().filter(|row| ours(row.2)).map(|row| row.0));
        let mut next = 0;
        while let Some(parent) = found.get(next).copied() {
            found.extend(rows.iter().filter(|row| row.1 == parent).map(|row| row.0));
            next += 1;
        }
        found.into_iter().map(str::to_owned).collect()
    }

    /// Holds a file below the folder of the policies open, shared with nobody, for some seconds or
    /// until the value is dropped.
    pub(crate) fn hold(&self, file: &str, seconds: u32) -> Holder {
        let mut process = Command::new("/usr/bin/python3")
            .args(["-c", HOLD, &self.client_conf()])
            .arg(self.folder.join("administrator"))
            .args([&self.host, &self.smb_port])
            .arg(format!("{}\\Policies\\{file}", self.realm))
            .arg(seconds.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = [0; 5];
        let mut out = process.stdout.take().unwrap();
        std::io::Read::read_exact(&mut out, &mut said).unwrap();
        Holder(process)
    }

    /// The processes of the file server that have a connection to this port of a client.
    pub(crate) fn smbd_of(&self, client_port: u16) -> Vec<String> {
        let filter = format!("sport = :{} and dport = :{client_port}", self.smb_port);
        let output = Command::new("ss")
            .args(["-Htnp", &filter])
            .output()
            .unwrap();
        let text = text(&output);
        let mut pids: Vec<_> = text
            .split("pid=")
            .skip(1)
            .map(|rest| rest.split(',').next().unwrap().to_owned())
            .collect();
        pids.dedup();
        pids
    }
}

/// Opens a file by Samba's own library, which can say that it shares it with nobody.
const HOLD: &str = "
import sys, time
from samba.credentials import Credentials
from samba.param import LoadParm
from samba.samba3 import libsmb_samba_internal as libsmb, param
conf, login, host, port, path, seconds = sys.argv[1:]
lp, context, user = LoadParm(conf), param.get_context(), Credentials()
context.load(conf)
user.guess(lp)
user.parse_file(login)
server = libsmb.Conn(host, 'sysvol', lp=context, creds=user)
file = server.create(path, DesiredAccess=0x12019f, ShareAccess=0, CreateDisposition=1)
print('held', flush=True)
time.sleep(float(seconds))
";

/// A process that holds a file.
pub(crate) struct Holder(Child);

impl Drop for Holder {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        self.0.wait().unwrap();
    }
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The program, without a terminal.
pub(crate) fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_gpo"));
    program.stdin(Stdio::null()).env_remove("GPO_PASSWORD");
    program
}

/// Runs the program, which may not hang.
pub(crate) fn gpo_with(args: &[&str], options: &[String]) -> Run {
    let start = Instant::now();
    let output = Command::new("timeout")
        .arg(PATIENCE.as_secs().to_string())
        .arg(env!("CARGO_BIN_EXE_gpo"))
        .args(args)
        .args(options)
        .env_remove("GPO_PASSWORD")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let run = Run {
        out: text(&output.stdout),
        err: text(&output.stderr),
        status: output.status.code().expect("no signal"),
        took: start.elapsed(),
    };
    assert_ne!(run.status, 124, "it hangs: {args:?}, {run:?}");
    run
}

/// Signals processes.
pub(crate) fn signal(name: &str, pids: &[String]) {
    let status = Command::new("kill").args(["-s", name]).args(pids).status();
    assert!(status.unwrap().success(), "{name} {pids:?}");
}

/// An object as `ldapsearch` prints it.
pub(crate) struct Entry {
    pub(crate) dn: String,
    attributes: Vec<(String, Vec<u8>)>,
}

impl Entry {
    fn read_all(text: &str) -> Vec<Self> {
        let mut entries: Vec<Self> = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            let value = match value.strip_prefix(':') {
                Some(coded) => base64(coded.trim()),
                None => value.trim_start().as_bytes().to_vec(),
            };
            if name == "dn" {
                entries.push(Self {
                    dn: String::from_utf8(value).unwrap(),
                    attributes: Vec::new(),
                });
            } else if let Some(entry) = entries.last_mut() {
                entry.attributes.push((name.to_owned(), value));
            }
        }
        entries
    }

    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let same = move |(other, _): &&(String, Vec<u8>)| other == name;
        self.attributes
            .iter()
            .filter(same)
            .map(|(_, value)| value.as_slice())
    }

    /// The only value of an attribute as text; empty where there is none.
    pub(crate) fn text(&self, name: &str) -> String {
        let value = self.values(name).next().unwrap_or_default();
        String::from_utf8(value.to_vec()).unwrap()
    }
}

/// Reads base64.
fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.bytes().filter(|digit| *digit != b'=');
    let values: Vec<usize> = digits
        .map(|digit| DIGITS.iter().position(|known| *known == digit).unwrap())
        .collect();
    let mut bytes = Vec::new();
    for group in values.chunks(4) {
        let bits = group.iter().fold(0, |bits, value| bits << 6 | value) << (6 * (4 - group.len()));
        let all = u32::try_from(bits).unwrap().to_be_bytes();
        bytes.extend_from_slice(&all[1..group.len()]);
    }
    bytes
}
