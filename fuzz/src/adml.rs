//! ADML files.

use gpo_admx::TemplateResources;
use gpo_core::{Encoding, Text};

/// The texts say the same in UTF-16.
pub fn adml(data: &[u8]) {
    let Ok(resources) = TemplateResources::parse(data) else {
        return;
    };
    assert_eq!(resources.string("no reference"), Some("no reference"));
    if let Ok(text) = Text::decode_xml(data) {
        let text = Text::new(text.into_str(), Encoding::Utf16Le, true);
        let bytes = text.encode().expect("UTF-16 has all characters");
        assert_eq!(TemplateResources::parse(&bytes).as_ref(), Ok(&resources));
    }
}
