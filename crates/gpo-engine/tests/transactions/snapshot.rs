//! All that there is of a GPO, to be compared.

use std::collections::BTreeMap;

use gpo_core::{DirectoryObject, EntryKind, GpoContainer, GpoId, GptIni, Som, SourceErrorKind};
use gpo_engine::{AclConsistency, Source, check_acl};

use crate::operation::folder;

/// A GPO on both sides, and what else an operation could have changed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Snapshot {
    pub(crate) container: Option<GpoContainer>,
    /// Its files, folders without content; none where it has no folder.
    files: Option<BTreeMap<String, Option<Vec<u8>>>>,
    descriptor: Option<Vec<u8>>,
    /// Every GPO of the domain by its name.
    names: BTreeMap<String, GpoId>,
    /// The domain with its links; none where there is no domain.
    som: Option<Som>,
}

impl Snapshot {
    pub(crate) fn of(source: Source<'_>, id: GpoId) -> Self {
        let domain = match source.directory.domain() {
            Err(error) if error.kind() == SourceErrorKind::NotFound => return Self::of_nothing(),
            domain => domain.unwrap(),
        };
        let mut containers = source.directory.containers(&[id]).unwrap();
        let (mut files, folder) = (BTreeMap::new(), folder(id));
        let walked = source.sysvol.walk(&folder, &mut |entry| {
            let entry = entry?;
            let content = match entry.kind {
                EntryKind::Folder => None,
                EntryKind::File(_) => Some(source.sysvol.read_all(&entry.path, u64::MAX)?),
            };
            let path = entry.path.strip_prefix(&folder).unwrap();
            files.insert(path.as_str().to_owned(), content);
            Ok(())
        });
        let files = match walked {
            Err(error) if error.kind() == SourceErrorKind::NotFound => None,
            walked => walked.map(|()| Some(files)).unwrap(),
        };
        let mut names = BTreeMap::new();
        let listed = source.directory.list(&mut |gpo| {
            names.insert(gpo.display_name, gpo.id);
            Ok(())
        });
        listed.unwrap();
        let descriptor = files.as_ref().map(|_| source.sysvol.descriptor(&folder));
        Self {
            container: containers.remove(0).unwrap().map(sorted),
            files,
            descriptor: descriptor.and_then(Result::unwrap),
            names,
            som: source.directory.soms(&[domain.dn]).unwrap().remove(0),
        }
    }

    fn of_nothing() -> Self {
        Self {
            container: None,
            files: None,
            descriptor: None,
            names: BTreeMap::new(),
            som: None,
        }
    }

    /// The same, but for the domain that was made for the GPO, which stays.
    pub(crate) fn in_the_domain_of(&self, other: &Self) -> Self {
        Self {
            som: self.som.clone().or_else(|| other.som.clone()),
            ..self.clone()
        }
    }

    /// Both sides say the same: there is a GPO or there is none, of one version, with one
    /// descriptor.
    pub(crate) fn assert_agrees(&self, source: Source<'_>, id: GpoId) {
        let (Some(container), Some(files)) = (&self.container, &self.files) else {
            assert!(self.container.is_none() && self.files.is_none(), "{self:?}");
            return;
        };
        let ini = files
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("GPT.INI"));
        let ini = ini.unwrap().1.as_ref().unwrap();
        let version = GptIni::parse(ini).unwrap().version().unwrap();
        assert_eq!(version, container.version);
        let consistency = check_acl(source, id).unwrap();
        let differs = matches!(consistency, AclConsistency::Differs(_));
        assert!(!differs, "{consistency:?}");
    }
}

/// Without what a directory gives by itself, its times and the GUIDs of objects, and in an order
/// of its own.
fn sorted(mut container: GpoContainer) -> GpoContainer {
    fn sort(objects: &mut [DirectoryObject]) {
        for object in &mut *objects {
            let own = |name: &str| name.eq_ignore_ascii_case("objectGUID");
            object.attributes.retain(|attribute| !own(&attribute.name));
            for attribute in &mut object.attributes {
                attribute.values.sort();
            }
            object.attributes.sort_by(|a, b| a.name.cmp(&b.name));
            sort(&mut object.children);
        }
        objects.sort_by(|a, b| a.rdn.cmp(&b.rdn));
    }
    container.when_created.clear();
    container.when_changed.clear();
    sort(&mut container.machine_objects);
    sort(&mut container.user_objects);
    container
}
