//! SOURCE and TARGET: where GPOs are read from, and written to.

use std::path::PathBuf;
use std::str::FromStr;

use gpo_core::Quoted;
use gpo_engine::Source;
use gpo_local::{BackupSetSource, FolderDomain, open_store};

use crate::failure::Failure;

/// A place with GPOs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    /// `dir:PATH`: a domain in a folder.
    Domain(PathBuf),
    /// `backup:PATH`: a folder or a zip archive of backups.
    Backups(PathBuf),
    /// `ldap://…`, `ldaps://…`: a live domain.
    Live(String),
}

impl FromStr for Location {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let scheme = text
            .split_once(':')
            .map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
        match scheme {
            Some((scheme, rest)) if scheme == "dir" && !rest.is_empty() => {
                Ok(Self::Domain(rest.into()))
            }
            Some((scheme, rest)) if scheme == "backup" && !rest.is_empty() => {
                Ok(Self::Backups(rest.into()))
            }
            Some((scheme, rest))
                if matches!(scheme.as_str(), "ldap" | "ldaps") && rest.starts_with("//") =>
            {
                Ok(Self::Live(text.into()))
            }
            // A path, with or without a drive: which of the two kinds is meant, only the user knows.
            _ => Err(format!(
                "{} does not say what is there: write dir:PATH for a domain in a folder, \
                 backup:PATH for backups, ldap://HOST for a domain controller",
                Quoted::new(text)
            )),
        }
    }
}

impl Location {
    /// Opens it for reading; `domain` says which one is meant where backups are of several.
    pub(crate) fn open_source(&self, domain: Option<&str>) -> Result<OpenSource, Failure> {
        match self {
            Self::Domain(path) => Ok(OpenSource::Domain(FolderDomain::open(path)?)),
            Self::Backups(path) => {
                let store = open_store(path)?;
                let set = match domain {
                    Some(domain) => BackupSetSource::of_domain(store, domain),
                    None => BackupSetSource::new(store),
                };
                let set = set.map_err(|error| Failure::from(error).at(path.display()))?;
                Ok(OpenSource::Backups(Box::new(set)))
            }
            Self::Live(url) => Err(live(url)),
        }
    }

    /// Opens it for writing.
    pub(crate) fn open_target(&self) -> Result<FolderDomain, Failure> {
        match self {
            Self::Domain(path) => Ok(FolderDomain::open(path)?),
            Self::Backups(path) => {
                let message = "a backup set is no domain: a GPO is restored to dir:PATH";
                Err(Failure::new(message).at(path.display()))
            }
            Self::Live(url) => Err(live(url)),
        }
    }
}

fn live(url: &str) -> Failure {
    Failure::new("this program cannot reach a domain controller yet: it works on dir:PATH").at(url)
}

/// A place that was opened for reading.
pub(crate) enum OpenSource {
    Domain(FolderDomain),
    Backups(Box<BackupSetSource>),
}

impl OpenSource {
    pub(crate) fn source(&self) -> Source<'_> {
        match self {
            Self::Domain(domain) => Source::of(domain),
            Self::Backups(set) => Source::of(set.as_ref()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_says_what_is_there() {
        let read = |text: &str| text.parse::<Location>();
        assert_eq!(read("dir:a/b"), Ok(Location::Domain("a/b".into())));
        assert_eq!(read(r"DIR:C:\x"), Ok(Location::Domain(r"C:\x".into())));
        assert_eq!(
            read(r"backup:\\srv\share"),
            Ok(Location::Backups(r"\\srv\share".into()))
        );
        assert_eq!(
            read("ldaps://dc1:636"),
            Ok(Location::Live("ldaps://dc1:636".into()))
        );
        assert_eq!(
            read("ldap:///example.test"),
            Ok(Location::Live("ldap:///example.test".into()))
        );
        for path in [
            r"C:\x",
            r"\\srv\share",
            "a/b",
            "d:",
            "dir:",
            "ldap:x",
            "",
            "http://x",
            "backup:",
        ] {
            assert!(read(path).is_err(), "{path}");
        }
    }
}
