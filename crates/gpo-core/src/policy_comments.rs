//! comment.cmtx: what administrators wrote about policies.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::xml_document::{XmlDocument, XmlElement};

/// `comment.cmtx` of either half: comments on policies of administrative templates.
///
/// UTF-8 with a byte order mark, the declaration in single quotes. A comment names its policy with
/// the prefix of a namespace, `ns0:Name`, and has its text in a table of strings.
///
/// ```
/// # #[cfg(feature = "xml")] {
/// use gpo_core::PolicyComments;
///
/// let mut comments = PolicyComments::parse(br#"<policyComments>
///   <policyNamespaces><using prefix="ns0" namespace="Corp.Policies"></using></policyNamespaces>
///   <comments><admTemplate>
///     <comment policyRef="ns0:Lock" commentText="$(resource.ns0_Lock)"></comment>
///   </admTemplate></comments>
///   <resources><stringTable><string id="ns0_Lock">Asked for by audit</string></stringTable></resources>
/// </policyComments>"#)?;
/// let comment = &comments.comments()[0];
/// assert_eq!((comment.namespace.as_deref(), comment.policy.as_str()), (Some("Corp.Policies"), "Lock"));
/// assert_eq!(comment.text, "Asked for by audit");
/// comments.set_text("ns0:Lock", "Ticket 5")?;
/// # }
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyComments {
    document: XmlDocument,
}

/// A comment on a policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PolicyComment {
    /// The policy with its prefix, `ns0:Name`.
    pub policy_ref: String,
    /// The namespace that the prefix stands for, if it stands for one.
    pub namespace: Option<String>,
    /// The name of the policy in its namespace.
    pub policy: String,
    /// The text.
    pub text: String,
}

xml_file!(PolicyComments);

impl PolicyComments {
    /// The file, if the document is one.
    #[cfg(feature = "xml")]
    fn of_document(document: XmlDocument) -> Result<Self> {
        document.expect_root("a comment.cmtx", "policyComments")?;
        Ok(Self { document })
    }

    /// The comments in file order.
    pub fn comments(&self) -> Vec<PolicyComment> {
        let root = &self.document.root;
        let pairs = |parent: Option<&XmlElement>, key: &str, value: fn(&XmlElement) -> String| {
            let mut pairs: BTreeMap<String, String> = BTreeMap::new();
            for element in parent.into_iter().flat_map(XmlElement::elements) {
                if let Some(key) = element.attribute(key) {
                    // Of two with one name the first counts.
                    pairs
                        .entry(key.into_owned())
                        .or_insert_with(|| value(element));
                }
            }
            pairs
        };
        let namespaces = pairs(root.element("policyNamespaces"), "prefix", |using| {
            using
                .attribute("namespace")
                .unwrap_or_default()
                .into_owned()
        });
        let table = root
            .element("resources")
            .and_then(|r| r.element("stringTable"));
        let strings = pairs(table, "id", XmlElement::text);
        let templates = root
            .element("comments")
            .into_iter()
            .flat_map(XmlElement::elements);
        let comments = templates
            .flat_map(XmlElement::elements)
            .filter_map(|comment| {
                let policy_ref = comment.attribute("policyRef")?.into_owned();
                let (prefix, policy) = policy_ref.split_once(':').unwrap_or(("", &policy_ref));
                let text = comment.attribute("commentText").unwrap_or_default();
                let string = string_id(&text).and_then(|id| strings.get(id));
                Some(PolicyComment {
                    namespace: namespaces.get(prefix).cloned(),
                    policy: policy.to_owned(),
                    text: string.cloned().unwrap_or_else(|| text.into_owned()),
                    policy_ref,
                })
            });
        comments.collect()
    }

    /// Sets the text of the comment on a policy, `ns0:Name`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Missing`] where the policy has no comment, [`ErrorKind::Unwritable`] for a
    /// character that XML does not allow.
    pub fn set_text(&mut self, policy_ref: &str, text: &str) -> Result<()> {
        let root = &mut self.document.root;
        let Some(comment) = find_comment(root, policy_ref) else {
            let message = format!("{} has no comment", Quoted::new(policy_ref));
            return Err(Error::new(ErrorKind::Missing, message));
        };
        let own = comment.attribute("commentText").unwrap_or_default();
        let own = own.into_owned();
        let Some(id) = string_id(&own) else {
            // A comment without text may have no attribute for it.
            if own != text {
                comment.set_attribute("commentText", text)?;
            }
            return Ok(());
        };
        let table = root
            .element_mut("resources")
            .and_then(|resources| resources.element_mut("stringTable"));
        let mut strings = table.into_iter().flat_map(XmlElement::elements_mut);
        let string = strings.find(|string| string.attribute("id").as_deref() == Some(id));
        let Some(string) = string else {
            let message = format!("the string {} of a comment is not there", Quoted::new(id));
            return Err(Error::new(ErrorKind::Missing, message));
        };
        string.set_text(text)
    }
}

fn find_comment<'a>(root: &'a mut XmlElement, policy_ref: &str) -> Option<&'a mut XmlElement> {
    let templates = root.element_mut("comments")?.elements_mut();
    templates
        .flat_map(XmlElement::elements_mut)
        .find(|comment| comment.attribute("policyRef").as_deref() == Some(policy_ref))
}

/// The ID in `$(resource.ID)`.
fn string_id(text: &str) -> Option<&str> {
    text.strip_prefix("$(resource.")?.strip_suffix(')')
}

#[cfg(test)]
#[cfg(feature = "xml")]
mod tests {
    use super::*;

    const FILE: &str = "\u{feff}<?xml version='1.0' encoding='utf-8'?>\r\n<policyComments><policyNamespaces>\
        <using prefix='a' namespace='A'></using></policyNamespaces><comments><admTemplate>\
        <comment policyRef='a:P' commentText='$(resource.a_P)'></comment>\
        <comment policyRef='b:Q' commentText='plain'></comment>\
        <comment policyRef='a:R' commentText='$(resource.gone)'></comment>\
        <comment policyRef='c:S'/>\
        </admTemplate></comments><resources><stringTable><string id='a_P'>x &amp; y</string>\
        </stringTable></resources></policyComments>";

    #[test]
    fn comments_are_read_through_their_tables() {
        let comments = PolicyComments::parse(FILE.as_bytes()).unwrap();
        let read: Vec<_> = comments
            .comments()
            .into_iter()
            .map(|c| (c.namespace, c.policy, c.text))
            .collect();
        let text = |text: &str| text.to_owned();
        let expected = [
            (Some(text("A")), text("P"), text("x & y")),
            (None, text("Q"), text("plain")),
            (Some(text("A")), text("R"), text("$(resource.gone)")),
            (None, text("S"), text("")),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn a_text_is_set_where_it_stands() {
        for (policy_ref, text, after) in [
            ("a:P", "x & y", FILE.to_owned()),
            ("a:P", "<z>", FILE.replace("x &amp; y", "&lt;z&gt;")),
            ("b:Q", "other", FILE.replace("plain", "other")),
            ("c:S", "", FILE.to_owned()),
        ] {
            let mut comments = PolicyComments::parse(FILE.as_bytes()).unwrap();
            comments.set_text(policy_ref, text).unwrap();
            assert_eq!(comments.to_bytes().unwrap(), after.as_bytes());
        }
        let mut comments = PolicyComments::parse(FILE.as_bytes()).unwrap();
        for policy_ref in ["a:R", "a:T"] {
            let error = comments.set_text(policy_ref, "x").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Missing);
        }
        assert!(PolicyComments::parse(b"<a/>").is_err());
    }
}
