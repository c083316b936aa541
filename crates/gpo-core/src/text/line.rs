//! Lines and their ends.

/// How a line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum LineEnd {
    /// Carriage return and line feed, as Windows writes.
    #[default]
    CrLf,
    /// A line feed.
    Lf,
    /// A carriage return that no line feed follows.
    Cr,
    /// The text ends here.
    Missing,
}

impl LineEnd {
    /// The characters of the line end.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CrLf => "\r\n",
            Self::Lf => "\n",
            Self::Cr => "\r",
            Self::Missing => "",
        }
    }
}

/// A line of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextLine<'a> {
    /// The line without its end.
    pub text: &'a str,
    /// How it ends.
    pub end: LineEnd,
}

/// The lines of a text, each with its own end. An empty text has none, and a line end at the end of
/// the text begins no further line.
pub fn lines(mut text: &str) -> impl Iterator<Item = TextLine<'_>> {
    core::iter::from_fn(move || {
        if text.is_empty() {
            return None;
        }
        let length = text
            .bytes()
            .position(|b| matches!(b, b'\r' | b'\n'))
            .unwrap_or(text.len());
        let (line, rest) = text.split_at_checked(length)?;
        let end = match rest.as_bytes() {
            [b'\r', b'\n', ..] => LineEnd::CrLf,
            [b'\n', ..] => LineEnd::Lf,
            [_, ..] => LineEnd::Cr,
            [] => LineEnd::Missing,
        };
        text = rest.get(end.as_str().len()..)?;
        Some(TextLine { text: line, end })
    })
}
