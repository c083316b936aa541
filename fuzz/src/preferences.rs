//! Group Policy Preferences.

use gpo_core::Preferences;

/// The file is written back to the same bytes, also with every reference set to what it is, and
/// items are where they say.
pub fn preferences(data: &[u8]) {
    let Ok(preferences) = Preferences::parse(data) else {
        if let Ok((_, damage)) = Preferences::parse_lossy(data) {
            assert!(!damage.is_empty());
        }
        return;
    };
    assert_eq!(preferences.to_bytes().as_deref(), Ok(data));
    for item in preferences.items() {
        assert_eq!(preferences.document().element(&item.path), Some(item.element));
        let _ = (item.action(), item.targeting(), item.is_disabled());
    }
    let mut same = preferences.clone();
    for reference in preferences.references() {
        same.set_reference(&reference, &reference.text)
            .expect("the reference was read");
    }
    assert_eq!(same, preferences);
}
