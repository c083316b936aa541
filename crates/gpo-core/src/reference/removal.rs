//! Taking a reference out of a text.

use core::ops::Range;

/// The part of a list between commas that holds `item` and nothing else, with one of the commas
/// and the blanks beside it; `None` where the item shares its place.
pub(crate) fn list_item(text: &str, item: &Range<usize>) -> Option<Range<usize>> {
    let blanks = [' ', '\t'];
    let before = text.get(..item.start)?.trim_end_matches(blanks);
    let rest = text.get(item.end..)?;
    let after = rest.trim_start_matches(blanks);
    let end = text.len() - after.len();
    if before.ends_with(',') && (after.is_empty() || after.starts_with(',')) {
        return Some(before.len() - 1..end);
    }
    if !before.ends_with('=') {
        return None;
    }
    match after.strip_prefix(',') {
        Some(next) => Some(item.start..text.len() - next.trim_start_matches(blanks).len()),
        None => after.is_empty().then_some(item.start..item.end),
    }
}

/// The ACE of an SDDL text whose trustee is `sid`, from its `(` to its `)`.
///
/// `None` where the SID is an owner, a group, in the condition of an ACE, or in no ACE at all. An
/// ACE that ends in a condition or an attribute is refused as well: others may stand in there.
pub(crate) fn ace(text: &str, sid: &Range<usize>) -> Option<Range<usize>> {
    let before = text.get(..sid.start)?;
    let start = before.rfind(['(', ')'])?;
    let fields = before.get(start..)?.strip_prefix('(')?;
    let is_trustee = fields.bytes().filter(|&b| b == b';').count() == 5 && fields.ends_with(';');
    let ends = text.get(sid.end..)?.starts_with(')');
    (is_trustee && ends).then_some(start..sid.end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn without(
        text: &str,
        item: &str,
        part: fn(&str, &Range<usize>) -> Option<Range<usize>>,
    ) -> Option<alloc::string::String> {
        let start = text.find(item)?;
        let part = part(text, &(start..start + item.len()))?;
        let mut text = text.to_string();
        text.replace_range(part, "");
        Some(text)
    }

    #[test]
    fn an_item_goes_with_one_comma() {
        for (text, after) in [
            ("A = x", Some("A = ")),
            ("A = x,b", Some("A = b")),
            ("A = x , b", Some("A = b")),
            ("A=b, x ,c", Some("A=b,c")),
            ("A=b,x", Some("A=b")),
            ("x__Members = b", None),
        ] {
            assert_eq!(without(text, "x", list_item).as_deref(), after, "{text}");
        }
    }

    #[test]
    fn an_ace_goes_as_a_whole() {
        let sid = "S-1-5-21-1-2-3-4";
        for (text, after) in [
            ("D:(A;;GA;;;SID)(A;;GA;;;BA)", Some("D:(A;;GA;;;BA)")),
            (
                r#"M\v=1,"O:BAG:BAD:(A;;RC;;;BA)(A;;RC;;;SID)""#,
                Some(r#"M\v=1,"O:BAG:BAD:(A;;RC;;;BA)""#),
            ),
            (
                "|Name=(x|LUAuth=O:LSD:(A;;CC;;;SID)|",
                Some("|Name=(x|LUAuth=O:LSD:|"),
            ),
            ("O:SIDD:(A;;GA;;;BA)", None),
            ("D:(XA;;GA;;;WD;(Member_of{SID(SID)}))", None),
            ("D:(XA;;GA;;;SID;(a==1))", None),
            ("(SID)", None),
        ] {
            let text = text.replacen("SID", sid, usize::from(!text.contains("of{SID")));
            let text = text.replace("(SID)", &alloc::format!("({sid})"));
            assert_eq!(without(&text, sid, ace).as_deref(), after, "{text}");
        }
    }
}
