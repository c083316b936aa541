//! Pairs of SDDL text and the bytes that Windows makes of it: `sddl/*.json` of the shared data.

use sddl_parser::{SecurityDescriptor, SecurityDescriptorRef};

use crate::context;
use crate::shared::shared;

fn from_hex(hex: &str) -> Vec<u8> {
    assert_eq!(hex.len() % 2, 0);
    (0..hex.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap())
        .collect()
}

fn to_hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut hex, b| {
        write!(hex, "{b:02x}").unwrap();
        hex
    })
}

/// What does not hold of this pair. Where the text was written by Windows, ours is the same.
fn check(text: &str, hex: &str, canonical: bool) -> Result<(), String> {
    let context = context();
    let bytes = from_hex(hex);
    let encoded = SecurityDescriptor::from_sddl(text, &context).map_err(|e| e.to_string())?;
    let ours = to_hex(&encoded.to_bytes().map_err(|e| e.to_string())?);
    if ours != hex {
        return Err(format!("text to bytes:\n  ours    {ours}\n  Windows {hex}"));
    }
    let decoded = SecurityDescriptor::from_bytes(&bytes).map_err(|e| e.to_string())?;
    if decoded != encoded {
        return Err("the values from text and from bytes differ".into());
    }
    let written = decoded.to_sddl(&context).map_err(|e| e.to_string())?;
    if canonical && written != text {
        return Err(format!("bytes to text: {written}"));
    }
    let again = SecurityDescriptor::from_sddl(&written, &context).map_err(|e| e.to_string())?;
    if again != decoded {
        return Err(format!("bytes to text to bytes: {written}"));
    }
    let borrowed = SecurityDescriptorRef::from_bytes(&bytes).map_err(|e| e.to_string())?;
    if borrowed.to_descriptor() != decoded {
        return Err("the borrowed and the owned value differ".into());
    }
    Ok(())
}

/// The file whose texts were written by people.
const COLLECTED: &str = "conditional-collected.json";

fn check_file(name: &str) {
    let Some(path) = shared(&format!("sddl/{name}")) else {
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let pairs: std::collections::BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
    assert!(!pairs.is_empty());
    let mut failures = Vec::new();
    for (text, hex) in &pairs {
        if let Err(reason) = check(text, hex, name != COLLECTED) {
            failures.push(format!("{text}\n  {reason}"));
        }
    }
    println!(
        "{name}: {} of {} pairs hold",
        pairs.len() - failures.len(),
        pairs.len()
    );
    assert!(
        failures.is_empty(),
        "{} failed, such as\n{}",
        failures.len(),
        failures[0]
    );
}

macro_rules! files {
    ($($test:ident $file:expr;)*) => {
        $(#[test] fn $test() { check_file($file); })*
    };
}

files! {
    ordinary "ordinary.json";
    ordinary_with_acls_of_revision_2 "ordinary-v2.json";
    oversize_acls "oversize.json";
    registry_rights "registry-rights.json";
    conditional_and_resource "conditional-and-resource.json";
    conditional_collected COLLECTED;
    resource_attributes_of_octets "resource-int.json";
}
