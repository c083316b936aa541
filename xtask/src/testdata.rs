//! `cargo xtask testdata`: the small domain in `testdata/`, made by this program alone.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{Command, Result, root};

pub(crate) mod directory;
pub(crate) mod gpos;
mod preferences;
mod settings;

pub(crate) const COMMAND: Command = Command {
    name: "testdata",
    usage: "[--check]",
    about: "Makes testdata/domain: a domain in a folder whose GPOs use every kind of content. The
content is the project's own, and the same every time. With --check it writes nothing and
fails where the folder is not what it would write; empty folders, which git does not keep,
may be missing.",
    run,
};

/// Files by their path below the domain's folder, with `/`; an empty folder has no bytes.
pub(crate) type Tree = BTreeMap<String, Option<Vec<u8>>>;

fn run(arguments: &[String]) -> Result {
    match arguments {
        [] => {
            write(&folder(), &domain()?)?;
            println!("made {}", folder().display());
            Ok(())
        }
        [argument] if argument == "--check" => check(),
        other => Err(format!("unexpected arguments {other:?}").into()),
    }
}

/// Whether the folder is what this program makes.
pub(crate) fn check() -> Result {
    compare(&folder(), &domain()?)
}

fn folder() -> PathBuf {
    root().join("testdata/domain")
}

/// Writes files and folders in the place of those that are there.
pub(crate) fn write(folder: &Path, tree: &Tree) -> Result {
    // What is no longer made must not stay.
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    for (path, content) in tree {
        let path = folder.join(path);
        if let Some(bytes) = content {
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            fs::write(path, bytes)?;
        } else {
            fs::create_dir_all(path)?;
        }
    }
    Ok(())
}

/// The whole domain.
fn domain() -> Result<Tree> {
    let gpos = gpos::all()?;
    let mut tree = Tree::new();
    tree.insert(
        "directory.ldif".into(),
        Some(directory::ldif(&gpos)?.into_bytes()),
    );
    for gpo in gpos {
        for (path, content) in gpo.files {
            tree.insert(format!("{}/{}/{path}", gpos::POLICIES, gpo.id), content);
        }
    }
    Ok(tree)
}

fn compare(folder: &Path, tree: &Tree) -> Result {
    let mut differences = Vec::new();
    for (path, content) in tree {
        if let Some(bytes) = content {
            match fs::read(folder.join(path)) {
                Ok(found) if found == *bytes => {}
                Ok(_) => differences.push(format!("{path} differs")),
                Err(error) => differences.push(format!("{path}: {error}")),
            }
        }
    }
    for path in files_below(folder)? {
        let relative = path
            .strip_prefix(folder)?
            .to_string_lossy()
            .replace('\\', "/");
        if !tree.contains_key(&relative) {
            differences.push(format!("{relative} is not made by this program"));
        }
    }
    if differences.is_empty() {
        return Ok(());
    }
    let list = differences.join("\n  ");
    Err(format!(
        "{} is not what `cargo xtask testdata` makes:\n  {list}",
        folder.display()
    )
    .into())
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    Ok(files)
}
