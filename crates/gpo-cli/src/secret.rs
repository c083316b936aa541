//! What is printed in the place of a password.

/// Stands for one.
pub(crate) const HIDDEN: &str = "(password, not shown)";

/// A line or a value as it may be shown: one that speaks of a `cpassword`, whose key is published,
/// is not, wherever it strayed to.
pub(crate) fn shown(text: &str) -> &str {
    if text.to_ascii_lowercase().contains("cpassword") {
        HIDDEN
    } else {
        text
    }
}
