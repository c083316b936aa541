//! `gpo sddl`.

mod explain;

use std::io::{self, BufRead, IsTerminal};

use clap::{Args, Subcommand, ValueEnum};
use gpo_core::Quoted;
use sddl_parser::{ObjectType, SddlContext, SecurityDescriptor, Sid};
use serde::Serialize;

use super::Exit;
use crate::console::Console;
use crate::failure::Failure;
use crate::hex::hex;

/// Turn security descriptors from bytes into SDDL, back, and into words
///
/// With - as the item, items are read from standard input, one a line, and each makes one line of
/// output; one that is wrong makes a line that begins with "error:".
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo sddl encode 'D:P(A;;FA;;;BA)'
  gpo sddl decode 0100048000000000000000000000000014000000020008000000000000
  gpo sddl explain 'D:(A;;FA;;;DA)' --domain-sid S-1-5-21-1-2-3 --type file
  gpo sddl encode - < descriptors.txt")]
pub(crate) struct Sddl {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// From bytes in hexadecimal, with or without blanks, to SDDL
    Decode {
        /// The bytes of a self-relative descriptor; - reads lines from standard input
        #[arg(value_name = "HEX")]
        item: String,
        #[command(flatten)]
        context: Context,
    },
    /// From SDDL to bytes, in lower-case hexadecimal
    Encode {
        /// The text; - reads lines from standard input
        #[arg(value_name = "TEXT")]
        item: String,
        #[command(flatten)]
        context: Context,
    },
    /// Who may do what, in words
    Explain {
        /// SDDL or bytes in hexadecimal; - reads lines from standard input
        #[arg(value_name = "TEXT|HEX")]
        item: String,
        #[command(flatten)]
        context: Context,
    },
}

#[derive(Args, Debug)]
struct Context {
    /// The SID of the domain, which aliases such as DA stand for
    #[arg(long, value_name = "SID", value_parser = parse_domain_sid)]
    domain_sid: Option<Sid>,

    /// The SID of the root domain of the forest, for aliases such as EA [default: the domain's]
    #[arg(long, value_name = "SID", value_parser = parse_domain_sid)]
    forest_sid: Option<Sid>,

    /// What the descriptor protects, which decides how its rights are called
    #[arg(long = "type", value_enum, default_value_t = Type::Generic)]
    object_type: Type,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Type {
    /// A file or folder
    File,
    /// A registry key
    Key,
    /// An object in the directory
    Ds,
    /// Not known
    Generic,
}

impl Context {
    fn sddl(&self) -> SddlContext {
        let object_type = match self.object_type {
            Type::File => ObjectType::File,
            Type::Key => ObjectType::RegistryKey,
            Type::Ds => ObjectType::DirectoryService,
            Type::Generic => ObjectType::Generic,
        };
        let mut context = SddlContext::new().with_object_type(object_type);
        if let Some(domain) = self.domain_sid {
            context = context.with_domain(domain);
        }
        if let Some(forest) = self.forest_sid.or(self.domain_sid) {
            context = context.with_forest(forest);
        }
        context
    }
}

/// One descriptor, as far as it was understood.
#[derive(Default, Serialize)]
struct Item {
    input: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sddl: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
struct View {
    items: Vec<Item>,
}

impl Sddl {
    pub(crate) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let (item, context) = match &self.action {
            Action::Decode { item, context }
            | Action::Encode { item, context }
            | Action::Explain { item, context } => (item, context.sddl()),
        };
        if item != "-" {
            let done = self.action.convert(item, &context);
            if let Some(error) = &done.error {
                return Err(Failure::new(error.clone()));
            }
            let lines: Vec<_> = done
                .lines()
                .iter()
                .map(|line| fit_for_output(line))
                .collect();
            let lines = lines.join("\n");
            console.result(
                "gpo/sddl/1",
                || View { items: vec![done] },
                |out| writeln!(out, "{lines}"),
            )?;
            return Ok(Exit::Good);
        }
        let convert = |line: io::Result<Vec<u8>>| -> io::Result<Item> {
            let line = line?;
            let line = line.strip_suffix(b"\r").unwrap_or(&line);
            Ok(match str::from_utf8(line) {
                Ok(text) => self.action.convert(text, &context),
                Err(error) => Item {
                    input: String::from_utf8_lossy(line).into_owned(),
                    error: Some(format!("not UTF-8 ({error})")),
                    ..Item::default()
                },
            })
        };
        let items = io::stdin().lock().split(b'\n').map(convert);
        if console.is_json() {
            let items = items.collect::<io::Result<_>>()?;
            console.result("gpo/sddl/1", || View { items }, |_| Ok(()))?;
        } else {
            // Line by line, so that the program can be talked to through a pipe.
            for item in items {
                let line = fit_for_output(&item?.line());
                console.result("gpo/sddl/1", || (), |out| writeln!(out, "{line}"))?;
            }
        }
        Ok(Exit::Good)
    }
}

impl Action {
    fn convert(&self, input: &str, context: &SddlContext) -> Item {
        let item = Item {
            input: input.to_owned(),
            ..Item::default()
        };
        let done = match self {
            Self::Decode { .. } => read_hex(input).and_then(|descriptor| {
                let sddl = descriptor.to_sddl(context).map_err(|e| e.to_string())?;
                Ok(Item {
                    sddl: Some(sddl),
                    ..Item::default()
                })
            }),
            Self::Encode { .. } => read_text(input, context).and_then(|descriptor| {
                let bytes = descriptor.to_bytes().map_err(|e| e.to_string())?;
                Ok(Item {
                    hex: Some(hex(&bytes)),
                    ..Item::default()
                })
            }),
            Self::Explain { .. } => {
                let hex = input.trim_start().starts_with("01");
                let read = if hex {
                    read_hex(input)
                } else {
                    read_text(input, context)
                };
                read.map(|descriptor| {
                    let lines = explain::explain(&descriptor, context);
                    Item {
                        explanation: Some(lines),
                        ..Item::default()
                    }
                })
            }
        };
        match done {
            Ok(done) => Item {
                input: item.input,
                ..done
            },
            Err(error) => Item {
                error: Some(error),
                ..item
            },
        }
    }
}

impl Item {
    fn lines(&self) -> Vec<String> {
        let single = self.sddl.iter().chain(&self.hex).cloned();
        single
            .chain(self.explanation.iter().flatten().cloned())
            .collect()
    }

    /// Everything on one line.
    fn line(&self) -> String {
        if let Some(error) = &self.error {
            return format!("error: {}", Quoted::bare(error));
        }
        let lines = self.lines();
        let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
        lines.join("; ")
    }
}

/// Text as it is for a pipe or a file, and without what a terminal would obey for a terminal: an
/// SDDL string may hold any character.
fn fit_for_output(line: &str) -> String {
    if io::stdout().is_terminal() {
        Quoted::bare(line).to_string()
    } else {
        line.to_owned()
    }
}

fn parse_domain_sid(text: &str) -> Result<Sid, String> {
    let sid: Sid = text
        .parse()
        .map_err(|error: sddl_parser::Error| error.to_string())?;
    if sid.is_domain() {
        Ok(sid)
    } else {
        Err("the SID of a domain is S-1-5-21 and three numbers".into())
    }
}

fn read_text(text: &str, context: &SddlContext) -> Result<SecurityDescriptor, String> {
    SecurityDescriptor::from_sddl(text, context).map_err(|error| error.to_string())
}

fn read_hex(text: &str) -> Result<SecurityDescriptor, String> {
    let digits = text.chars().enumerate().filter(|(_, c)| !c.is_whitespace());
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    for (n, c) in digits {
        let wrong = || format!("character {}: {c:?} is no hexadecimal digit", n + 1);
        let digit = c.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let digit = digit.ok_or_else(wrong)?;
        match high.take() {
            None => high = Some(digit),
            Some(high) => bytes.push(high << 4 | digit),
        }
    }
    if high.is_some() {
        return Err("the last byte has one hexadecimal digit only".into());
    }
    SecurityDescriptor::from_bytes(&bytes).map_err(|error| error.to_string())
}
