//! The text of LGPO.exe.

use gpo_core::{RegistryPol, parse_lgpo_text, parse_lgpo_text_lossy, to_lgpo_text};

/// What is read is written as text that is read as the same entries.
pub fn lgpo_text(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let (saved, damage) = parse_lgpo_text_lossy(text);
    let Ok(commands) = parse_lgpo_text(text) else {
        assert!(!damage.is_empty());
        return;
    };
    assert_eq!((&saved, damage.len()), (&commands, 0));
    for command in commands {
        let pol = RegistryPol {
            entries: vec![command.entry],
        };
        let (text, left_out) = to_lgpo_text(&pol, command.half);
        let read = parse_lgpo_text(&text).expect("the text was written here");
        assert_eq!(read.len() + left_out.len(), 1);
        if let Some(read) = read.into_iter().next() {
            assert_eq!(read.half, command.half);
            // The lists of one NUL and of three look the same.
            if !text.contains("MULTISZ:\\0\r\n") {
                assert_eq!(read.entry, pol.entries[0]);
            }
        }
    }
}
