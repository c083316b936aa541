//! WMI filters in MOF, as GPMC exports and imports them.
//!
//! # Layout
//!
//! ```text
//! instance of MSFT_SomFilter
//! {
//!         Author = "admin@corp.example";
//!         ChangeDate = "20240102030405.123000-000";
//!         Domain = "corp.example";
//!         ID = "{39B2BA78-1111-2222-3333-444455556666}";
//!         Name = "Servers";
//!         Rules = {
//! instance of MSFT_Rule
//! {
//!         Query = "SELECT * FROM Win32_OperatingSystem WHERE ProductType = 3";
//!         QueryLanguage = "WQL";
//!         TargetNameSpace = "root\\CIMv2";
//! }};
//! };
//! ```
//!
//! Tabs indent, the properties are in alphabetical order, and in texts `\` stands before `"` and `\`.
//!
//! # Source
//!
//! The classes as Microsoft documents them, the grammar of MOF (DMTF DSP0004, annex A), and texts
//! that administrators have put into scripts. No file as GPMC wrote it was at hand: what stands
//! between two rules, and the line ends, are inferred from what WMI writes of other objects.
//!
//! # Limits
//!
//! Read is any order of properties, in any case, with comments, `#` lines and texts in several
//! pieces. Properties that a [`WmiFilter`] does not have are left aside, such as
//! `SourceOrganization`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use crate::directory::WmiFilter;
use crate::error::{Error, ErrorKind, Position, Quoted, Result};
use crate::wmi_filter_queries::{WmiQuery, parse_wmi_queries, to_wmi_queries};

const FILTER_CLASS: &str = "MSFT_SomFilter";
const RULE_CLASS: &str = "MSFT_Rule";
const RULES: &str = "Rules";

/// Reads the MOF text of a WMI filter, and the DNS name of the domain that it is from.
///
/// The text of a file is [`Text::decode`](crate::Text::decode)'s.
///
/// ```
/// use gpo_core::{parse_wmi_filter_mof, to_wmi_filter_mof};
///
/// let mof = r#"
/// instance of MSFT_SomFilter
/// {
/// Domain = "corp.example";
/// ID = "{39B2BA78-1111-2222-3333-444455556666}";
/// Name = "Servers";
/// Rules = {
/// instance of MSFT_Rule
/// {
/// Query = "SELECT * FROM Win32_OperatingSystem WHERE ProductType = \"3\"";
/// QueryLanguage = "WQL";
/// TargetNameSpace = "root\\CIMv2";
/// }};
/// };
/// "#;
/// let (filter, domain) = parse_wmi_filter_mof(mof)?;
/// assert_eq!((filter.name.as_str(), domain.as_str()), ("Servers", "corp.example"));
/// assert!(filter.queries.starts_with(r"1;3;10;59;WQL;root\CIMv2;SELECT * FROM"));
/// // Written, each property has a tab in front.
/// assert_eq!(to_wmi_filter_mof(&filter, &domain)?.replace('\t', ""), mof);
/// # Ok::<(), gpo_core::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Syntax`] at the place where the text is no such MOF, [`ErrorKind::Value`] for an ID
/// that is no GUID, [`ErrorKind::Missing`] where there is no ID or no name.
pub fn parse_wmi_filter_mof(text: &str) -> Result<(WmiFilter, String)> {
    let mut reader = MofReader { text, at: 0 };
    reader.instance_of(FILTER_CLASS)?;
    let (mut id, mut name, mut domain) = (None, None, String::new());
    let (mut description, mut author) = (String::new(), String::new());
    let (mut created, mut changed) = (String::new(), String::new());
    let mut rules = Vec::new();
    while let Some(property) = reader.property()? {
        if property.eq_ignore_ascii_case(RULES) {
            rules = reader.rules()?;
            reader.expect(";")?;
            continue;
        }
        let start = reader.next_at();
        let value = reader.value()?;
        reader.expect(";")?;
        match property.to_ascii_lowercase().as_str() {
            "id" => {
                let parsed = value.parse();
                id = Some(parsed.map_err(|error: Error| error.at(reader.position(start)))?);
            }
            "name" => name = Some(value),
            "domain" => domain = value,
            "description" => description = value,
            "author" => author = value,
            "creationdate" => created = value,
            "changedate" => changed = value,
            _ => {}
        }
    }
    reader.expect(";")?;
    reader.end()?;
    let missing = |what| Error::new(ErrorKind::Missing, format!("the WMI filter has no {what}"));
    let filter = WmiFilter {
        id: id.ok_or_else(|| missing("ID"))?,
        name: name.ok_or_else(|| missing("Name"))?,
        description,
        queries: to_wmi_queries(&rules),
        author,
        created,
        changed,
    };
    Ok((filter, domain))
}

/// Writes a WMI filter in MOF, as [`parse_wmi_filter_mof`] reads it. What is empty is left out.
///
/// # Errors
///
/// As [`parse_wmi_queries`] for the queries of the filter.
pub fn to_wmi_filter_mof(filter: &WmiFilter, domain: &str) -> Result<String> {
    let rules = parse_wmi_queries(&filter.queries)?;
    let mut mof = format!("\ninstance of {FILTER_CLASS}\n{{\n");
    let id = format!("{}", filter.id);
    for (name, value) in [
        ("Author", filter.author.as_str()),
        ("ChangeDate", &filter.changed),
        ("CreationDate", &filter.created),
        ("Description", &filter.description),
        ("Domain", domain),
        ("ID", &id),
        ("Name", &filter.name),
    ] {
        // A filter without a name could not be read again.
        if !value.is_empty() || name == "Name" {
            push_property(&mut mof, name, value);
        }
    }
    mof.extend(["\t", RULES, " = {"]);
    for (number, rule) in rules.iter().enumerate() {
        mof.push_str(if number > 0 { ", \n" } else { "\n" });
        mof.extend(["instance of ", RULE_CLASS, "\n{\n"]);
        push_property(&mut mof, "Query", &rule.query);
        push_property(&mut mof, "QueryLanguage", &rule.language);
        push_property(&mut mof, "TargetNameSpace", &rule.namespace);
        mof.push('}');
    }
    mof.push_str("};\n};\n");
    Ok(mof)
}

fn push_property(mof: &mut String, name: &str, value: &str) {
    mof.extend(["\t", name, " = \""]);
    for c in value.chars() {
        match c {
            '"' | '\\' => mof.extend(['\\', c]),
            '\n' => mof.push_str("\\n"),
            '\r' => mof.push_str("\\r"),
            '\t' => mof.push_str("\\t"),
            c if c.is_ascii_control() => {
                // Writing to a string does not fail.
                let _ = write!(mof, "\\x{:04X}", u32::from(c));
            }
            c => mof.push(c),
        }
    }
    mof.push_str("\";\n");
}

/// Reads MOF token by token.
struct MofReader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> MofReader<'a> {
    /// `instance of CLASS {`.
    fn instance_of(&mut self, class: &str) -> Result<()> {
        ["instance", "of", class, "{"]
            .iter()
            .try_for_each(|word| self.expect(word))
    }

    /// `NAME =`; none for the `}` behind the last property.
    fn property(&mut self) -> Result<Option<&'a str>> {
        if self.take("}") {
            return Ok(None);
        }
        let name = self.word();
        if name.is_empty() {
            return Err(self.error("the name of a property or \"}\""));
        }
        self.expect("=")?;
        Ok(Some(name))
    }

    /// The instances between `{` and `}`.
    fn rules(&mut self) -> Result<Vec<WmiQuery>> {
        let mut rules = Vec::new();
        self.expect("{")?;
        if self.take("}") {
            return Ok(rules);
        }
        loop {
            self.instance_of(RULE_CLASS)?;
            let mut rule = WmiQuery::new("", "");
            while let Some(property) = self.property()? {
                let value = self.value()?;
                self.expect(";")?;
                match property.to_ascii_lowercase().as_str() {
                    "query" => rule.query = value,
                    "querylanguage" => rule.language = value,
                    "targetnamespace" => rule.namespace = value,
                    _ => {}
                }
            }
            rules.push(rule);
            if self.take("}") {
                return Ok(rules);
            }
            self.expect(",")?;
        }
    }

    /// Text in quotes, in one or several pieces; empty for `NULL`.
    fn value(&mut self) -> Result<String> {
        let mut value = String::new();
        if self.take("NULL") {
            return Ok(value);
        }
        if !self.take("\"") {
            return Err(self.error("text in quotes"));
        }
        loop {
            self.piece(&mut value)?;
            if !self.take("\"") {
                return Ok(value);
            }
        }
    }

    /// The text up to the closing quote.
    fn piece(&mut self, value: &mut String) -> Result<()> {
        loop {
            let mut rest = self.rest().chars();
            let c = rest.next();
            match c {
                Some('"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some('\\') => {
                    let (c, length) = escaped(rest.as_str())
                        .ok_or_else(|| self.error("a character behind \"\\\""))?;
                    value.push(c);
                    self.at += 1 + length;
                }
                Some(c) if c != '\n' && c != '\r' => {
                    value.push(c);
                    self.at += c.len_utf8();
                }
                _ => return Err(self.error("the quote at the end of the text")),
            }
        }
    }

    /// Takes this token, a word or a sign, if it is next.
    fn take(&mut self, token: &str) -> bool {
        self.skip_space();
        let rest = self.rest();
        let own = rest.get(..token.len()).unwrap_or_default();
        let behind = rest.get(own.len()..).unwrap_or_default();
        let ends = !token.starts_with(is_word) || !behind.starts_with(is_word);
        let found = own.eq_ignore_ascii_case(token) && ends;
        if found {
            self.at += token.len();
        }
        found
    }

    fn expect(&mut self, token: &str) -> Result<()> {
        if self.take(token) {
            return Ok(());
        }
        Err(self.error(&format!("\"{token}\"")))
    }

    fn word(&mut self) -> &'a str {
        self.skip_space();
        let rest = self.rest();
        let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn end(&mut self) -> Result<()> {
        self.skip_space();
        if self.rest().is_empty() {
            return Ok(());
        }
        Err(self.error("the end, the filter is read"))
    }

    /// Where the next token starts.
    fn next_at(&mut self) -> usize {
        self.skip_space();
        self.at
    }

    /// Skips white space, comments and the lines of the compiler, which start with `#`.
    fn skip_space(&mut self) {
        loop {
            let rest = self.rest();
            let text = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\0');
            let end = if text.starts_with("//") || text.starts_with('#') {
                text.find('\n').unwrap_or(text.len())
            } else if let Some(comment) = text.strip_prefix("/*") {
                comment.find("*/").map_or(text.len(), |end| end + 4)
            } else {
                0
            };
            self.at += rest.len() - text.len() + end;
            if end == 0 {
                return;
            }
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn position(&self, at: usize) -> Position {
        Position::in_text(self.text, at, 0)
    }

    fn error(&self, expected: &str) -> Error {
        let found = Quoted::new(self.rest());
        let message = format!("expected {expected}, found {found}");
        Error::new(ErrorKind::Syntax, message).at(self.position(self.at))
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The character that stands behind a `\`, and how many bytes it takes there.
fn escaped(text: &str) -> Option<(char, usize)> {
    let c = text.chars().next()?;
    Some(match c {
        'n' => ('\n', 1),
        'r' => ('\r', 1),
        't' => ('\t', 1),
        'b' => ('\u{8}', 1),
        'f' => ('\u{c}', 1),
        '"' | '\'' | '\\' => (c, 1),
        'x' | 'X' => {
            let digits = text.get(1..)?;
            let length = digits
                .bytes()
                .take(4)
                .take_while(u8::is_ascii_hexdigit)
                .count();
            let code = u32::from_str_radix(digits.get(..length)?, 16).ok()?;
            (char::from_u32(code)?, 1 + length)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec;
    use proptest::prelude::*;

    const ID: &str = "{39B2BA78-1111-2222-3333-444455556666}";

    fn filter(queries: &[WmiQuery]) -> WmiFilter {
        WmiFilter {
            id: ID.parse().unwrap(),
            name: "N".into(),
            description: String::new(),
            queries: to_wmi_queries(queries),
            author: String::new(),
            created: String::new(),
            changed: String::new(),
        }
    }

    #[test]
    fn several_rules_stand_in_one_list() {
        let two = filter(&[
            WmiQuery::new(r"root\a", "A"),
            WmiQuery::new("root", "B\"\n"),
        ]);
        let mof = to_wmi_filter_mof(&two, "d.test").unwrap();
        assert_eq!(
            mof,
            "\ninstance of MSFT_SomFilter\n{\n\tDomain = \"d.test\";\n\tID = \"{39B2BA78-1111-2222-3333-444455556666}\";\n\
             \tName = \"N\";\n\tRules = {\ninstance of MSFT_Rule\n{\n\tQuery = \"A\";\n\tQueryLanguage = \"WQL\";\n\
             \tTargetNameSpace = \"root\\\\a\";\n}, \ninstance of MSFT_Rule\n{\n\tQuery = \"B\\\"\\n\";\n\
             \tQueryLanguage = \"WQL\";\n\tTargetNameSpace = \"root\";\n}};\n};\n"
        );
        assert_eq!(parse_wmi_filter_mof(&mof).unwrap(), (two, "d.test".into()));
    }

    #[test]
    fn other_spellings_are_read() {
        let mof = format!(
            "// exported\r\n#pragma namespace(\"x\")\r\nINSTANCE OF msft_somfilter {{ /* {{ }} */\r\n\
             name=\"a\" \"\\x42\\'\";rules={{}};\r\nSourceOrganization = NULL; id = \"{ID}\"; }};\r\n\0"
        );
        let (read, domain) = parse_wmi_filter_mof(&mof).unwrap();
        assert_eq!((read.name.as_str(), read.queries.as_str()), ("aB'", "0;"));
        assert_eq!(domain, "");
    }

    #[test]
    fn what_is_no_filter_is_an_error_at_its_place() {
        let start = "instance of MSFT_SomFilter {\n";
        for (rest, kind, message) in [
            (
                "ID = 1;",
                ErrorKind::Syntax,
                "line 2, column 6 (byte 34): expected text in quotes, found \"1;\"",
            ),
            (
                "ID = \"1\";",
                ErrorKind::Value,
                "line 2, column 6 (byte 34): ",
            ),
            (
                "Name = \"a",
                ErrorKind::Syntax,
                "line 2, column 10 (byte 38): expected the quote",
            ),
            (
                "Name = \"a\nb\"",
                ErrorKind::Syntax,
                "line 2, column 10 (byte 38): expected the quote",
            ),
            (
                "Name = \"\\q\"",
                ErrorKind::Syntax,
                "line 2, column 9 (byte 37): expected a character",
            ),
            (
                "Rules = { x",
                ErrorKind::Syntax,
                "line 2, column 11 (byte 39): expected \"instance\"",
            ),
            ("};", ErrorKind::Missing, "the WMI filter has no ID"),
            (
                "}; x",
                ErrorKind::Syntax,
                "line 2, column 4 (byte 32): expected the end",
            ),
            (
                "}",
                ErrorKind::Syntax,
                "line 2, column 2 (byte 30): expected \";\", found \"\"",
            ),
        ] {
            let error = parse_wmi_filter_mof(&format!("{start}{rest}")).unwrap_err();
            assert_eq!(error.kind(), kind, "{rest}");
            assert!(error.to_string().starts_with(message), "{rest}: {error}");
        }
        assert!(parse_wmi_filter_mof("").is_err());
        let mut broken = filter(&[]);
        broken.queries = "1;".into();
        assert!(to_wmi_filter_mof(&broken, "").is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            texts in prop::collection::vec("[a\"\\\\\n\r\t\u{1}é😀;{}/*#]{0,8}", 5),
            queries in prop::collection::vec(("[a\"\\\\]{0,4}", "\\PC{0,6}"), 0..3),
        ) {
            let queries: Vec<_> = queries.into_iter().map(|(n, q)| WmiQuery::new(n, q)).collect();
            let filter = WmiFilter {
                name: texts[0].clone(),
                description: texts[1].clone(),
                author: texts[2].clone(),
                created: texts[3].clone(),
                ..filter(&queries)
            };
            let mof = to_wmi_filter_mof(&filter, &texts[4]).unwrap();
            prop_assert_eq!(parse_wmi_filter_mof(&mof).unwrap(), (filter, texts[4].clone()));
        }

        #[test]
        fn any_text_is_a_filter_or_refused(tokens in prop::collection::vec(prop::sample::select(vec![
            "instance of ", "MSFT_SomFilter", "MSFT_Rule", "{", "}", ";", ",", "=", "\"", "\\", "Rules", "Name", "ID",
            "{39B2BA78-1111-2222-3333-444455556666}", "NULL", "//", "/*", "*/", "#", "\n", "é",
        ]), 0..24)) {
            let _ = parse_wmi_filter_mof(&tokens.concat());
        }
    }
}
