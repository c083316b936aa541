//! Rules of a mapping from a CSV file.

use gpo_core::{Error, ErrorKind, Position, Quoted, Result, Text};

use super::mapping_rule::MappingRule;

/// Reads rules from comma-separated values ([RFC 4180]): two columns, source and destination, as
/// [`MappingRule::parse`] reads them.
///
/// A first row `source,destination` is a header. Lines without anything but blanks and commas, and
/// those that start with `#`, are passed over. The text is UTF-8 or UTF-16 with a byte order mark,
/// or UTF-8 without one.
///
/// # Errors
///
/// At the place of what is wrong: [`ErrorKind::Encoding`]; [`ErrorKind::Syntax`] for a row that has
/// not two columns, or a quote that is not closed; [`ErrorKind::Value`] for a rule that is none.
///
/// ```
/// use gpo_engine::parse_mapping_csv;
///
/// let rules = parse_mapping_csv(b"source,destination\nOLD\\*,NEW\\*\n\\\\old\\it,\\\\new\\it\n")?;
/// assert_eq!(rules.len(), 2);
/// let error = parse_mapping_csv(b"OLD\\*,NEW\\*\nRed\n").unwrap_err();
/// assert_eq!(error.to_string(), "line 2, column 1 (byte 12): a row of two columns was expected, \
///     this one has 1");
/// # Ok::<(), gpo_core::Error>(())
/// ```
///
/// [RFC 4180]: https://www.rfc-editor.org/rfc/rfc4180
pub fn parse_mapping_csv(bytes: &[u8]) -> Result<Vec<MappingRule>> {
    let text = Text::decode(bytes)?;
    let text = text.as_str();
    let mut rules = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let start = at;
        let here = |error: Error| error.at(Position::in_text(text, start, 0));
        let rest = text.get(start..).unwrap_or_default();
        if rest.starts_with('#') {
            at += rest.find('\n').map_or(rest.len(), |line| line + 1);
            continue;
        }
        let (row, end) = row(text, at).map_err(here)?;
        at = end;
        if row.iter().all(String::is_empty) {
            continue;
        }
        let [source, destination] = row.as_slice() else {
            let message = format!(
                "a row of two columns was expected, this one has {}",
                row.len()
            );
            return Err(here(Error::new(ErrorKind::Syntax, message)));
        };
        let is_header = source.eq_ignore_ascii_case("source")
            && destination.eq_ignore_ascii_case("destination");
        if !(is_header && rules.is_empty()) {
            rules.push(MappingRule::parse(source, destination).map_err(here)?);
        }
    }
    Ok(rules)
}

/// The fields of the row at `at`, without the blanks around them, and where the next row starts.
fn row(text: &str, mut at: usize) -> Result<(Vec<String>, usize)> {
    let mut fields = Vec::new();
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let mut field = String::new();
        let mut length = 0;
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut inner = quoted;
            loop {
                let Some((piece, after)) = inner.split_once('"') else {
                    let message = "a quote was opened and not closed";
                    return Err(Error::new(ErrorKind::Syntax, message));
                };
                field.push_str(piece);
                inner = after;
                match after.strip_prefix('"') {
                    Some(after) => {
                        field.push('"');
                        inner = after;
                    }
                    None => break,
                }
            }
            length = rest.len() - inner.len();
        }
        let tail = rest.get(length..).unwrap_or_default();
        let plain = tail.find([',', '\n']).unwrap_or(tail.len());
        let outside = tail.get(..plain).unwrap_or_default();
        if length == 0 {
            field.push_str(outside.trim());
        } else if !outside.trim().is_empty() {
            let message = format!(
                "a comma was expected behind a quoted field, not {}",
                Quoted::new(outside)
            );
            return Err(Error::new(ErrorKind::Syntax, message));
        }
        fields.push(field);
        at += length + plain + 1;
        if !tail.get(plain..).is_some_and(|rest| rest.starts_with(',')) {
            return Ok((fields, at.min(text.len())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_rules() {
        let csv = "\u{feff}Source,Destination\r\n# old share\r\n\"\\\\old\\a,b\", \\\\new\\c\r\n\r\n,\r\n\
                   \"R\"\"ed\",Blue";
        let rules = parse_mapping_csv(csv.as_bytes()).unwrap();
        let shown: Vec<_> = rules.iter().map(ToString::to_string).collect();
        assert_eq!(shown, [r"\\old\a,b -> \\new\c", "R\"ed -> Blue"]);
        assert!(parse_mapping_csv(b"").unwrap().is_empty());
    }

    #[test]
    fn errors_have_their_place() {
        for (csv, line, kind) in [
            ("a,b\nc,d,e\n", 2, ErrorKind::Syntax),
            ("\n\"a,b\n", 2, ErrorKind::Syntax),
            ("\"a\"x,b", 1, ErrorKind::Syntax),
            ("a,b\nOLD\\*,x", 2, ErrorKind::Value),
        ] {
            let error = parse_mapping_csv(csv.as_bytes()).unwrap_err();
            let position = error.position().unwrap().line_column.unwrap();
            assert_eq!((position.0, error.kind()), (line, kind), "{csv}");
        }
        let error = parse_mapping_csv(b"\xff\xfea").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encoding);
    }
}
