//! The descriptor of a GPO's folder in SYSVOL, which follows from that of its container.

use gpo_core::{GpoId, SourceError, SourceErrorKind};
use sddl_parser::{Control, SecurityDescriptor, SysvolDifference};

use crate::gpo_state::GpoState;
use crate::source::{Source, gpo_folder, no_such_gpo};
use crate::target::Target;

/// What a GPO's folder in SYSVOL lets whom do, beside what its container says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AclConsistency {
    /// Both agree.
    Consistent,
    /// They do not.
    Differs(SysvolDifference),
    /// That cannot be told, for this reason: the source shows no descriptor of the container, or
    /// none of the folder.
    Unknown(&'static str),
}

/// Compares the descriptor of a GPO's folder with that of its container, as
/// `IGPMGPO::IsACLConsistent` does.
///
/// ```
/// use gpo_engine::{AclConsistency, Source, Target, check_acl, fix_acl};
/// use gpo_testkit::{MemoryDomain, sample};
///
/// let (domain, id) = (MemoryDomain::example(), sample::container(1).id);
/// assert!(matches!(check_acl(Source::of(&domain), id)?, AclConsistency::Differs(_)));
/// assert!(fix_acl(Target::of(&domain), id)?);
/// assert_eq!(check_acl(Source::of(&domain), id)?, AclConsistency::Consistent);
/// # Ok::<(), gpo_core::SourceError>(())
/// ```
///
/// # Errors
///
/// [`SourceErrorKind::NotFound`] where there is no such GPO; [`SourceErrorKind::Invalid`] for a
/// descriptor that is none; any failure to read.
pub fn check_acl(source: Source<'_>, id: GpoId) -> Result<AclConsistency, SourceError> {
    let state = GpoState::read(source, id)?;
    if !state.exists() {
        return Err(no_such_gpo(id.to_string()));
    }
    let unknown = |why| Ok(AclConsistency::Unknown(why));
    let Some(container) = state.container else {
        return unknown("its container in the directory is missing");
    };
    if state.tree.is_none() {
        return unknown("its folder in SYSVOL is missing");
    }
    let Some(container) = container.security_descriptor else {
        return unknown("the directory does not show its permissions");
    };
    let Some(folder) = state.descriptor else {
        return unknown("the source keeps no permissions of SYSVOL, as a domain in a folder");
    };
    let container = SecurityDescriptor::from_bytes(&container).map_err(|e| invalid(&e))?;
    let folder = SecurityDescriptor::from_bytes(&folder).map_err(|e| invalid(&e))?;
    let Some(dacl) = container.dacl() else {
        return unknown("its container has no DACL");
    };
    let nothing = sddl_parser::Acl::new(Vec::new());
    let difference = dacl.sysvol_difference(folder.dacl().unwrap_or(&nothing));
    // Without a DACL everybody may do everything.
    if difference.is_empty() && folder.dacl().is_some() {
        return Ok(AclConsistency::Consistent);
    }
    Ok(AclConsistency::Differs(difference))
}

/// Lets the descriptor of a GPO's folder follow from that of its container, as
/// `IGPMGPO::MakeACLConsistent` does; says whether that changed anything.
///
/// # Errors
///
/// As [`check_acl`]; [`SourceErrorKind::Busy`] where another is at work on the GPO; any failure to
/// write.
pub fn fix_acl(target: Target<'_>, id: GpoId) -> Result<bool, SourceError> {
    let _lock = target.sysvol.lock(id)?;
    let state = GpoState::read(target.source(), id)?;
    let container = state
        .container
        .and_then(|container| container.security_descriptor);
    let (Some(container), Some(folder)) = (container, state.descriptor) else {
        return Ok(false);
    };
    let Some(new) = sysvol_descriptor(&container, &folder, false)? else {
        return Ok(false);
    };
    let path = gpo_folder(id)?;
    target.sysvol.set_descriptor(&path, &new)?;
    Ok(true)
}

fn invalid(error: &sddl_parser::Error) -> SourceError {
    let kind = SourceErrorKind::Invalid;
    SourceError::new(kind, "nTSecurityDescriptor", error.to_string())
}

/// The descriptor that a GPO's folder is to have; none where its DACL agrees with that of the
/// container.
///
/// A folder that was just made gets the owner and the group of the container, too, which the
/// directory gave it; later they are kept. A container without a DACL, or with one that cannot be
/// read, says nothing about its folder.
pub(crate) fn sysvol_descriptor(
    container: &[u8],
    folder: &[u8],
    just_made: bool,
) -> Result<Option<Vec<u8>>, SourceError> {
    let container = SecurityDescriptor::from_bytes(container).map_err(|e| invalid(&e))?;
    let Some(dacl) = container.dacl() else {
        return Ok(None);
    };
    let mut folder = SecurityDescriptor::from_bytes(folder).map_err(|e| invalid(&e))?;
    if just_made {
        let owner = container.owner().or(folder.owner()).copied();
        let group = container.group().or(folder.group()).copied();
        folder.set_owner(owner);
        folder.set_group(group);
    } else if folder
        .dacl()
        .is_some_and(|own| dacl.sysvol_difference(own).is_empty())
    {
        return Ok(None);
    }
    folder.set_dacl(Some(dacl.sysvol_dacl()));
    // Nothing comes from the folder above, which is for all GPOs.
    let inherited = container.control() & Control::DACL_AUTO_INHERITED;
    let control = folder.control().difference(Control::DACL_AUTO_INHERITED);
    folder.set_control(control | inherited | Control::DACL_PROTECTED);
    folder.use_windows_layout();
    folder.to_bytes().map(Some).map_err(|e| invalid(&e))
}
