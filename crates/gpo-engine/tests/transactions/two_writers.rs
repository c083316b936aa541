//! Two writers of one GPO: the second is refused, and so is who planned for a GPO that has changed
//! since.

use gpo_core::{BackupStoreWrite, GpoId};
use gpo_engine::{Cancel, EditGpo, Journal, Stamps, Status, Target, apply_plan, plan_removal};
use gpo_testkit::Faults;

use crate::operation::{Operation, Place};
use crate::snapshot::Snapshot;

/// Whoever holds the lock keeps every operation away, which changes nothing and says so. `other` is
/// the same domain for another writer.
pub(crate) fn the_second_is_refused(operation: Operation, place: Place<'_>, other: Target<'_>) {
    let before = Snapshot::of(other.source(), operation.gpo());
    let held = other.sysvol.lock(operation.gpo()).unwrap();
    let ended = operation.run(place, &Faults::none());
    assert!(ended.failed, "{operation:?}");
    let said = ended.messages.join("\n").to_lowercase();
    let id = operation.gpo().to_string().to_lowercase();
    let names_it = said.contains(&id);
    assert!(names_it, "{operation:?}: {said}");
    drop(held);
    let after = Snapshot::of(other.source(), operation.gpo());
    assert_eq!(after, before, "{operation:?}");
    assert_eq!(place.state.backups().unwrap(), [], "{operation:?}");
}

fn rename(target: Target<'_>, state: &dyn BackupStoreWrite, id: GpoId, name: &str) -> Status {
    let mut edit = EditGpo::open(target, id).unwrap();
    edit.rename(name);
    let journal = Journal::new(state, Stamps::system());
    let applied = edit.apply(&journal, &mut (), &Cancel::default());
    applied.unwrap().status
}

/// A plan is for the GPO as it was; when somebody else has changed it, on either side, it is not
/// carried out.
pub(crate) fn a_plan_for_another_state_is_refused(place: Place<'_>, other: Target<'_>) {
    let (target, id) = (place.target, Operation::Delete.gpo());
    let journal = Journal::new(place.state, Stamps::system());
    let file = crate::operation::folder(id).join("new.txt").unwrap();
    let renamed: &dyn Fn() = &|| {
        assert_ne!(rename(other, place.state, id, "By another"), Status::Failed);
    };
    let rewritten: &dyn Fn() = &|| {
        let folder = file.parent().unwrap();
        let write = other.sysvol.replace_tree(&folder, &mut |tree| {
            tree.create_file(&"new.txt".parse().unwrap())?;
            tree.append(b"new")
        });
        write.unwrap();
    };
    for change in [renamed, rewritten] {
        let removal = plan_removal(target, id).unwrap();
        let mut edit = EditGpo::open(target, id).unwrap();
        edit.rename("Mine");
        change();
        let before = Snapshot::of(other.source(), id);
        let removed = apply_plan(removal, target, &journal, &mut (), &Cancel::default());
        let edited = edit.apply(&journal, &mut (), &Cancel::default()).unwrap();
        for outcome in [removed, edited] {
            assert_eq!(outcome.status, Status::Failed, "{:?}", outcome.messages);
            let said = outcome.messages.iter().map(|message| &message.text);
            let said: Vec<_> = said.filter(|text| text.contains("changed since")).collect();
            assert_eq!(said.len(), 1, "{:?}", outcome.messages);
        }
        assert_eq!(Snapshot::of(other.source(), id), before);
    }
}
