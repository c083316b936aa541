//! XML that this crate does not know: kept where it stood, and written back.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// Attributes and nodes of an element that no version of the format known here has.
///
/// Nothing in it is understood; a reader of a backup reports it, a writer puts it back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foreign {
    /// Attributes as (name with prefix, value), behind the known ones.
    pub attributes: Vec<(String, String)>,
    /// Elements, comments and text.
    pub nodes: Vec<ForeignNode>,
    /// Attributes of children that hold nothing but text.
    pub leaves: Vec<ForeignLeaf>,
}

/// Unknown attributes of a known child that holds nothing but text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignLeaf {
    /// The name of the child.
    pub name: &'static str,
    /// Its number, from 0, among those of its name.
    pub number: usize,
    /// The attributes as (name with prefix, value).
    pub attributes: Vec<(String, String)>,
}

/// A piece of XML as it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignNode {
    /// How many known children of the element stand before it.
    pub before: usize,
    /// The text of the node, markup included.
    pub xml: String,
}

impl Foreign {
    /// Whether there is nothing unknown.
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.nodes.is_empty() && self.leaves.is_empty()
    }

    /// The attributes of the first child of this name.
    pub(crate) fn of_leaf(&self, name: &str) -> &[(String, String)] {
        let leaf = |leaf: &&ForeignLeaf| (leaf.name, leaf.number) == (name, 0);
        let found = self.leaves.iter().find(leaf);
        found.map_or(&[], |leaf| &leaf.attributes)
    }

    /// The attributes of the children of this name, by their numbers.
    pub(crate) fn of_leaves(&self, name: &str) -> BTreeMap<usize, &[(String, String)]> {
        let leaves = self.leaves.iter().filter(|leaf| leaf.name == name);
        leaves
            .map(|leaf| (leaf.number, leaf.attributes.as_slice()))
            .collect()
    }
}
