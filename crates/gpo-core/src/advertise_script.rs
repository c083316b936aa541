//! Advertise scripts of Windows Installer.

use crate::error::{Error, ErrorKind, Result};

/// How an advertise script starts: a record of nine fields, of which the first is the number `IXOS`.
const START: [u8; 8] = *b"\x02\x09\x00\x40IXOS";

/// Checks that a file, `Applications\{GUID}.aas` of either half, starts as an advertise script does.
///
/// What follows is the business of Windows Installer, whose format is not published; a script is kept
/// as the bytes that it is. All 11 of the census start like this.
///
/// # Errors
///
/// [`ErrorKind::Syntax`] at the byte that differs, [`ErrorKind::Truncated`] for fewer than 8 bytes.
///
/// ```
/// use gpo_core::check_advertise_script;
///
/// assert!(check_advertise_script(b"\x02\x09\x00\x40IXOS\x00\x40").is_ok());
/// let error = check_advertise_script(b"MZ").unwrap_err();
/// assert_eq!(error.to_string(), "byte 0: this is no advertise script of Windows Installer");
/// ```
pub fn check_advertise_script(bytes: &[u8]) -> Result<()> {
    let start = bytes.iter().zip(&START);
    let same = start.take_while(|(own, expected)| own == expected).count();
    let kind = match same {
        _ if same == START.len() => return Ok(()),
        _ if same == bytes.len() => ErrorKind::Truncated,
        _ => ErrorKind::Syntax,
    };
    let message = "this is no advertise script of Windows Installer";
    Err(Error::new(kind, message).at_offset(same))
}
