//! SOURCE and TARGET: where GPOs are read from, and written to.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use gpo_core::Quoted;
use gpo_engine::{Source, Target};
use gpo_local::{BackupSetSource, FolderDomain, open_store};

use crate::failure::Failure;
use crate::live_address::LiveAddress;
use crate::live_domain::{LiveDomain, LiveOptions};

/// What a SOURCE can be.
pub(crate) const SOURCE: &str = "Where the GPOs are: dir:PATH, backup:PATH, ldaps://HOST, \
                                 ldap://HOST or ldap:///DNS.DOMAIN";

/// What a TARGET can be.
pub(crate) const TARGET: &str = "The domain to write to: dir:PATH, ldaps://HOST, ldap://HOST or \
                                 ldap:///DNS.DOMAIN";

/// Where GPOs are read from.
#[derive(Args, Debug)]
pub(crate) struct SourceArg {
    #[arg(long, value_name = "SOURCE", help = SOURCE)]
    pub(crate) from: Location,

    /// Of backups from several domains, this one
    #[arg(long, value_name = "DNS NAME")]
    domain: Option<String>,
}

impl SourceArg {
    /// Opens it.
    pub(crate) fn open(&self, options: &LiveOptions) -> Result<OpenSource, Failure> {
        self.from.open_source(self.domain.as_deref(), options)
    }
}

/// A place with GPOs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    /// `dir:PATH`: a domain in a folder.
    Domain(PathBuf),
    /// `backup:PATH`: a folder or a zip archive of backups.
    Backups(PathBuf),
    /// `ldap://…`, `ldaps://…`: a live domain.
    Live(LiveAddress),
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
                text.parse().map(Self::Live)
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
    pub(crate) fn open_source(
        &self,
        domain: Option<&str>,
        options: &LiveOptions,
    ) -> Result<OpenSource, Failure> {
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
            Self::Live(address) => {
                let domain = LiveDomain::open(address, options)?;
                Ok(OpenSource::Live(Box::new(domain)))
            }
        }
    }

    /// Opens it for writing.
    pub(crate) fn open_target(&self, options: &LiveOptions) -> Result<OpenTarget, Failure> {
        match self {
            Self::Domain(path) => Ok(OpenTarget::Domain(FolderDomain::open(path)?)),
            Self::Backups(path) => {
                let message = "a backup set is no domain: GPOs are written to dir:PATH or to \
                               ldap://HOST";
                Err(Failure::new(message).at(path.display()))
            }
            Self::Live(address) => {
                let domain = LiveDomain::open(address, options)?;
                Ok(OpenTarget::Live(Box::new(domain)))
            }
        }
    }
}

/// A place that was opened for reading.
pub(crate) enum OpenSource {
    Domain(FolderDomain),
    Backups(Box<BackupSetSource>),
    Live(Box<LiveDomain>),
}

impl OpenSource {
    pub(crate) fn source(&self) -> Source<'_> {
        match self {
            Self::Domain(domain) => Source::of(domain),
            Self::Backups(set) => Source::of(set.as_ref()),
            Self::Live(domain) => domain.source(),
        }
    }
}

/// A place that was opened for writing.
pub(crate) enum OpenTarget {
    Domain(FolderDomain),
    Live(Box<LiveDomain>),
}

impl OpenTarget {
    pub(crate) fn target(&self) -> Result<Target<'_>, Failure> {
        match self {
            Self::Domain(domain) => Ok(Target::of(domain)),
            Self::Live(domain) => domain.target(),
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
        for address in ["ldaps://dc1:636", "LDAP:///example.test"] {
            assert_eq!(read(address), Ok(Location::Live(address.parse().unwrap())));
        }
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
