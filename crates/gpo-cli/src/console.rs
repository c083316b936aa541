//! Where results and messages go.

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use gpo_core::{Quoted, is_unprintable};
use gpo_engine::Severity;
use serde::Serialize;

use crate::commands::Exit;
use crate::failure::{Failure, Reason};
use crate::json::Document;
use crate::progress::Progress;

/// Results go to standard output, messages to standard error.
///
/// Colours are for terminals only, and `NO_COLOR` is obeyed.
#[derive(Debug)]
pub(crate) struct Console {
    json: bool,
    quiet: bool,
}

/// How the content of a file is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ListingFormat {
    /// For people
    Text,
    /// For programs, as with --json
    Json,
}

impl Console {
    pub(crate) fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet }
    }

    /// Prints a result: as JSON where that was asked for, else as text.
    ///
    /// The schema is named `gpo/<name>/<version>`. The text goes out as it is: it has no colours,
    /// and whoever prints what a file holds escapes it where a terminal reads it.
    pub(crate) fn result<T: Serialize>(
        &self,
        schema: &'static str,
        value: impl FnOnce() -> T,
        text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        if self.json {
            out.write_all(&json_bytes(schema, value())?)?;
        } else {
            text(&mut out)?;
        }
        out.flush()?;
        Ok(())
    }

    /// The same console for a command that has a format of its own: JSON where either asks for it.
    pub(crate) fn in_format(&self, format: ListingFormat) -> Self {
        Self {
            json: self.json || format == ListingFormat::Json,
            quiet: self.quiet,
        }
    }

    /// Whether results are printed as JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether only errors are to be printed.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Prints a message, which begins with its severity.
    pub(crate) fn message(&self, severity: Severity, message: impl std::fmt::Display) {
        if self.quiet && severity < Severity::Error {
            return;
        }
        let (message, word) = (message.to_string(), severity.to_string());
        let style = style(severity);
        // There is no place left to say that standard error cannot be written.
        let _ = match message.strip_prefix(&word) {
            Some(rest) => writeln!(anstream::stderr(), "{style}{word}{style:#}{rest}"),
            None => writeln!(anstream::stderr(), "{message}"),
        };
    }

    /// Says why a command failed.
    pub(crate) fn fail(&self, failure: &Failure) -> Exit {
        if failure.reason() == Reason::OutputClosed {
            return Exit::Good;
        }
        self.message(Severity::Error, format_args!("error: {failure}"));
        if self.json {
            let error = failure.to_string();
            let printed = self.result(
                "gpo/error/1",
                || serde_json::json!({ "error": error }),
                |_| Ok(()),
            );
            // The exit status says it, too.
            drop(printed);
        }
        Exit::Failed
    }

    /// Shows how far an operation is, on a terminal only.
    pub(crate) fn progress(&self) -> Progress<'_> {
        let shown = !self.quiet && io::stderr().is_terminal();
        Progress::new(self, shown)
    }
}

/// Writes JSON so that it can do nothing to a terminal: JSON itself escapes only ASCII control
/// characters. Outside of strings there is nothing to escape but the ends of lines.
fn write_escaped(out: &mut dyn Write, json: &str) -> io::Result<()> {
    for piece in json.split_inclusive(|c| is_unprintable(c) && c != '\n') {
        match piece.char_indices().next_back() {
            // All of them are in the basic plane, where one escape is one character.
            Some((at, last)) if is_unprintable(last) && last != '\n' => {
                out.write_all(piece.get(..at).unwrap_or_default().as_bytes())?;
                write!(out, "\\u{:04x}", u32::from(last))?;
            }
            _ => out.write_all(piece.as_bytes())?,
        }
    }
    Ok(())
}

/// A result as JSON.
pub(crate) fn json_bytes<T: Serialize>(schema: &'static str, value: T) -> Result<Vec<u8>, Failure> {
    let document = Document { schema, value };
    let text = serde_json::to_string_pretty(&document).map_err(io::Error::from)?;
    let mut bytes = Vec::with_capacity(text.len() + 1);
    write_escaped(&mut bytes, &text)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Prints text as it is, but on a terminal without what the terminal would obey.
pub(crate) fn write_lines(text: &str) -> Result<(), Failure> {
    if !io::stdout().is_terminal() {
        return write_raw(text.as_bytes());
    }
    let mut out = io::stdout().lock();
    for line in text.lines() {
        writeln!(out, "{}", Quoted::bare(line))?;
    }
    Ok(())
}

/// Prints bytes as they are, whatever format was asked for.
pub(crate) fn write_raw(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()?;
    Ok(())
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Error => AnsiColor::Red.on_default().bold(),
        Severity::Warning => AnsiColor::Yellow.on_default().bold(),
        Severity::Info => Style::new(),
    }
}
