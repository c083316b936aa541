//! The Debian package, as the Debian Policy Manual has it: sections 5.3 (control), 12.1 (manual
//! pages), 12.5 (copyright) and 12.7 (changelog).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use memchr::memmem;

use super::{Release, output, rights, write};
use crate::ci::{execute, output_of};
use crate::{Result, root};

const MAINTAINER: &str = "The authors of gpo <gpo@example.test>";

/// Packs a tree of files.
pub(super) fn build(release: &Release, dist: &Path, tree: &Path) -> Result<PathBuf> {
    let stage = dist.join("debian");
    let installed = stage.join("usr");
    fs::create_dir_all(&stage)?;
    execute(Process::new("cp").arg("-a").arg(tree).arg(&installed))?;
    documentation(release, &installed.join("share/doc/gpo"))?;
    for page in fs::read_dir(installed.join("share/man/man1"))? {
        compress(&page?.path())?;
    }
    let architecture = output(Path::new("dpkg"), &["--print-architecture"])?;
    let architecture = String::from_utf8(architecture)?.trim().to_owned();
    write(&stage.join("DEBIAN/md5sums"), md5sums(&stage)?.as_bytes())?;
    let control = control(release, &installed, &architecture)?;
    write(&stage.join("DEBIAN/control"), control.as_bytes())?;
    rights(&stage)?;
    let package = dist.join(format!("gpo_{}_{architecture}.deb", release.version));
    execute(
        Process::new("dpkg-deb")
            .args(["--build", "--root-owner-group"])
            .arg(&stage)
            .arg(&package)
            .env("SOURCE_DATE_EPOCH", &release.time),
    )?;
    fs::remove_dir_all(stage)?;
    Ok(package)
}

fn control(release: &Release, installed: &Path, architecture: &str) -> Result<String> {
    let size = output_of(Process::new("du").arg("-sk").arg(installed))?;
    let size = size.split_whitespace().next().unwrap_or_default();
    let libc = least_libc(&fs::read(&release.program)?);
    let libc = libc.ok_or("the program needs no version of the GNU C library")?;
    Ok(format!(
        "Package: gpo\nVersion: {}\nArchitecture: {architecture}\nMaintainer: {MAINTAINER}\n\
         Installed-Size: {size}\nDepends: libc6 (>= 2.{libc}), libgcc-s1\n\
         Section: admin\nPriority: optional\n\
         Description: back up, read, verify and restore Group Policy objects\n \
         Works on domains of Samba and Windows, and on the backups of Microsoft's\n \
         Group Policy Management Console.\n",
        release.version
    ))
}

/// The newest version of the GNU C library that a program names a symbol of: 34 of `GLIBC_2.34`.
fn least_libc(program: &[u8]) -> Option<u32> {
    const NAME: &[u8] = b"GLIBC_2.";
    let versions = memmem::find_iter(program, NAME).filter_map(|place| {
        let digits = program.get(place + NAME.len()..)?;
        let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
        str::from_utf8(digits.get(..end)?).ok()?.parse().ok()
    });
    versions.max()
}

/// What Debian wants to know beside what every package has.
fn documentation(release: &Release, folder: &Path) -> Result {
    let mit = fs::read_to_string(root().join("LICENSE-MIT"))?;
    let indented = mit.lines().map(|line| match line {
        "" => " .\n".to_owned(),
        line => format!(" {line}\n"),
    });
    let copyright = format!(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\
         Upstream-Name: gpo\n\
         Comment: third-party-licences.txt has the licences of what is built into the program.\n\n\
         Files: *\nCopyright: 2026 the developers of this project\nLicense: MIT or Apache-2.0\n\n\
         License: MIT\n{}\n\
         License: Apache-2.0\n See /usr/share/common-licenses/Apache-2.0.\n",
        indented.collect::<String>()
    );
    write(&folder.join("copyright"), copyright.as_bytes())?;
    fs::remove_file(folder.join("LICENSE-MIT"))?;
    fs::remove_file(folder.join("LICENSE-APACHE"))?;
    let time = format!("--date=@{}", release.time);
    let date = output_of(Process::new("date").args(["--utc", "--rfc-email", &time]))?;
    let changelog = format!(
        "gpo ({}) unstable; urgency=medium\n\n  * What changed stands in CHANGELOG.md.\n\n \
         -- {MAINTAINER}  {date}",
        release.version
    );
    let path = folder.join("changelog");
    write(&path, changelog.as_bytes())?;
    compress(&path)?;
    compress(&folder.join("third-party-licences.txt"))
}

/// A file in gzip's format in its place, which does not tell when.
fn compress(path: &Path) -> Result {
    execute(Process::new("gzip").arg("-9n").arg(path))
}

/// The checksums that `dpkg --verify` compares with.
fn md5sums(stage: &Path) -> Result<String> {
    let find = ["usr", "-type", "f", "-exec", "md5sum", "{}", "+"];
    let sums = output_of(Process::new("find").args(find).current_dir(stage))?;
    let mut lines: Vec<_> = sums.lines().collect();
    // By the path behind the sum.
    lines.sort_unstable_by_key(|line| line.split_once(' ').map(|(_, path)| path));
    Ok(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_symbol_decides() {
        let program = b"\0GLIBC_2.2.5\0GLIBC_2.34\0GLIBC_2.17\0GLIBC_PRIVATE\0";
        assert_eq!(least_libc(program), Some(34));
        assert_eq!(least_libc(b"static"), None);
    }
}
