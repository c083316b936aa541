//! Passwords in preferences, which everybody can decipher.

use alloc::string::String;

use aes::Aes256;
use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};

use crate::error::{Error, ErrorKind, Result};
use crate::text::Encoding;

/// The key that [MS-GPPREF] 2.2.1.1.4 publishes.
const KEY: [u8; 32] = [
    0x4e, 0x99, 0x06, 0xe8, 0xfc, 0xb6, 0x6c, 0xc9, 0xfa, 0xf4, 0x93, 0x10, 0x62, 0x0f, 0xfe, 0xe8,
    0xf4, 0x96, 0xe8, 0x06, 0xcc, 0x05, 0x79, 0x90, 0x20, 0x9b, 0x09, 0xa4, 0x33, 0xb6, 0x6c, 0x1b,
];

/// Base64 with or without the `=` at its end, which most files leave out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Deciphers a password of preferences, the value of an attribute `cpassword` ([MS-GPPREF] 2.2.1.1.4).
///
/// The value is base64 of AES-256 in CBC mode with PKCS#7 padding, key and initialization vector
/// being those of the specification, and the text in it is UTF-16LE. [`Preferences::secrets`] finds
/// the elements that have one. An empty value is an empty password.
///
/// This exists to replace such passwords: whoever can read the file has them. Nothing in this project
/// calls it.
///
/// [`Preferences::secrets`]: crate::Preferences::secrets
///
/// # Errors
///
/// [`ErrorKind::Value`] for text that is no such value. The message shows nothing of it.
///
/// ```
/// use gpo_core::decode_cpassword;
///
/// let password = decode_cpassword("z5QHMYJdCgnVAJ+xT4UwOL/olNiWNkeP5zij0PvMXDQ")?;
/// assert_eq!(password, "Made-up 1");
/// # Ok::<(), gpo_core::Error>(())
/// ```
pub fn decode_cpassword(text: &str) -> Result<String> {
    let wrong = |why| Error::new(ErrorKind::Value, why);
    if text.is_empty() {
        return Ok(String::new());
    }
    let enciphered = BASE64
        .decode(text)
        .map_err(|_| wrong("the password is no base64"))?;
    let cipher = Decryptor::<Aes256>::new(&KEY.into(), &[0; 16].into());
    let bytes = cipher
        .decrypt_padded_vec::<Pkcs7>(&enciphered)
        .map_err(|_| wrong("the password is not enciphered with the published key"))?;
    // A first character that looks like a byte order mark is one of the password.
    let text = Encoding::Utf16Le
        .decode(&bytes, 0)
        .map_err(|_| wrong("the password is no UTF-16"))?;
    Ok(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    /// Made with another implementation of AES.
    #[test]
    fn passwords_are_deciphered() {
        for (text, password) in [
            ("", ""),
            ("0G8sBHI8gLl7UyMxTc/3gA==", ""),
            ("z5QHMYJdCgnVAJ+xT4UwOL/olNiWNkeP5zij0PvMXDQ=", "Made-up 1"),
            ("z5QHMYJdCgnVAJ+xT4UwOL/olNiWNkeP5zij0PvMXDQ", "Made-up 1"),
            (
                "HKC7chHLkJDlVjJsDmxunJzXRS9N8YMDZavNeyFN1gEuC8k1EEXA499cpWPnw+gjvtqj8HQN6NObMkqcA\
                 MNRqOPP2KJBLkeWNJj1b2eB1ABqKvSoSyYmBGICvH1p/kux",
                "Schlüssel 🔑 that takes more than one block",
            ),
        ] {
            assert_eq!(decode_cpassword(text).unwrap(), password, "{text}");
        }
    }

    #[test]
    fn what_is_no_password_is_an_error_that_shows_nothing() {
        for (text, why) in [
            ("z5QH*", "the password is no base64"),
            ("\u{e9}", "the password is no base64"),
            (
                "AAAA",
                "the password is not enciphered with the published key",
            ),
            (
                "AAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "the password is not enciphered with the published key",
            ),
            ("VKe0N7lGWAGCf7b4PLMmhQ==", "the password is no UTF-16"),
            ("WNNwh2bAPhBphKD1bs/wsw==", "the password is no UTF-16"),
        ] {
            let error = decode_cpassword(text).unwrap_err();
            assert_eq!(
                (error.kind(), error.to_string().as_str()),
                (ErrorKind::Value, why)
            );
        }
    }
}
