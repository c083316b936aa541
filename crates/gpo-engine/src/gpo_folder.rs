//! Listing the folder of a GPO, which others may change meanwhile.

use gpo_core::{Entry, GpoPath, SourceError, SourceErrorKind, Sysvol};

/// Visits everything in the folder of a GPO; says whether there is such a folder.
///
/// Only the folder itself may be missing. What vanishes below it while it is listed, as when
/// somebody puts a new tree in its place, is a change of the GPO: [`SourceErrorKind::Changed`].
pub(crate) fn walk_gpo_folder(
    sysvol: &dyn Sysvol,
    folder: &GpoPath,
    visit: &mut dyn FnMut(Entry) -> Result<(), SourceError>,
) -> Result<bool, SourceError> {
    let mut is_there = false;
    let walked = sysvol.walk(folder, &mut |entry| {
        let entry = entry?;
        is_there = true;
        visit(entry)
    });
    match walked {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == SourceErrorKind::NotFound => {
            if is_there || exists(sysvol, folder)? {
                return Err(vanished(error));
            }
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

fn exists(sysvol: &dyn Sysvol, folder: &GpoPath) -> Result<bool, SourceError> {
    match sysvol.children(folder, &mut |_| Ok(())) {
        Err(error) if error.kind() == SourceErrorKind::NotFound => Ok(false),
        listed => listed.map(|()| true),
    }
}

/// What was read of a file that was listed before: a change of the GPO where it is gone.
pub(crate) fn of_listed<T>(read: Result<T, SourceError>) -> Result<T, SourceError> {
    read.map_err(|error| match error.kind() {
        SourceErrorKind::NotFound => vanished(error),
        _ => error,
    })
}

fn vanished(error: SourceError) -> SourceError {
    let message = "it vanished while the GPO was read";
    let object = error.object().to_owned();
    SourceError::new(SourceErrorKind::Changed, object, message).caused_by(error)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use gpo_core::Contents;
    use gpo_testkit::{MemoryDomain, sample};

    use super::*;

    /// A SYSVOL of which everything vanishes after so many entries were listed, and which is there
    /// again for the next who asks, or is not.
    struct Vanishing<'a> {
        domain: &'a MemoryDomain,
        after: usize,
        comes_back: bool,
        walks: AtomicUsize,
    }

    impl Contents for Vanishing<'_> {
        fn walk(
            &self,
            folder: &GpoPath,
            visit: &mut dyn FnMut(Result<Entry, SourceError>) -> Result<(), SourceError>,
        ) -> Result<(), SourceError> {
            let walks = self.walks.fetch_add(1, Ordering::Relaxed);
            if walks > 0 && self.comes_back {
                return self.domain.walk(folder, visit);
            }
            let mut left = self.after;
            self.domain.walk(folder, &mut |entry| {
                if left == 0 {
                    let kind = SourceErrorKind::NotFound;
                    return Err(SourceError::new(kind, folder.as_str(), "no such file"));
                }
                left -= 1;
                visit(entry)
            })
        }

        fn read(
            &self,
            path: &GpoPath,
            sink: &mut dyn FnMut(&[u8]) -> Result<(), SourceError>,
        ) -> Result<(), SourceError> {
            self.domain.read(path, sink)
        }
    }

    impl Sysvol for Vanishing<'_> {}

    #[test]
    fn only_the_folder_itself_may_be_missing() {
        let domain = MemoryDomain::example();
        let folder = format!(r"Policies\{}", sample::container(1).id);
        let folder: GpoPath = folder.parse().unwrap();
        for (after, comes_back, expected) in [
            (usize::MAX, true, Ok(true)),
            (0, false, Ok(false)),
            (0, true, Err(SourceErrorKind::Changed)),
            (1, false, Err(SourceErrorKind::Changed)),
            (1, true, Err(SourceErrorKind::Changed)),
        ] {
            let sysvol = Vanishing {
                domain: &domain,
                after,
                comes_back,
                walks: AtomicUsize::default(),
            };
            let walked = walk_gpo_folder(&sysvol, &folder, &mut |_| Ok(()));
            let walked = walked.map_err(|error| error.kind());
            assert_eq!(walked, expected, "{after} {comes_back}");
        }
    }
}
