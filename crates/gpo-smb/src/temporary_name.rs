//! The names of what is in the making.
//!
//! `~gpo-N.tmp`, with 16 hexadecimal digits, or `~gpo-lock.tmp`. Both are left alone by DFS
//! Replication, whose filter is `~*, *.bak, *.tmp` unless somebody changed it: other controllers
//! see a file when it gets its name, and a lock never.

/// The lock of a folder that is written to.
pub(crate) const LOCK: &str = "~gpo-lock.tmp";

/// The n-th name in the making. Who writes holds the lock on the GPO's folder, so a number is enough.
pub(crate) fn temporary_name(n: u64) -> String {
    format!("~gpo-{n:016x}.tmp")
}

/// Whether a name is one of this module; found without case, as servers may spell it.
pub(crate) fn is_temporary(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower == LOCK
        || lower
            .strip_prefix("~gpo-")
            .and_then(|rest| rest.strip_suffix(".tmp"))
            .is_some_and(|n| n.len() == 16 && n.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_pattern_are_temporary() {
        let numbered = [temporary_name(0), temporary_name(u64::MAX)];
        let names = [LOCK, "~GPO-LOCK.TMP", "~gpo-00000000000000ff.TMP"];
        for name in names.into_iter().chain(numbered.iter().map(String::as_str)) {
            assert!(is_temporary(name), "{name}");
        }
        for name in [
            "~",
            "~gpo-.tmp",
            "~gpo-1.tmp",
            "gpo-0000000000000001.tmp",
            "~gpo-0000000000000001.tmp.txt",
            "~gpo-000000000000000g.tmp",
            "~gpo-lock",
        ] {
            assert!(!is_temporary(name), "{name}");
        }
    }
}
