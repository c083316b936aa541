//! Passwords in a report.

/// What stands in the place of a password: a report goes where the GPO does not.
pub(crate) const HIDDEN: &str = "(password, not shown)";
