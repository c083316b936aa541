//! `SecurityGroups` made anew from the DACL and the security template.

use std::fs;
use std::path::Path;

use gpo_core::{
    BackupXml, ClientSideExtension, Inventory, Principal, PrincipalQuery, SecurityGroup,
    SecurityTemplate, principal_list, same_name,
};
use sddl_parser::{Ace, SecurityDescriptor, Sid};

use super::backup_folder::find;
use super::tally::Outcome;
use crate::Result;

/// The list made from what the GPO itself says, where only the backup's own list knows names. None
/// for a backup without a descriptor.
pub(crate) fn recompute(folder: &Path, backup: &BackupXml) -> Result<Option<Outcome>> {
    let Some(descriptor) = &backup.core.security_descriptor else {
        return Ok(None);
    };
    let Ok(descriptor) = SecurityDescriptor::from_bytes(descriptor) else {
        return Ok(None);
    };
    let dacl: Vec<Sid> = descriptor
        .dacl()
        .map(|dacl| dacl.aces.iter().filter_map(Ace::sid).copied().collect())
        .unwrap_or_default();
    let gpo = backup.to_gpo(Inventory::default())?;
    let template = if gpo.has_extension(ClientSideExtension::SECURITY) {
        template_principals(folder)?
    } else {
        Vec::new()
    };
    let listed = &backup.security_groups;
    let made = principal_list(&dacl, &template, |sid| {
        known(listed, &PrincipalQuery::Sid(*sid))
    });
    Ok(Some(outcome(&made, listed)))
}

fn outcome(made: &[SecurityGroup], listed: &[SecurityGroup]) -> Outcome {
    if made == listed {
        return Outcome::Exact;
    }
    if listed.is_empty() {
        return Outcome::Explained(vec!["the list is empty"]);
    }
    let lacks = |these: &[SecurityGroup], those: &[SecurityGroup]| {
        these.iter().any(|group| !those.contains(group))
    };
    // Objects of the directory, and what is none.
    let half = |list: &[SecurityGroup], objects: bool| -> Vec<SecurityGroup> {
        let is_object =
            |group: &SecurityGroup| !group.sid.is_empty() && !group.sam_account_name.is_empty();
        list.iter()
            .filter(|group| is_object(group) == objects)
            .cloned()
            .collect()
    };
    let mut causes = Vec::new();
    if lacks(made, listed) {
        causes.push("not all that the rules give is listed");
    }
    if lacks(listed, made) {
        causes.push("more is listed than the rules give");
    }
    if causes.is_empty() && half(made, true) != half(listed, true) {
        causes.push("another order of the principals of domains");
    }
    if causes.is_empty() && half(made, false) != half(listed, false) {
        causes.push("another order of the names from the template");
    }
    if causes.is_empty() {
        causes.push("another order of the two halves");
    }
    Outcome::Explained(causes)
}

/// What the backup's list says of a principal.
fn known(listed: &[SecurityGroup], query: &PrincipalQuery) -> Option<Principal> {
    let group = listed.iter().find(|group| match query {
        PrincipalQuery::Sid(sid) => group.sid.parse() == Ok(*sid),
        PrincipalQuery::Name(name) => {
            let name = name.rsplit('\\').next().unwrap_or(name);
            same_name(&group.sam_account_name, name)
        }
    })?;
    if group.sam_account_name.is_empty() {
        return None;
    }
    Some(Principal {
        sid: group.sid.parse().ok()?,
        sam_account_name: group.sam_account_name.clone(),
        kind: group.kind.clone(),
        netbios_domain: group.netbios_domain.clone(),
        dns_domain: group.dns_domain.clone(),
        upn: group.upn.clone(),
    })
}

/// The principals of the backup's security template, of a membership line the members first.
fn template_principals(folder: &Path) -> Result<Vec<PrincipalQuery>> {
    const PLACE: [&str; 7] = [
        "DomainSysvol",
        "GPO",
        "Machine",
        "Microsoft",
        "Windows NT",
        "SecEdit",
        "GptTmpl.inf",
    ];
    let mut path = folder.to_path_buf();
    for name in PLACE {
        match find(&path, name)? {
            Some(found) => path = found,
            None => return Ok(Vec::new()),
        }
    }
    let (template, _) = SecurityTemplate::parse_lossy(&fs::read(path)?);
    Ok(gpo_core::template_principals(&template))
}
