//! The file with the Kerberos tickets of the user.

use std::env;
use std::path::PathBuf;

use cross_krb5::{ClientCtx, InitiateFlags};

use crate::failure::Failure;

/// The file, with a ticket for the file server of this host in it.
///
/// The SMB library could ask for that ticket itself, but only for one that can be forwarded, which
/// tickets of `kinit` seldom allow. So the library of the system asks, and keeps it in the file.
pub(crate) fn with_ticket_for(host: &str) -> Result<PathBuf, Failure> {
    let file = file()?;
    // The SMB library says what is missing, where this failed.
    let _ = ClientCtx::new(InitiateFlags::empty(), None, &format!("cifs/{host}"), None);
    Ok(file)
}

/// The file that `kinit` writes: as `KRB5CCNAME` says, else the default of MIT's library.
fn file() -> Result<PathBuf, Failure> {
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
