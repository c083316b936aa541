//! Running the program.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::json_schema::assert_valid;

/// What the program printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) status: i32,
}

impl Run {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let out = text(&output.stdout);
        if out.starts_with("{\n  \"schema\": \"gpo/") {
            assert_valid(&serde_json::from_str(&out).unwrap());
        }
        Self {
            out,
            err: text(&output.stderr),
            // -1 where a signal ended it.
            status: output.status.code().unwrap_or(-1),
        }
    }

    /// The lines of the result.
    pub(crate) fn lines(&self) -> Vec<&str> {
        self.out.lines().collect()
    }

    /// The result, where `--json` was given.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

pub(crate) fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_gpo"))
}

/// Runs the program with these arguments, without a terminal.
pub(crate) fn gpo<A: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = A>) -> Run {
    Run::of(&program().args(args).stdin(Stdio::null()).output().unwrap())
}

/// Runs it with little memory and time: 256 MB, the stacks of threads among them, and 30 s.
#[cfg(unix)]
pub(crate) fn gpo_with_limits(args: &[String]) -> Run {
    let limits = "ulimit -d 262144 && exec timeout 30 \"$@\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", limits, "sh", env!("CARGO_BIN_EXE_gpo")]);
    Run::of(&shell.args(args).stdin(Stdio::null()).output().unwrap())
}

/// Elsewhere there are no such limits to set.
#[cfg(not(unix))]
pub(crate) fn gpo_with_limits(args: &[String]) -> Run {
    gpo(args)
}

/// What it prints with these arguments, which need be no text.
pub(crate) fn gpo_raw<const N: usize>(args: [&str; N]) -> Vec<u8> {
    let output = program().args(args).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

/// Runs it with this on standard input.
pub(crate) fn gpo_with_input<A: AsRef<std::ffi::OsStr>>(
    args: impl IntoIterator<Item = A>,
    input: &[u8],
) -> Run {
    let pipes = program()
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = pipes.unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    Run::of(&output)
}

/// The small domain.
pub(crate) fn domain() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/domain");
    format!("dir:{}", path.display())
}

/// A file of a GPO of the small domain.
pub(crate) fn policy_file(path: &str) -> PathBuf {
    let policies = "../../testdata/domain/sysvol/example.test/Policies";
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(policies)
        .join(path)
}

/// A folder of the real data; says so where there is none.
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("GPO_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let folder = shared.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    // Not `eprintln!`, which the test runner swallows.
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED: there is no {}",
        folder.display()
    );
    None
}

/// A folder with a backup of each sound GPO of the small domain.
pub(crate) struct Backups {
    folder: TempDir,
}

impl Backups {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let args = [
            "backup",
            "--all",
            "--comment",
            "for a test",
            "--from",
            &domain(),
            "--to",
        ];
        let args = args.into_iter().map(Into::into);
        let run = gpo(args.chain([folder.path().as_os_str().to_owned()]));
        // The domain has an orphan on each side.
        assert_eq!(run.status, 2, "{run:?}");
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn text(&self) -> &str {
        self.path().to_str().unwrap()
    }

    /// The ID of the backup of the GPO with this name.
    pub(crate) fn id(&self, name: &str) -> String {
        let run = gpo(["list", self.text(), "--json"]);
        let json = run.json();
        let backups = json["backups"].as_array().unwrap();
        let backup = backups
            .iter()
            .find(|backup| backup["gpo_name"] == name)
            .expect(name);
        backup["id"].as_str().unwrap().to_owned()
    }

    /// The folder of that backup.
    pub(crate) fn backup(&self, name: &str) -> PathBuf {
        self.path().join(self.id(name))
    }
}
