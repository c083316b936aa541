//! The text of .reg files.

use gpo_core::{RegistryPol, parse_reg_text, parse_reg_text_lossy, to_reg_text};

/// What is read is written as text that is read as what is written the same.
pub fn reg_text(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let (saved, damage) = parse_reg_text_lossy(text);
    let Ok(entries) = parse_reg_text(text) else {
        assert!(!damage.is_empty());
        return;
    };
    assert_eq!((&saved, damage.len()), (&entries, 0));
    for (half, entry) in entries {
        let pol = RegistryPol {
            entries: vec![entry],
        };
        let (text, _) = to_reg_text(&pol, half);
        let read = parse_reg_text(&text).expect("the text was written here");
        assert!(read.iter().all(|(own, _)| *own == half));
        let again = RegistryPol {
            entries: read.into_iter().map(|(_, entry)| entry).collect(),
        };
        assert_eq!(to_reg_text(&again, half).0, text);
    }
}
