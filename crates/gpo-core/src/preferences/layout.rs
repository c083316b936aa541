//! The white space between elements, as the editor of Windows writes it.

use alloc::string::String;
use alloc::vec::Vec;

use super::{COLLECTION, FILTERS};
use crate::xml_document::{XmlElement, XmlNode};

/// Puts an item, with all that is in it, into the layout of the editor: line breaks stand behind
/// items, behind each trigger and action of a task of version 2, and behind the filter that runs an
/// item once; all else stands in one line. Where a task has an empty text, it has an end tag.
/// (Census: all texts that nobody has re-indented but two, which lack a break between actions.)
///
/// `depth` is the number of elements that the item is in, each a tab. The recursion goes as deep as
/// the tree that exists.
pub(super) fn lay_out(item: &mut XmlElement, depth: usize, line_end: &str) {
    // The editor has no list of triggers for a task that is run at once, and writes one.
    let lists: &[&str] = if item.local_name() == "ImmediateTaskV2" {
        &[COLLECTION, "Actions"]
    } else {
        &[COLLECTION, "Actions", "Triggers"]
    };
    lay_out_in(item, depth, lists, line_end);
}

fn lay_out_in(element: &mut XmlElement, depth: usize, lists: &[&str], line_end: &str) {
    if element.elements().next().is_none() {
        return;
    }
    let name = element.local_name();
    let is_collection = name == COLLECTION;
    let is_list = lists.contains(&name);
    let has_texts = matches!(name, "RegistrationInfo" | "Months");
    let nodes = element.nodes_mut();
    nodes.retain(|node| !matches!(node, XmlNode::Text(text) if text.trim().is_empty()));
    let old = core::mem::take(nodes);
    let last = old.len().saturating_sub(1);
    let mut laid = Vec::with_capacity(old.len());
    for (number, mut node) in old.into_iter().enumerate() {
        let mut breaks = false;
        if let XmlNode::Element(child) = &mut node {
            if is_collection {
                lay_out(child, depth + 1, line_end);
            } else {
                lay_out_in(child, depth + 1, lists, line_end);
            }
            if has_texts {
                child.add_end_tag();
            }
            // A `Trigger` is one of a task of version 1.
            let name = child.local_name();
            breaks = name == "FilterRunOnce" || (is_list && !matches!(name, FILTERS | "Trigger"));
        }
        laid.push(node);
        if breaks {
            let mut space = String::from(line_end);
            let tabs = depth + usize::from(number < last);
            space.extend(core::iter::repeat_n('\t', tabs));
            laid.push(XmlNode::Text(space));
        }
    }
    *element.nodes_mut() = laid;
}
