//! SDDL texts with what Windows writes for them: `sddl/text-*.txt` of the shared data.

use sddl_parser::SecurityDescriptor;

use crate::context;
use crate::shared::shared;

fn canonical(text: &str) -> Result<String, String> {
    let context = context();
    let descriptor = SecurityDescriptor::from_sddl(text, &context).map_err(|e| e.to_string())?;
    let bytes = descriptor.to_bytes().map_err(|e| e.to_string())?;
    let descriptor = SecurityDescriptor::from_bytes(&bytes).map_err(|e| e.to_string())?;
    descriptor.to_sddl(&context).map_err(|e| e.to_string())
}

/// The cases of a file: input, and what Windows writes. A line without an arrow is written
/// as it stands.
fn cases(name: &str) -> Vec<(String, String)> {
    let Some(path) = shared(&format!("sddl/{name}")) else {
        return Vec::new();
    };
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (input, output) = line.split_once(" -> ").unwrap_or((line, line));
            (input.to_owned(), output.to_owned())
        })
        .collect()
}

fn accepts(name: &str) {
    let cases = cases(name);
    let wrong: Vec<_> = cases
        .iter()
        .filter_map(|(input, output)| {
            let ours = canonical(input);
            (ours.as_ref() != Ok(output)).then(|| format!("{input}\n  {output}\n  {ours:?}"))
        })
        .collect();
    println!(
        "{name}: {} of {} cases hold",
        cases.len() - wrong.len(),
        cases.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn refuses(name: &str) {
    let cases = cases(name);
    let taken: Vec<_> = cases
        .iter()
        .filter(|(input, _)| canonical(input).is_ok())
        .collect();
    println!(
        "{name}: {} of {} cases hold",
        cases.len() - taken.len(),
        cases.len()
    );
    assert!(taken.is_empty(), "{taken:#?}");
}

#[test]
fn canonical_text_stays() {
    accepts("text-canonical.txt");
}

#[test]
fn other_text_becomes_canonical() {
    accepts("text-non-canonical.txt");
}

#[test]
fn conditions() {
    accepts("text-conditional.txt");
    accepts("text-conditional-case-insensitive.txt");
    accepts("text-conditional-windows-only.txt");
}

#[test]
fn where_windows_takes_more() {
    accepts("text-windows-is-less-fussy.txt");
}

#[test]
fn where_windows_is_weird() {
    accepts("text-windows-is-weird.txt");
}

#[test]
fn what_windows_refuses() {
    refuses("text-should-fail.txt");
    refuses("text-conditional-should-fail.txt");
    refuses("text-windows-is-fussy.txt");
}
