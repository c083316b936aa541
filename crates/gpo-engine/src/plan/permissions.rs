//! Who gains or loses a right.

use std::collections::BTreeMap;

use gpo_core::{Directory, GpoContainer, Principal, PrincipalQuery, SourceError};
use sddl_parser::{GpoPermission, SecurityDescriptor, Sid};

use super::{PermissionChange, PermissionLevel};

/// The trustees whose rights differ, in the order of their SIDs.
pub(super) fn changes(
    directory: &dyn Directory,
    before: Option<&GpoContainer>,
    after: Option<&GpoContainer>,
) -> Result<Vec<PermissionChange>, SourceError> {
    let old = levels(before);
    let new = match after {
        // A descriptor that is not given stays as it is.
        Some(GpoContainer {
            security_descriptor: None,
            ..
        }) => old.clone(),
        after => levels(after),
    };
    let trustees: std::collections::BTreeSet<&Sid> = old.keys().chain(new.keys()).collect();
    let mut changes: Vec<PermissionChange> = Vec::new();
    for trustee in trustees {
        let levels = |all: &BTreeMap<Sid, Vec<PermissionLevel>>| {
            all.get(trustee).cloned().unwrap_or_default()
        };
        let (before, after) = (levels(&old), levels(&new));
        if before != after {
            let name = trustee.well_known_name().map(str::to_owned);
            changes.push(PermissionChange {
                trustee: *trustee,
                name,
                before,
                after,
            });
        }
    }
    name(directory, &mut changes)?;
    Ok(changes)
}

/// The levels of each trustee, sorted.
fn levels(container: Option<&GpoContainer>) -> BTreeMap<Sid, Vec<PermissionLevel>> {
    let mut levels: BTreeMap<Sid, Vec<PermissionLevel>> = BTreeMap::new();
    let bytes = container.and_then(|container| container.security_descriptor.as_deref());
    let descriptor = bytes.and_then(|bytes| SecurityDescriptor::from_bytes(bytes).ok());
    let dacl = descriptor.as_ref().and_then(SecurityDescriptor::dacl);
    for found in dacl.map(GpoPermission::of_acl).unwrap_or_default() {
        levels
            .entry(found.trustee)
            .or_default()
            .push(PermissionLevel {
                permission: found.permission,
                denied: found.denied,
            });
    }
    for levels in levels.values_mut() {
        levels.sort_unstable();
        levels.dedup();
    }
    levels
}

/// Looks up the names that are not well known, in one request.
fn name(directory: &dyn Directory, changes: &mut [PermissionChange]) -> Result<(), SourceError> {
    let mut unnamed: Vec<_> = changes.iter_mut().filter(|c| c.name.is_none()).collect();
    if unnamed.is_empty() {
        return Ok(());
    }
    let queries: Vec<_> = unnamed
        .iter()
        .map(|c| PrincipalQuery::Sid(c.trustee))
        .collect();
    let found = match directory.principals(&queries) {
        Ok(found) => found,
        // A domain that has to be made knows nobody yet.
        Err(error) if error.kind() == gpo_core::SourceErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for (change, found) in unnamed.iter_mut().zip(found) {
        change.name = found.map(|principal| account(&principal));
    }
    Ok(())
}

fn account(principal: &Principal) -> String {
    let name = &principal.sam_account_name;
    match principal.netbios_domain.as_str() {
        "" => name.clone(),
        domain => format!("{domain}\\{name}"),
    }
}
