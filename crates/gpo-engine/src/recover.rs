//! Rolling back what did not come to its end.

use gpo_core::{Contents, GpoId, GpoVersion, SourceError, SourceErrorKind};

use crate::backup_files;
use crate::gpo_state::{GpoState, GptIniFile};
use crate::journal::{Entry, Journal};
use crate::link_edits::rolled_back;
use crate::new_tree::{NewTree, TreeSource};
use crate::observer::Cancel;
use crate::source::gpo_folder;
use crate::status::{OperationCode, Outcome, Severity, StatusMessage};
use crate::target::Target;

/// A GPO that was put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoveredGpo {
    /// The GPO.
    pub gpo_id: GpoId,
    /// The operation that did not come to its end.
    pub operation: String,
}

/// Puts back every GPO of a domain that an operation of this journal left half written, because
/// its process died. A GPO that another process is at work on is left to it.
///
/// ```
/// use gpo_engine::{Journal, Stamps, Target, recover};
/// use gpo_testkit::{MemoryDomain, MemoryStore};
///
/// let (domain, state) = (MemoryDomain::example(), MemoryStore::default());
/// let outcome = recover(Target::of(&domain), &Journal::new(&state, Stamps::system()));
/// assert!(outcome.value.is_empty(), "nothing was left");
/// ```
pub fn recover(target: Target<'_>, journal: &Journal<'_>) -> Outcome<Vec<RecoveredGpo>> {
    let (mut recovered, mut messages) = (Vec::new(), Vec::new());
    let entries = match target.directory.domain() {
        Ok(domain) => journal.entries(&domain),
        // Where there is no domain there is nothing that could be half written.
        Err(error) if error.kind() == SourceErrorKind::NotFound => {
            return Outcome::new(recovered, messages);
        }
        Err(error) => Err(error),
    };
    let entries = match entries {
        Ok(found) => found,
        Err(error) => {
            let code = OperationCode::Recover;
            let message = StatusMessage::of_source_error(code, &error);
            return Outcome::new(recovered, vec![message]);
        }
    };
    clear_up(target, journal);
    for entry in entries {
        let gpo_id = entry.record.gpo_id();
        match recover_entry(journal, &entry, target) {
            Ok(true) => {
                let operation = entry.record.operation().to_owned();
                let text = format!("the {operation} did not come to its end; the GPO is as it was");
                let severity = Severity::Warning;
                let code = OperationCode::Recover;
                messages.push(StatusMessage::new(severity, code, gpo_id.to_string(), text));
                recovered.push(RecoveredGpo { gpo_id, operation });
            }
            Ok(false) => {}
            Err(error) => {
                let mut message = StatusMessage::of_source_error(OperationCode::Recover, &error);
                message.object_path = format!("{gpo_id}: {}", message.object_path);
                messages.push(message);
            }
        }
    }
    Outcome::new(recovered, messages)
}

/// Lets target and journal clear away what was staged, and who was locked out, when a process died
/// before it had begun to write: whoever takes a lock, or begins a backup, does that.
fn clear_up(target: Target<'_>, journal: &Journal<'_>) {
    // None that there is: nobody is kept waiting.
    let nothing = GpoId::new(gpo_core::Guid::from_u128(0));
    drop(target.sysvol.lock(nothing));
    drop(journal.store.stage((journal.stamps.new_id)()));
}

/// Says whether there was something to put back.
fn recover_entry(
    journal: &Journal<'_>,
    entry: &Entry,
    target: Target<'_>,
) -> Result<bool, SourceError> {
    let _lock = match target.sysvol.lock(entry.record.gpo_id()) {
        Ok(lock) => lock,
        // Its process is alive.
        Err(error) if error.kind() == SourceErrorKind::Busy => return Ok(false),
        Err(error) => return Err(error),
    };
    // It may have come to its end before the lock was free.
    if journal.record(&entry.folder)?.is_none() {
        return Ok(false);
    }
    roll_back(journal, entry, target)?;
    Ok(true)
}

/// Puts a GPO back, and removes the entry of the journal. The GPO is locked by the caller.
pub(crate) fn roll_back(
    journal: &Journal<'_>,
    entry: &Entry,
    target: Target<'_>,
) -> Result<(), SourceError> {
    let id = entry.record.gpo_id();
    let old = entry.record.state()?;
    let now = GpoState::read(target.source(), id)?;
    check_own_work(entry, &old, &now)?;
    let contents = journal.open(entry)?;
    put_tree_back(target, id, contents.as_ref(), &old, &now)?;
    match &old.container {
        Some(container) if now.container.as_ref() != Some(container) => {
            target.directory.put_container(container)?;
        }
        None if now.container.is_some() => target.directory.remove_container(id)?,
        _ => {}
    }
    put_descriptor_back(target, id, &old)?;
    put_links_back(target, entry)?;
    journal.remove(entry)
}

/// A GPO that somebody else changed since is not ours to put back: each side must have the version
/// of before or the one that the operation was about to write.
fn check_own_work(entry: &Entry, old: &GpoState, now: &GpoState) -> Result<(), SourceError> {
    let after = entry.record.version_after();
    let own = |before: Option<GpoVersion>, now: Option<GpoVersion>| {
        now.is_none() || now == before || now == after
    };
    let directory = |state: &GpoState| state.container.as_ref().map(|c| c.version);
    let sysvol = |state: &GpoState| state.gpt_ini.as_ref().and_then(GptIniFile::version);
    if own(directory(old), directory(now)) && own(sysvol(old), sysvol(now)) {
        return Ok(());
    }
    let message = "somebody changed the GPO since the operation that did not come to its end; what \
                   was there before is in the journal, a backup in the usual form";
    let object = entry.folder.path.as_str();
    Err(SourceError::new(SourceErrorKind::Changed, object, message))
}

fn put_tree_back(
    target: Target<'_>,
    id: GpoId,
    contents: &dyn Contents,
    old: &GpoState,
    now: &GpoState,
) -> Result<(), SourceError> {
    let folder = gpo_folder(id)?;
    let Some(inventory) = &old.tree else {
        return match target.sysvol.remove_tree(&folder) {
            Err(error) if error.kind() == SourceErrorKind::NotFound => Ok(()),
            result => result,
        };
    };
    let root = backup_files::sysvol_folder();
    let kept = TreeSource::new(contents, &root);
    let tree = NewTree {
        inventory: inventory.clone(),
        gpt_ini: old.gpt_ini.clone(),
        ..NewTree::default()
    };
    if (&old.tree, &old.gpt_ini) == (&now.tree, &now.gpt_ini) {
        // Where trees cannot be swapped, some files may have been written and GPT.INI not yet.
        let current = TreeSource::new(target.sysvol, &folder);
        let mut same = true;
        for (path, size) in inventory.files() {
            same = same && tree.same_content(kept, current, path, size)?;
        }
        if same {
            return Ok(());
        }
    }
    target.sysvol.replace_tree(&folder, &mut |writer| {
        tree.write(kept, writer, &Cancel::default()).map(|_| ())
    })
}

fn put_descriptor_back(target: Target<'_>, id: GpoId, old: &GpoState) -> Result<(), SourceError> {
    let folder = gpo_folder(id)?;
    let Some(descriptor) = &old.descriptor else {
        return Ok(());
    };
    if target.sysvol.descriptor(&folder)?.as_ref() == Some(descriptor) {
        return Ok(());
    }
    target.sysvol.set_descriptor(&folder, descriptor)
}

fn put_links_back(target: Target<'_>, entry: &Entry) -> Result<(), SourceError> {
    let soms = entry.record.soms();
    if soms.is_empty() {
        return Ok(());
    }
    let dns: Vec<_> = soms.iter().map(|som| som.dn.clone()).collect();
    let now = target.directory.soms(&dns)?;
    let domain = target.directory.domain()?;
    for (som, now) in soms.iter().zip(now) {
        // One that is gone meanwhile has no links to put back.
        let Some(now) = now else { continue };
        let som = rolled_back(entry.record.gpo_id(), &domain.dn, som, &now)?;
        if som != now {
            target.directory.put_som(&som)?;
        }
    }
    Ok(())
}
