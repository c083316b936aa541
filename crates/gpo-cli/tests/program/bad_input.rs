//! Bad input, given to the program: what it says, how it ends, and that nothing is written but
//! where it was told to write.

mod backups;
mod domains;
#[cfg(target_os = "linux")]
mod full_disk;
mod imports;
#[cfg(target_os = "linux")]
mod no_permission;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use tempfile::TempDir;

use crate::run::{Backups, Run, domain, gpo_with_limits};

pub(crate) const TEMPLATE: &str = "{10AD0002-6C1B-4F55-9B5C-7E3A4C2F0002}";
pub(crate) const REGISTRY: &str = "{10AD0001-6C1B-4F55-9B5C-7E3A4C2F0001}";

/// A folder with all that a command reads, and a folder `out` to write to.
pub(crate) struct Place {
    root: TempDir,
}

/// Files of more bytes are compared by their size.
const LARGE: u64 = 1 << 25;

type Files = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// Every file and folder below one but those in `out`; links are not followed.
pub(crate) fn files(root: &Path) -> Files {
    let mut found = Files::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let entry = entry.unwrap();
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() && path != root.join("out") {
                folders.push(path.clone());
            }
            // Of a large one, the size.
            let large = entry.metadata().unwrap().len() > LARGE;
            let content = kind.is_file().then(|| {
                if large {
                    return entry.metadata().unwrap().len().to_le_bytes().to_vec();
                }
                fs::read(&path).unwrap()
            });
            found.insert(path, content);
        }
    }
    found
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for (path, content) in files(from) {
        let path = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match content {
            None => fs::create_dir_all(path).unwrap(),
            Some(bytes) => fs::write(path, bytes).unwrap(),
        }
    }
}

impl Place {
    pub(crate) fn new() -> Self {
        static BACKUPS: LazyLock<Backups> = LazyLock::new(Backups::new);
        let place = Self {
            root: tempfile::tempdir().unwrap(),
        };
        copy(
            Path::new(domain().strip_prefix("dir:").unwrap()),
            &place.path("domain"),
        );
        copy(BACKUPS.path(), &place.path("backups"));
        // As GPMC makes them: a hash beside a backup would tell of every change in the same way.
        for backup in fs::read_dir(place.path("backups")).unwrap() {
            let _ = fs::remove_file(backup.unwrap().path().join("gpo-sidecar.json"));
        }
        fs::create_dir(place.path("out")).unwrap();
        place
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.root.path().join(below)
    }

    /// Leaves the backup of one GPO, and the manifest with all of them.
    pub(crate) fn keep_only(&self, gpo: &str) {
        let kept = self.backup(gpo, "");
        for entry in fs::read_dir(self.path("backups")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path != kept.as_path() {
                fs::remove_dir_all(path).unwrap();
            }
        }
    }

    /// A path in the SYSVOL folder of a GPO.
    pub(crate) fn sysvol(&self, gpo: &str, below: &str) -> PathBuf {
        let policies = self.path("domain/sysvol/example.test/Policies");
        policies.join(gpo).join(below)
    }

    /// A path in the backup of a GPO.
    pub(crate) fn backup(&self, gpo: &str, below: &str) -> PathBuf {
        let mut folders = fs::read_dir(self.path("backups")).unwrap();
        let of_gpo = |folder: &Path| {
            let info = fs::read_to_string(folder.join("bkupInfo.xml")).unwrap_or_default();
            info.contains(&format!("<GPOGuid><![CDATA[{gpo}]]>"))
        };
        let folder = folders.find_map(|entry| {
            let path = entry.unwrap().path();
            of_gpo(&path).then_some(path)
        });
        folder.expect(gpo).join(below)
    }

    pub(crate) fn edit_ldif(&self, from: &str, to: &str) {
        edit(&self.path("domain/directory.ldif"), |text| {
            text.replacen(from, to, 1)
        });
    }

    /// Runs a command; `@x` stands for the path `x` in this place. Nothing changes but `out`.
    pub(crate) fn run(&self, command: &str) -> Run {
        let root = self.root.path().to_str().unwrap();
        let args: Vec<_> = command
            .split(' ')
            .map(|arg| arg.replace('@', &format!("{root}/")))
            .collect();
        let before = files(self.root.path());
        let run = gpo_with_limits(&args);
        assert_eq!(files(self.root.path()), before, "{command} wrote elsewhere");
        assert!(
            !run.out.contains('\u{1b}') && !run.err.contains('\u{1b}'),
            "{command}: {run:?}"
        );
        run
    }
}

/// A bad thing, the command that meets it, how that ends, and what it says on standard error, or
/// of `verify` and `list`, on standard output.
type Case<'a> = (&'a str, &'a dyn Fn(&Place), &'a str, i32, &'a [&'a str]);

fn check(cases: &[Case<'_>]) {
    let mut failures = String::new();
    for (name, damage, command, status, says) in cases {
        let place = Place::new();
        damage(&place);
        let run = place.run(command);
        let said = format!("{}{}", run.err, run.out);
        if run.status != *status || says.iter().any(|text| !said.contains(text)) {
            writeln!(failures, "\n{name}: status {}\n{said}", run.status).unwrap();
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

pub(crate) fn put(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

pub(crate) fn edit(path: &Path, edit: impl FnOnce(&str) -> String) {
    let text = fs::read_to_string(path).unwrap();
    let new = edit(&text);
    assert_ne!(text, new, "{}", path.display());
    fs::write(path, new).unwrap();
}
