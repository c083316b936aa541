//! The program packed for people who build nothing: an archive, and a Debian package.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use crate::ci::{cargo, execute, output_of};
use crate::{Command, Result, no_arguments, root};

mod check;
mod debian_package;
mod third_party;

pub(crate) const COMMAND: Command = Command {
    name: "dist",
    usage: "",
    about: "Builds the program into target/dist: an archive with completions and manual pages, and, where
dpkg-deb is, a Debian package. Then proves them: unpacks and installs both below target/dist, compares
files and rights, runs the program, removes the package, and packs once more, which has to give the
same bytes. Files have the time of SOURCE_DATE_EPOCH, else of the last commit. Linux only.",
    run,
};

/// What is built once and packed, perhaps more than once.
struct Release {
    program: PathBuf,
    /// `0.1.0`, as the program says it.
    version: String,
    /// The licences of what is built into the program.
    third_party: String,
    /// The time of every file, in seconds since 1970.
    time: String,
}

/// What is given away.
struct Packed {
    /// The files, as a package puts them below `/usr`.
    tree: PathBuf,
    archive: PathBuf,
    /// None without dpkg-deb.
    package: Option<PathBuf>,
}

fn run(arguments: &[String]) -> Result {
    no_arguments(arguments)?;
    let time = time()?;
    let program = build(&time)?;
    let release = Release {
        version: version(&program)?,
        third_party: third_party::licences()?,
        time,
        program,
    };
    let dist = root().join("target/dist");
    if dist.exists() {
        fs::remove_dir_all(&dist)?;
    }
    let packed = pack(&release, &dist)?;
    let scratch = dist.join("check");
    let again = pack(&release, &scratch.join("again"))?;
    check::same_bytes(&packed, &again)?;
    check::program(&release.program)?;
    check::archive(&packed, &scratch.join("archive"))?;
    if let Some(package) = &packed.package {
        check::package(package, &release, &scratch.join("package"))?;
    }
    fs::remove_dir_all(scratch)?;
    println!("{}", packed.archive.display());
    match packed.package {
        Some(package) => println!("{}", package.display()),
        None => println!("SKIPPED the Debian package: there is no dpkg-deb"),
    }
    Ok(())
}

/// Builds the program, without a path of this machine in it; it dates its manual pages.
fn build(time: &str) -> Result<PathBuf> {
    let time = format!("--date=@{time}");
    let date = output_of(Process::new("date").args(["--utc", "+%F", &time]))?;
    let remap = check::own_paths()
        .into_iter()
        .map(|(path, name)| format!("--remap-path-prefix={path}={name}"));
    let flags = remap.collect::<Vec<_>>().join("\x1f");
    let build = ["build", "--locked", "--profile=packed", "--package=gpo-cli"];
    execute(
        cargo(&build)
            .env("CARGO_ENCODED_RUSTFLAGS", flags)
            .env("GPO_RELEASE_DATE", date.trim()),
    )?;
    Ok(root().join("target/packed/gpo"))
}

fn pack(release: &Release, dist: &Path) -> Result<Packed> {
    let name = format!("gpo-{}-{}-linux", release.version, env::consts::ARCH);
    let tree = dist.join(&name);
    fill(release, &tree)?;
    let archive = format!("{name}.tar.gz");
    execute(
        Process::new("tar")
            .args(["--format=gnu", "--sort=name", "--numeric-owner"])
            .args(["--owner=0", "--group=0"])
            .arg(format!("--mtime=@{}", release.time))
            .args(["--use-compress-program=gzip -9n", "-cf", &archive, &name])
            .current_dir(dist),
    )?;
    let has_dpkg = Process::new("dpkg-deb").arg("--version").output().is_ok();
    let package = has_dpkg.then(|| debian_package::build(release, dist, &tree));
    Ok(Packed {
        archive: dist.join(archive),
        package: package.transpose()?,
        tree,
    })
}

/// The files, where a package puts them below `/usr`.
fn fill(release: &Release, tree: &Path) -> Result {
    let program = &release.program;
    let put = |path: &str, bytes: &[u8]| write(&tree.join(path), bytes);
    put("bin/gpo", &fs::read(program)?)?;
    for (shell, path) in [
        ("bash", "share/bash-completion/completions/gpo"),
        ("zsh", "share/zsh/vendor-completions/_gpo"),
        ("fish", "share/fish/vendor_completions.d/gpo.fish"),
    ] {
        put(path, &output(program, &["completions", shell])?)?;
    }
    put("share/man/man1/gpo.1", &output(program, &["man"])?)?;
    for command in commands(program, &[])? {
        manual_page(program, tree, &[&command])?;
        for below in commands(program, &[&command])? {
            manual_page(program, tree, &[&command, &below])?;
        }
    }
    for file in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        put(
            &format!("share/doc/gpo/{file}"),
            &fs::read(root().join(file))?,
        )?;
    }
    for file in ["JSON.md", "json.schema.json", "gpo-sidecar.schema.json"] {
        let bytes = fs::read(root().join("crates/gpo-cli").join(file))?;
        put(&format!("share/doc/gpo/{file}"), &bytes)?;
    }
    let third_party = "share/doc/gpo/third-party-licences.txt";
    put(third_party, release.third_party.as_bytes())?;
    rights(tree)?;
    let program = tree.join("bin/gpo");
    execute(Process::new("chmod").arg("755").arg(program))
}

fn manual_page(program: &Path, tree: &Path, command: &[&str]) -> Result {
    let page = output(program, &[&["man"], command].concat())?;
    let path = format!("share/man/man1/gpo-{}.1", command.join("-"));
    write(&tree.join(path), &page)
}

fn write(path: &Path, bytes: &[u8]) -> Result {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    Ok(fs::write(path, bytes)?)
}

/// Files that everybody may read, whatever the umask is.
fn rights(tree: &Path) -> Result {
    let mode = "u=rwX,go=rX";
    execute(Process::new("chmod").arg("-R").arg(mode).arg(tree))
}

/// `0.1.0`, as the program says it.
fn version(program: &Path) -> Result<String> {
    let text = String::from_utf8(output(program, &["--version"])?)?;
    Ok(text.trim().trim_start_matches("gpo ").to_owned())
}

fn time() -> Result<String> {
    if let Ok(time) = env::var("SOURCE_DATE_EPOCH") {
        return Ok(time);
    }
    let commit = ["log", "-1", "--format=%ct"];
    let time = output_of(Process::new("git").args(commit).current_dir(root()));
    let time = time.map_err(|_| "no SOURCE_DATE_EPOCH, and this is no git checkout")?;
    Ok(time.trim().to_owned())
}

/// The names of the commands below one, as its help lists them.
fn commands(program: &Path, below: &[&str]) -> Result<Vec<String>> {
    let help = String::from_utf8(output(program, &[below, &["--help"]].concat())?)?;
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

fn output(program: &Path, arguments: &[&str]) -> Result<Vec<u8>> {
    let output = Process::new(program).args(arguments).output()?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(format!("{} {} failed", program.display(), arguments.join(" ")).into())
}
