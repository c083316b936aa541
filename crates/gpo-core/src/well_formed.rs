//! Whether a file is XML at all.

use crate::error::Result;
use crate::text::Text;
use crate::xml_reader::{Content, XmlReader};

/// Checks that a file is well-formed XML of the kind that a backup holds: no DTD, elements nested
/// at most 100 deep, at most 256 MiB. Which encoding it declares does not matter, as for
/// [`Text::decode_xml`].
///
/// ```
/// use gpo_core::check_well_formed;
///
/// assert!(check_well_formed(b"<GPO><Name>A &amp; B</Name></GPO>").is_ok());
/// let error = check_well_formed(b"<GPO><Name>A & B</Name></GPO>").unwrap_err();
/// assert!(error.to_string().starts_with("line 1, column 14 (byte 13)"), "{error}");
/// ```
///
/// # Errors
///
/// What is wrong first, with line, column and byte.
pub fn check_well_formed(bytes: &[u8]) -> Result<()> {
    let text = Text::decode_xml(bytes)?;
    let mut reader = XmlReader::new(&text)?;
    let (_, root) = reader.root()?;
    reader.attributes(&root).try_for_each(|a| a.map(drop))?;
    let mut depth = 1;
    while depth > 0 {
        match reader.next()? {
            Content::Element(tag) => {
                reader.attributes(&tag).try_for_each(|a| a.map(drop))?;
                depth += 1;
            }
            Content::End => depth -= 1,
            Content::Text(_) | Content::Other(_) => {}
        }
    }
    reader.finish().map(drop)
}
