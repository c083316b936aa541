//! The standard library and the crate encoding_rs as decoders of UTF-16.

#[path = "../../../measure.rs"]
mod measure;

use measure::{arguments, measure};

fn main() {
    let (case, file) = arguments();
    match case.as_str() {
        "utf-16-decode-std" => measure(|| {
            let units = file
                .as_chunks()
                .0
                .iter()
                .map(|unit| u16::from_le_bytes(*unit));
            let text: Result<String, _> = char::decode_utf16(units).collect();
            text.expect("it is UTF-16").len()
        }),
        "utf-16-decode-encoding-rs" => measure(|| {
            let (text, _, wrong) = encoding_rs::UTF_16LE.decode(&file);
            assert!(!wrong, "it is UTF-16");
            text.len()
        }),
        _ => panic!("there is no case {case}"),
    }
}
