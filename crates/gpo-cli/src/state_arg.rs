//! `--state`: where operations keep what was there before, until they are over.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::{env, io};

use clap::Args;
use gpo_engine::{Journal, Stamps, Target, recover};
use gpo_local::FolderStore;

use crate::console::Console;
use crate::failure::Failure;
use crate::location::Location;

/// Where the journal is.
#[derive(Args, Clone, Debug)]
pub(crate) struct StateArg {
    /// Keep what is there before in this folder until all is done [default: for dir:PATH a hidden
    /// folder beside PATH, for a live domain one of the user's; it is gone afterwards]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

/// The folder of the journal, open.
pub(crate) struct State {
    store: FolderStore,
    /// The folder, if it is ours to remove, and the lock that says that it is in use.
    own: Option<(PathBuf, Option<File>)>,
}

impl StateArg {
    pub(crate) fn open(&self, target: &Location) -> Result<State, Failure> {
        if let Some(folder) = &self.state {
            let store = FolderStore::open(folder)?;
            return Ok(State { store, own: None });
        }
        let folder = default_folder(target)?;
        let at = |error: io::Error| {
            let hint =
                format!("{error}; --state DIR names another folder for what was there before");
            Failure::new(hint).at(folder.display())
        };
        loop {
            match fs::create_dir(&folder) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(at(error));
                }
                _ => {}
            }
            let lock = match lock_shared(&folder) {
                // Another process was done and removed it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                lock => lock.map_err(at)?,
            };
            let store = FolderStore::open(&folder)?;
            let own = Some((folder, lock));
            return Ok(State { store, own });
        }
    }
}

impl StateArg {
    /// Opens it, and puts back what a command that was killed left half written.
    pub(crate) fn begin(
        &self,
        to: &Location,
        target: Target<'_>,
        console: &Console,
    ) -> Result<State, Failure> {
        let state = self.open(to)?;
        for message in recover(target, &state.journal()).messages {
            console.message(message.severity, &message);
        }
        Ok(state)
    }
}

impl State {
    pub(crate) fn journal(&self) -> Journal<'_> {
        Journal::new(&self.store, Stamps::system())
    }
}

impl Drop for State {
    /// A folder that holds the entry of an operation that failed stays: it is not empty.
    fn drop(&mut self) {
        let Some((folder, lock)) = &self.own else {
            return;
        };
        // One that others use is theirs to remove.
        if lock
            .as_ref()
            .is_none_or(|lock| lock.unlock().is_ok() && lock.try_lock().is_ok())
        {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// For a folder of a domain `.NAME.gpo-state` beside it; for a live domain a folder of the user's,
/// one for all domains: the journal says which one it is about.
fn default_folder(target: &Location) -> Result<PathBuf, Failure> {
    let unknown = || Failure::new("say with --state DIR where to keep what was there before");
    let Location::Domain(path) = target else {
        let folder = user_state().ok_or_else(unknown)?;
        fs::create_dir_all(&folder).map_err(|e| Failure::from(e).at(folder.display()))?;
        return Ok(folder.join("gpo-state"));
    };
    let path = path
        .canonicalize()
        .map_err(|error| Failure::from(error).at(path.display()))?;
    match (
        path.parent(),
        path.file_name().and_then(|name| name.to_str()),
    ) {
        (Some(parent), Some(name)) => Ok(parent.join(format!(".{name}.gpo-state"))),
        _ => Err(unknown().at(path.display())),
    }
}

/// Where the system has the state of a user's programs.
fn user_state() -> Option<PathBuf> {
    let folder = |name: &str| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    if cfg!(windows) {
        return folder("LOCALAPPDATA");
    }
    folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state")))
}

/// Says to others that a folder is in use, where folders can be locked.
#[cfg(unix)]
fn lock_shared(folder: &Path) -> io::Result<Option<File>> {
    use std::os::unix::fs::MetadataExt;
    let file = File::open(folder)?;
    if file.lock_shared().is_err() {
        return Ok(None);
    }
    // It may have been removed, and made anew, before it was locked.
    let (own, now) = (file.metadata()?, fs::metadata(folder)?);
    if (own.dev(), own.ino()) == (now.dev(), now.ino()) {
        Ok(Some(file))
    } else {
        Err(io::ErrorKind::NotFound.into())
    }
}

#[cfg(not(unix))]
fn lock_shared(_: &Path) -> io::Result<Option<File>> {
    Ok(None)
}
