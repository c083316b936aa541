//! Lists of client-side extensions.

use gpo_core::{ExtensionList, Guid};

const TOOL: Guid = Guid::from_u128(0xD02B1F72_3407_48AE_BA88_E8213C6761F1);

/// A list is the text of its groups; an insertion is found afterwards, and found again changes
/// nothing.
pub fn extension_list(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let mut list = ExtensionList::from_text(text);
    let Ok(groups) = list.groups() else {
        assert!(list.insert(TOOL, TOOL).is_err());
        return;
    };
    if !list.is_blank() {
        assert_eq!(ExtensionList::from_groups(&groups), list);
    }
    for group in &groups {
        assert!(list.contains_cse(group.cse));
    }
    let listed = |list: &ExtensionList, cse| {
        let groups = list.groups().expect("an insertion leaves a list");
        let mut of_cse = groups.iter().filter(|group| group.cse == cse);
        of_cse.any(|group| group.tools.contains(&TOOL))
    };
    let cse = groups.last().map_or(TOOL, |group| group.cse);
    for cse in [cse, TOOL] {
        list.insert(cse, TOOL).expect("it is a list");
        assert!(listed(&list, cse));
        let before = list.clone();
        list.insert(cse, TOOL).expect("it is a list");
        assert_eq!(list, before);
    }
}
