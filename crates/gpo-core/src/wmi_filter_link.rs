//! The link from a GPO to its WMI filter.

use alloc::format;
use alloc::string::String;
use core::fmt;

use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::guid::WmiFilterId;

/// The link from a GPO to its WMI filter, in either of its forms.
///
/// * The directory has `[corp.example;{GUID};0]` in `gPCWQLFilter` ([MS-GPOL] 2.2.4).
/// * `Backup.xml` has `MSFT_SomFilter.ID="{GUID}",Domain="corp.example"`; the two keys also come in
///   the other order.
///
/// The text is kept as it is, with the case of GUID and domain; text that is neither form is kept,
/// too, and [`target`](Self::target) says what is wrong with it.
///
/// ```
/// use gpo_core::WmiFilterLink;
///
/// let link = WmiFilterLink::from_text("[corp.example;{39b2ba78-1111-2222-3333-444455556666};0]");
/// let (filter, domain) = link.target()?;
/// assert_eq!(
///     WmiFilterLink::in_backup(filter, domain)?.as_str(),
///     r#"MSFT_SomFilter.ID="{39b2ba78-1111-2222-3333-444455556666}",Domain="corp.example""#
/// );
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WmiFilterLink {
    text: String,
}

impl WmiFilterLink {
    /// A link from its text, whatever it is.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// The form of `Backup.xml`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a domain that is empty or has a character that ends it.
    pub fn in_backup(filter: WmiFilterId, domain: &str) -> Result<Self> {
        check_domain(domain)?;
        let text = format!("MSFT_SomFilter.ID=\"{filter}\",Domain=\"{domain}\"");
        Ok(Self { text })
    }

    /// The form of the directory.
    ///
    /// # Errors
    ///
    /// As [`in_backup`](Self::in_backup).
    pub fn in_directory(filter: WmiFilterId, domain: &str) -> Result<Self> {
        check_domain(domain)?;
        let text = format!("[{domain};{filter};0]");
        Ok(Self { text })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The filter, and the DNS name of the domain that holds it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Syntax`] where the text is neither form.
    pub fn target(&self) -> Result<(WmiFilterId, &str)> {
        self.directory_form()
            .or_else(|| self.backup_form())
            .and_then(|(id, domain)| {
                check_domain(domain).ok()?;
                Some((id.parse().ok()?, domain))
            })
            .ok_or_else(|| {
                let message = format!(
                    "{} is no link to a WMI filter, [domain;{{GUID}};0] or \
                     MSFT_SomFilter.ID=\"{{GUID}}\",Domain=\"domain\"",
                    Quoted::new(&self.text)
                );
                Error::new(ErrorKind::Syntax, message)
            })
    }

    fn directory_form(&self) -> Option<(&str, &str)> {
        let fields = self.text.strip_prefix('[')?.strip_suffix(']')?;
        let (domain, fields) = fields.split_once(';')?;
        let (id, flags) = fields.split_once(';')?;
        let number = !flags.is_empty() && flags.bytes().all(|b| b.is_ascii_digit());
        number.then_some((id, domain))
    }

    fn backup_form(&self) -> Option<(&str, &str)> {
        let keys = self.text.strip_prefix("MSFT_SomFilter.")?;
        let keys = keys.strip_suffix('"')?;
        if let Some(keys) = keys.strip_prefix("ID=\"") {
            keys.split_once("\",Domain=\"")
        } else {
            let (domain, id) = keys.strip_prefix("Domain=\"")?.split_once("\",ID=\"")?;
            Some((id, domain))
        }
    }
}

fn check_domain(domain: &str) -> Result<()> {
    let ends = |c: char| matches!(c, '"' | ';' | '[' | ']' | '\\') || c.is_control();
    if domain.is_empty() || domain.contains(ends) {
        let message = format!(
            "{} cannot be the domain of a link to a WMI filter",
            Quoted::new(domain)
        );
        return Err(Error::new(ErrorKind::Unwritable, message));
    }
    Ok(())
}

impl fmt::Display for WmiFilterLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    const ID: &str = "{594C8924-FB64-437d-BAB7-4D13A89C879C}";

    #[test]
    fn every_form_names_the_same_filter() {
        for text in [
            format!("[Idl.local;{ID};0]"),
            format!("[Idl.local;{ID};12]"),
            format!("MSFT_SomFilter.ID=\"{ID}\",Domain=\"Idl.local\""),
            format!("MSFT_SomFilter.Domain=\"Idl.local\",ID=\"{ID}\""),
        ] {
            let link = WmiFilterLink::from_text(text.as_str());
            let (filter, domain) = link.target().unwrap();
            assert_eq!((filter.to_string().as_str(), domain), (ID, "Idl.local"));
            assert_eq!(link.to_string(), text);
        }
    }

    #[test]
    fn text_of_no_form_is_kept_and_reported() {
        for text in [
            "",
            " ",
            "[]",
            &format!("[a;{ID}]"),
            &format!("[a;{ID};]"),
            &format!("[a;{ID};x]"),
            &format!("[;{ID};0]"),
            "[a;594C8924-FB64-437D-BAB7-4D13A89C879C;0]",
            &format!("[a;{ID};0"),
            &format!("MSFT_SomFilter.ID=\"{ID}\""),
            &format!("MSFT_SomFilter.ID=\"{ID}\",Domain=\"a\"b\""),
            &format!("MSFT_SomFilter.ID=\"{ID}\",Domain=\"\""),
            "MSFT_SomFilter.\"",
        ] {
            let link = WmiFilterLink::from_text(text);
            assert_eq!(
                link.target().unwrap_err().kind(),
                ErrorKind::Syntax,
                "{text}"
            );
            assert_eq!(link.as_str(), text);
        }
    }

    proptest! {
        #[test]
        fn both_forms_are_read_again(id: u128, domain in "\\PC{0,12}") {
            let filter = WmiFilterId::new(crate::Guid::from_u128(id));
            for link in [
                WmiFilterLink::in_backup(filter, &domain),
                WmiFilterLink::in_directory(filter, &domain),
            ] {
                if let Ok(link) = link {
                    prop_assert_eq!(link.target().unwrap(), (filter, domain.as_str()));
                } else {
                    prop_assert!(check_domain(&domain).is_err());
                }
            }
        }

        #[test]
        fn any_text_is_a_link_or_refused(text in "(MSFT_SomFilter\\.|ID=|Domain=|[\",;\\[\\]a0]|\\{594C8924-FB64-437d-BAB7-4D13A89C879C\\}){0,9}") {
            let _ = WmiFilterLink::from_text(text).target();
        }
    }
}
