//! Giving and taking permission levels of a GPO, by the rules of `IGPMSecurityInfo`.

use gpo_core::{SourceError, SourceErrorKind};
use sddl_parser::{Ace, AceFlags, Acl, GpoPermission, Sid};

/// Gives a trustee a permission level; says whether that changed anything.
///
/// A level that the trustee has, alone or within a higher one, changes nothing; a higher one takes
/// the place of the lower.
///
/// ```
/// use gpo_engine::{add_permission, remove_permission};
/// use sddl_parser::{GpoPermission, SddlContext, SecurityDescriptor};
///
/// let text = "D:(A;CI;LCRPLORC;;;AU)";
/// let mut descriptor = SecurityDescriptor::from_sddl(text, &SddlContext::new())?;
/// let (dacl, trustee) = (descriptor.dacl_mut().unwrap(), "S-1-5-11".parse()?);
/// assert!(!add_permission(dacl, trustee, GpoPermission::Read)?);
/// assert!(add_permission(dacl, trustee, GpoPermission::Edit)?);
/// assert!(!remove_permission(dacl, trustee, GpoPermission::Read)?, "Edit needs it");
/// assert!(remove_permission(dacl, trustee, GpoPermission::EditSecurityAndDelete)?);
/// assert!(dacl.aces.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`SourceErrorKind::Unsupported`] for [`GpoPermission::Custom`], and where the trustee has an
/// inherited or denied permission.
pub fn add_permission(
    dacl: &mut Acl,
    trustee: Sid,
    permission: GpoPermission,
) -> Result<bool, SourceError> {
    let refused = |message: &str| {
        let kind = SourceErrorKind::Unsupported;
        Err(SourceError::new(kind, trustee.to_string(), message))
    };
    if permission == GpoPermission::Custom {
        return refused("a custom permission cannot be given");
    }
    let all = GpoPermission::of_acl(dacl);
    if all
        .iter()
        .any(|held| held.trustee == trustee && (held.denied || held.inherited))
    {
        return refused("the trustee has an inherited or denied permission already");
    }
    let held = explicit_levels(dacl, trustee);
    if held.iter().any(|held| includes(*held, permission)) {
        return Ok(false);
    }
    let mut levels: Vec<_> = held
        .into_iter()
        .filter(|held| !includes(permission, *held))
        .collect();
    levels.push(permission);
    set_levels(dacl, trustee, &levels);
    Ok(true)
}

/// Takes a permission level from a trustee; says whether that changed anything. A level above the
/// one that is held takes that one; one below it changes nothing.
///
/// # Errors
///
/// [`SourceErrorKind::Unsupported`] where the level is inherited.
pub fn remove_permission(
    dacl: &mut Acl,
    trustee: Sid,
    permission: GpoPermission,
) -> Result<bool, SourceError> {
    let held = explicit_levels(dacl, trustee);
    let (taken, levels): (Vec<_>, Vec<_>) = held
        .into_iter()
        .partition(|held| includes(permission, *held));
    if !taken.is_empty() {
        set_levels(dacl, trustee, &levels);
        return Ok(true);
    }
    let all = GpoPermission::of_acl(dacl);
    if all.iter().any(|held| {
        held.trustee == trustee && held.inherited && includes(permission, held.permission)
    }) {
        let message = "an inherited permission cannot be taken";
        let kind = SourceErrorKind::Unsupported;
        return Err(SourceError::new(kind, trustee.to_string(), message));
    }
    Ok(false)
}

/// Takes everything from a trustee that is not inherited, denials and custom permissions, too; says
/// whether that changed anything.
pub fn remove_trustee(dacl: &mut Acl, trustee: Sid) -> bool {
    let before = dacl.aces.len();
    dacl.aces
        .retain(|ace| ace.sid() != Some(&trustee) || ace.flags().contains(AceFlags::INHERITED));
    dacl.aces.len() < before
}

/// `EditSecurityAndDelete` includes `Edit`, that `Read`; `Apply` includes `Read`.
pub(crate) fn includes(higher: GpoPermission, lower: GpoPermission) -> bool {
    use GpoPermission::{Apply, Edit, EditSecurityAndDelete, Read};
    higher == lower
        || matches!(
            (higher, lower),
            (EditSecurityAndDelete, Edit | Read) | (Edit | Apply, Read)
        )
}

fn explicit_levels(dacl: &Acl, trustee: Sid) -> Vec<GpoPermission> {
    let all = GpoPermission::of_acl(dacl).into_iter();
    let own = all.filter(|held| held.trustee == trustee && !held.denied && !held.inherited);
    own.map(|held| held.permission).collect()
}

/// Gives a trustee exactly these levels; what is inherited, denied, or only for children, stays.
fn set_levels(dacl: &mut Acl, trustee: Sid, levels: &[GpoPermission]) {
    let own = |ace: &Ace| {
        let passed = AceFlags::INHERITED | AceFlags::INHERIT_ONLY;
        ace.sid() == Some(&trustee) && ace.ace_type().allows() && !ace.flags().intersects(passed)
    };
    // A custom permission is what its ACEs are.
    if !levels.contains(&GpoPermission::Custom) {
        dacl.aces.retain(|ace| !own(ace));
    }
    let mut new: Vec<Ace> = Vec::new();
    for level in levels {
        for ace in level.to_aces(trustee).into_iter().flatten() {
            // Apply brings Read along, which what is beside it includes.
            let beside = *level == GpoPermission::Apply && levels.len() > 1;
            if !(beside
                && ace
                    .object_types()
                    .is_none_or(|types| types.object_type.is_none()))
            {
                new.push(ace);
            }
        }
    }
    let inherited = |ace: &Ace| ace.flags().contains(AceFlags::INHERITED);
    let place = dacl
        .aces
        .iter()
        .position(inherited)
        .unwrap_or(dacl.aces.len());
    dacl.aces.splice(place..place, new);
}

#[cfg(test)]
mod tests {
    use super::*;
    use sddl_parser::{SddlContext, SecurityDescriptor};

    fn dacl(text: &str) -> Acl {
        let descriptor = SecurityDescriptor::from_sddl(text, &SddlContext::new()).unwrap();
        descriptor.dacl().unwrap().clone()
    }

    #[test]
    fn levels_go_up_and_stand_beside_each_other() {
        use GpoPermission::{Apply, Edit, EditSecurityAndDelete, Read};
        let who: Sid = "S-1-5-21-1-2-3-1104".parse().unwrap();
        let mut acl = Acl::new(Vec::new());
        for (level, changes, held) in [
            (Read, true, vec![Read]),
            (Apply, true, vec![Apply]),
            (Read, false, vec![Apply]),
            (Edit, true, vec![Edit, Apply]),
            (
                EditSecurityAndDelete,
                true,
                vec![EditSecurityAndDelete, Apply],
            ),
            (Edit, false, vec![EditSecurityAndDelete, Apply]),
        ] {
            assert_eq!(
                add_permission(&mut acl, who, level).unwrap(),
                changes,
                "{level:?}"
            );
            let mut levels = explicit_levels(&acl, who);
            levels.sort_unstable_by(|a, b| b.cmp(a));
            let mut held = held;
            held.sort_unstable_by(|a, b| b.cmp(a));
            assert_eq!(levels, held, "{level:?}");
        }
        assert!(remove_permission(&mut acl, who, Apply).unwrap());
        assert_eq!(explicit_levels(&acl, who), [EditSecurityAndDelete]);
        assert!(!remove_permission(&mut acl, who, Edit).unwrap());
    }

    #[test]
    fn what_is_inherited_or_denied_stays() {
        let who: Sid = "S-1-5-11".parse().unwrap();
        for text in ["D:(A;CIID;LCRPLORC;;;AU)", "D:(D;CI;LCRPLORC;;;AU)"] {
            let mut acl = dacl(text);
            let before = acl.clone();
            assert!(
                add_permission(&mut acl, who, GpoPermission::Edit).is_err(),
                "{text}"
            );
            let _ = remove_permission(&mut acl, who, GpoPermission::Read);
            assert_eq!(acl, before);
        }
        let mut acl =
            dacl("D:(A;CIID;LCRPLORC;;;AU)(D;CI;LCRPLORC;;;AU)(A;CI;CC;;;AU)(A;CI;CC;;;SY)");
        assert!(remove_trustee(&mut acl, who) && !remove_trustee(&mut acl, who));
        assert_eq!(acl, dacl("D:(A;CIID;LCRPLORC;;;AU)(A;CI;CC;;;SY)"));
        let mut acl = Acl::new(Vec::new());
        assert!(add_permission(&mut acl, who, GpoPermission::Custom).is_err());
    }
}
