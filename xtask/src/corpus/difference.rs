//! Why the bytes of an XML file differ from what GPMC or LGPO.exe would have written.

use roxmltree::{Document, Node};

use super::tally::Outcome;

type Undo = fn(&str) -> String;

/// What other programs do to a file, with a function that undoes it on both sides.
const CAUSES: [(&str, Undo); 6] = [
    ("byte order mark added", without_mark),
    ("line ends converted", with_line_feeds),
    ("final line end changed", without_end),
    ("declaration or comments changed", without_prolog),
    // A GPMC of 2015 wrote nine slots.
    ("another number of blank slots", without_blank_slots),
    ("re-indented", without_indentation),
];

/// Compares what we wrote with what is there.
pub(crate) fn compare(ours: &[u8], theirs: &[u8]) -> Outcome {
    if ours == theirs {
        return Outcome::Exact;
    }
    let (ours, theirs) = match (decode(ours), decode(theirs)) {
        (Ok(ours), Ok(theirs)) => (ours, theirs),
        (Err(why), _) | (_, Err(why)) => return Outcome::Unequal(why),
    };
    match same_infoset(&ours, &theirs) {
        Ok(None) => Outcome::Explained(causes(&ours, &theirs)),
        Ok(Some(place)) => Outcome::Unequal(format!("another infoset at {place}")),
        Err(error) => Outcome::Unequal(error.to_string()),
    }
}

/// The fewest causes that have to be undone, on both sides, to make one text of both. The last of
/// the list would explain most of the others, too, so it comes last.
fn causes(ours: &str, theirs: &str) -> Vec<&'static str> {
    let mut subsets: Vec<u32> = (1..1 << CAUSES.len()).collect();
    let last = 1 << (CAUSES.len() - 1);
    subsets.sort_by_key(|subset| (subset & last, subset.count_ones()));
    for subset in subsets {
        let chosen = || (0..).zip(CAUSES).filter(|(n, _)| subset >> n & 1 == 1);
        let undo = |text: &str| chosen().fold(text.to_owned(), |text, (_, (_, undo))| undo(&text));
        if undo(ours) == undo(theirs) {
            return chosen().map(|(_, (name, _))| name).collect();
        }
    }
    vec!["serialized by another program"]
}

fn decode(bytes: &[u8]) -> Result<String, String> {
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => {
            let units = rest.chunks_exact(2).map(|unit| match unit {
                [low, high] => u16::from_le_bytes([*low, *high]),
                _ => 0,
            });
            String::from_utf16(&units.collect::<Vec<_>>()).ok()
        }
        bytes => String::from_utf8(bytes.to_vec()).ok(),
    };
    text.ok_or_else(|| "no UTF-8 and no UTF-16".into())
}

fn without_mark(text: &str) -> String {
    text.trim_start_matches('\u{feff}').to_owned()
}

fn with_line_feeds(text: &str) -> String {
    text.replace("\r\n", "\n")
}

fn without_end(text: &str) -> String {
    text.trim_end().to_owned()
}

/// Without declaration and comments before the root element.
fn without_prolog(text: &str) -> String {
    let mark = if text.starts_with('\u{feff}') {
        "\u{feff}"
    } else {
        ""
    };
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    while rest.starts_with("<?") || rest.starts_with("<!--") {
        rest = rest
            .split_once('>')
            .map_or("", |(_, rest)| rest)
            .trim_start();
    }
    format!("{mark}{rest}")
}

/// Without the lines of extension slots that have no block: eight blanks.
fn without_blank_slots(text: &str) -> String {
    let lines = text.split_inclusive('\n');
    lines
        .filter(|line| line.trim_end_matches(['\r', '\n']) != "        ")
        .collect()
}

/// Without white space between tags.
fn without_indentation(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for piece in text.split_inclusive('>') {
        let trimmed = piece.trim_start();
        result.push_str(if trimmed.starts_with('<') {
            trimmed
        } else {
            piece
        });
    }
    result
}

/// The path of the first element where two documents differ. Not compared are white space between
/// elements, comments, the order of attributes and the prefixes of names.
fn same_infoset(ours: &str, theirs: &str) -> Result<Option<String>, roxmltree::Error> {
    // A parser takes a CRLF for a LF; here it does so before, and in CDATA, too.
    let [ours, theirs] = [ours, theirs].map(|text| with_line_feeds(&without_mark(text)));
    let (ours, theirs) = (Document::parse(&ours)?, Document::parse(&theirs)?);
    Ok(first_difference(ours.root_element(), theirs.root_element()))
}

fn first_difference(ours: Node<'_, '_>, theirs: Node<'_, '_>) -> Option<String> {
    let name = ours.tag_name().name();
    let attributes = |node: Node<'_, '_>| {
        let mut list: Vec<_> = node
            .attributes()
            .map(|a| {
                (
                    a.namespace().map(str::to_owned),
                    a.name().to_owned(),
                    a.value().to_owned(),
                )
            })
            .collect();
        list.sort();
        list
    };
    let same = ours.tag_name() == theirs.tag_name()
        && attributes(ours) == attributes(theirs)
        && text(ours) == text(theirs);
    if !same {
        return Some(name.to_owned());
    }
    let elements = |node: Node<'_, '_>| node.children().filter(Node::is_element).count();
    if elements(ours) != elements(theirs) {
        return Some(format!(
            "{name}, whose children are {} and {}",
            elements(ours),
            elements(theirs)
        ));
    }
    let children = |node| Node::children(&node).filter(Node::is_element);
    children(ours)
        .zip(children(theirs))
        .find_map(|(ours, theirs)| first_difference(ours, theirs))
        .map(|place| format!("{name}/{place}"))
}

/// The text directly in an element; of one with elements in it, without what is white space only.
fn text(node: Node<'_, '_>) -> String {
    let has_elements = node.children().any(|child| child.is_element());
    node.children()
        .filter_map(|child| child.text().filter(|_| child.is_text()))
        .filter(|text| !has_elements || !text.trim().is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_apart() {
        const OURS: &str = "<?xml version=\"1.0\"?><!-- c --><a x=\"1\">\r\n        \r\n <b><![CDATA[ ]]></b>\r\n</a>";
        let explained = |theirs: &str| match compare(OURS.as_bytes(), theirs.as_bytes()) {
            Outcome::Explained(causes) => causes,
            Outcome::Exact => vec!["exact"],
            Outcome::Unequal(_) => vec!["unequal"],
            Outcome::Unreadable(_) => vec!["unreadable"],
        };
        let lf = OURS.replace("\r\n", "\n");
        for (theirs, causes) in [
            (OURS.to_owned(), vec!["exact"]),
            (lf.clone(), vec!["line ends converted"]),
            (
                format!("\u{feff}{lf}"),
                vec!["byte order mark added", "line ends converted"],
            ),
            (format!("{OURS}\n"), vec!["final line end changed"]),
            (
                OURS.replace("        \r\n", ""),
                vec!["another number of blank slots"],
            ),
            (OURS.replace(" <b>", "\t<b>"), vec!["re-indented"]),
            (
                OURS.replace("<!-- c -->", ""),
                vec!["declaration or comments changed"],
            ),
            (
                OURS.replace("<![CDATA[ ]]>", " "),
                vec!["serialized by another program"],
            ),
            (
                OURS.replace("x=\"1\"", "x='1'"),
                vec!["serialized by another program"],
            ),
            (OURS.replace("<![CDATA[ ]]>", ""), vec!["unequal"]),
            (OURS.replace("\"1\"", "\"2\""), vec!["unequal"]),
            (OURS.replace("</b>", "</b><b/>"), vec!["unequal"]),
            (OURS.replace("</b>", ""), vec!["unequal"]),
        ] {
            assert_eq!(explained(&theirs), causes, "{theirs}");
        }
    }
}
