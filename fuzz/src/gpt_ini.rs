//! GPT.INI.

use gpo_core::{GptIni, GpoVersion};

/// The file is written back to the same bytes, also with the version that it has, and has another
/// version once one is set.
pub fn gpt_ini(data: &[u8]) {
    let Ok(mut gpt) = GptIni::parse(data) else {
        return;
    };
    assert_eq!(gpt.to_bytes().as_deref(), Ok(data));
    if let Ok(version) = gpt.version() {
        gpt.set_version(version).expect("it has this version");
        assert_eq!(gpt.to_bytes().as_deref(), Ok(data));
    }
    let version = GpoVersion::from_halves(3, 7);
    gpt.set_version(version).expect("any version can be set");
    assert_eq!(gpt.version(), Ok(version));
    let bytes = gpt.to_bytes().expect("digits are in every encoding");
    let again = GptIni::parse(&bytes).expect("the text was readable before");
    assert_eq!(again.to_bytes(), Ok(bytes));
}
