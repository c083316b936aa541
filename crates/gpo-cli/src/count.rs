//! Numbers of things in messages.

/// `1 file`, `2 files`: a number and what is counted.
pub(crate) fn counted(number: impl TryInto<u64>, one: &str, several: &str) -> String {
    // What does not fit is several.
    let number = number.try_into().unwrap_or(u64::MAX);
    format!("{number} {}", if number == 1 { one } else { several })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        let shown = [0_usize, 1, 2].map(|number| counted(number, "entry", "entries"));
        assert_eq!(shown, ["0 entries", "1 entry", "2 entries"]);
    }
}
