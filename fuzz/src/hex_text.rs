//! Bytes in hexadecimal.

use gpo_core::{from_spaced_hex, to_spaced_hex};

/// Any bytes can be written and read again; text that is taken means the same in its plain form.
pub fn hex_text(data: &[u8]) {
    assert_eq!(from_spaced_hex(&to_spaced_hex(data)).as_deref(), Ok(data));
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Ok(bytes) = from_spaced_hex(text) {
        let plain: String = text.split_ascii_whitespace().collect();
        let written = to_spaced_hex(&bytes).replace(' ', "");
        assert!(written.eq_ignore_ascii_case(&plain), "{written} of {plain}");
    }
}
