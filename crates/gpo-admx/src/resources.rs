//! ADML files.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use gpo_core::{Error, ErrorKind, Quoted, Result};

use crate::presentation::Presentation;
use crate::read::{attribute, document, in_group, text};

/// An ADML file: the texts and presentations of a template in one language.
///
/// ```
/// use gpo_admx::TemplateResources;
///
/// let resources = TemplateResources::parse(br#"<policyDefinitionResources><resources>
///   <stringTable><string id="Lock">Lock &amp; hide</string></stringTable>
/// </resources></policyDefinitionResources>"#)?;
/// assert_eq!(resources.string("$(string.Lock)"), Some("Lock & hide"));
/// assert_eq!(resources.string("as it stands"), Some("as it stands"));
/// assert_eq!(resources.string("$(string.Gone)"), None);
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateResources {
    strings: HashMap<String, String>,
    presentations: HashMap<String, Presentation>,
    /// What could not be read and is left out.
    pub warnings: Vec<Error>,
}

impl TemplateResources {
    /// Reads a file. A string or presentation that is wrong, or whose name is taken, is left out
    /// with a warning.
    ///
    /// # Errors
    ///
    /// As [`XmlDocument::parse`](gpo_core::XmlDocument::parse); [`ErrorKind::Syntax`] where the root
    /// element is another.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let (document, warning) = document(bytes, "policyDefinitionResources")?;
        let mut this = Self {
            warnings: warning.into_iter().collect(),
            ..Self::default()
        };
        let Some(resources) = document.root.element("resources") else {
            return Ok(this);
        };
        for string in in_group(resources, "stringTable", "string") {
            let read = attribute(string, "id").map(|id| (id.into_owned(), text(string)));
            this.warnings.extend(add(&mut this.strings, "string", read));
        }
        for presentation in in_group(resources, "presentationTable", "presentation") {
            let read = Presentation::read(presentation).map(|read| (read.id.clone(), read));
            let problem = add(&mut this.presentations, "presentation", read);
            this.warnings.extend(problem);
        }
        Ok(this)
    }

    /// The text that stands for `$(string.ID)`; any other text stands for itself.
    pub fn string<'a>(&'a self, text: &'a str) -> Option<&'a str> {
        match reference(text, "string") {
            Some(id) => self.strings.get(id).map(String::as_str),
            None => Some(text),
        }
    }

    /// The presentation that `$(presentation.ID)` means.
    pub fn presentation(&self, reference_text: &str) -> Option<&Presentation> {
        self.presentations
            .get(reference(reference_text, "presentation")?)
    }
}

/// Adds what was read to a table; of two with one name the first counts.
fn add<T>(table: &mut HashMap<String, T>, what: &str, read: Result<(String, T)>) -> Option<Error> {
    let (kind, message) = match read {
        Err(error) => {
            let message = format!("a {what} is left out: {}", error.message());
            (error.kind(), message)
        }
        Ok((id, value)) => match table.entry(id) {
            Entry::Vacant(place) => {
                place.insert(value);
                return None;
            }
            Entry::Occupied(first) => {
                let id = Quoted::new(first.key());
                let message = format!("the {what} {id} is there twice; the first counts");
                (ErrorKind::Syntax, message)
            }
        },
    };
    Some(Error::new(kind, message))
}

/// The ID in `$(table.ID)`.
fn reference<'a>(text: &'a str, table: &str) -> Option<&'a str> {
    let inner = text.trim().strip_prefix("$(")?.strip_suffix(')')?;
    inner.strip_prefix(table)?.strip_prefix('.')
}
