//! Trees of item-level targeting.

use std::fmt::Write;

use gpo_core::{Preferences, TargetingFilter};

use crate::choices::Choices;

const KINDS: [&str; 5] = ["Group", "OrgUnit", "Wmi", "Unknown", "Collection"];

/// A tree of filters is read as it was written: as many at each depth, in their order, with their
/// joins.
pub fn targeting_tree(data: &[u8]) {
    let mut choices = Choices::new(data);
    let mut xml = String::from("<Drives><Drive><Filters>");
    let (mut open, mut deepest, mut made) = (0, 0, Vec::new());
    while !choices.is_empty() {
        let choice = choices.byte();
        if choice.is_multiple_of(8) && open > 0 {
            xml.push_str("</FilterCollection>");
            open -= 1;
            continue;
        }
        let kind = choices.of(&KINDS);
        let (or, not) = (choice & 8 != 0, choice & 16 != 0);
        let join = if or { "OR" } else { "AND" };
        let not_text = u8::from(not);
        write!(xml, "<Filter{kind} bool=\"{join}\" not=\"{not_text}\"").expect("a text has room");
        made.push((open, kind, or, not));
        if kind == "Collection" {
            xml.push('>');
            open += 1;
            deepest = deepest.max(open);
        } else {
            xml.push_str("/>");
        }
    }
    (0..open).for_each(|_| xml.push_str("</FilterCollection>"));
    xml.push_str("</Filters></Drive></Drives>");
    let Ok(preferences) = Preferences::parse(xml.as_bytes()) else {
        // Deeper than files are read.
        assert!(deepest > 90, "{xml}");
        return;
    };
    let item = preferences.items().next().expect("there is an item");
    let mut read = Vec::new();
    walk(&item.targeting(), 0, &mut read);
    let made: Vec<_> = made
        .into_iter()
        .map(|(depth, kind, or, not)| (depth, kind.to_owned(), or, not))
        .collect();
    assert_eq!(read, made);
    assert_eq!(preferences.to_bytes().as_deref(), Ok(xml.as_bytes()));
}

fn walk(filters: &[TargetingFilter<'_>], depth: usize, read: &mut Vec<(usize, String, bool, bool)>) {
    for filter in filters {
        let kind = filter.kind().name().to_owned();
        read.push((depth, kind, filter.is_or(), filter.is_not()));
        walk(&filter.filters, depth + 1, read);
    }
}
