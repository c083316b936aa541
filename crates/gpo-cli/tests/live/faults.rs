//! What goes wrong between the program and a server, and that it says so: in time, with the kind of
//! failure, and with nothing half done.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::backed_up::BackedUp;
use crate::relay::{Event, Relay};
use crate::server::{Run, Server, gpo_with, program, signal};

fn backup_args<'a>(url: &'a str, to: &'a Path) -> [&'a str; 7] {
    [
        "backup",
        "--from",
        url,
        "--to",
        to.to_str().unwrap(),
        "--all",
        "--json",
    ]
}

/// Every backup in the folder is whole, and nothing else is there.
fn nothing_is_half(folder: &Path, run: &Run) -> usize {
    assert_eq!(run.status, 2, "{run:?}");
    let mut whole = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name == "manifest.xml" {
            continue;
        }
        assert!(name.starts_with('{'), "{name} is left over: {run:?}");
        whole += 1;
    }
    if whole > 0 {
        let verified = gpo_with(&["verify", "--strict", folder.to_str().unwrap()], &[]);
        let expected = verified
            .out
            .lines()
            .all(|line| line.ends_with("[versions-differ]"));
        assert!(expected, "{verified:?}");
    }
    let json = run.json();
    let claimed = json["gpos"].as_array().map_or(0, |gpos| {
        gpos.iter().filter(|gpo| gpo["backup"].is_object()).count()
    });
    assert_eq!(whole, claimed, "{run:?}");
    whole
}

#[test]
fn who_is_not_let_in_is_told_so() {
    let Some(server) = Server::find("logging on") else {
        return;
    };
    let to = tempfile::tempdir().unwrap();
    let wrong = tempfile::NamedTempFile::new().unwrap();
    fs::write(wrong.path(), "Not-the-passw0rd").unwrap();
    let user = format!("Administrator@{}", server.realm);
    let url = server.url();
    let foreign = foreign_authority();
    let own_ca = server.options();
    let with_ca = |ca: &Path| {
        let mut options = own_ca.clone();
        options[2] = format!("--ca-file={}", ca.display());
        options
    };
    for (options, said) in [
        (server.options_of(&user, wrong.path()), "password"),
        (server.options_as("nobody"), "password"),
        (with_ca(foreign.path()), "certificate"),
    ] {
        let run = gpo_with(&backup_args(&url, to.path()), &options);
        assert_eq!(nothing_is_half(to.path(), &run), 0);
        assert!(run.err.contains(said), "{said}: {run:?}");
        assert!(!run.err.contains("Not-the-passw0rd"), "{run:?}");
        assert!(run.took < Duration::from_secs(20), "{run:?}");
    }
}

/// A certificate that signed nothing.
fn foreign_authority() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let made = Command::new("openssl")
        .args("req -x509 -newkey rsa:2048 -nodes -subj /CN=Other -keyout /dev/null -out".split(' '))
        .arg(file.path())
        .stderr(Stdio::null())
        .status();
    assert!(made.unwrap().success());
    file
}

#[test]
fn nobody_listening_is_an_error_at_once() {
    let Some(server) = Server::find("nobody listening") else {
        return;
    };
    let to = tempfile::tempdir().unwrap();
    let url = format!("ldaps://{}:1", server.host);
    let run = gpo_with(&backup_args(&url, to.path()), &server.options());
    assert_eq!(nothing_is_half(to.path(), &run), 0);
    assert!(run.took < Duration::from_secs(10), "{run:?}");
    let mut options = server.options();
    options[3] = "--smb-port=1".into();
    let run = gpo_with(&backup_args(&server.url(), to.path()), &options);
    assert_eq!(nothing_is_half(to.path(), &run), 0);
    assert!(run.took < Duration::from_secs(10), "{run:?}");
}

/// The file server dies, or stops, in the middle of a large file.
#[test]
fn a_file_server_that_goes_away_leaves_no_partial_backup() {
    let Some(server) = Server::find("a file server that goes away") else {
        return;
    };
    for (event, after) in [
        (Event::Kill, 20_000),
        (Event::Kill, 1_500_000),
        (Event::Stop, 1_500_000),
    ] {
        let relay = Relay::start(&server, event, after);
        let to = tempfile::tempdir().unwrap();
        let mut options = server.options();
        options[3] = format!("--smb-port={}", relay.port);
        let run = gpo_with(&backup_args(&server.url(), to.path()), &options);
        // Reading is safe to repeat: where only one process died, the next connection serves.
        if run.status != 0 {
            nothing_is_half(to.path(), &run);
        }
        assert!(run.took < Duration::from_secs(100), "{run:?}");
        assert!(relay.resume(), "nothing happened after {after} bytes");
        let again = server.backup();
        assert_eq!(BackedUp::all(again.path()).len(), server.listed().len());
    }
}

/// The whole controller stands still while the program is at work.
#[test]
fn a_controller_that_stands_still_is_an_error_in_time() {
    let Some(server) = Server::find("a controller that stands still") else {
        return;
    };
    let processes = server.processes();
    assert!(processes.len() > 3, "{processes:?}");
    signal("STOP", &processes);
    let to = tempfile::tempdir().unwrap();
    let run = gpo_with(&backup_args(&server.url(), to.path()), &server.options());
    signal("CONT", &processes);
    assert_eq!(nothing_is_half(to.path(), &run), 0);
    assert!(run.took < Duration::from_secs(100), "{run:?}");
}

/// The disk for the backups fills up.
#[test]
fn a_full_disk_leaves_no_partial_backup() {
    let Some(server) = Server::find("a full disk") else {
        return;
    };
    let disk = tempfile::tempdir().unwrap();
    // In a mount namespace of its own: nothing is left mounted.
    let script = "mount -t tmpfs -o size=1m tmpfs \"$0\" && \"$@\"; status=$?; \
                  find \"$0\" -mindepth 1 -maxdepth 1 -printf '%f\\n' >&2; exit $status";
    let output = Command::new("timeout")
        .args(["120", "unshare", "--mount", "sh", "-c", script])
        .arg(disk.path())
        .arg(env!("CARGO_BIN_EXE_gpo"))
        .args(backup_args(&server.url(), disk.path()))
        .args(server.options())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(2), "{out} {err}");
    // ERROR_DISK_FULL: the GPO with the large file does not fit, small ones may.
    assert!(out.contains("0x80070070"), "{out} {err}");
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    let gpos = json["gpos"].as_array().unwrap();
    let done = gpos.iter().filter(|gpo| gpo["backup"].is_object()).count();
    assert!(done < gpos.len(), "{out}");
    let left: Vec<_> = err
        .lines()
        .filter(|line| line.starts_with(['{', '.']))
        .collect();
    assert_eq!(left.len(), done, "{err}");
}

/// A disk of a few pages in the place of a GPO's folder on the server, until it is dropped.
struct SmallDisk {
    processes: Vec<String>,
    folder: String,
}

impl SmallDisk {
    fn mount(server: &Server, id: &str) -> Self {
        let disk = Self {
            processes: server.processes(),
            folder: format!("/run/dc/state/sysvol/{}/Policies/{id}", server.realm),
        };
        assert!(disk.inside(&["mount", "-t", "tmpfs", "-o", "size=12k", "tmpfs"]));
        disk
    }

    /// Runs a program with the folder where the server has it; says whether that worked.
    fn inside(&self, command: &[&str]) -> bool {
        let mut nsenter = Command::new("nsenter");
        // The first process only holds the namespaces.
        nsenter.args(["--mount", "--pid", "--target", &self.processes[1], "--"]);
        let status = nsenter.args(command).arg(&self.folder).status();
        status.unwrap().success()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the server may still hold a file of it open.
        let unmounted = self.inside(&["umount", "--lazy"]);
        assert!(unmounted || std::thread::panicking());
    }
}

/// What `ls` lists, without the times, which folders get anew, and the free blocks at the end.
fn without_times(listing: &str) -> Vec<String> {
    let lines = listing.lines().filter(|line| !line.contains("blocks"));
    let time = "  Sun Nov 22 19:25:45 2026".len();
    let name_and_size = |line: &str| line[..line.len().saturating_sub(time)].to_owned();
    lines.map(name_and_size).collect()
}

/// The disk of the server fills up: the GPO stays as it was, and nothing of the new one is left.
#[test]
fn a_full_disk_of_the_server_leaves_the_old_gpo() {
    let Some(server) = Server::find("a full disk of the server") else {
        return;
    };
    let name = "Рабочие станции: безопасность";
    let id = server.id_of(name);
    let backups = server.backup();
    let folder = backups.path().to_str().unwrap();
    let disk = SmallDisk::mount(&server, &id);
    let old = tempfile::tempdir().unwrap();
    std::fs::write(old.path().join("GPT.INI"), "[General]\r\nVersion=7\r\n").unwrap();
    let lcd = format!("lcd \"{}\"; cd {id}", old.path().display());
    server.smbclient(&format!("{lcd}; put GPT.INI; mkdir Machine"));
    let listing = || server.smbclient(&format!("recurse on; ls {id}\\*"));
    let before = listing();
    let container = format!("CN={id},CN=Policies,CN=System,{}", server.dn());
    let object =
        || server.ldapsearch(&["-b", &container, "-s", "base", "*", "nTSecurityDescriptor"]);
    let changed = object()[0].text("whenChanged");

    let to = server.url();
    let run = server.gpo(&["restore", folder, "--gpo", name, "--to", &to, "--json"]);
    assert_eq!(run.status, 2, "{run:?}");
    let json = run.json();
    let messages = json["messages"].as_array().unwrap();
    let full = messages.iter().find(|m| m["severity"] == "error").unwrap();
    assert_eq!(full["error_code"], "0x80070070", "a full disk: {json}");
    assert_eq!(without_times(&listing()), without_times(&before));
    assert_eq!(object()[0].text("whenChanged"), changed);
    drop(disk);

    let run = server.gpo(&["restore", folder, "--gpo", name, "--to", &to]);
    assert_eq!(run.status, 0, "{run:?}");
    let (before, after) = (BackedUp::all(backups.path()), server.backup());
    let after = BackedUp::all(after.path());
    assert_eq!(after[name].tree(), before[name].tree());
}

/// Somebody holds a file, and shares it with nobody.
#[test]
fn a_file_that_is_held_is_waited_for_and_then_named() {
    let Some(server) = Server::find("a file that is held") else {
        return;
    };
    let id = server.id_of("Рабочие станции: безопасность");
    let file = format!("{id}\\Machine\\Microsoft\\Windows NT\\Audit\\audit.csv");
    let to = tempfile::tempdir().unwrap();
    let holder = server.hold(&file, 300);
    let run = gpo_with(&backup_args(&server.url(), to.path()), &server.options());
    drop(holder);
    assert_eq!(nothing_is_half(to.path(), &run), server.listed().len() - 1);
    let json = run.json();
    let errors = json["messages"].as_array().unwrap().iter();
    let errors: Vec<_> = errors.filter(|m| m["severity"] == "error").collect();
    assert_eq!(errors.len(), 1, "{json}");
    assert_eq!(errors[0]["error_code"], "0x80070020", "a sharing violation");
    assert!(errors[0].to_string().contains("audit.csv"), "{errors:?}");

    let holder = server.hold(&file, 1);
    let to = server.backup();
    drop(holder);
    assert_eq!(BackedUp::all(to.path()).len(), server.listed().len());
}

/// A restore that breaks off says what it did, and can be done again.
#[test]
fn a_restore_that_breaks_off_can_be_done_again() {
    let Some(server) = Server::find("a restore that breaks off") else {
        return;
    };
    let name = "営業部 ログオン";
    let id = server.id_of(name);
    let backups = server.backup();
    let before = BackedUp::all(backups.path());
    let folder = backups.path().to_str().unwrap();
    server.smbclient(&format!("deltree {id}\\User\\Scripts"));
    for after in [9_000, 15_000, 25_000] {
        let relay = Relay::start(&server, Event::Kill, after);
        let mut options = server.options();
        options[3] = format!("--smb-port={}", relay.port);
        let args = [
            "restore",
            folder,
            "--gpo",
            name,
            "--to",
            &server.url(),
            "--json",
        ];
        let run = gpo_with(&args, &options);
        let restored = run.json()["gpos"][0]["restored"].clone();
        assert_eq!(run.status == 0, restored == true, "{run:?}");
        if run.status != 0 {
            assert_eq!(run.status, 2, "{run:?}");
            assert!(
                run.err.lines().any(|line| line.starts_with("error")),
                "{run:?}"
            );
        }
    }
    let run = server.gpo(&["restore", folder, "--gpo", name, "--to", &server.url()]);
    assert_eq!(run.status, 0, "{run:?}");
    let after = server.backup();
    let after = BackedUp::all(after.path());
    assert_eq!(after[name].tree(), before[name].tree());
    assert_eq!(after[name].settings(), before[name].settings());
    server.aclcheck();
    let listed = server.smbclient(&format!("recurse on; ls {id}\\*"));
    assert!(
        !listed.contains(".gpo-") && !listed.contains("partial"),
        "{listed}"
    );
}

/// The program is killed while it restores; `gpo recover` makes of it the old GPO or the new one.
#[test]
fn a_restore_that_is_killed_is_recovered() {
    let Some(server) = Server::find("a restore that is killed") else {
        return;
    };
    let (name, url) = ("営業部 ログオン", server.url());
    let id = server.id_of(name);
    let made = tempfile::tempdir().unwrap();
    let folder = made.path().to_str().unwrap();
    let backed_up = |to: &Path| {
        let to = to.to_str().unwrap();
        let run = server.gpo(&["backup", "--from", &url, "--to", to, name]);
        assert_eq!(run.status, 0, "{run:?}");
    };
    backed_up(made.path());
    let tree = || {
        let now = tempfile::tempdir().unwrap();
        backed_up(now.path());
        BackedUp::all(now.path())[name].tree()
    };
    let spoil = || server.smbclient(&format!("deltree {id}\\User\\Scripts"));
    let (state, new) = (tempfile::tempdir().unwrap(), tree());
    let args = [
        "restore",
        folder,
        "--gpo",
        name,
        "--to",
        &url,
        "--state",
        state.path().to_str().unwrap(),
    ];
    spoil();
    let old = tree();
    let whole = server.gpo(&args);
    assert_eq!(whole.status, 0, "{whole:?}");
    let (mut is_new, mut killed, mut was_old) = (true, 0, 0);
    for part in 2..7 {
        if is_new {
            spoil();
        }
        let mut child = program()
            .args(args)
            .args(server.options())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(whole.took * part / 8);
        child.kill().unwrap();
        killed += u32::from(child.wait().unwrap().code().is_none());
        let recover = ["recover", "--to", &url, "--state", args[7]];
        let recovered = server.gpo(&recover);
        assert_eq!(recovered.status, 0, "{recovered:?}");
        let found = tree();
        is_new = found == new;
        was_old += u32::from(found == old);
        assert!(is_new || found == old, "{recovered:?}");
        assert_eq!(fs::read_dir(state.path()).unwrap().count(), 0);
        let listed = server.smbclient(&format!("recurse on; ls {id}\\*"));
        assert!(!listed.contains("~gpo-"), "{listed}");
        let check = server.gpo(&["check", "--from", &url, "--json"]).json();
        let gpos = check["gpos"].as_array().unwrap();
        let gpo = gpos.iter().find(|gpo| gpo["gpo_name"] == name).unwrap();
        let mut findings = gpo["findings"].as_array().unwrap().iter();
        // The old one lists scripts that are gone.
        let known = findings.all(|finding| !is_new && finding["kind"] == "missing-settings");
        assert!(known, "{gpo}");
    }
    assert!(killed > 0 && was_old > 0, "{killed} killed, {was_old} old");
    println!("{killed} killed: {was_old} old");
    let restored = server.gpo(&args);
    assert_eq!(restored.status, 0, "{restored:?}");
    assert_eq!(tree(), new);
    server.aclcheck();
}
