//! Edits of INF files, one after another.

use gpo_core::{Encoding, InfDocument};

use crate::choices::Choices;

const SECTIONS: [&str; 4] = ["A", "a", "B b", ""];
const KEYS: [&str; 5] = ["k", "K", "*S-1-1-0__Members", "MACHINE\\x=y", ""];
const VALUES: [&str; 7] = ["", "1", " x", "a=b", "[A]", "grüße 😀", "x\ny"];
const LINES: [&str; 6] = ["", "; k=1", "k = 1", "\"x\",2,\"D:\"", "[A", " [B b] z"];

/// After each edit the document is written, and read as what it is; a value that was set is there, and
/// nothing but its line has changed.
pub fn inf_lines(data: &[u8]) {
    let mut choices = Choices::new(data);
    let encoding = choices.of(&[Encoding::Utf16Le, Encoding::Utf8, Encoding::Utf16Be]);
    let mut document = InfDocument::new(encoding, true);
    while !choices.is_empty() {
        let lines: Vec<_> = document.text().lines().to_vec();
        match choices.byte() % 5 {
            0 => {
                let _ = document.push_section(choices.of(&SECTIONS));
            }
            1 => {
                let _ = document.push_entry(choices.of(&KEYS), choices.of(&VALUES));
            }
            2 => {
                let _ = document.push_line(choices.of(&LINES));
            }
            3 => document.remove_line(choices.byte().into()),
            _ => {
                let (section, key) = (choices.of(&SECTIONS), choices.of(&KEYS));
                let there = document.value(section, key).is_some();
                let value = choices.of(&VALUES);
                if document.set_value(section, key, value).is_ok() {
                    assert_eq!(document.value(section, key), Some(value));
                    if there {
                        let now = document.text().lines().iter();
                        let changed = now.zip(&lines).filter(|(now, before)| now != before);
                        assert!(changed.count() <= 1);
                        assert_eq!(document.text().lines().len(), lines.len());
                    }
                }
            }
        }
        let bytes = document.to_bytes().expect("the encoding has every character");
        assert_eq!(InfDocument::parse(&bytes).as_ref(), Ok(&document));
    }
}
