//! Which files change.

use gpo_core::{EntryKind, GpoPath, Inventory, SourceError};

use super::{FileChange, NewGpo};
use crate::gpo_state::GpoState;
use crate::new_tree::TreeSource;

/// The files and folders that differ, in the order of the paths, GPT.INI last.
///
/// Files of the same size are compared by their content, so a plan reads them.
pub(super) fn changes(
    before: &GpoState,
    after: Option<&NewGpo>,
    new: Option<TreeSource<'_>>,
    current: TreeSource<'_>,
) -> Result<Vec<FileChange>, SourceError> {
    let tree = match after {
        None => None,
        Some(NewGpo { tree: None, .. }) => return Ok(Vec::new()),
        Some(NewGpo { tree, .. }) => tree.as_ref(),
    };
    let mut changes = Vec::new();
    for (path, kind) in before.tree.iter().flat_map(Inventory::iter) {
        let there = tree.and_then(|tree| tree.inventory.get(path));
        let then = there.map(|(_, kind)| kind);
        if let (Some(tree), Some(new), EntryKind::File(size)) = (tree, new, kind)
            && then == Some(kind)
            && tree.same_content(new, current, path, size)?
        {
            continue;
        }
        if (kind, then) == (EntryKind::Folder, Some(EntryKind::Folder)) {
            continue;
        }
        changes.push(FileChange {
            path: path.clone(),
            before: Some(kind),
            after: then,
        });
    }
    for (path, kind) in tree.iter().flat_map(|tree| tree.inventory.iter()) {
        let there = before.tree.as_ref().and_then(|tree| tree.get(path));
        if there.is_none() {
            changes.push(FileChange {
                path: path.clone(),
                before: None,
                after: Some(kind),
            });
        }
    }
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    let (old, new) = (
        before.gpt_ini.as_ref(),
        tree.and_then(|t| t.gpt_ini.as_ref()),
    );
    if let Some(file) = new.or(old).filter(|_| old != new) {
        let kind = |file: &crate::gpo_state::GptIniFile| EntryKind::File(file.bytes.len() as u64);
        changes.push(FileChange {
            path: GpoPath::from_name(&file.name)
                .map_err(|e| SourceError::invalid(file.name.as_str(), e))?,
            before: old.map(kind),
            after: new.map(kind),
        });
    }
    Ok(changes)
}
