//! The tree of a directory object's classes, property sets and properties.

use alloc::vec::Vec;

use crate::access_mask::AccessMask;
use crate::guid::Guid;

/// What access to a directory object is asked for: a class at level 0, property sets and child
/// classes below it, properties below those ([MS-DTYP] 2.5.3.2, `OBJECT_TYPE_LIST`).
///
/// ```
/// use sddl_parser::{Guid, ObjectTree};
///
/// let guid = |n| Guid::from_bytes([n; 16]);
/// assert!(ObjectTree::new([(0, guid(1)), (1, guid(2)), (2, guid(3)), (1, guid(4))]).is_some());
/// assert!(ObjectTree::new([(0, guid(1)), (2, guid(3))]).is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectTree {
    // In the order of a walk from the root, each with its level.
    nodes: Vec<(u16, Guid)>,
}

impl ObjectTree {
    /// A tree of nodes, each with its level, every node in front of those below it. `None` unless
    /// the first node, and no other, has level 0, and no node lies more than one level below the
    /// one before it.
    pub fn new(nodes: impl IntoIterator<Item = (u16, Guid)>) -> Option<Self> {
        let nodes: Vec<_> = nodes.into_iter().collect();
        let root = nodes.first().is_some_and(|&(level, _)| level == 0);
        let mut steps = nodes.iter().zip(nodes.iter().skip(1));
        let fits =
            steps.all(|(&(above, _), &(level, _))| level > 0 && level <= above.saturating_add(1));
        (root && fits).then_some(Self { nodes })
    }

    /// How many nodes it has, at least one.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    fn level(&self, node: usize) -> u16 {
        self.nodes.get(node).map_or(0, |&(level, _)| level)
    }

    /// The node and all below it.
    fn subtree(&self, node: usize) -> core::ops::Range<usize> {
        let level = self.level(node);
        let below = self
            .nodes
            .iter()
            .skip(node + 1)
            .take_while(|&&(other, _)| other > level);
        node..node + 1 + below.count()
    }

    fn parent(&self, node: usize) -> Option<usize> {
        let level = self.level(node).checked_sub(1)?;
        (0..node).rev().find(|&other| self.level(other) == level)
    }
}

/// The rights that are given and denied so far on each node of a tree, or on a single object.
pub(crate) struct Rights<'a> {
    tree: Option<&'a ObjectTree>,
    // Given, denied.
    nodes: Vec<(AccessMask, AccessMask)>,
}

impl<'a> Rights<'a> {
    pub(crate) fn new(tree: Option<&'a ObjectTree>) -> Self {
        let nodes = [(AccessMask::empty(), AccessMask::empty())];
        Self {
            tree,
            nodes: nodes.repeat(tree.map_or(1, ObjectTree::len)),
        }
    }

    pub(crate) fn granted(self) -> Vec<AccessMask> {
        self.nodes.into_iter().map(|(granted, _)| granted).collect()
    }

    /// Gives rights on the whole or on the node of this GUID.
    pub(crate) fn allow(&mut self, object: Option<Guid>, mask: AccessMask) {
        self.apply(object, mask, false);
    }

    /// Gives or denies rights on the node of this GUID, or on the whole, and on all below it; what
    /// was decided before stays. A GUID that the tree does not have changes nothing.
    pub(crate) fn apply(&mut self, object: Option<Guid>, mask: AccessMask, deny: bool) {
        let Some(tree) = self.tree else {
            self.decide(0, mask, deny);
            return;
        };
        let node = match object {
            None => Some(0),
            Some(guid) => tree.nodes.iter().position(|&(_, other)| other == guid),
        };
        let Some(node) = node else { return };
        for below in tree.subtree(node) {
            self.decide(below, mask, deny);
        }
        let mut child = node;
        while let Some(parent) = tree.parent(child) {
            // What is denied on a part is denied on the whole; what all parts give, the whole gives.
            let mask = if deny {
                mask
            } else {
                self.given_by_children(tree, parent)
            };
            self.decide(parent, mask, deny);
            child = parent;
        }
    }

    fn given_by_children(&self, tree: &ObjectTree, parent: usize) -> AccessMask {
        let level = tree.level(parent) + 1;
        let children = tree
            .subtree(parent)
            .filter(|&node| tree.level(node) == level);
        let given = children
            .filter_map(|node| self.nodes.get(node))
            .map(|&(given, _)| given);
        given.fold(AccessMask::all(), |all, given| all & given)
    }

    fn decide(&mut self, node: usize, mask: AccessMask, deny: bool) {
        if let Some((granted, denied)) = self.nodes.get_mut(node) {
            if deny {
                *denied |= mask.difference(*granted);
            } else {
                *granted |= mask.difference(*denied);
            }
        }
    }
}
