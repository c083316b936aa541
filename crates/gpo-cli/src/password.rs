//! The password of the user who logs on.

use std::env;
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::path::Path;

use gpo_core::Quoted;
use secrecy::SecretString;

use crate::failure::Failure;

/// Where a password is found that is in no file.
const VARIABLE: &str = "GPO_PASSWORD";

/// No password is longer, in bytes.
const LONGEST: u64 = 4096;

/// Reads it from the file, else from the environment, else asks for it.
pub(crate) fn read(user: &str, file: Option<&Path>) -> Result<SecretString, Failure> {
    if let Some(file) = file {
        return from_file(file).map_err(|error| Failure::from(error).at(file.display()));
    }
    if let Ok(password) = env::var(VARIABLE) {
        return Ok(password.into());
    }
    if !io::stdin().is_terminal() {
        let message = format!(
            "no password, and no terminal to ask for it: name a --password-file, or set {VARIABLE}"
        );
        return Err(Failure::new(message));
    }
    let question = format!("Password of {}: ", Quoted::bare(user));
    Ok(rpassword::prompt_password(question)?.into())
}

/// The first line.
fn from_file(file: &Path) -> io::Result<SecretString> {
    let mut line = String::new();
    let file = File::open(file)?.take(LONGEST);
    BufReader::new(file).read_line(&mut line)?;
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_file_holds_it_in_its_first_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        for (content, password) in [
            ("p w\u{e9} \n", "p w\u{e9} "),
            ("pw\r\nx", "pw"),
            ("pw", "pw"),
            ("", ""),
        ] {
            std::fs::write(&file, content).unwrap();
            let read = read("u", Some(&file)).unwrap();
            assert_eq!(read.expose_secret(), password);
        }
        std::fs::write(&file, b"\xff").unwrap();
        assert!(read("u", Some(&file)).is_err());
        assert!(read("u", Some(folder.path())).is_err());
    }
}
