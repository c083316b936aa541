//! comment.cmtx: what administrators wrote about policies.

use alloc::borrow::{Cow, ToOwned};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::{Error, ErrorKind, Quoted, Result};
#[cfg(feature = "xml")]
use crate::xml_document::XmlParts;
use crate::xml_document::{XmlDocument, XmlElement};
use crate::xml_writer::check_writable;

const ROOT: &str = "policyComments";
const NAMESPACES: &str = "policyNamespaces";
const COMMENTS: &str = "comments";
const RESOURCES: &str = "resources";
const STRINGS: &str = "stringTable";
/// Where comments are, and where their texts.
const TEMPLATE: [&str; 2] = [COMMENTS, "admTemplate"];
const TABLE: [&str; 2] = [RESOURCES, STRINGS];

/// `comment.cmtx` of either half: comments on policies of administrative templates.
///
/// # Layout
///
/// UTF-8 with a byte order mark, the declaration in single quotes, CRLF (census: 111 of 112 texts).
/// `policyNamespaces` lists the namespaces of the templates that the half uses, also of those without
/// a comment, with the prefixes `ns0`, `ns1`, …. A comment names its policy as `ns0:Name` and its text
/// as `$(resource.ns0_Name)`; the text is the `string` of that ID.
///
/// # Limits
///
/// Those of [`XmlDocument`]. A policy has one comment: of two, the first counts.
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
///
/// let mut fresh = PolicyComments::new(&["Corp.Policies"])?;
/// fresh.add("Corp.Policies", "Lock", "Ticket 5")?;
/// assert_eq!(fresh.comments(), comments.comments());
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
    #[cfg(feature = "xml")]
    const PARTS: XmlParts = XmlParts {
        containers: &[NAMESPACES, COMMENTS, "admTemplate", RESOURCES, STRINGS],
        is_part: |container, element| {
            let pair = (container, element.local_name());
            matches!(
                pair,
                (ROOT, NAMESPACES | COMMENTS | RESOURCES)
                    | (COMMENTS, "admTemplate")
                    | (RESOURCES, STRINGS)
                    | (NAMESPACES, "using")
                    | ("admTemplate", "comment")
                    | (STRINGS, "string")
            )
        },
        condition: None,
    };

    /// The file, if the document is one.
    #[cfg(feature = "xml")]
    fn of_document(document: XmlDocument) -> Result<Self> {
        document.expect_root("a comment.cmtx", ROOT)?;
        Ok(Self { document })
    }

    /// A file of these namespaces without comments, as the editor of Windows writes it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a character that XML does not allow.
    pub fn new(namespaces: &[&str]) -> Result<Self> {
        let mut root = XmlElement::new(ROOT)?.with_end_tag();
        for (name, value) in [
            ("xmlns:xsd", "http://www.w3.org/2001/XMLSchema"),
            ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
            ("revision", "1.0"),
            ("schemaVersion", "1.0"),
            (
                "xmlns",
                "http://www.microsoft.com/GroupPolicy/CommentDefinitions",
            ),
        ] {
            root.set_attribute(name, value)?;
        }
        let empty = |name| Ok::<_, Error>(XmlElement::new(name)?.with_end_tag());
        let mut comments = empty(COMMENTS)?;
        comments.push_line("\r\n    ", empty("admTemplate")?, "\r\n  ");
        let mut resources = empty(RESOURCES)?;
        resources.set_attribute("minRequiredRevision", "1.0")?;
        resources.push_line("\r\n    ", empty(STRINGS)?, "\r\n  ");
        for section in [empty(NAMESPACES)?, comments, resources] {
            root.push_line("\r\n  ", section, "\r\n");
        }
        let mut document = XmlDocument::new("<?xml version='1.0' encoding='utf-8'?>\r\n", root, "");
        document.form.bom = true;
        let mut this = Self { document };
        for namespace in namespaces {
            this.prefix(namespace)?;
        }
        Ok(this)
    }

    /// Adds a comment on a policy of a namespace, behind the others; one that is there gets the text.
    /// A namespace that is not there is added, too.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a character that XML does not allow, [`ErrorKind::Missing`]
    /// where the file lacks a section.
    pub fn add(&mut self, namespace: &str, policy: &str, text: &str) -> Result<()> {
        check_writable("the comment", text)?;
        check_writable("the policy", policy)?;
        let own = self.comments().into_iter().find(|own| {
            (own.namespace.as_deref(), own.policy.as_str()) == (Some(namespace), policy)
        });
        if let Some(own) = own {
            return self.set_text(&own.policy_ref, text);
        }
        // Where one of the sections is missing, nothing is written.
        self.section(&TEMPLATE)?;
        self.section(&TABLE)?;
        let prefix = self.prefix(namespace)?;
        let id = self.free_id(&format!("{prefix}_{policy}"));
        let mut comment = XmlElement::new("comment")?.with_end_tag();
        comment.set_attribute("policyRef", &format!("{prefix}:{policy}"))?;
        comment.set_attribute("commentText", &format!("$(resource.{id})"))?;
        let mut string = XmlElement::new("string")?.with_end_tag();
        string.set_attribute("id", &id)?;
        string.set_lines(text);
        self.push(&TEMPLATE, comment)?;
        self.push(&TABLE, string)
    }

    /// The ID, with a number behind it where a string has it: `a_b_c` is that of `b_c` in the
    /// namespace `a` and of `c` in `a_b`.
    fn free_id(&self, id: &str) -> String {
        let sections = self.document.root.element(RESOURCES);
        let table = sections.and_then(|resources| resources.element(STRINGS));
        let strings = table.into_iter().flat_map(XmlElement::elements);
        let taken: BTreeSet<_> = strings
            .filter_map(|string| string.attribute("id"))
            .collect();
        let numbered = (2..).map(|number: u32| format!("{id}_{number}"));
        let mut free = core::iter::once(id.to_owned()).chain(numbered);
        free.find(|id| !taken.contains(id.as_str()))
            .unwrap_or_default()
    }

    /// The prefix of a namespace, which is added where it is not there.
    fn prefix(&mut self, namespace: &str) -> Result<String> {
        let uses = self.document.root.element(NAMESPACES).into_iter();
        let uses: Vec<_> = uses.flat_map(XmlElement::elements).collect();
        let own = uses
            .iter()
            .find(|using| using.attribute("namespace").as_deref() == Some(namespace));
        if let Some(prefix) = own.and_then(|using| using.attribute("prefix")) {
            return Ok(prefix.into_owned());
        }
        let taken: Vec<_> = uses.iter().filter_map(|u| u.attribute("prefix")).collect();
        let mut number = uses.len();
        let mut prefix = format!("ns{number}");
        while taken.iter().any(|taken| *taken == prefix) {
            number += 1;
            prefix = format!("ns{number}");
        }
        let mut using = XmlElement::new("using")?.with_end_tag();
        using.set_attribute("prefix", &prefix)?;
        using.set_attribute("namespace", namespace)?;
        self.push(&[NAMESPACES], using)?;
        Ok(prefix)
    }

    /// Adds an element to a section, indented as the editor does it.
    fn push(&mut self, section: &[&str], element: XmlElement) -> Result<()> {
        let line_end = self.document.form.line_end();
        let outer = format!("{line_end}{}", "  ".repeat(section.len()));
        let parent = self.section(section)?;
        parent.push_line(&format!("{outer}  "), element, &outer);
        Ok(())
    }

    /// The element of a section.
    fn section(&mut self, section: &[&str]) -> Result<&mut XmlElement> {
        section
            .iter()
            .try_fold(&mut self.document.root, |parent, name| {
                parent.element_mut(name).ok_or_else(|| {
                    let message =
                        format!("a comment.cmtx has the element {name}, this one has not");
                    Error::new(ErrorKind::Missing, message)
                })
            })
    }

    /// The namespaces in file order, each with its prefix.
    pub fn namespaces(&self) -> impl Iterator<Item = (String, String)> {
        let uses = self.document.root.element(NAMESPACES).into_iter();
        uses.flat_map(XmlElement::elements).filter_map(|using| {
            let value = |name| using.attribute(name).map(Cow::into_owned);
            Some((value("prefix")?, value("namespace")?))
        })
    }

    /// The comments in file order.
    pub fn comments(&self) -> Vec<PolicyComment> {
        let root = &self.document.root;
        // Of two with one name the first counts.
        let mut namespaces = BTreeMap::new();
        for (prefix, namespace) in self.namespaces() {
            namespaces.entry(prefix).or_insert(namespace);
        }
        let table = root
            .element(RESOURCES)
            .and_then(|resources| resources.element(STRINGS));
        let mut strings = BTreeMap::new();
        for string in table.into_iter().flat_map(XmlElement::elements) {
            if let Some(id) = string.attribute("id") {
                strings
                    .entry(id.into_owned())
                    .or_insert_with(|| string.text());
            }
        }
        let templates = root
            .element(COMMENTS)
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
            .element_mut(RESOURCES)
            .and_then(|resources| resources.element_mut(STRINGS));
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
    let templates = root.element_mut(COMMENTS)?.elements_mut();
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
    fn a_fresh_file_holds_what_was_added() {
        let mut fresh = PolicyComments::new(&["A", "B & C"]).unwrap();
        fresh.add("B & C", "P", "x\r\n<y>").unwrap();
        fresh.add("D", "Q", "").unwrap();
        fresh.add("B & C", "P", "x\ny").unwrap();
        let text = String::from_utf8(fresh.to_bytes().unwrap()).unwrap();
        let (_, body) = text.split_once("CommentDefinitions\">\r\n").unwrap();
        let expected = "  <policyNamespaces>
    <using prefix=\"ns0\" namespace=\"A\"></using>
    <using prefix=\"ns1\" namespace=\"B &amp; C\"></using>
    <using prefix=\"ns2\" namespace=\"D\"></using>
  </policyNamespaces>
  <comments>
    <admTemplate>
      <comment policyRef=\"ns1:P\" commentText=\"$(resource.ns1_P)\"></comment>
      <comment policyRef=\"ns2:Q\" commentText=\"$(resource.ns2_Q)\"></comment>
    </admTemplate>
  </comments>
  <resources minRequiredRevision=\"1.0\">
    <stringTable>
      <string id=\"ns1_P\">x
y</string>
      <string id=\"ns2_Q\"></string>
    </stringTable>
  </resources>
</policyComments>";
        assert_eq!(body.replace("\r\n", "\n"), expected);
        assert_eq!(PolicyComments::parse(text.as_bytes()).unwrap(), fresh);
        assert!(fresh.add("A", "\u{1}", "x").is_err());
    }

    #[test]
    fn a_comment_is_added_where_the_others_stand() {
        let end =
            "</admTemplate></comments><resources><stringTable><string id='a_P'>x &amp; y</string>";
        let mut comments = PolicyComments::parse(FILE.as_bytes()).unwrap();
        comments.add("A", "New", "z").unwrap();
        let added = end
            .replace(
                "</admTemplate>",
                "\r\n      <comment policyRef=\"a:New\" commentText=\"$(resource.a_New)\"></comment>\r\n    </admTemplate>",
            )
            + "\r\n      <string id=\"a_New\">z</string>\r\n    ";
        let expected = FILE.replace(end, &added);
        assert_eq!(comments.to_bytes().unwrap(), expected.as_bytes());
        assert!(
            PolicyComments::parse(b"<policyComments/>")
                .unwrap()
                .add("A", "B", "c")
                .is_err()
        );
    }

    #[test]
    fn comments_whose_names_come_to_one_id_have_a_text_each() {
        let file = FILE.replace("a_P\'>", "a_P_Q\'>").replace("a_P)", "a_P_Q)");
        let file = file.replace(
            "<policyNamespaces>",
            "<policyNamespaces><using prefix='a_P' namespace='B'/>",
        );
        let mut comments = PolicyComments::parse(file.as_bytes()).unwrap();
        comments.add("B", "Q", "one").unwrap();
        comments.add("A", "P_Q", "two").unwrap();
        comments.add("B", "Q", "three").unwrap();
        let texts: Vec<_> = comments
            .comments()
            .into_iter()
            .map(|own| own.text)
            .collect();
        let expected = ["x & y", "plain", "$(resource.gone)", "", "three", "two"];
        assert_eq!(texts, expected);
    }

    #[test]
    fn a_file_that_lacks_a_section_stays_as_it_is() {
        for lost in ["<stringTable>", "<comments>"] {
            let [from, to] = ["", "x"].map(|x| lost.replace('<', &["<", x].concat()));
            let file = FILE
                .replace(&from, &to)
                .replace(&from.replace('<', "</"), &to.replace('<', "</"));
            let mut comments = PolicyComments::parse(file.as_bytes()).unwrap();
            assert!(comments.add("New", "P", "x").is_err(), "{lost}");
            assert_eq!(comments.to_bytes().unwrap(), file.as_bytes());
        }
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
