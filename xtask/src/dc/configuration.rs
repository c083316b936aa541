//! The configuration of Samba and of Kerberos.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::provision::INSIDE;
use super::{Controller, DOMAIN, HOST, REALM};
use crate::Result;

/// What is not needed is left out: no NetBIOS, no printers, no updates of names.
const SERVICES: &str = "s3fs, rpc, ldap, cldap, kdc, winbindd, dns";

/// Where descriptors of files are kept. The default is an attribute that needs more than root in
/// many containers.
pub(super) const DESCRIPTOR_ATTRIBUTE: &str = "acl_xattr:security_acl_name = user.NTACL";

impl Controller {
    pub(super) fn smb_conf(&self) -> PathBuf {
        self.state().join("etc/smb.conf")
    }

    /// `smb.conf`, with the paths that the server sees.
    pub(super) fn smb_conf_text(&self) -> String {
        let domain = REALM.to_lowercase();
        let mut text = format!(
            "[global]
            realm = {REALM}
            workgroup = {DOMAIN}
            netbios name = {HOST}
            server role = active directory domain controller
            server services = {SERVICES}
            interfaces = {address}/8
            bind interfaces only = yes
            smb ports = {port}
            private dir = {INSIDE}/private
            state directory = {INSIDE}/state
            cache directory = {INSIDE}/cache
            lock directory = {INSIDE}/lock
            pid directory = {INSIDE}/run
            binddns dir = {INSIDE}/bind-dns
            ncalrpc dir = {INSIDE}/ncalrpc
            ntp signd socket directory = {INSIDE}/ntp_signd
            log file = {INSIDE}/log/log.%m
            max log size = 0
            tls keyfile = {INSIDE}/tls/key.pem
            tls certfile = {INSIDE}/tls/cert.pem
            tls cafile = {INSIDE}/tls/ca.pem
            load printers = no
            printcap name = /dev/null
            disable spoolss = yes
            disable netbios = yes
            {DESCRIPTOR_ATTRIBUTE}\n",
            address = self.address,
            port = self.smb_port,
        );
        for option in &self.options {
            let _ = writeln!(text, "{option}");
        }
        let _ = write!(
            text,
            "
            [sysvol]
            path = {INSIDE}/state/sysvol
            read only = no

            [netlogon]
            path = {INSIDE}/state/sysvol/{domain}/scripts
            read only = no\n"
        );
        unindented(&text)
    }

    /// Writes what the server and its clients read; before each start, so that options may change.
    pub(super) fn write_configuration(&self) -> Result {
        let state = self.state();
        for folder in [
            "cache",
            "etc",
            "lock",
            "log",
            "ncalrpc",
            "ntp_signd",
            "run",
            "tmp",
        ] {
            fs::create_dir_all(state.join(folder))?;
        }
        fs::write(self.smb_conf(), self.smb_conf_text())?;
        fs::write(self.folder.join("krb5.conf"), self.krb5_conf_text())?;
        fs::write(state.join("krb5.conf"), self.krb5_conf_text())?;
        fs::write(self.client_conf(), client_conf_text(&self.folder))?;
        Ok(())
    }

    /// No name is looked up in DNS: that of this machine does not know the domain.
    fn krb5_conf_text(&self) -> String {
        let (domain, address) = (REALM.to_lowercase(), self.address);
        unindented(&format!(
            "[libdefaults]
            default_realm = {REALM}
            dns_lookup_realm = false
            dns_lookup_kdc = false
            dns_canonicalize_hostname = false
            rdns = false
            # Nothing listens for UDP on every address.
            udp_preference_limit = 1
            [realms]
            {REALM} = {{
            kdc = {address}
            admin_server = {address}
            kpasswd_server = {address}
            }}
            [domain_realm]
            .{domain} = {REALM}
            {domain} = {REALM}\n"
        ))
    }
}

/// For clients on this machine, so that none reads the configuration of another Samba.
fn client_conf_text(folder: &Path) -> String {
    let folder = folder.join("client");
    let folder = folder.display();
    unindented(&format!(
        "[global]
        realm = {REALM}
        workgroup = {DOMAIN}
        private dir = {folder}
        state directory = {folder}
        cache directory = {folder}
        lock directory = {folder}
        pid directory = {folder}\n"
    ))
}

fn unindented(text: &str) -> String {
    text.lines()
        .map(|line| line.trim_start().to_owned() + "\n")
        .collect()
}
