//! Backs up GPOs from a source of one's own: here a domain with one GPO, which sets one value.
//!
//! `cargo run -p gpo-examples --example own_source -- FOLDER`

use std::error::Error;
use std::path::Path;

use gpo_core::{
    Contents, Directory, Domain, Entry, EntryKind, GpoContainer, GpoId, GpoListing, GpoPath,
    GpoVersion, RegistryPol, RegistryValue, SourceError, SourceErrorKind, Sysvol,
};
use gpo_engine::{Backup, Cancel, Selection, Source, Stamps, Status};
use gpo_local::FolderStore;

const GPO: &str = "{10AD0009-6C1B-4F55-9B5C-7E3A4C2F0009}";

/// A domain of one's own. What it does not know, such as links, it does not implement.
struct OwnDomain {
    /// Path below `\\own.test\SYSVOL\own.test`, and content.
    files: Vec<(GpoPath, Vec<u8>)>,
}

impl Contents for OwnDomain {
    fn walk(
        &self,
        folder: &GpoPath,
        visit: &mut dyn FnMut(Result<Entry, SourceError>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let below = |path: &GpoPath| path.starts_with(folder) && path != folder;
        let mut folders: Vec<GpoPath> = Vec::new();
        for (file, bytes) in self.files.iter().filter(|(path, _)| below(path)) {
            let mut above: Vec<_> = std::iter::successors(file.parent(), GpoPath::parent).collect();
            above.reverse();
            for path in above.into_iter().filter(below) {
                if !folders.contains(&path) {
                    folders.push(path.clone());
                    let kind = EntryKind::Folder;
                    visit(Ok(Entry { path, kind }))?;
                }
            }
            let (path, kind) = (file.clone(), EntryKind::File(bytes.len() as u64));
            visit(Ok(Entry { path, kind }))?;
        }
        Ok(())
    }

    fn read(
        &self,
        path: &GpoPath,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let found = self.files.iter().find(|(own, _)| own == path);
        let missing = || SourceError::new(SourceErrorKind::NotFound, path.as_str(), "no such file");
        sink(&found.ok_or_else(missing)?.1)
    }
}

impl Sysvol for OwnDomain {}

impl Directory for OwnDomain {
    fn domain(&self) -> Result<Domain, SourceError> {
        Ok(Domain {
            dns_name: "own.test".into(),
            dn: "DC=own,DC=test".into(),
            netbios_name: Some("OWN".into()),
            id: None,
            sid: None,
            domain_controller: "dc1.own.test".into(),
        })
    }

    fn list(
        &self,
        visit: &mut dyn FnMut(GpoListing) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let id = GPO.parse().map_err(|e| SourceError::invalid(GPO, e))?;
        let display_name = "Lock the screen".into();
        visit(GpoListing { id, display_name })
    }

    fn containers(
        &self,
        ids: &[GpoId],
    ) -> Result<Vec<Result<Option<GpoContainer>, SourceError>>, SourceError> {
        let container = |id: &GpoId| GpoContainer {
            version: GpoVersion::from_halves(0, 1),
            machine_extensions: "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}\
                {D02B1F72-3407-48AE-BA88-E8213C6761F1}]"
                .into(),
            ..GpoContainer::new(*id, "Lock the screen")
        };
        Ok(ids.iter().map(|id| Ok(Some(container(id)))).collect())
    }
}

/// Backs up every GPO of the domain into a folder; says how it went.
fn back_up(folder: &Path) -> Result<Status, Box<dyn Error>> {
    let mut pol = RegistryPol::default();
    pol.set(r"Software\Policies\Own", "Lock", RegistryValue::Dword(1))?;
    let domain = OwnDomain {
        files: vec![
            (
                format!(r"Policies\{GPO}\GPT.INI").parse()?,
                b"[General]\r\nVersion=1\r\n".into(),
            ),
            (
                format!(r"Policies\{GPO}\Machine\registry.pol").parse()?,
                pol.to_bytes()?,
            ),
        ],
    };
    let store = FolderStore::open(folder)?;
    let outcome = Backup::new(Source::of(&domain), &store, Stamps::system()).run(
        &Selection::All,
        &mut (),
        &Cancel::default(),
    );
    for message in &outcome.messages {
        println!("{message}");
    }
    for gpo in &outcome.value {
        println!("{} {}", gpo.gpo.id, gpo.gpo.display_name);
    }
    Ok(outcome.status)
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("which folder?")?;
    back_up(Path::new(&folder))?;
    Ok(())
}

#[test]
fn the_gpo_is_backed_up() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(back_up(folder.path()).unwrap(), Status::Succeeded);
    assert!(folder.path().join("manifest.xml").is_file());
}
