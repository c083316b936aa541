//! GPO.cmt: the description of a GPO.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Result;
use crate::text::Encoding;

/// Reads `GPO.cmt`, the description of a GPO: UTF-16LE without byte order mark or terminator
/// (census: 165 of 165). The text has the line ends of its author.
///
/// ```
/// use gpo_core::{gpo_comment_to_bytes, parse_gpo_comment};
///
/// let file = gpo_comment_to_bytes("Ünser GPO");
/// assert_eq!(file[..2], [0xdc, 0]);
/// assert_eq!(parse_gpo_comment(&file)?, "Ünser GPO");
/// # Ok::<(), gpo_core::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Encoding`](crate::ErrorKind::Encoding) for bytes that are no UTF-16.
pub fn parse_gpo_comment(bytes: &[u8]) -> Result<String> {
    Ok(Encoding::Utf16Le.decode(bytes, 0)?.into_owned())
}

/// Writes the description of a GPO as [`parse_gpo_comment`] reads it.
pub fn gpo_comment_to_bytes(comment: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    Encoding::append_utf16_le(comment, &mut bytes);
    bytes
}
