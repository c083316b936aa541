//! A certificate for the controller, from an authority of its own.
//!
//! The one that Samba makes for itself names the controller in the subject alone, which is not
//! enough for clients that follow RFC 6125.

use std::fs;

use super::{Controller, HOST, REALM, capture, limited};
use crate::Result;

impl Controller {
    /// Makes `tls/ca.pem`, `tls/cert.pem` and `tls/key.pem`.
    pub(super) fn make_certificate(&self) -> Result {
        let folder = self.state().join("tls");
        fs::create_dir_all(&folder)?;
        let domain = REALM.to_lowercase();
        let name = format!("{HOST}.{domain}");
        let address = self.address;
        let names = format!("subjectAltName=DNS:{name},DNS:{domain},DNS:localhost,IP:{address}");
        self.openssl(&[
            "req -x509 -newkey rsa:2048 -nodes -days 3650 -keyout ca.key -out ca.pem",
            "-subj /CN=Authority-of-a-test-domain -addext basicConstraints=critical,CA:TRUE",
            "-addext keyUsage=critical,keyCertSign,cRLSign",
        ])?;
        self.openssl(&[
            "req -x509 -newkey rsa:2048 -nodes -days 3650 -keyout key.pem -out cert.pem",
            "-CA ca.pem -CAkey ca.key -addext basicConstraints=CA:FALSE",
            "-addext extendedKeyUsage=serverAuth -addext",
            &names,
            &format!("-subj /CN={name}"),
        ])?;
        // Samba refuses a key that others may read.
        capture(
            limited("chmod")
                .args(["600"])
                .args([folder.join("key.pem")]),
        )?;
        Ok(())
    }

    fn openssl(&self, arguments: &[&str]) -> Result {
        let arguments = arguments.iter().flat_map(|part| part.split(' '));
        let mut openssl = limited("openssl");
        openssl
            .args(arguments)
            .current_dir(self.state().join("tls"));
        capture(&mut openssl).map(drop)
    }
}
