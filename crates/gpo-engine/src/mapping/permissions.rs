//! The security descriptors of a GPO and its directory objects.

use gpo_core::{
    DirectoryObject, Gpo, GpoReference, Half, ReferenceSource, Result, descriptor_references,
    edit_descriptor,
};

use super::edit::{changes, refuse};
use super::mapped_gpo::{MappedReference, ReferenceFate};

/// Adds the SIDs of the GPO's security descriptor and of those of its directory objects.
pub(super) fn add(gpo: &Gpo, found: &mut Vec<GpoReference>) -> Result<()> {
    of_descriptor(
        gpo.security_descriptor.as_deref(),
        &ReferenceSource::Container,
        found,
    )?;
    Half::BOTH.into_iter().try_for_each(|half| {
        let mut objects = gpo.objects(half).iter();
        objects.try_for_each(|object| of_object(object, half, &mut Vec::new(), found))
    })
}

/// Sources limit the depth of objects, so the recursion ends.
fn of_object(
    object: &DirectoryObject,
    half: Half,
    rdns: &mut Vec<String>,
    found: &mut Vec<GpoReference>,
) -> Result<()> {
    rdns.push(object.rdn.clone());
    let source = ReferenceSource::Object {
        half,
        rdns: rdns.clone(),
    };
    of_descriptor(object.security_descriptor.as_deref(), &source, found)?;
    let mut children = object.children.iter();
    children.try_for_each(|child| of_object(child, half, rdns, found))?;
    rdns.pop();
    Ok(())
}

fn of_descriptor(
    descriptor: Option<&[u8]>,
    source: &ReferenceSource,
    found: &mut Vec<GpoReference>,
) -> Result<()> {
    let references = descriptor.map(descriptor_references).transpose()?;
    let references = references.into_iter().flatten();
    found.extend(references.map(|reference| GpoReference {
        source: source.clone(),
        is_listed: true,
        reference,
    }));
    Ok(())
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
