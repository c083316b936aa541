//! The security descriptors of a GPO and its directory objects.

use gpo_core::{
    DirectoryObject, Gpo, GpoReference, GpoReferences, Half, ReferenceSource,
    descriptor_references, edit_descriptor,
};

use super::edit::{changes, refuse};
use super::mapped_gpo::{MappedReference, ReferenceFate};

/// Adds the SIDs of the GPO's security descriptor and of those of its directory objects; one that
/// cannot be read is added to what was not read.
pub(super) fn add(gpo: &Gpo, found: &mut GpoReferences) {
    of_descriptor(
        gpo.security_descriptor.as_deref(),
        &ReferenceSource::Container,
        found,
    );
    for half in Half::BOTH {
        for object in gpo.objects(half) {
            of_object(object, half, &mut Vec::new(), found);
        }
    }
}

/// Sources limit the depth of objects, so the recursion ends.
fn of_object(
    object: &DirectoryObject,
    half: Half,
    rdns: &mut Vec<String>,
    found: &mut GpoReferences,
) {
    rdns.push(object.rdn.clone());
    let source = ReferenceSource::Object {
        half,
        rdns: rdns.clone(),
    };
    of_descriptor(object.security_descriptor.as_deref(), &source, found);
    for child in &object.children {
        of_object(child, half, rdns, found);
    }
    rdns.pop();
}

fn of_descriptor(descriptor: Option<&[u8]>, source: &ReferenceSource, found: &mut GpoReferences) {
    match descriptor.map(descriptor_references).transpose() {
        Ok(references) => {
            let references = references.into_iter().flatten();
            found.found.extend(references.map(|reference| GpoReference {
                source: source.clone(),
                is_listed: true,
                reference,
            }));
        }
        Err(error) => found.unread.push(error.in_file(source.to_string())),
    }
}

/// Edits a descriptor; what cannot be taken out stays.
pub(super) fn edit(descriptor: &mut Option<Vec<u8>>, group: &mut [MappedReference]) {
    let Some(bytes) = descriptor else { return };
    for own in group.iter_mut().rev().filter(|own| changes(own)) {
        let text = match &own.fate {
            ReferenceFate::Replaced { by, .. } => Some(by.as_str()),
            _ => None,
        };
        match edit_descriptor(bytes, &own.reference, text) {
            Ok(new) => *bytes = new,
            Err(error) => refuse(own, error.message()),
        }
    }
}
