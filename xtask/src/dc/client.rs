//! The clients of Samba and of `OpenLDAP`, as the administrator of the domain.

use std::path::Path;
use std::process::Command as Process;

use super::provision::INSIDE;
use super::{Controller, DOMAIN, REALM, capture, limited};
use crate::Result;

impl Controller {
    /// `samba-tool`, against the server.
    pub(crate) fn samba_tool(&self, arguments: &[&str]) -> Process {
        let mut process = limited("samba-tool");
        process
            .args(arguments)
            .arg(format!("--configfile={}", self.client_conf().display()))
            .args(["-H", &format!("ldap://{}", self.address)])
            .arg("--username=Administrator")
            .env("PASSWD_FILE", self.password_file());
        process
    }

    /// Makes a GPO and returns its ID.
    pub(crate) fn create_gpo(&self, name: &str) -> Result<String> {
        let said = capture(&mut self.samba_tool(&["gpo", "create", name]))?;
        let id = said
            .split_once('{')
            .and_then(|(_, rest)| rest.split_once('}'));
        let (id, _) = id.ok_or_else(|| format!("samba-tool names no ID: {said}"))?;
        Ok(format!("{{{id}}}"))
    }

    /// `samba-tool`, on the files of the server.
    pub(crate) fn local_samba_tool(&self, arguments: &[&str]) -> Process {
        let mut process = self.inside("samba-tool");
        process
            .args(arguments)
            .arg(format!("--configfile={INSIDE}/etc/smb.conf"));
        process
    }

    /// A script for Samba's Python that changes the database of the server, which must not run. It
    /// is told where configuration and database are, and the name of the domain.
    pub(crate) fn database_script(&self, script: &Path) -> Process {
        let mut process = self.inside("/usr/bin/python3");
        process
            .arg(script)
            .arg(format!("{INSIDE}/etc/smb.conf"))
            .arg(format!("{INSIDE}/private/sam.ldb"))
            .arg(REALM.to_lowercase());
        process
    }

    /// A program of `OpenLDAP`'s, bound as the administrator over TLS.
    pub(crate) fn ldap(&self, program: &str, arguments: &[&str]) -> Process {
        let mut process = limited(program);
        process
            .env("LDAPTLS_CACERT", self.ca())
            .args(["-x", "-o", "nettimeout=10"])
            .arg(format!("-Hldaps://{}", self.address))
            .arg(format!("-DAdministrator@{}", REALM.to_lowercase()))
            .arg("-y")
            .arg(self.password_file())
            .args(arguments);
        process
    }

    /// Samba's client on the share with the policies, as the administrator.
    pub(crate) fn smbclient(&self, commands: &str) -> Process {
        let mut process = limited("smbclient");
        process
            .arg(format!("//{}/sysvol", self.address))
            .arg(format!("--configfile={}", self.client_conf().display()))
            .arg(format!(
                "--authentication-file={}",
                self.credentials_file().display()
            ))
            .arg(format!("--port={}", self.smb_port))
            .arg(format!("--workgroup={DOMAIN}"))
            .args(["--command", commands]);
        process
    }
}
