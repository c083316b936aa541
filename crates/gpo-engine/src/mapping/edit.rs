//! Writing what becomes of references into files and objects.

use std::collections::HashSet;

use gpo_core::{
    DirectoryObject, EntryKind, Gpo, GpoPath, Half, Reference, ReferencePlace, ReferenceSource,
    SettingsFile, SourceError, XmlPath,
};

use super::mapped_gpo::{KeptReason, MappedGpo, MappedReference, ReferenceFate};
use super::permissions;

/// How many references of a file may be read as something else before the file is left as it is.
const ATTEMPTS: usize = 16;

/// Edits the files and objects of a GPO. What cannot be written stays, and its fate says why.
pub(super) fn edit(
    mapped: &mut MappedGpo,
    mut read: impl FnMut(&GpoPath) -> Result<Vec<u8>, SourceError>,
) -> Result<(), SourceError> {
    let MappedGpo {
        gpo,
        files,
        references,
        ..
    } = mapped;
    for group in references.chunk_by_mut(is_together) {
        if !group.iter().any(changes) {
            continue;
        }
        match group.first().map(|first| first.source.clone()) {
            Some(ReferenceSource::File(path)) => {
                let bytes = read(&path)?;
                if let Some(new) = edit_file(&path, &bytes, group) {
                    let size = EntryKind::File(new.len() as u64);
                    if gpo.inventory.remove(&path).is_some() {
                        // The place was free a moment ago.
                        let _ = gpo.inventory.insert(path.clone(), size);
                    }
                    files.insert(path, new);
                }
            }
            Some(ReferenceSource::Object { half, rdns }) => match object_mut(gpo, half, &rdns) {
                Some(object) if is_descriptor(group) => {
                    permissions::edit(&mut object.security_descriptor, group);
                }
                Some(object) => edit_object(object, group),
                None => refuse_all(group, "the object is not there"),
            },
            Some(ReferenceSource::Container) => {
                permissions::edit(&mut gpo.security_descriptor, group);
            }
            None => {}
        }
    }
    Ok(())
}

/// The new content of a file; `None` where nothing changed.
fn edit_file(path: &GpoPath, bytes: &[u8], group: &mut [MappedReference]) -> Option<Vec<u8>> {
    for _ in 0..ATTEMPTS {
        match try_edit_file(path, bytes, group) {
            Ok(new) => return new.filter(|new| new != bytes),
            Err(Misfit::References(misfits)) => {
                for (n, why) in misfits {
                    if let Some(misfit) = group.get_mut(n) {
                        refuse(misfit, &why);
                    }
                }
            }
            Err(Misfit::File(why)) => {
                refuse_all(group, &why);
                return None;
            }
        }
    }
    refuse_all(group, "too much in the file cannot be written");
    None
}

/// Why a file cannot be edited: because of some references, by their numbers, or as a whole.
enum Misfit {
    References(Vec<(usize, String)>),
    File(String),
}

/// Edits a file and reads it again: what was written has to be found in its place and nothing
/// beside it, so that no destination can become something else than a principal or a path.
fn try_edit_file(
    path: &GpoPath,
    bytes: &[u8],
    group: &[MappedReference],
) -> Result<Option<Vec<u8>>, Misfit> {
    let whole = |error: gpo_core::Error| Misfit::File(error.to_string());
    let mut file = SettingsFile::parse(path, bytes).map_err(whole)?;
    let edits: Vec<_> = group.iter().map(edit_of).collect();
    let results = file.edit_references(&edits).into_iter().enumerate();
    let misfits: Vec<_> = results
        .filter_map(|(n, result)| Some((n, result.err()?.message().to_owned())))
        .collect();
    if !misfits.is_empty() {
        return Err(Misfit::References(misfits));
    }
    let expected = expected(group);
    let new = file.to_bytes().map_err(whole)?;
    let again = SettingsFile::parse(path, &new).map_err(whole)?;
    let again = again.references();
    for (index, (n, text)) in expected.iter().enumerate() {
        if again.get(index).is_none_or(|found| found.text != *text) {
            let changed = group.get(*n).is_some_and(changes);
            let why = "it would be read as something else there".to_owned();
            return Err(if changed {
                Misfit::References(vec![(*n, why)])
            } else {
                Misfit::File(why)
            });
        }
    }
    if again.len() != expected.len() {
        return Err(Misfit::File("it would name more than before".into()));
    }
    Ok(Some(new))
}

/// What is to stand in the place of a reference.
fn edit_of(own: &MappedReference) -> (&Reference, Option<&str>) {
    let text = match &own.fate {
        ReferenceFate::Replaced { by, .. } => Some(by.as_str()),
        ReferenceFate::Removed { .. } => None,
        ReferenceFate::Kept(_) => Some(own.reference.text.as_str()),
    };
    (&own.reference, text)
}

/// What the file is to name afterwards, each with the number of its reference. With the member of
/// a group, all that is in its element goes.
fn expected(group: &[MappedReference]) -> Vec<(usize, &str)> {
    let element = |own: &MappedReference| match &own.reference.place {
        ReferencePlace::Xml { element, .. } => Some(element.clone()),
        _ => None,
    };
    let is_removed = |own: &&MappedReference| matches!(own.fate, ReferenceFate::Removed { .. });
    let removed = group.iter().filter(is_removed).filter_map(element);
    let removed: HashSet<XmlPath> = removed.collect();
    let left = group.iter().enumerate().filter_map(|(n, own)| {
        let is_gone = element(own).is_some_and(|element| removed.contains(&element));
        let (_, text) = edit_of(own);
        text.filter(|_| !is_gone).map(|text| (n, text))
    });
    left.collect()
}

fn edit_object(object: &mut DirectoryObject, group: &mut [MappedReference]) {
    let edits: Vec<_> = group.iter().map(edit_of).collect();
    let results = object.edit_references(&edits);
    for (own, result) in group.iter_mut().zip(results) {
        if let Err(error) = result {
            refuse(own, error.message());
        }
    }
}

fn object_mut<'a>(
    gpo: &'a mut Gpo,
    half: Half,
    rdns: &[String],
) -> Option<&'a mut DirectoryObject> {
    let mut objects = match half {
        Half::Machine => &mut gpo.machine_objects,
        Half::User => &mut gpo.user_objects,
    };
    let (last, above) = rdns.split_last()?;
    for rdn in above {
        objects = &mut objects.iter_mut().find(|o| o.rdn == *rdn)?.children;
    }
    objects.iter_mut().find(|o| o.rdn == *last)
}

/// Whether something is to be written.
pub(super) fn changes(own: &MappedReference) -> bool {
    match &own.fate {
        ReferenceFate::Replaced { by, .. } => *by != own.reference.text,
        ReferenceFate::Removed { .. } => true,
        ReferenceFate::Kept(_) => false,
    }
}

/// Whether two references are in the same file, the attributes of the same object, or the same
/// security descriptor.
fn is_together(a: &MappedReference, b: &MappedReference) -> bool {
    let one = std::slice::from_ref;
    a.source == b.source && is_descriptor(one(a)) == is_descriptor(one(b))
}

fn is_descriptor(group: &[MappedReference]) -> bool {
    let is_place =
        |own: &MappedReference| matches!(own.reference.place, ReferencePlace::Descriptor(_));
    group.first().is_some_and(is_place)
}

fn refuse_all(group: &mut [MappedReference], why: &str) {
    group
        .iter_mut()
        .filter(|own| changes(own))
        .for_each(|own| refuse(own, why));
}

pub(super) fn refuse(own: &mut MappedReference, why: &str) {
    if let ReferenceFate::Replaced { rule, .. } | ReferenceFate::Removed { rule } = &own.fate {
        let (rule, why) = (rule.clone(), why.to_owned());
        own.fate = ReferenceFate::Kept(KeptReason::Unwritable { rule, why });
    }
}
