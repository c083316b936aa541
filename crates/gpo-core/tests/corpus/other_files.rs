//! Files that are text as a whole, or bytes.

use gpo_core::{check_advertise_script, gpo_comment_to_bytes, parse_gpo_comment};

use crate::shared::{check_all, same};

#[test]
fn gpo_comment() {
    check_all(
        |name| name == "gpo.cmt",
        17,
        |bytes| {
            let comment = parse_gpo_comment(bytes).map_err(|error| error.to_string())?;
            if comment.starts_with('\u{feff}') || comment.contains('\0') {
                return Err("a byte order mark or a terminator".into());
            }
            same(Ok(gpo_comment_to_bytes(&comment)), bytes, "rebuilt")
        },
    );
}

#[test]
fn advertise_script() {
    check_all(
        |name| name.rsplit_once('.').is_some_and(|(_, kind)| kind == "aas"),
        11,
        |bytes| check_advertise_script(bytes).map_err(|error| error.to_string()),
    );
}
