//! The file with the Kerberos tickets of the user.

use std::env;
use std::path::PathBuf;

use crate::failure::Failure;

/// The file that `kinit` writes: as `KRB5CCNAME` says, else the default of MIT's library.
pub(crate) fn file() -> Result<PathBuf, Failure> {
    let Ok(name) = env::var("KRB5CCNAME") else {
        return Ok(default());
    };
    match name.split_once(':') {
        None => Ok(name.into()),
        Some(("FILE", file)) => Ok(file.into()),
        Some((kind, _)) => {
            let message = format!(
                "tickets in {kind} cannot be read: KRB5CCNAME must name a file (FILE:PATH)"
            );
            Err(Failure::new(message))
        }
    }
}

#[cfg(unix)]
fn default() -> PathBuf {
    let user = rustix::process::getuid().as_raw();
    format!("/tmp/krb5cc_{user}").into()
}

#[cfg(not(unix))]
fn default() -> PathBuf {
    env::temp_dir().join("krb5cc")
}
