//! Files and folders in the making: hidden siblings of what they will be, gone after a crash.
//!
//! Their names are `.NAME.partial-PID-N`. Who makes one holds a lock on it, so that the next run can
//! tell what a dead process left behind from what a living one is writing. Where the system or the
//! file system has no such lock (folders on Windows, some network file systems) nothing is proved,
//! and nothing is removed.

use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cap_fs_ext::{DirExt, MetadataExt};
#[cfg(unix)]
use cap_std::fs::Metadata;
use cap_std::fs::{Dir, OpenOptions};

use crate::folder_writer::sync_folder;
use crate::lookup::open_folder;

/// A folder that is being made.
#[derive(Debug)]
pub(crate) struct PartialFolder {
    pub(crate) name: String,
    pub(crate) folder: Dir,
    /// Holds the lock.
    pub(crate) lock: Option<File>,
}

/// Makes an empty hidden folder beside the one called `name`.
pub(crate) fn create_folder(parent: &Dir, name: &str) -> io::Result<PartialFolder> {
    retry(name, |partial| {
        parent.create_dir(partial)?;
        let folder = parent.open_dir_nofollow(partial).map_err(taken_away)?;
        let lock = if cfg!(unix) {
            Some(lockable(&folder)?)
        } else {
            None
        };
        claim(parent, partial, lock.as_ref())?;
        Ok(PartialFolder {
            name: partial.to_owned(),
            folder,
            lock,
        })
    })
}

/// Puts a file with these bytes in the place of the one called `name`, in one step. On Unix it keeps
/// the permissions and, as far as that is allowed, the owner and group of the old one.
pub(crate) fn replace_file(parent: &Dir, name: &str, bytes: &[u8], sync: bool) -> io::Result<()> {
    #[cfg(unix)]
    let old = parent.symlink_metadata(name).ok().filter(Metadata::is_file);
    let (partial, file) = retry(name, |partial| {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if old.is_some() {
            // Until it has the permissions of the old one.
            cap_std::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        let file = parent.open_with(partial, &options)?.into_std();
        claim(parent, partial, Some(&file))?;
        Ok((partial.to_owned(), file))
    })?;
    let write = || {
        (&file).write_all(bytes)?;
        #[cfg(unix)]
        if let Some(old) = &old {
            take_over_access(old, &file)?;
        }
        if sync {
            file.sync_all()?;
        }
        parent.rename(&partial, parent, name)?;
        if sync {
            sync_folder(parent)?;
        }
        Ok(())
    };
    write().inspect_err(|_| {
        // The first error is the one to tell; what is left is removed by the next run.
        let _ = parent.remove_file(&partial);
    })
}

#[cfg(unix)]
fn take_over_access(old: &Metadata, new: &File) -> io::Result<()> {
    use std::os::unix::fs::{PermissionsExt, fchown};

    use cap_std::fs::MetadataExt;

    // Only root may give a file to anybody.
    let _ = fchown(new, None, Some(old.gid()));
    let _ = fchown(new, Some(old.uid()), None);
    new.set_permissions(PermissionsExt::from_mode(old.mode() & 0o777))
}

/// Moves a folder out of sight; gives its new name. What is left of it after a crash is removed by
/// the next run.
pub(crate) fn set_aside(parent: &Dir, name: &str) -> io::Result<String> {
    retry(name, |partial| {
        parent.rename(name, parent, partial)?;
        Ok(partial.to_owned())
    })
}

/// How the old one is called while the new one takes its place.
const PREVIOUS: &str = ".previous";

/// Gives a folder in the making its place, and removes the one that was there.
///
/// Linux and macOS let two folders change places in one step, on most file systems. Elsewhere the
/// old one is renamed first, and a process that dies before the second step leaves it as
/// `.NAME.previous`, for [`recover`].
pub(crate) fn swap(parent: &Dir, partial: &str, name: &str) -> io::Result<()> {
    if exchange(parent, partial, name).is_ok() {
        // The new tree is there: what cannot be removed is removed by the next run.
        let _ = parent.remove_dir_all(partial);
        return Ok(());
    }
    let previous = format!(".{name}{PREVIOUS}");
    match parent.rename(name, parent, &previous) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return parent.rename(partial, parent, name);
        }
        result => result?,
    }
    parent.rename(partial, parent, name).inspect_err(|_| {
        // The first error is the one to tell; `recover` tries again.
        let _ = parent.rename(&previous, parent, name);
    })?;
    // The new tree is there: what cannot be removed is removed by the next run.
    let _ = parent.remove_dir_all(&previous);
    Ok(())
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange(parent: &Dir, one: &str, other: &str) -> io::Result<()> {
    use rustix::fs::{RenameFlags, renameat_with};
    Ok(renameat_with(
        parent,
        one,
        parent,
        other,
        RenameFlags::EXCHANGE,
    )?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(_: &Dir, _: &str, _: &str) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Puts back what a dead process took away and did not replace, and removes what else it left.
pub(crate) fn recover(parent: &Dir) -> io::Result<()> {
    for entry in parent.entries()? {
        let previous = entry?.file_name();
        let Some(name) = previous.to_str().and_then(taken_away_from) else {
            continue;
        };
        if parent.symlink_metadata(name).is_ok() {
            parent.remove_dir_all(&previous)?;
        } else {
            parent.rename(&previous, parent, name)?;
        }
    }
    remove_stale(parent)
}

/// The end of the name of a file that is there to be locked.
const LOCK: &str = ".lock";

/// A lock on a name, which is gone with the value, and with the process.
pub(crate) struct NameLock {
    parent: Dir,
    name: String,
    /// Holds the lock; none where the file system has no locks.
    _file: File,
}

impl Drop for NameLock {
    fn drop(&mut self) {
        // It goes while it is held, so that nobody locks a file that is about to go. What cannot be
        // removed is removed by the next run.
        let _ = self.parent.remove_file(&self.name);
    }
}

/// Locks a name against all that do the same; `None` where another has it. The lock is on a hidden
/// file `.NAME.lock`.
pub(crate) fn lock_name(parent: &Dir, name: &str) -> io::Result<Option<NameLock>> {
    let name = format!(".{name}{LOCK}");
    loop {
        let mut options = OpenOptions::new();
        options.write(true).create(true);
        let file = parent.open_with(&name, &options)?.into_std();
        match file.try_lock() {
            Ok(()) if !is_at(parent, &name, &file)? => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Ok(()) | Err(TryLockError::Error(_)) => {
                return Ok(Some(NameLock {
                    parent: parent.try_clone()?,
                    name,
                    _file: file,
                }));
            }
        }
    }
}

/// Whether a file is still the one of this name: its holder may have removed it after it was
/// opened and before it was locked.
fn is_at(parent: &Dir, name: &str, file: &File) -> io::Result<bool> {
    match parent.symlink_metadata(name) {
        Ok(found) => {
            let own = cap_std::fs::Metadata::from_file(file)?;
            Ok((found.dev(), found.ino()) == (own.dev(), own.ino()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether a name is one of this module.
pub(crate) fn is_partial(name: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    name.starts_with('.')
        && name
            .rsplit_once(".partial-")
            .and_then(|(_, tail)| tail.split_once('-'))
            .is_some_and(|(process, n)| number(process) && number(n))
}

/// The name of the folder that [`swap`] has taken away under this one.
fn taken_away_from(previous: &str) -> Option<&str> {
    let name = previous.strip_prefix('.')?.strip_suffix(PREVIOUS)?;
    (!name.is_empty()).then_some(name)
}

/// Whether a name is that of a folder before or after its time: in the making, or taken away.
pub(crate) fn is_in_between(name: &str) -> bool {
    is_partial(name) || taken_away_from(name).is_some()
}

fn is_lock(name: &str) -> bool {
    name.strip_prefix('.')
        .and_then(|name| name.strip_suffix(LOCK))
        .is_some_and(|name| name.parse::<gpo_core::Guid>().is_ok())
}

/// Removes what dead processes left behind. What cannot be removed stays: it is in nobody's way.
pub(crate) fn remove_stale(parent: &Dir) -> io::Result<()> {
    for entry in parent.entries()? {
        let entry = entry?;
        let name = entry.file_name();
        let ours = |name: &&str| is_partial(name) || is_lock(name);
        let Some(name) = name.to_str().filter(ours) else {
            continue;
        };
        let kind = entry.file_type()?;
        if kind.is_dir() && cfg!(unix) {
            let Ok(folder) = open_folder(parent, name) else {
                continue;
            };
            // Held until it is gone: a lock let go before could be its maker's the next moment.
            let Ok(lock) = lockable(&folder) else {
                continue;
            };
            if lock.try_lock().is_ok() {
                let _ = parent.remove_dir_all(name);
            }
        } else if kind.is_file() {
            let Ok(file) = crate::lookup::open_file(parent, name) else {
                continue;
            };
            let lock = file.into_std();
            if lock.try_lock().is_ok() {
                let _ = parent.remove_file(name);
            }
        }
    }
    Ok(())
}

/// Tries names until one is free.
fn retry<T>(name: &str, mut make: impl FnMut(&str) -> io::Result<T>) -> io::Result<T> {
    // Process numbers repeat between the hosts that share a folder; counters make up for it.
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    const TRIES: u32 = 1000;
    let mut tries = 0;
    loop {
        let n = COUNTER.fetch_add(1, Ordering::Relaxed);
        let partial = format!(".{name}.partial-{}-{n}", std::process::id());
        match make(&partial) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tries < TRIES => {
                tries += 1;
            }
            result => return result,
        }
    }
}

/// A handle that can be locked: that of a [`Dir`] only stands for a path.
fn lockable(folder: &Dir) -> io::Result<File> {
    Ok(folder.open(".")?.into_std())
}

/// Locks a folder against other processes that do the same; `None` where folders cannot be locked
/// (Windows, some network file systems).
pub(crate) fn lock_folder(folder: &Dir, timeout: Duration) -> io::Result<Option<File>> {
    if !cfg!(unix) {
        return Ok(None);
    }
    let folder = lockable(folder)?;
    let deadline = Instant::now() + timeout;
    loop {
        match folder.try_lock() {
            Ok(()) => return Ok(Some(folder)),
            Err(TryLockError::Error(_)) => return Ok(None),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                let message = "another process holds the lock on this folder";
                return Err(io::Error::new(io::ErrorKind::TimedOut, message));
            }
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// Between making and locking, [`remove_stale`] of another process may have found it without a
/// lock. This is the error for that which [`retry`] understands.
fn taken_away(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::NotFound => io::ErrorKind::AlreadyExists.into(),
        _ => error,
    }
}

/// Locks what was just made.
fn claim(parent: &Dir, partial: &str, file: Option<&File>) -> io::Result<()> {
    let Some(file) = file else { return Ok(()) };
    match file.try_lock() {
        Ok(()) => parent
            .symlink_metadata(partial)
            .map(|_| ())
            .map_err(taken_away),
        Err(TryLockError::WouldBlock) => Err(io::ErrorKind::AlreadyExists.into()),
        // No locks here: then nobody else takes it for stale, either.
        Err(TryLockError::Error(_)) => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Dir) {
        let place = tempfile::tempdir().unwrap();
        let folder = Dir::open_ambient_dir(place.path(), cap_std::ambient_authority()).unwrap();
        (place, folder)
    }

    #[test]
    fn a_name_that_is_taken_is_passed_over() {
        let (_place, folder) = folder();
        let first = create_folder(&folder, "x").unwrap().name;
        let (start, n) = first.rsplit_once('-').unwrap();
        let n: u64 = n.parse().unwrap();
        // More than the other tests take meanwhile.
        for taken in n + 1..n + 100 {
            folder.create(format!("{start}-{taken}")).unwrap();
        }
        create_folder(&folder, "x").unwrap();
        replace_file(&folder, "y", b"y", false).unwrap();
        assert_eq!(folder.read("y").unwrap(), b"y");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_replaced_keeps_its_permissions() {
        use std::os::unix::fs::PermissionsExt;

        let (folder, dir) = folder();
        let path = folder.path().join("file");
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        replace_file(&dir, "file", b"new", false).unwrap();
        let usual = mode();
        for kept in [0o640, 0o600, 0o444, usual] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(kept)).unwrap();
            replace_file(&dir, "file", b"newer", false).unwrap();
            assert_eq!(mode(), kept);
        }
        assert_eq!(std::fs::read(&path).unwrap(), b"newer");
    }

    /// Who locks a file that its holder has just removed has locked nothing.
    #[test]
    fn a_locked_file_is_at_its_name_or_not() {
        let (_place, folder) = folder();
        let file = folder.create("x").unwrap().into_std();
        assert!(is_at(&folder, "x", &file).unwrap());
        folder.remove_file("x").unwrap();
        assert!(!is_at(&folder, "x", &file).unwrap());
        folder.create("x").unwrap();
        assert!(!is_at(&folder, "x", &file).unwrap(), "another one");
    }
}
