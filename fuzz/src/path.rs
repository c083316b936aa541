//! Paths that cannot escape.

use std::cmp::Ordering;

use gpo_core::{GpoPath, fold_name};

/// A path that is taken is harmless, keeps its spelling, and is built again from its components;
/// two paths, which a NUL separates in the input, are equal exactly when their order says so.
pub fn path(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let mut paths = text.split('\0').filter_map(|text| {
        let path = text.parse::<GpoPath>().ok()?;
        check(&path, text);
        Some(path)
    });
    if let (Some(a), Some(b)) = (paths.next(), paths.next()) {
        assert_eq!(a.cmp(&b) == Ordering::Equal, a == b);
        assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        assert_eq!(a == b, fold_name(a.as_str()) == fold_name(b.as_str()));
        if let Ok(joined) = a.join_path(&b) {
            assert_eq!(joined.strip_prefix(&a).as_ref(), Some(&b));
        }
    }
}

fn check(path: &GpoPath, text: &str) {
    assert_eq!(path.as_str(), text.replace('/', "\\"));
    let mut built = GpoPath::root();
    for name in path.components() {
        assert!(!matches!(name, "" | "." | ".."));
        assert!(!name.contains(['/', '\\', ':', '\0', '*', '?']));
        let parent = built;
        built = parent.join(name).expect("the whole path is no longer");
        assert_eq!(built.parent().as_ref(), Some(&parent));
        assert!(path.starts_with(&built));
    }
    assert_eq!(built.as_str(), path.as_str());
}
