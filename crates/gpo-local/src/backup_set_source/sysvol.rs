//! The SYSVOL that the GPOs of a set of backups would be in.

use gpo_core::{
    BackupXml, Contents, Entry, EntryKind, Error, GpoId, GpoPath, GpoVersion, GptIni, HalfVersion,
    Piece, Sidecar, Sink, SourceError, SourceErrorKind, Sysvol, Visitor,
};

use super::{BackupSetSource, Member, at, tree};

/// The name that Windows writes into every GPT.INI, whatever the GPO is called.
const GPT_INI_NAME: &str = "New Group Policy Object";

/// Where a backup holds a file of SYSVOL.
pub(super) fn in_backup(path: &GpoPath) -> Result<GpoPath, Error> {
    GpoPath::from_name("DomainSysvol")?
        .join("GPO")?
        .join_path(path)
}

pub(super) fn gpt_ini_path() -> Result<GpoPath, Error> {
    GpoPath::from_name("GPT.INI")
}

/// The file that a backup leaves out: that of its side-car, if it has the same version.
pub(super) fn gpt_ini(xml: &BackupXml, contents: &dyn Contents) -> Result<Vec<u8>, Error> {
    let sysvol = |version: Option<HalfVersion>| version.unwrap_or_default().sysvol;
    let (user, machine) = (xml.core.user_version, xml.core.machine_version);
    let version = GpoVersion::from_halves(sysvol(user), sysvol(machine));
    let sidecar = Sidecar::read(contents).ok().flatten();
    let kept = sidecar.and_then(|sidecar| sidecar.gpt_ini);
    let same = |bytes: &Vec<u8>| {
        let kept = GptIni::parse(bytes).and_then(|ini| ini.version());
        kept.is_ok_and(|kept| kept == version)
    };
    match kept.filter(same) {
        Some(bytes) => Ok(bytes),
        None => GptIni::new(version, GPT_INI_NAME)?.to_bytes(),
    }
}

fn policies() -> Result<GpoPath, SourceError> {
    GpoPath::from_name("Policies").map_err(|e| SourceError::invalid("Policies", e))
}

fn not_found(path: &GpoPath) -> SourceError {
    let message = "the set of backups has no such file or folder";
    SourceError::new(SourceErrorKind::NotFound, path.as_str(), message)
}

impl BackupSetSource {
    /// The GPO that a path leads to, and the rest of the path.
    fn find(&self, path: &GpoPath) -> Result<(&Member, GpoPath), SourceError> {
        let find = || {
            let below = path.strip_prefix(&policies().ok()?)?;
            let id: GpoId = below.components().next()?.parse().ok()?;
            let rest = below.strip_prefix(&GpoPath::from_name(&id.to_string()).ok()?)?;
            Some((self.member(id)?, rest))
        };
        find().ok_or_else(|| not_found(path))
    }

    /// Visits what is below `folder` in one GPO, whose own folder is visited, too.
    fn walk_gpo(&self, member: &Member, visit: Visitor<'_>) -> Result<(), SourceError> {
        let own = policies()?
            .join(&member.id.to_string())
            .map_err(at(member))?;
        visit(Ok(Entry {
            path: own.clone(),
            kind: EntryKind::Folder,
        }))?;
        let xml = self.backup_xml(member)?;
        let contents = self.store.open(&member.folder)?;
        let (inventory, wrong) = tree(&xml, &*contents, member)?;
        wrong.into_iter().try_for_each(|error| visit(Err(error)))?;
        for (path, kind) in inventory.iter() {
            let path = own.join_path(path).map_err(at(member))?;
            visit(Ok(Entry { path, kind }))?;
        }
        Ok(())
    }

    /// The files in the backup, where all of them are in one, as the files of a GPO are.
    fn of_one_backup(&self, paths: &[GpoPath]) -> Option<(&Member, Vec<GpoPath>)> {
        let (member, _) = self.find(paths.first()?).ok()?;
        let gpt_ini = gpt_ini_path().ok()?;
        let file = |path| {
            let (other, below) = self.find(path).ok()?;
            (other.id == member.id && below != gpt_ini).then(|| in_backup(&below).ok())?
        };
        Some((member, paths.iter().map(file).collect::<Option<_>>()?))
    }

    /// The made-up GPT.INI, where the backup has none of its own.
    fn made_gpt_ini(
        &self,
        member: &Member,
        path: &GpoPath,
        contents: &dyn Contents,
    ) -> Result<Option<Vec<u8>>, SourceError> {
        if *path != gpt_ini_path().map_err(at(member))? {
            return Ok(None);
        }
        let own = in_backup(path).map_err(at(member))?;
        match contents.read(&own, &mut |_| Ok(())) {
            Err(error) if error.kind() == SourceErrorKind::NotFound => {}
            result => return result.map(|()| None),
        }
        let xml = self.backup_xml(member)?;
        gpt_ini(&xml, contents).map(Some).map_err(at(member))
    }
}

impl Contents for BackupSetSource {
    fn walk(&self, folder: &GpoPath, visit: Visitor<'_>) -> Result<(), SourceError> {
        let policies = policies()?;
        if folder.is_root() {
            visit(Ok(Entry {
                path: policies.clone(),
                kind: EntryKind::Folder,
            }))?;
        }
        if folder.is_root() || *folder == policies {
            return self
                .gpos
                .iter()
                .try_for_each(|gpo| self.walk_gpo(gpo, visit));
        }
        let (member, _) = self.find(folder)?;
        let mut found = false;
        self.walk_gpo(member, &mut |entry| match entry {
            Ok(entry) if entry.path == *folder => {
                found = entry.kind == EntryKind::Folder;
                Ok(())
            }
            Ok(entry) if !entry.path.starts_with(folder) => Ok(()),
            entry => visit(entry),
        })?;
        if found {
            Ok(())
        } else {
            Err(not_found(folder))
        }
    }

    fn read(&self, path: &GpoPath, sink: Sink<'_>) -> Result<(), SourceError> {
        let (member, below) = self.find(path)?;
        let contents = self.store.open(&member.folder)?;
        match self.made_gpt_ini(member, &below, &*contents)? {
            Some(bytes) => sink(&bytes),
            None => contents.read(&in_backup(&below).map_err(at(member))?, sink),
        }
    }

    fn read_many(
        &self,
        paths: &[GpoPath],
        in_flight: usize,
        sink: &mut dyn FnMut(usize, Piece<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        if let Some((member, files)) = self.of_one_backup(paths) {
            let contents = self.store.open(&member.folder)?;
            return contents.read_many(&files, in_flight, sink);
        }
        for (n, path) in paths.iter().enumerate() {
            Piece::give(n, sink, |sink| self.read(path, sink))?;
        }
        Ok(())
    }
}

impl Sysvol for BackupSetSource {
    fn damage(&self, folder: &GpoPath) -> Result<Vec<SourceError>, SourceError> {
        let (member, _) = self.find(folder)?;
        let contents = self.store.open(&member.folder)?;
        let sidecar = Sidecar::read(&*contents).ok().flatten();
        Ok(sidecar.map_or_else(Vec::new, |sidecar| sidecar.changed_files(&*contents)))
    }
}
