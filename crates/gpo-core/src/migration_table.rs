//! Migration tables: what becomes of principals and paths in another domain.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

#[cfg(feature = "xml")]
use crate::error::Quoted;
use crate::error::{Error, ErrorKind, Result};
use crate::principal::PrincipalKind;
use crate::text::Encoding;
#[cfg(feature = "xml")]
use crate::xml_document::XmlParts;
use crate::xml_document::{XmlDocument, XmlElement, XmlNode};

const NAMESPACE: &str = "http://www.microsoft.com/GroupPolicy/GPOOperations/MigrationTable";
const ROOT: &str = "MigrationTable";
const MAPPING: &str = "Mapping";
const TYPE: &str = "Type";
const SOURCE: &str = "Source";
const DESTINATION: &str = "Destination";

/// A migration table (`.migtable`) as GPMC's editor writes it.
///
/// UTF-16LE with a byte order mark, CRLF, two blanks an indent:
///
/// ```text
/// MigrationTable := Mapping*
/// Mapping        := Type Source ( Destination | DestinationSameAsSource | DestinationNone
///                               | DestinationByRelativeName )
/// ```
///
/// Tables in UTF-8 that declare UTF-16 are common. The document keeps what it does not know.
///
/// # Limits
///
/// Those of [`XmlDocument`]. A mapping that lacks a part is an error of its entry, and the others are
/// read. That a source stands twice is for whoever maps by the table to judge.
///
/// ```
/// # #[cfg(feature = "xml")] {
/// use gpo_core::{MigrationDestination, MigrationEntry, MigrationSourceKind, MigrationTable};
///
/// let entry = MigrationEntry {
///     kind: MigrationSourceKind::UncPath,
///     source: r"\\old\share".into(),
///     destination: MigrationDestination::Set(r"\\new\share".into()),
/// };
/// let table = MigrationTable::from_entries(&[entry.clone()])?;
/// let read = MigrationTable::parse(&table.to_bytes()?)?;
/// assert_eq!(read.entries().collect::<Result<Vec<_>, _>>()?, [entry]);
/// # }
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationTable {
    document: XmlDocument,
}

/// One line of a migration table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MigrationEntry {
    /// What the source is.
    pub kind: MigrationSourceKind,
    /// The principal (`name@dns.domain`, `NETBIOS\name`, a SID or a bare name) or the path.
    pub source: String,
    /// What becomes of it.
    pub destination: MigrationDestination,
}

/// What a source is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MigrationSourceKind {
    /// A principal. [`PrincipalKind::Unknown`] stands for free text or a SID.
    Principal(PrincipalKind),
    /// A path on a server.
    UncPath,
}

const UNC_PATH: &str = "UNCPath";

impl MigrationSourceKind {
    /// The name in the file.
    pub fn name(&self) -> &str {
        match self {
            Self::Principal(kind) => kind.name(),
            Self::UncPath => UNC_PATH,
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Self {
        match name {
            UNC_PATH => Self::UncPath,
            name => Self::Principal(PrincipalKind::from_name(name)),
        }
    }
}

/// What becomes of a source.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MigrationDestination {
    /// It is replaced by this.
    Set(String),
    /// It stays.
    SameAsSource,
    /// It is taken out. Not valid for paths.
    None,
    /// It is replaced by the principal of the same name in the other domain.
    ByRelativeName,
}

impl MigrationDestination {
    fn element_name(&self) -> &'static str {
        match self {
            Self::Set(_) => DESTINATION,
            Self::SameAsSource => "DestinationSameAsSource",
            Self::None => "DestinationNone",
            Self::ByRelativeName => "DestinationByRelativeName",
        }
    }

    fn element(&self, prefix: &str) -> Result<XmlElement> {
        let text = match self {
            Self::Set(text) => text,
            Self::SameAsSource | Self::None | Self::ByRelativeName => "",
        };
        XmlElement::of_text(&[prefix, self.element_name()].concat(), text)
    }

    fn read(element: &XmlElement) -> Option<Self> {
        [
            Self::Set(element.text()),
            Self::SameAsSource,
            Self::None,
            Self::ByRelativeName,
        ]
        .into_iter()
        .find(|known| known.element_name() == element.local_name())
    }
}

xml_file!(MigrationTable);

impl MigrationTable {
    /// A table of these entries, as GPMC writes it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a character that XML does not allow.
    pub fn from_entries(entries: &[MigrationEntry]) -> Result<Self> {
        let mut root = if entries.is_empty() {
            XmlElement::of_text(ROOT, "")?
        } else {
            XmlElement::new(ROOT)?
        };
        for (name, value) in [
            ("xmlns:xsd", "http://www.w3.org/2001/XMLSchema"),
            ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
            ("xmlns", NAMESPACE),
        ] {
            root.set_attribute(name, value)?;
        }
        let mappings: Result<Vec<_>> = entries
            .iter()
            .map(|entry| mapping(entry, "", "\r\n  "))
            .collect();
        if !entries.is_empty() {
            indent(&mut root, mappings?, "\r\n  ");
        }
        let prolog = "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n";
        let mut document = XmlDocument::new(prolog, root, "");
        document.form.encoding = Encoding::Utf16Le;
        document.form.bom = true;
        Ok(Self { document })
    }

    #[cfg(feature = "xml")]
    const PARTS: XmlParts = XmlParts {
        containers: &[],
        is_part: |_, element| element.local_name() == MAPPING,
        condition: None,
    };

    /// The file, if the document is one.
    #[cfg(feature = "xml")]
    fn of_document(document: XmlDocument) -> Result<Self> {
        document.expect_root("a migration table", ROOT)?;
        let root = &document.root;
        let declaration = match root.name().split_once(':') {
            Some((prefix, _)) => format!("xmlns:{prefix}"),
            None => "xmlns".to_owned(),
        };
        let namespace = root.attribute(&declaration).unwrap_or_default();
        if namespace != NAMESPACE {
            let message = format!(
                "a migration table is in the namespace {NAMESPACE}, this file in {}",
                Quoted::new(&namespace)
            );
            return Err(Error::new(ErrorKind::Syntax, message));
        }
        Ok(Self { document })
    }

    /// The entries in file order.
    ///
    /// An item is an error, [`ErrorKind::Missing`], where a mapping lacks type, source or
    /// destination.
    pub fn entries(&self) -> impl Iterator<Item = Result<MigrationEntry>> {
        (1..)
            .zip(mappings(&self.document.root))
            .map(|(number, mapping)| {
                let missing = |what: &str| {
                    let message = format!("mapping {number} of the migration table has no {what}");
                    Error::new(ErrorKind::Missing, message)
                };
                let text = |name: &str| mapping.element(name).map(XmlElement::text);
                let kind = text(TYPE).ok_or_else(|| missing(TYPE))?;
                let source = text(SOURCE).ok_or_else(|| missing(SOURCE))?;
                let destination = mapping.elements().find_map(MigrationDestination::read);
                Ok(MigrationEntry {
                    kind: MigrationSourceKind::from_name(&kind),
                    source,
                    destination: destination.ok_or_else(|| missing(DESTINATION))?,
                })
            })
    }

    /// The prefix of the table's namespace, with its colon; mostly empty.
    fn prefix(&self) -> &str {
        let name = self.document.root.name();
        name.strip_suffix(ROOT).unwrap_or_default()
    }

    /// Adds an entry behind the others, indented as they are.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a character that XML does not allow.
    pub fn push(&mut self, entry: &MigrationEntry) -> Result<()> {
        let prefix = self.prefix().to_owned();
        let nodes = self.document.root.nodes_mut();
        let is_mapping =
            |node: &XmlNode| matches!(node, XmlNode::Element(e) if e.local_name() == MAPPING);
        let Some(last) = nodes.iter().rposition(is_mapping) else {
            indent(
                &mut self.document.root,
                [mapping(entry, &prefix, "\r\n  ")?],
                "\r\n  ",
            );
            return Ok(());
        };
        let before = last.checked_sub(1).and_then(|before| nodes.get(before));
        let line = match before {
            Some(XmlNode::Text(blanks)) if blanks.trim().is_empty() => blanks.clone(),
            _ => String::new(),
        };
        let new = XmlNode::Element(mapping(entry, &prefix, &line)?);
        nodes.insert(last + 1, new);
        nodes.insert(last + 1, XmlNode::Text(line));
        Ok(())
    }

    /// Takes out the n-th mapping, from 0, with the line that it has to itself; says whether there
    /// was one.
    pub fn remove(&mut self, n: usize) -> bool {
        let nodes = self.document.root.nodes_mut();
        let mut mappings = nodes
            .iter()
            .enumerate()
            .filter_map(|(at, node)| match node {
                XmlNode::Element(element) if element.local_name() == MAPPING => Some(at),
                _ => None,
            });
        let Some(at) = mappings.nth(n) else {
            return false;
        };
        nodes.remove(at);
        let before = at.checked_sub(1);
        if let Some(before) = before
            && matches!(nodes.get(before), Some(XmlNode::Text(text)) if text.trim().is_empty())
        {
            nodes.remove(before);
        }
        true
    }

    /// Sets what becomes of the source of the n-th mapping, from 0.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Missing`] where there is no such mapping or it has no destination,
    /// [`ErrorKind::Unwritable`] for a character that XML does not allow.
    pub fn set_destination(&mut self, n: usize, to: &MigrationDestination) -> Result<()> {
        let prefix = self.prefix().to_owned();
        let root = &mut self.document.root;
        let mut mappings = root.elements_mut().filter(|e| e.local_name() == MAPPING);
        let destination = mappings.nth(n).and_then(|mapping| {
            let mut elements = mapping.elements_mut();
            elements.find(|element| MigrationDestination::read(element).is_some())
        });
        let Some(destination) = destination else {
            let message = format!(
                "mapping {} of the migration table has no destination",
                n + 1
            );
            return Err(Error::new(ErrorKind::Missing, message));
        };
        match to {
            MigrationDestination::Set(text) if destination.local_name() == DESTINATION => {
                destination.set_text(text)?;
            }
            to if MigrationDestination::read(destination).as_ref() == Some(to) => {}
            to => *destination = to.element(&prefix)?,
        }
        Ok(())
    }
}

fn mappings(root: &XmlElement) -> impl Iterator<Item = &XmlElement> {
    root.elements()
        .filter(|element| element.local_name() == MAPPING)
}

/// The element of an entry, on a line that starts with `line`.
fn mapping(entry: &MigrationEntry, prefix: &str, line: &str) -> Result<XmlElement> {
    let name = |name: &str| [prefix, name].concat();
    let mut mapping = XmlElement::new(&name(MAPPING))?;
    let parts = [
        XmlElement::of_text(&name(TYPE), entry.kind.name())?,
        XmlElement::of_text(&name(SOURCE), &entry.source)?,
        entry.destination.element(prefix)?,
    ];
    let inner = if line.is_empty() { "" } else { "  " };
    indent(&mut mapping, parts, &[line, inner].concat());
    Ok(mapping)
}

/// Puts each of `elements` on a line that starts with `line`, and the end tag on one that is two
/// blanks less deep.
fn indent(parent: &mut XmlElement, elements: impl IntoIterator<Item = XmlElement>, line: &str) {
    let nodes = parent.nodes_mut();
    for element in elements {
        nodes.push(XmlNode::Text(line.to_owned()));
        nodes.push(XmlNode::Element(element));
    }
    let outer = line.strip_suffix("  ").unwrap_or(line);
    nodes.push(XmlNode::Text(outer.to_owned()));
}

#[cfg(test)]
#[cfg(feature = "xml")]
mod tests {
    use super::*;
    use crate::text::Text;
    use alloc::string::ToString;
    use alloc::vec;
    use proptest::prelude::*;

    fn text(table: &MigrationTable) -> String {
        let bytes = table.to_bytes().unwrap();
        Text::decode(&bytes).unwrap().as_str().to_owned()
    }

    fn entry(destination: MigrationDestination) -> MigrationEntry {
        MigrationEntry {
            kind: MigrationSourceKind::Principal(PrincipalKind::GlobalGroup),
            source: "Admins@old.example".into(),
            destination,
        }
    }

    #[test]
    fn the_bytes_are_those_of_the_editor() {
        let entries = [
            entry(MigrationDestination::Set("A&B".into())),
            entry(MigrationDestination::None),
        ];
        let table = MigrationTable::from_entries(&entries).unwrap();
        assert_eq!(
            text(&table),
            "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n\
             <MigrationTable xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns=\"http://www.microsoft.com/\
             GroupPolicy/GPOOperations/MigrationTable\">\r\n  <Mapping>\r\n    <Type>GlobalGroup</Type>\r\n    \
             <Source>Admins@old.example</Source>\r\n    <Destination>A&amp;B</Destination>\r\n  \
             </Mapping>\r\n  <Mapping>\r\n    <Type>GlobalGroup</Type>\r\n    \
             <Source>Admins@old.example</Source>\r\n    <DestinationNone />\r\n  </Mapping>\r\n\
             </MigrationTable>"
        );
        assert!(table.to_bytes().unwrap().starts_with(b"\xff\xfe<\0"));
        let empty = text(&MigrationTable::from_entries(&[]).unwrap());
        assert!(empty.ends_with("MigrationTable\" />"), "{empty}");
    }

    #[test]
    fn a_destination_is_set_in_its_place() {
        let table = |to| MigrationTable::from_entries(&[entry(to)]).unwrap();
        let set = |text: &str| MigrationDestination::Set(text.into());
        for (from, to) in [
            (set("a"), set("b")),
            (set("a"), MigrationDestination::None),
            (MigrationDestination::None, set("a")),
            (
                MigrationDestination::SameAsSource,
                MigrationDestination::ByRelativeName,
            ),
        ] {
            let mut edited = table(from);
            edited.set_destination(0, &to).unwrap();
            assert_eq!(text(&edited), text(&table(to)));
            let error = edited
                .set_destination(1, &MigrationDestination::None)
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Missing);
        }
    }

    #[test]
    fn entries_come_and_go_without_a_trace() {
        let entries = [
            entry(MigrationDestination::None),
            entry(MigrationDestination::SameAsSource),
        ];
        let tables = |n| MigrationTable::from_entries(&entries[..n]).unwrap();
        let mut table = tables(1);
        table.push(&entries[1]).unwrap();
        assert_eq!(text(&table), text(&tables(2)));
        assert!(table.remove(1) && !table.remove(1));
        assert_eq!(text(&table), text(&tables(1)));
        let mut empty = tables(0);
        empty.push(&entries[0]).unwrap();
        let read = |table: &MigrationTable| table.entries().next().unwrap().unwrap();
        assert_eq!(read(&empty), entries[0]);
        assert!(text(&empty).ends_with("</Mapping>\r\n</MigrationTable>"));

        let one_line = "<M:MigrationTable xmlns:M='NS'><M:Mapping/></M:MigrationTable>";
        let one_line = one_line.replace("NS", NAMESPACE);
        let mut table = MigrationTable::parse(one_line.as_bytes()).unwrap();
        assert!(table.remove(0));
        assert!(
            text(&table).ends_with("'></M:MigrationTable>"),
            "{}",
            text(&table)
        );
    }

    #[test]
    fn what_is_no_table_is_refused_and_what_lacks_a_part_is_named() {
        for xml in [
            "<MigrationTable/>",
            "<X xmlns='http://www.microsoft.com/GroupPolicy/GPOOperations/MigrationTable'/>",
        ] {
            let error = MigrationTable::parse(xml.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Syntax);
        }
        let xml = format!(
            "<m:MigrationTable xmlns:m='{NAMESPACE}'><m:Mapping><m:Type>Group</m:Type><m:Source>a</m:Source>\
             <m:DestinationNone/></m:Mapping><m:Mapping><m:Type/><m:Source/></m:Mapping></m:MigrationTable>"
        );
        let table = MigrationTable::parse(xml.as_bytes()).unwrap();
        let entries: Vec<_> = table.entries().collect();
        let kind = &entries[0].as_ref().unwrap().kind;
        let other = PrincipalKind::Other("Group".into());
        assert_eq!(kind, &MigrationSourceKind::Principal(other));
        let error = entries[1].as_ref().unwrap_err().to_string();
        assert_eq!(error, "mapping 2 of the migration table has no Destination");
    }

    proptest! {
        #[test]
        fn any_table_is_read_again(values in prop::collection::vec((0usize..4, "\\PC{0,8}", 0usize..4, "\\PC{0,8}"), 0..5)) {
            let entries: Vec<_> = values.into_iter().map(|(kind, source, destination, text)| MigrationEntry {
                kind: MigrationSourceKind::from_name(["UNCPath", "User", "Unknown", "x"][kind]),
                source,
                destination: vec![
                    MigrationDestination::Set(text),
                    MigrationDestination::SameAsSource,
                    MigrationDestination::None,
                    MigrationDestination::ByRelativeName,
                ].swap_remove(destination),
            }).collect();
            let bytes = MigrationTable::from_entries(&entries).unwrap().to_bytes().unwrap();
            let mut table = MigrationTable::parse(&bytes).unwrap();
            let read: Vec<_> = table.entries().map(Result::unwrap).collect();
            prop_assert_eq!(&read, &entries);
            for (n, entry) in read.iter().enumerate() {
                table.set_destination(n, &entry.destination).unwrap();
            }
            prop_assert_eq!(table.to_bytes().unwrap(), bytes);
        }
    }
}
