//! The program packed for people who build nothing: an archive, and a Debian package.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use crate::ci::execute;
use crate::{Command, Result, no_arguments, root};

pub(crate) const COMMAND: Command = Command {
    name: "dist",
    usage: "",
    about:
        "builds the program in release mode into target/dist: an archive with completions and manual
pages, and, where dpkg-deb is, a Debian package. Linux only",
    run,
};

/// What the package needs at run time. The program links to no other library of the system.
const DEPENDS: &str = "libc6, libgcc-s1";

fn run(arguments: &[String]) -> Result {
    no_arguments(arguments)?;
    let root = root();
    execute(
        Process::new(env!("CARGO"))
            .args(["build", "--release", "--locked", "--package", "gpo-cli"])
            .current_dir(&root),
    )?;
    let program = root.join("target/release/gpo");
    let dist = root.join("target/dist");
    if dist.exists() {
        fs::remove_dir_all(&dist)?;
    }
    let name = format!(
        "gpo-{}-{}-linux",
        version(&program)?,
        std::env::consts::ARCH
    );
    let tree = dist.join(&name);
    fill(&root, &program, &tree)?;
    let archive = format!("{name}.tar.gz");
    execute(
        Process::new("tar")
            .args([
                "--owner=0",
                "--group=0",
                "--sort=name",
                "-czf",
                &archive,
                &name,
            ])
            .current_dir(&dist),
    )?;
    println!("{}", dist.join(archive).display());
    match Process::new("dpkg-deb").arg("--version").output() {
        Ok(_) => println!("{}", debian_package(&dist, &tree)?.display()),
        Err(_) => println!("SKIPPED the Debian package: there is no dpkg-deb"),
    }
    Ok(())
}

/// The files, where a package puts them below `/usr`.
fn fill(root: &Path, program: &Path, tree: &Path) -> Result {
    let put = |path: &str, bytes: &[u8]| -> Result {
        let path = tree.join(path);
        fs::create_dir_all(path.parent().unwrap_or(tree))?;
        Ok(fs::write(path, bytes)?)
    };
    put("bin/gpo", b"")?;
    fs::copy(program, tree.join("bin/gpo"))?;
    for (shell, path) in [
        ("bash", "share/bash-completion/completions/gpo"),
        ("zsh", "share/zsh/vendor-completions/_gpo"),
        ("fish", "share/fish/vendor_completions.d/gpo.fish"),
    ] {
        put(path, &output(program, &["completions", shell])?)?;
    }
    put("share/man/man1/gpo.1", &output(program, &["man"])?)?;
    for command in commands(program)? {
        let page = output(program, &["man", &command])?;
        put(&format!("share/man/man1/gpo-{command}.1"), &page)?;
    }
    for file in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        put(
            &format!("share/doc/gpo/{file}"),
            &fs::read(root.join(file))?,
        )?;
    }
    let json = fs::read(root.join("crates/gpo-cli/JSON.md"))?;
    put("share/doc/gpo/JSON.md", &json)
}

/// `0.1.0`, as the program says it.
fn version(program: &Path) -> Result<String> {
    let text = String::from_utf8(output(program, &["--version"])?)?;
    Ok(text.trim().trim_start_matches("gpo ").to_owned())
}

/// The names of the commands, as the help lists them.
fn commands(program: &Path) -> Result<Vec<String>> {
    let help = String::from_utf8(output(program, &["--help"])?)?;
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            let name = line.strip_prefix("  ")?.split(' ').next()?;
            // Further lines of a description begin with more blanks.
            (!name.is_empty() && name != "help").then(|| name.to_owned())
        });
    Ok(names.collect())
}

fn debian_package(dist: &Path, tree: &Path) -> Result<PathBuf> {
    let architecture = String::from_utf8(output(Path::new("dpkg"), &["--print-architecture"])?)?;
    let architecture = architecture.trim();
    let version = version(&tree.join("bin/gpo"))?;
    let stage = dist.join("debian");
    fs::create_dir_all(&stage)?;
    execute(
        Process::new("cp")
            .arg("-a")
            .arg(tree)
            .arg(stage.join("usr")),
    )?;
    fs::create_dir_all(stage.join("DEBIAN"))?;
    fs::write(
        stage.join("DEBIAN/control"),
        format!(
            "Package: gpo\nVersion: {version}\nArchitecture: {architecture}\n\
             Maintainer: The authors of gpo <gpo@example.test>\nDepends: {DEPENDS}\n\
             Section: admin\nPriority: optional\n\
             Description: back up, read, verify and restore Group Policy objects\n \
             Works on domains of Samba and Windows, and on the backups of Microsoft's\n \
             Group Policy Management Console.\n"
        ),
    )?;
    let package = dist.join(format!("gpo_{version}_{architecture}.deb"));
    execute(
        Process::new("dpkg-deb")
            .args(["--build", "--root-owner-group"])
            .arg(&stage)
            .arg(&package),
    )?;
    fs::remove_dir_all(stage)?;
    Ok(package)
}

fn output(program: &Path, arguments: &[&str]) -> Result<Vec<u8>> {
    let output = Process::new(program).args(arguments).output()?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(format!("{} {} failed", program.display(), arguments.join(" ")).into())
}
