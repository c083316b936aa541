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
    let mark = format!(r"\Policies\{from}\");
    let below = |path: &str| {
        path.match_indices('\\').find_map(|(at, _)| {
            let (folder, rest) = path.get(at..)?.split_at_checked(mark.len())?;
            let moved = format!(r"{to}\{rest}");
            folder.eq_ignore_ascii_case(&mark).then_some(moved)
        })
    };
    for object in objects {
        for attribute in &mut object.attributes {
            if !attribute.name.eq_ignore_ascii_case("msiScriptPath") {
                continue;
            }
            for value in &mut attribute.values {
                if let Some(moved) = str::from_utf8(value).ok().and_then(below) {
                    *value = moved.into_bytes();
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

#[cfg(test)]
mod tests {
    use gpo_core::DirectoryAttribute;

    use super::*;

    #[test]
    fn a_script_moves_with_its_gpo_whatever_server_it_was_on() {
        let from = "{6AC1786C-016F-11D2-945F-00C04FB984F9}".parse().unwrap();
        let below = r"POLICIES\{6ac1786c-016F-11D2-945F-00C04FB984F9}\Machine\a.aas";
        for (server, moves) in [
            (r"\\old\sysvol\old.test\", true),
            // In lower case it has a byte more.
            (r"\\İ\sysvol\old.test\", true),
            (r"\\old\sysvol\old.test\x", false),
        ] {
            let path = format!("{server}{below}");
            let mut objects = [DirectoryObject {
                attributes: vec![DirectoryAttribute {
                    name: "msiScriptPath".into(),
                    values: vec![path.clone().into_bytes()],
                }],
                ..DirectoryObject::default()
            }];
            move_scripts(&mut objects, from, r"\\new\Policies\{X}");
            let moved = r"\\new\Policies\{X}\Machine\a.aas";
            let expected = if moves { moved } else { path.as_str() };
            let [object] = &objects;
            assert_eq!(object.values("msiScriptPath"), [expected.as_bytes()]);
        }
    }
}
