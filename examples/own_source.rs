//! Backs up GPOs from a source of one's own: here a domain in memory with one GPO, which sets one
//! value.
//!
//! `cargo run -p gpo-examples --example own_source -- FOLDER`

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use gpo_core::{
    Contents, Directory, Domain, Entry, EntryKind, GpoContainer, GpoId, GpoListing, GpoPath,
    GpoVersion, RegistryPol, RegistryValue, Sink, SourceError, SourceErrorKind, Sysvol, Visitor,
};
use gpo_engine::{Backup, Cancel, Selection, Source, Stamps, Status};
use gpo_local::FolderStore;

/// A domain of one's own. What it does not know, such as links, it does not implement.
struct OwnDomain {
    gpo: GpoContainer,
    /// By their paths below `\\own.test\SYSVOL\own.test`; folders have no content.
    files: BTreeMap<GpoPath, Option<Vec<u8>>>,
}

impl Contents for OwnDomain {
    fn walk(&self, folder: &GpoPath, visit: Visitor<'_>) -> Result<(), SourceError> {
        let Some(None) = self.files.get(folder) else {
            return Err(missing(folder));
        };
        // In the order of a path, a folder comes before what is in it.
        for (path, content) in &self.files {
            if path == folder || !path.starts_with(folder) {
                continue;
            }
            let size = content.as_ref().map(|bytes| bytes.len() as u64);
            let kind = size.map_or(EntryKind::Folder, EntryKind::File);
            let path = path.clone();
            visit(Ok(Entry { path, kind }))?;
        }
        Ok(())
    }

    fn read(&self, path: &GpoPath, sink: Sink<'_>) -> Result<(), SourceError> {
        match self.files.get(path) {
            Some(Some(bytes)) => sink(bytes),
            _ => Err(missing(path)),
        }
    }
}

fn missing(path: &GpoPath) -> SourceError {
    SourceError::new(SourceErrorKind::NotFound, path.as_str(), "it is not there")
}

impl Sysvol for OwnDomain {}

impl Directory for OwnDomain {
    fn domain(&self) -> Result<Domain, SourceError> {
        Ok(Domain::new("own.test", "dc1.own.test"))
    }

    fn list(
        &self,
        visit: &mut dyn FnMut(GpoListing) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let display_name = self.gpo.display_name.clone();
        let id = self.gpo.id;
        visit(GpoListing { id, display_name })
    }

    fn containers(
        &self,
        ids: &[GpoId],
    ) -> Result<Vec<Result<Option<GpoContainer>, SourceError>>, SourceError> {
        let container = |id: &GpoId| (*id == self.gpo.id).then(|| self.gpo.clone());
        Ok(ids.iter().map(|id| Ok(container(id))).collect())
    }
}

/// Backs up every GPO of the domain into a folder; says how it went.
fn back_up(domain: &OwnDomain, folder: &Path) -> Result<Status, SourceError> {
    let store = FolderStore::open(folder)?;
    let backup = Backup::new(Source::of(domain), &store, Stamps::system());
    let outcome = backup.run(&Selection::All, &mut (), &Cancel::default());
    for message in &outcome.messages {
        println!("{message}");
    }
    Ok(outcome.status)
}

/// What is in the domain.
fn own_domain() -> Result<OwnDomain, gpo_core::Error> {
    let id: GpoId = "{10AD0009-6C1B-4F55-9B5C-7E3A4C2F0009}".parse()?;
    let mut pol = RegistryPol::default();
    pol.set(r"Software\Policies\Own", "Lock", RegistryValue::Dword(1))?;
    let mut files = BTreeMap::new();
    for (path, content) in [
        ("GPT.INI", b"[General]\r\nVersion=1\r\n".to_vec()),
        (r"Machine\registry.pol", pol.to_bytes()?),
    ] {
        let file: GpoPath = format!(r"Policies\{id}\{path}").parse()?;
        let folders = std::iter::successors(file.parent(), GpoPath::parent);
        files.extend(folders.map(|folder| (folder, None)));
        files.insert(file, Some(content));
    }
    let gpo = GpoContainer {
        version: GpoVersion::from_halves(0, 1),
        // Which client-side extension applies what is there, and what edits it: registry.pol.
        machine_extensions: "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}\
            {D02B1F72-3407-48AE-BA88-E8213C6761F1}]"
            .into(),
        ..GpoContainer::new(id, "Lock the screen")
    };
    Ok(OwnDomain { gpo, files })
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("FOLDER")?;
    match back_up(&own_domain()?, folder.as_ref())? {
        Status::Succeeded | Status::Warnings => Ok(()),
        Status::Failed | Status::Cancelled => Err("not everything was backed up".into()),
    }
}

#[cfg(test)]
mod tests {
    use gpo_testkit::conformance;

    use super::*;

    #[test]
    fn the_gpo_is_backed_up() {
        let folder = tempfile::tempdir().unwrap();
        let status = back_up(&own_domain().unwrap(), folder.path());
        assert_eq!(status.unwrap(), Status::Succeeded);
        assert!(folder.path().join("manifest.xml").is_file());
    }

    /// Every source can be tested so. What this one does not know is left out.
    #[test]
    fn the_source_keeps_to_the_rules() {
        let domain = own_domain().unwrap();
        let left_out = conformance::source(&domain, &domain);
        assert!(left_out.contains(&"links"), "{left_out:?}");
    }
}
