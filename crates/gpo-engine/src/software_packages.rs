//! Software packages of a GPO that is written into a directory.

use gpo_core::{DirectoryObject, GpoId, Guid, same_name};

const CLASS: &str = "packageRegistration";

/// Gives a new deployment GUID to every package that the directory does not have any more; says how
/// many there are. Their scripts keep their names.
///
/// The deployment GUID is the object's `objectGUID` ([MS-GPSI]): a directory makes one for every
/// new object, and none can be brought back.
pub(crate) fn renew_deployments(
    objects: &mut [DirectoryObject],
    there: &[DirectoryObject],
    new_id: &dyn Fn() -> Guid,
) -> usize {
    let mut renewed = 0;
    for object in objects {
        let same = there
            .iter()
            .find(|other| same_name(&other.rdn, &object.rdn));
        let ids = object.attributes.iter_mut().filter(|attribute| {
            object.class.eq_ignore_ascii_case(CLASS)
                && attribute.name.eq_ignore_ascii_case("objectGUID")
        });
        for id in ids {
            let there = same.and_then(|there| there.values("objectGUID").first());
            id.values = vec![there.cloned().unwrap_or_else(|| {
                renewed += 1;
                new_id().to_bytes().to_vec()
            })];
        }
        let below = same.map(|object| object.children.as_slice());
        renewed += renew_deployments(&mut object.children, below.unwrap_or_default(), new_id);
    }
    renewed
}
/// Lets the packages of another GPO name their scripts where they will be: `msiScriptPath` leads
/// into the folder of the GPO.
pub(crate) fn move_scripts(objects: &mut [DirectoryObject], from: GpoId, to: &str) {
    let mark = format!(r"\Policies\{from}\").to_lowercase();
    for object in objects {
        for attribute in &mut object.attributes {
            if !attribute.name.eq_ignore_ascii_case("msiScriptPath") {
                continue;
            }
            for value in &mut attribute.values {
                let Ok(path) = str::from_utf8(value) else {
                    continue;
                };
                // A GUID and these names have the same length in lower case.
                let below = path.to_lowercase().find(&mark).map(|at| at + mark.len());
                if let Some(rest) = below.and_then(|at| path.get(at..)) {
                    *value = format!(r"{to}\{rest}").into_bytes();
                }
            }
        }
        move_scripts(&mut object.children, from, to);
    }
}

/// Leaves the descriptors of objects to the directory, which gives those that their class has.
pub(crate) fn drop_descriptors(objects: &mut [DirectoryObject]) {
    for object in objects {
        object.security_descriptor = None;
        drop_descriptors(&mut object.children);
    }
}
