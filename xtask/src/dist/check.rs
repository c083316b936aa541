//! Whether what was packed is what people need: unpacked, installed, run and removed again, all
//! below a folder of its own.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;
use std::process::Command as Process;

use memchr::memmem;

use super::{Packed, Release, output, version};
use crate::ci::{execute, output_of};
use crate::{Result, root};

/// The libraries of the system that the program may need.
const LIBRARIES: [&str; 5] = [
    "linux-vdso.so",
    "libgcc_s.so",
    "libm.so",
    "libc.so",
    "ld-linux",
];

/// Files that no package lacks, below `/usr`.
const FILES: [&str; 8] = [
    "bin/gpo",
    "share/bash-completion/completions/gpo",
    "share/doc/gpo/README.md",
    "share/doc/gpo/third-party-licences.txt",
    "share/fish/vendor_completions.d/gpo.fish",
    "share/man/man1/gpo-migtable-create.1",
    "share/man/man1/gpo.1",
    "share/zsh/vendor-completions/_gpo",
];

/// Paths of this machine that no program shall show, each with what stands in its place.
pub(super) fn own_paths() -> Vec<(String, &'static str)> {
    let cargo = env::var_os("CARGO_HOME").map(Into::into);
    let cargo = cargo.or_else(|| Some(env::home_dir()?.join(".cargo")));
    let paths = [(Some(root()), "/gpo"), (cargo, "/cargo")];
    let paths = paths.into_iter().filter_map(|(path, name)| {
        // The root is the parent of a folder in it.
        let path = fs::canonicalize(path?).ok()?;
        Some((path.to_str()?.to_owned(), name))
    });
    paths.collect()
}

/// Whether packing is the same twice.
pub(super) fn same_bytes(first: &Packed, second: &Packed) -> Result {
    let same = |a: &Path, b: &Path| -> Result {
        if fs::read(a)? == fs::read(b)? {
            return Ok(());
        }
        Err(format!("packed again, {} has other bytes", a.display()).into())
    };
    same(&first.archive, &second.archive)?;
    match (&first.package, &second.package) {
        (Some(first), Some(second)) => same(first, second),
        _ => Ok(()),
    }
}

/// Whether the program needs only what every system has, and tells nothing about this one.
pub(super) fn program(program: &Path) -> Result {
    let needed = output_of(Process::new("ldd").arg(program))?;
    for line in needed.lines() {
        if !LIBRARIES.iter().any(|library| line.contains(library)) {
            return Err(format!("the program needs {}", line.trim()).into());
        }
    }
    let bytes = fs::read(program)?;
    for (path, _) in own_paths() {
        if memmem::find(&bytes, path.as_bytes()).is_some() {
            return Err("the program holds a path of this machine".into());
        }
    }
    Ok(())
}

/// Whether an archive gives back the files, and the program in it runs.
pub(super) fn archive(packed: &Packed, scratch: &Path) -> Result {
    fs::create_dir_all(scratch)?;
    let mut unpack = Process::new("tar");
    unpack.arg("-xzpf").arg(&packed.archive).arg("-C");
    execute(unpack.arg(scratch))?;
    let name = packed.tree.file_name().unwrap_or_default();
    let unpacked = scratch.join(name);
    execute(
        Process::new("diff")
            .arg("-r")
            .arg(&packed.tree)
            .arg(&unpacked),
    )?;
    let files = files_with_rights(&unpacked)?;
    for file in FILES {
        let rights = if file == "bin/gpo" { "755" } else { "644" };
        if !files.contains(&format!("{rights} {file}")) {
            return Err(
                format!("the archive lacks {file}, or it has not the rights {rights}").into(),
            );
        }
    }
    works(&unpacked.join("bin/gpo"))
}

/// Whether a package can be installed, and leaves nothing when it is removed.
pub(super) fn package(package: &Path, release: &Release, scratch: &Path) -> Result {
    let installed = scratch.join("root");
    let admin = installed.join("var/lib/dpkg");
    for folder in ["info", "updates", "triggers"] {
        fs::create_dir_all(admin.join(folder))?;
    }
    fs::write(admin.join("status"), "")?;
    let before = files_with_rights(&installed)?;
    let dpkg = |arguments: &[&str]| {
        let mut dpkg = Process::new("dpkg");
        dpkg.arg(format!("--root={}", installed.display()));
        // Its dependencies are in the system; here is nothing.
        dpkg.args(["--force-not-root", "--force-depends", "--log=/dev/null"]);
        dpkg.args(arguments);
        dpkg
    };
    execute(dpkg(&["--install"]).arg(package))?;
    let found = version(&installed.join("usr/bin/gpo"))?;
    if found != release.version {
        return Err(format!("the package holds the program of version {found}").into());
    }
    works(&installed.join("usr/bin/gpo"))?;
    execute(&mut dpkg(&["--verify", "gpo"]))?;
    let manual = installed.join("usr/share/man/man1/gpo.1.gz");
    execute(Process::new("gzip").arg("--test").arg(manual))?;
    execute(&mut dpkg(&["--purge", "gpo"]))?;
    let left = files_with_rights(&installed)?;
    let left: Vec<_> = left.difference(&before).collect();
    // What dpkg keeps for itself.
    let left: Vec<_> = left
        .into_iter()
        .filter(|file| !file.contains(" var/lib/dpkg/"))
        .collect();
    if left.is_empty() && !installed.join("usr").exists() {
        return Ok(());
    }
    Err(format!("the package left {left:?}").into())
}

/// Whether a program does its main job.
fn works(program: &Path) -> Result {
    let domain = format!("dir:{}", root().join("testdata/domain").display());
    let gpos = output(program, &["gpos", "--from", &domain])?;
    if String::from_utf8(gpos)?.contains("Default Domain Policy") {
        return Ok(());
    }
    Err("the program does not list the GPOs of the sample domain".into())
}

/// The files below a folder: `644 share/man/man1/gpo.1`.
fn files_with_rights(folder: &Path) -> Result<BTreeSet<String>> {
    let find = ["-type", "f", "-printf", "%m %P\n"];
    let list = output_of(Process::new("find").arg(folder).args(find))?;
    Ok(list.lines().map(str::to_owned).collect())
}
