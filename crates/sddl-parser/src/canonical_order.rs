//! The order in which Windows puts the ACEs of a DACL.

use crate::ace::{Ace, AceFlags};
use crate::acl::Acl;

/// Explicit ACEs that deny, other explicit ones, inherited ones.
fn rank(ace: &Ace) -> u8 {
    if ace.flags().contains(AceFlags::INHERITED) {
        2
    } else {
        u8::from(!ace.ace_type().denies())
    }
}

impl Acl {
    /// Whether the ACEs stand in canonical order: explicit ones before inherited ones, and among
    /// the explicit ones those that deny before those that allow.
    ///
    /// ```
    /// use sddl_parser::{SddlContext, SecurityDescriptor};
    ///
    /// let context = SddlContext::new();
    /// let mut descriptor = SecurityDescriptor::from_sddl("D:(A;ID;FA;;;SY)(A;;FR;;;AU)(D;;FW;;;BG)", &context)?;
    /// let dacl = descriptor.dacl_mut().unwrap();
    /// assert!(!dacl.is_canonical());
    /// dacl.sort_canonical();
    /// assert_eq!(descriptor.to_sddl(&context)?, "D:(D;;FW;;;BG)(A;;FR;;;AU)(A;ID;FA;;;SY)");
    /// # Ok::<(), sddl_parser::Error>(())
    /// ```
    pub fn is_canonical(&self) -> bool {
        self.aces.is_sorted_by_key(rank)
    }

    /// Puts the ACEs in canonical order. ACEs of the same kind keep their order; that of the
    /// inherited ones, nearest parent first, cannot be told from the list and is kept, too.
    pub fn sort_canonical(&mut self) {
        self.aces.sort_by_key(rank);
    }

    /// Adds an ACE behind the last one that canonical order puts before it or beside it.
    pub fn insert_canonical(&mut self, ace: Ace) {
        let last = self
            .aces
            .iter()
            .rposition(|other| rank(other) <= rank(&ace));
        self.aces.insert(last.map_or(0, |last| last + 1), ace);
        self.revision = self.revision.max(self.needed_revision());
    }
}
