//! The crate rust-ini, a reader of INI files.

use ini::Ini;

#[path = "../../../measure.rs"]
mod measure;

use measure::{arguments, measure};

fn main() {
    let (case, file) = arguments();
    match case.as_str() {
        // It takes text; the decoder of the standard library stands in for its user's.
        "security-template-parse" => measure(|| {
            let (units, _) = file.as_chunks();
            let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
            let text = String::from_utf16(&units).expect("it is UTF-16");
            let ini = Ini::load_from_str_noescape(text.trim_start_matches('\u{feff}'));
            let ini = ini.expect("it is an INI file");
            ini.iter().map(|(_, section)| section.len()).sum()
        }),
        _ => panic!("there is no case {case}"),
    }
}
