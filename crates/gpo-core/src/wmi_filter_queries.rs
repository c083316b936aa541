//! The queries of a WMI filter.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use crate::error::{Error, ErrorKind, Quoted, Result};

/// A query of a WMI filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WmiQuery {
    /// The language, `WQL`.
    pub language: String,
    /// The namespace, `root\CIMv2`.
    pub namespace: String,
    /// The query. The filter holds where each of its queries finds something.
    pub query: String,
}

impl WmiQuery {
    /// A query in WQL.
    pub fn new(namespace: impl Into<String>, query: impl Into<String>) -> Self {
        Self {
            language: "WQL".into(),
            namespace: namespace.into(),
            query: query.into(),
        }
    }
}

/// Reads the queries of a WMI filter, the attribute `msWMI-Parm2` of its `msWMI-Som` object.
///
/// The text is the count, then of each query the lengths of its three parts in UTF-16 units and the
/// parts, each with `;` at its end: `1;3;10;34;WQL;root\CIMv2;SELECT …;`. The parts may hold `;`, too.
///
/// ```
/// use gpo_core::{WmiQuery, parse_wmi_queries, to_wmi_queries};
///
/// let text = r"1;3;10;34;WQL;root\CIMv2;SELECT * FROM Win32_ComputerSystem;";
/// let queries = parse_wmi_queries(text)?;
/// assert_eq!(queries, [WmiQuery::new(r"root\CIMv2", "SELECT * FROM Win32_ComputerSystem")]);
/// assert_eq!(to_wmi_queries(&queries), text);
/// # Ok::<(), gpo_core::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Syntax`] at the byte where a number, a part of its length or a `;` should stand, and
/// where text follows the last query.
pub fn parse_wmi_queries(text: &str) -> Result<Vec<WmiQuery>> {
    let mut rest = Rest { text, at: 0 };
    let count = rest.number()?;
    let mut queries = Vec::new();
    // A hostile count ends with the text.
    for _ in 0..count {
        let lengths = [rest.number()?, rest.number()?, rest.number()?];
        let [language, namespace, query] = lengths.map(|length| rest.part(length));
        queries.push(WmiQuery {
            language: language?.into(),
            namespace: namespace?.into(),
            query: query?.into(),
        });
    }
    if rest.at < text.len() {
        return Err(rest.error("the end, all queries are read"));
    }
    Ok(queries)
}

/// Writes the queries of a WMI filter as [`parse_wmi_queries`] reads them.
pub fn to_wmi_queries(queries: &[WmiQuery]) -> String {
    let mut text = format!("{};", queries.len());
    for query in queries {
        let parts = [&query.language, &query.namespace, &query.query];
        for part in parts {
            // Writing to a string does not fail.
            let _ = write!(text, "{};", part.encode_utf16().count());
        }
        for part in parts {
            text.extend([part, ";"]);
        }
    }
    text
}

struct Rest<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Rest<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn number(&mut self) -> Result<usize> {
        let number = self.rest().split_once(';').and_then(|(number, _)| {
            let digits = number.bytes().all(|b| b.is_ascii_digit());
            let value = number.parse().ok().filter(|_| digits)?;
            self.at += number.len() + 1;
            Some(value)
        });
        number.ok_or_else(|| self.error("a number and \";\""))
    }

    /// The text of this many UTF-16 units and the `;` behind it.
    fn part(&mut self, length: usize) -> Result<&'a str> {
        let rest = self.rest();
        let mut units = 0;
        let end = rest.char_indices().find_map(|(index, c)| {
            let is_end = units >= length;
            units += c.len_utf16();
            is_end.then_some(index)
        });
        let end = end.filter(|&end| rest.get(end..).is_some_and(|rest| rest.starts_with(';')));
        let part = end.and_then(|end| rest.get(..end));
        let part = part.ok_or_else(|| self.error(&format!("{length} characters and \";\"")))?;
        self.at += part.len() + 1;
        Ok(part)
    }

    fn error(&self, expected: &str) -> Error {
        let found = Quoted::new(self.rest());
        let message = format!("{found} where the queries of a WMI filter have {expected}");
        Error::new(ErrorKind::Syntax, message).at_offset(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_list_of_queries_is_an_error_at_its_place() {
        for (text, place) in [
            ("", 0),
            ("1;", 2),
            ("1;3;4;5;WQ;", 8),
            ("1;3;4;2;WQL;root;abc;", 17),
            ("1;3;4;2;WQL;root;ab", 17),
            ("2;3;4;2;WQL;root;ab;", 20),
            ("0;x", 2),
            ("+1;3;4;2;WQL;root;ab;", 0),
            ("99999999999999999999;", 0),
        ] {
            let error = parse_wmi_queries(text).unwrap_err();
            let error = (error.kind(), error.position().unwrap().offset);
            assert_eq!(error, (ErrorKind::Syntax, place), "{text}");
        }
        let error = parse_wmi_queries("1;3;4;2;WQL;root;abc;")
            .unwrap_err()
            .to_string();
        let expected =
            "byte 17: \"abc;\" where the queries of a WMI filter have 2 characters and \";\"";
        assert_eq!(error, expected);
    }

    proptest! {
        #[test]
        fn queries_are_read_again(parts in prop::collection::vec(("\\PC{0,4}", "\\PC{0,4}", "[;a😀]{0,6}"), 0..4)) {
            let queries: Vec<_> = parts.into_iter().map(|(language, namespace, query)| WmiQuery { language, namespace, query }).collect();
            prop_assert_eq!(parse_wmi_queries(&to_wmi_queries(&queries)).unwrap(), queries);
        }

        #[test]
        fn any_text_is_queries_or_refused(text in "[0-3;a😀]{0,12}") {
            if let Ok(queries) = parse_wmi_queries(&text) {
                prop_assert_eq!(parse_wmi_queries(&to_wmi_queries(&queries)).unwrap(), queries);
            }
        }
    }
}
