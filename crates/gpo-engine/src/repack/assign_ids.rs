//! Giving each backup of a set an ID of its own.

use std::collections::BTreeSet;

use gpo_core::BackupId;

use crate::backup_set::{BackupSet, SetMember};

/// The ID that a backup gets.
pub(super) struct AssignedId {
    pub(super) id: BackupId,
    /// Why it is not the one that its bkupInfo.xml has.
    pub(super) why: Option<&'static str>,
}

/// Assigns IDs to the backups of a set, in their order: of several with the same ID, the first
/// keeps it; the others take the GUID in the name of their folder if no backup has it, else a new
/// one. (24 of the backups that LGPO.exe made in the census have the same ID.)
pub(super) fn assign_ids(set: &BackupSet, new_id: &dyn Fn() -> BackupId) -> Vec<AssignedId> {
    let mut taken: BTreeSet<BackupId> = set.backups.iter().filter_map(SetMember::id).collect();
    let mut kept = BTreeSet::new();
    let mut assigned = Vec::new();
    for member in &set.backups {
        let why = match member.id() {
            Some(id) if kept.insert(id) => {
                assigned.push(AssignedId { id, why: None });
                continue;
            }
            Some(_) => "another backup has the same ID",
            None => "the backup has no ID",
        };
        let from_name = guid_in(member.folder.name()).filter(|id| taken.insert(*id));
        let id = from_name.unwrap_or_else(|| {
            loop {
                let id = new_id();
                if taken.insert(id) {
                    break id;
                }
            }
        });
        assigned.push(AssignedId { id, why: Some(why) });
    }
    assigned
}

/// The last GUID in a text.
fn guid_in(text: &str) -> Option<BackupId> {
    let starts = text.rmatch_indices('{').map(|(start, _)| start);
    let mut guids = starts.filter_map(|start| text.get(start..start + 38)?.parse().ok());
    guids.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_guid_of_a_name_is_found() {
        let guid = "{A8D5BF63-4755-4E44-9D6F-B6A99FA00334}";
        let id = guid.parse().ok();
        for (text, found) in [
            (guid.to_owned(), id),
            (format!("lgpo-camera-{guid}"), id),
            (format!("{{{guid}.zip"), id),
            ("{A8D5BF63}".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(guid_in(&text), found, "{text}");
        }
    }
}
