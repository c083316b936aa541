//! What a file or folder inherits from the folder that it is in.

use alloc::vec::Vec;

use crate::access_mask::ObjectType;
use crate::ace::{Ace, AceFlags};
use crate::acl::Acl;
use crate::sid::Sid;

/// Who inherits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Heir {
    /// A file.
    File,
    /// A folder.
    Folder,
}

impl Acl {
    /// The ACEs that a file or folder with this owner and group inherits from a folder with this
    /// DACL ([MS-DTYP] 2.5.3.4.5 and 2.5.3.4.7), all marked as inherited.
    ///
    /// Generic rights and the placeholders CREATOR OWNER and CREATOR GROUP are replaced by what
    /// they stand for; a folder gets a second ACE that hands them down. An ACE for a class of
    /// directory objects is handed down by folders and applies to none of them. What would be there
    /// twice is there once, as Samba has it.
    ///
    /// ```
    /// use sddl_parser::{Heir, SddlContext, SecurityDescriptor, Acl};
    ///
    /// let context = SddlContext::new();
    /// let folder = SecurityDescriptor::from_sddl("D:P(A;OICI;FA;;;SY)(A;OICIIO;GR;;;CO)(A;;FR;;;WD)", &context)?;
    /// let (owner, group) = ("S-1-5-32-544".parse()?, "S-1-5-32-545".parse()?);
    /// let inherited = |heir| {
    ///     let mut child = SecurityDescriptor::new();
    ///     child.set_dacl(folder.dacl().map(|dacl| Acl::new(dacl.inherited(heir, &owner, &group))));
    ///     child.to_sddl(&context)
    /// };
    /// assert_eq!(inherited(Heir::File)?, "D:(A;ID;FA;;;SY)(A;ID;FR;;;BA)");
    /// assert_eq!(inherited(Heir::Folder)?, "D:(A;OICIID;FA;;;SY)(A;ID;FR;;;BA)(A;OICIIOID;GR;;;CO)");
    /// # Ok::<(), sddl_parser::Error>(())
    /// ```
    pub fn inherited(&self, heir: Heir, owner: &Sid, group: &Sid) -> Vec<Ace> {
        let mut inherited: Vec<Ace> = Vec::new();
        let mut add = |ace: Ace| {
            if !inherited.contains(&ace) {
                inherited.push(ace);
            }
        };
        for ace in &self.aces {
            let Some(flags) = inherited_flags(ace, heir) else {
                continue;
            };
            let copy = ace.clone().with_flags(flags);
            let effective = effective(&copy, owner, group);
            if flags.contains(AceFlags::INHERIT_ONLY) || effective == copy {
                add(copy);
                continue;
            }
            add(effective.with_flags(flags.difference(HANDED_DOWN)));
            if flags.intersects(HANDED_DOWN) {
                add(copy.with_flags(flags | AceFlags::INHERIT_ONLY));
            }
        }
        inherited
    }
}

const HANDED_DOWN: AceFlags = AceFlags::OBJECT_INHERIT.union(AceFlags::CONTAINER_INHERIT);

/// The flags of an ACE as it is inherited; none where it is not.
fn inherited_flags(ace: &Ace, heir: Heir) -> Option<AceFlags> {
    let flags = ace.flags();
    let own = HANDED_DOWN
        .union(AceFlags::NO_PROPAGATE_INHERIT)
        .union(AceFlags::INHERIT_ONLY);
    let kept = flags.difference(own) | AceFlags::INHERITED;
    let stops = flags.contains(AceFlags::NO_PROPAGATE_INHERIT);
    let handed_down = flags & HANDED_DOWN;
    let for_a_class = ace
        .object_types()
        .is_some_and(|types| types.inherited_object_type.is_some());
    let applies = !for_a_class
        && flags.contains(match heir {
            Heir::File => AceFlags::OBJECT_INHERIT,
            Heir::Folder => AceFlags::CONTAINER_INHERIT,
        });
    match heir {
        Heir::File => applies.then_some(kept),
        Heir::Folder if stops => applies.then_some(kept),
        Heir::Folder if handed_down.is_empty() => None,
        Heir::Folder if applies => Some(kept | handed_down),
        Heir::Folder => Some(kept | handed_down | AceFlags::INHERIT_ONLY),
    }
}

/// The ACE with what its placeholders stand for.
fn effective(ace: &Ace, owner: &Sid, group: &Sid) -> Ace {
    let mask = ace.mask().map(|mask| ObjectType::File.map_generic(mask));
    let mapped = match mask {
        Some(mask) => ace.clone().with_mask(mask),
        None => ace.clone(),
    };
    let sid = match ace.sid() {
        Some(sid) if *sid == Sid::CREATOR_OWNER => owner,
        Some(sid) if *sid == Sid::CREATOR_GROUP => group,
        _ => return mapped,
    };
    // An ACE that a longer SID does not fit into is left as it was.
    mapped.clone().with_sid(*sid).unwrap_or(mapped)
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;
    use crate::{SddlContext, SecurityDescriptor};

    fn inherited(parent: &str, heir: Heir) -> String {
        let context = SddlContext::new();
        let parent = SecurityDescriptor::from_sddl(parent, &context).unwrap();
        let owner = "S-1-5-32-544".parse().unwrap();
        let group = "S-1-5-32-545".parse().unwrap();
        let aces = parent.dacl().unwrap().inherited(heir, &owner, &group);
        let mut child = SecurityDescriptor::new();
        child.set_dacl(Some(Acl::new(aces)));
        child.to_sddl(&context).unwrap()
    }

    #[test]
    fn each_combination_of_flags_is_inherited_as_windows_does() {
        // Flags of the parent's ACE; what a file and what a folder has of it.
        for (parent, file, folder) in [
            ("", "", ""),
            ("OI", "(A;ID;FR;;;WD)", "(A;OIIOID;FR;;;WD)"),
            ("CI", "", "(A;CIID;FR;;;WD)"),
            ("OICI", "(A;ID;FR;;;WD)", "(A;OICIID;FR;;;WD)"),
            ("OICIIO", "(A;ID;FR;;;WD)", "(A;OICIID;FR;;;WD)"),
            ("OICINP", "(A;ID;FR;;;WD)", "(A;ID;FR;;;WD)"),
            ("CINPIO", "", "(A;ID;FR;;;WD)"),
            ("OINP", "(A;ID;FR;;;WD)", ""),
            ("OICIID", "(A;ID;FR;;;WD)", "(A;OICIID;FR;;;WD)"),
        ] {
            let parent = alloc::format!("D:(A;{parent};FR;;;WD)");
            let dacl = |aces: &str| alloc::format!("D:{aces}");
            assert_eq!(inherited(&parent, Heir::File), dacl(file), "{parent}");
            assert_eq!(inherited(&parent, Heir::Folder), dacl(folder), "{parent}");
        }
    }

    #[test]
    fn what_two_aces_come_to_is_inherited_once() {
        let parent = "D:(A;OICI;FA;;;BA)(A;OICIIO;GA;;;CO)";
        assert_eq!(inherited(parent, Heir::File), "D:(A;ID;FA;;;BA)");
    }

    #[test]
    fn an_ace_for_a_class_of_objects_is_only_handed_down() {
        let class = "bf967aba-0de6-11d0-a285-00aa003049e2";
        let parent = alloc::format!("D:(OA;OICI;CR;;{class};WD)");
        assert_eq!(inherited(&parent, Heir::File), "D:");
        let folder = alloc::format!("D:(OA;OICIIOID;CR;;{class};WD)");
        assert_eq!(inherited(&parent, Heir::Folder), folder);
    }
}
