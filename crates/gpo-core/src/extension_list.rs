//! The extensions of one half of a GPO: gPCMachineExtensionNames and gPCUserExtensionNames.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;

use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::guid::Guid;

/// The value of `gPCMachineExtensionNames` or `gPCUserExtensionNames` ([MS-GPOL] 2.2.4).
///
/// A list of groups, `[{CSE}{tool}{tool}…]`: the GUID of a client-side extension, and those of the
/// tools that edit its settings. Windows clients run an extension only if it is listed. GPMC sorts
/// groups and the tools in a group by GUID (census: 1,866 of 1,866 lists, 3,523 of 3,523 groups).
///
/// The text is the truth and is written back as it is, with its order and case; the list of a GPO
/// without settings is empty, or one space in 19 old backups. Text that is no list is kept, too, and
/// [`groups`](Self::groups) says what is wrong with it.
///
/// ```
/// use gpo_core::{ExtensionList, Guid};
///
/// let registry: Guid = "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}".parse()?;
/// let tool: Guid = "{D02B1F72-3407-48AE-BA88-E8213C6761F1}".parse()?;
/// let mut list = ExtensionList::from_text(" ");
/// assert!(!list.contains_cse(registry));
/// list.insert(registry, tool)?;
/// assert_eq!(
///     list.as_str(),
///     "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]"
/// );
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct ExtensionList {
    text: String,
}

/// A client-side extension and the tools that edit it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExtensionGroup {
    /// The client-side extension (CSE).
    pub cse: Guid,
    /// The tools, at least one in a list that Windows wrote.
    pub tools: Vec<Guid>,
}

/// Bytes of a GUID with its braces.
const GUID: usize = 38;

impl ExtensionList {
    /// A list from its text, whatever it is.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// A list of these groups in this order.
    pub fn from_groups(groups: &[ExtensionGroup]) -> Self {
        let text = groups.iter().map(ToString::to_string).collect();
        Self { text }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether there is nothing but white space: no extension is listed.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The groups in their order.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Syntax`] at the byte of the text where it ends to be a list.
    pub fn groups(&self) -> Result<Vec<ExtensionGroup>> {
        if self.is_blank() {
            return Ok(Vec::new());
        }
        let mut groups = Vec::new();
        let mut rest = self.text.as_str();
        while !rest.is_empty() {
            let start = rest;
            rest = rest
                .strip_prefix('[')
                .ok_or_else(|| self.error(start, "[ and a GUID"))?;
            let cse = take_guid(&mut rest).ok_or_else(|| self.error(rest, "the GUID of a CSE"))?;
            let mut tools = Vec::new();
            while let Some(tool) = take_guid(&mut rest) {
                tools.push(tool);
            }
            rest = rest
                .strip_prefix(']')
                .ok_or_else(|| self.error(rest, "a GUID or ]"))?;
            groups.push(ExtensionGroup { cse, tools });
        }
        Ok(groups)
    }

    /// Whether the extension is listed, which also a list with something wrong in it can say.
    pub fn contains_cse(&self, cse: Guid) -> bool {
        let mut groups = self.text.split('[').skip(1);
        groups.any(|mut group| take_guid(&mut group) == Some(cse))
    }

    /// Lists a tool of an extension where GPMC would put it; one that is listed stays as it is.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Syntax`] where the text is no list.
    pub fn insert(&mut self, cse: Guid, tool: Guid) -> Result<()> {
        let mut offset = 0;
        for group in self.groups()? {
            let length = 2 + GUID * (1 + group.tools.len());
            match group.cse.cmp(&cse) {
                Ordering::Less => offset += length,
                Ordering::Equal => {
                    if !group.tools.contains(&tool) {
                        let before = group.tools.iter().take_while(|&&own| own < tool).count();
                        let place = offset + 1 + GUID * (1 + before);
                        self.text.insert_str(place, &format!("{tool}"));
                    }
                    return Ok(());
                }
                Ordering::Greater => break,
            }
        }
        if self.is_blank() {
            self.text.clear();
        }
        self.text.insert_str(offset, &format!("[{cse}{tool}]"));
        Ok(())
    }

    /// `rest` is the end of the text.
    fn error(&self, rest: &str, expected: &str) -> Error {
        let message = format!(
            "an extension list has {} where {expected} should be",
            Quoted::new(rest)
        );
        Error::new(ErrorKind::Syntax, message).at_offset(self.text.len() - rest.len())
    }
}

fn take_guid(text: &mut &str) -> Option<Guid> {
    let (guid, rest) = text.split_at_checked(GUID)?;
    let guid = guid.parse().ok()?;
    *text = rest;
    Some(guid)
}

impl fmt::Display for ExtensionGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}", self.cse)?;
        for tool in &self.tools {
            write!(f, "{tool}")?;
        }
        f.write_str("]")
    }
}

impl fmt::Display for ExtensionList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const A: &str = "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}";
    const B: &str = "{827d319E-6EAC-11D2-A4EA-00C04F79F83A}";

    fn guid(text: &str) -> Guid {
        text.parse().unwrap()
    }

    #[test]
    fn text_that_is_no_list_is_kept_and_reported() {
        for (text, offset) in [
            ("x", 0),
            (" []", 0),
            ("[", 1),
            ("[]", 1),
            (&format!("[{A}"), 39),
            (&format!("[{A}{B}]{A}"), 78),
            (&format!("[{A}][{A} ]"), 79),
            (&format!("[{A}]é"), 40),
        ] {
            let mut list = ExtensionList::from_text(text);
            let error = list.groups().unwrap_err();
            assert_eq!(error.position().unwrap().offset, offset, "{text}");
            assert_eq!(
                list.contains_cse(guid(A)),
                text.contains(&format!("[{A}")),
                "{text}"
            );
            assert!(list.insert(guid(A), guid(B)).is_err());
            assert_eq!(list.to_string(), text);
        }
    }

    #[test]
    fn insertion_keeps_the_order_of_gpmc() {
        let zero = "{00000000-0000-0000-0000-000000000000}";
        for (text, cse, tool, after) in [
            ("", A, B, format!("[{A}{B}]")),
            (" ", A, B, format!("[{A}{B}]")),
            (&format!("[{A}{A}]"), B, A, format!("[{A}{A}][{B}{A}]")),
            (&format!("[{B}{A}]"), A, A, format!("[{A}{A}][{B}{A}]")),
            (
                &format!("[{A}{A}{B}]"),
                A,
                zero,
                format!("[{A}{zero}{A}{B}]"),
            ),
            (&format!("[{A}{A}]"), A, B, format!("[{A}{A}{B}]")),
            (
                &format!("[{B}{A}]"),
                &B.to_uppercase(),
                &A.to_lowercase(),
                format!("[{B}{A}]"),
            ),
        ] {
            let mut list = ExtensionList::from_text(text);
            list.insert(guid(cse), guid(tool)).unwrap();
            assert_eq!(list.as_str(), after);
        }
    }

    proptest! {
        #[test]
        fn groups_make_the_text(values in prop::collection::vec((any::<[u8; 16]>(), prop::collection::vec(any::<[u8; 16]>(), 0..4)), 0..5), lower: bool) {
            let case = |bytes| { let g = Guid::from_bytes(bytes); if lower { g.to_lower() } else { g } };
            let groups: Vec<_> = values
                .into_iter()
                .map(|(cse, tools)| ExtensionGroup {
                    cse: case(cse),
                    tools: tools.into_iter().map(case).collect(),
                })
                .collect();
            let list = ExtensionList::from_groups(&groups);
            prop_assert_eq!(list.groups().unwrap(), groups.clone());
            prop_assert_eq!(ExtensionList::from_groups(&groups), list);
        }

        #[test]
        fn what_was_inserted_in_any_order_is_sorted(pairs in prop::collection::vec((0u8..6, 0u8..6), 0..20)) {
            let mut list = ExtensionList::default();
            for &(cse, tool) in &pairs {
                list.insert(Guid::from_bytes([cse; 16]), Guid::from_bytes([tool; 16])).unwrap();
            }
            let groups = list.groups().unwrap();
            prop_assert!(groups.is_sorted_by(|a, b| a.cse < b.cse));
            prop_assert!(groups.iter().all(|g| g.tools.is_sorted_by(|a, b| a < b)));
            for (cse, tool) in pairs {
                let group = groups.iter().find(|g| g.cse == Guid::from_bytes([cse; 16])).unwrap();
                prop_assert!(group.tools.contains(&Guid::from_bytes([tool; 16])));
            }
        }

        #[test]
        fn any_text_is_kept(text in "([\\[\\]]|\\{35378EAC-683F-11D2-A89A-00C04FBBCFA2\\}|\\PC){0,12}") {
            let list = ExtensionList::from_text(text.as_str());
            if let Ok(groups) = list.groups() && !list.is_blank() {
                prop_assert_eq!(ExtensionList::from_groups(&groups), list.clone());
            }
            prop_assert_eq!(list.as_str(), text);
        }
    }
}
