//! A security descriptor in words.

use gpo_core::Quoted;
use sddl_parser::{
    APPLY_GROUP_POLICY, Ace, AceFlags, AceType, Acl, Claim, Condition, Control, SddlContext,
    SecurityDescriptor, Sid,
};

/// A line for the owner, the group, each list and each of its entries.
pub(super) fn explain(descriptor: &SecurityDescriptor, context: &SddlContext) -> Vec<String> {
    let mut lines = Vec::new();
    for (what, sid) in [("owner", descriptor.owner()), ("group", descriptor.group())] {
        if let Some(sid) = sid {
            lines.push(format!("{what}: {}", name(sid)));
        }
    }
    let control = descriptor.control();
    if descriptor.has_null_dacl() {
        lines.push("permissions: there is no list, so everybody may do everything".into());
    } else if let Some(dacl) = descriptor.dacl() {
        let protected = control.contains(Control::DACL_PROTECTED);
        list(&mut lines, "permissions", dacl, protected, context);
        if dacl.aces.is_empty() {
            lines.push("  nobody may do anything".into());
        }
    }
    if let Some(sacl) = descriptor.sacl() {
        let protected = control.contains(Control::SACL_PROTECTED);
        list(&mut lines, "auditing and labels", sacl, protected, context);
    }
    lines
}

fn list(lines: &mut Vec<String>, what: &str, acl: &Acl, protected: bool, context: &SddlContext) {
    let protected = if protected {
        " (nothing is inherited from above)"
    } else {
        ""
    };
    lines.push(format!("{what}:{protected}"));
    lines.extend(
        acl.aces
            .iter()
            .map(|ace| format!("  {}", entry(ace, context))),
    );
}

/// Well-known principals by their name, with the SID behind it where the name does not say which
/// domain is meant.
fn name(sid: &Sid) -> String {
    match sid.well_known_name() {
        Some(name) if sid.domain().is_some_and(|domain| domain.is_domain()) => {
            format!("{name} ({sid})")
        }
        Some(name) => name.to_owned(),
        None => sid.to_string(),
    }
}

fn entry(ace: &Ace, context: &SddlContext) -> String {
    let kind = ace.ace_type();
    let (Some(sid), Some(mask)) = (ace.sid(), ace.mask()) else {
        return format!("an entry of an unknown type, {:#04x}", kind.0);
    };
    let (who, flags) = (name(sid), ace.flags());
    let rights = rights(ace, context);
    let what = match kind {
        AceType::SYSTEM_MANDATORY_LABEL => {
            format!("integrity level: {who}, {}", label_policy(mask.bits()))
        }
        AceType::SYSTEM_RESOURCE_ATTRIBUTE => format!("attribute: {}", claim(ace, context)),
        AceType::SYSTEM_SCOPED_POLICY_ID => format!("central access policy: {who}"),
        AceType::SYSTEM_PROCESS_TRUST_LABEL => format!("trust level {who}: {rights}"),
        AceType::SYSTEM_ACCESS_FILTER => format!("limit {who}: {rights}"),
        _ if kind.allows() => format!("allow {who}: {rights}"),
        _ if kind.denies() => format!("deny {who}: {rights}"),
        _ => format!("{} {who}: {rights}", audited(flags)),
    };
    let condition = kind.is_conditional().then(|| condition(ace, context));
    let inherited = flags
        .contains(AceFlags::INHERITED)
        .then_some(" (inherited)");
    [
        what.as_str(),
        condition.as_deref().unwrap_or_default(),
        inheritance(flags),
        inherited.unwrap_or_default(),
    ]
    .concat()
}

fn condition(ace: &Ace, context: &SddlContext) -> String {
    match Condition::from_bytes(ace.data()).and_then(|condition| condition.to_sddl(context)) {
        Ok(condition) => format!(", if {}", Quoted::bare(&condition)),
        Err(error) => format!(", on a condition that cannot be read: {error}"),
    }
}

fn rights(ace: &Ace, context: &SddlContext) -> String {
    let mask = ace.mask().unwrap_or_default();
    let types = ace.object_types().unwrap_or_default();
    let object = types.object_type.map(|object| match object {
        APPLY_GROUP_POLICY => " (apply group policy)".to_owned(),
        object => format!(" (only {object})"),
    });
    let class = types
        .inherited_object_type
        .map(|class| format!(" (for objects of class {class})"));
    let parts = [Some(mask.describe(context.object_type())), object, class];
    parts.into_iter().flatten().collect()
}

fn audited(flags: AceFlags) -> &'static str {
    let success = flags.contains(AceFlags::SUCCESSFUL_ACCESS);
    match (success, flags.contains(AceFlags::FAILED_ACCESS)) {
        (true, true) => "log success and failure of",
        (true, false) => "log success of",
        (false, true) => "log failure of",
        (false, false) => "log nothing of",
    }
}

/// The mask of a mandatory label has a meaning of its own ([MS-DTYP] 2.4.4.13).
fn label_policy(mask: u32) -> String {
    let denied = [(1, "write"), (2, "read"), (4, "execute")];
    let denied = denied
        .into_iter()
        .filter(|(bit, _)| mask & bit != 0)
        .map(|(_, name)| name);
    let denied = denied.collect::<Vec<_>>().join(", ");
    match denied.as_str() {
        "" => "which keeps lower levels from nothing".into(),
        denied => format!("lower levels may not: {denied}"),
    }
}

fn claim(ace: &Ace, context: &SddlContext) -> String {
    match Claim::from_bytes(ace.data()).and_then(|claim| claim.to_sddl(context)) {
        Ok(claim) => Quoted::bare(&claim).to_string(),
        Err(error) => format!("cannot be read: {error}"),
    }
}

fn inheritance(flags: AceFlags) -> &'static str {
    let only = flags.contains(AceFlags::INHERIT_ONLY);
    let leaves = flags.contains(AceFlags::OBJECT_INHERIT);
    match (flags.contains(AceFlags::CONTAINER_INHERIT), leaves, only) {
        (false, false, _) => "",
        (true, false, false) => "; here and in containers below",
        (false, true, false) => "; here and on objects below",
        (true, true, false) => "; here and on everything below",
        (true, false, true) => "; only in containers below",
        (false, true, true) => "; only on objects below",
        (true, true, true) => "; only on everything below",
    }
}
