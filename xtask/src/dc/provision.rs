//! Making the domain, once; afterwards a copy of that state is enough.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::Command as Process;

use super::configuration::DESCRIPTOR_ATTRIBUTE;
use super::{Controller, DOMAIN, HOST, REALM, capture, limited};
use crate::Result;

/// Raised when a domain that was provisioned before will not do any more.
const RECIPE: u32 = 2;

/// Where Samba finds its state, in a mount namespace of its own: below a `/run` that is empty but
/// for it. The path is short, because those of sockets must be, and open to users, whatever the
/// rights on the folders above the project are. And Samba's libraries look for winbindd in
/// `/run/samba`, which must not be somebody else's.
pub(super) const INSIDE: &str = "/run/dc";

/// Mounts the state at [`INSIDE`] and goes on as another program.
const ENTER: &str = r#"
mount -t tmpfs -o mode=755 tmpfs /run &&
mkdir /run/samba /run/dc &&
mount --bind "$0" /run/dc &&
export KRB5_CONFIG=/run/dc/krb5.conf TMPDIR=/run/dc/tmp &&
exec "$@""#;

impl Controller {
    /// A program in namespaces of its own, where the state is at [`INSIDE`]. When it ends, so do
    /// all processes that it started.
    pub(super) fn inside(&self, program: &str) -> Process {
        let mut process = limited("unshare");
        process.args(self.namespaces()).arg(program);
        process
    }

    /// The arguments of `unshare` before the program.
    pub(super) fn namespaces(&self) -> Vec<OsString> {
        let options = "--mount --propagation private --pid --fork --kill-child=KILL --mount-proc";
        let shell = ["sh", "-c", ENTER];
        let mut arguments: Vec<OsString> =
            options.split(' ').chain(shell).map(Into::into).collect();
        arguments.push(self.state().into());
        arguments
    }

    /// Sees to it that there is a state to start from: the one that is there, or a copy of the
    /// domain as it was provisioned.
    pub(super) fn prepare_state(&self, reset: bool) -> Result {
        let golden = format!("golden-{RECIPE}");
        if !self.folder.join(&golden).is_dir() {
            self.provision()?;
            self.copy_state(&golden)?;
        } else if reset || !self.state().is_dir() {
            self.take_copy(&golden)?;
        }
        Ok(())
    }

    /// Keeps a copy of the state under a name. The server does not run meanwhile.
    pub(super) fn copy_state(&self, name: &str) -> Result {
        copy(&self.state(), &self.folder.join(name))
    }

    /// Puts the copy in the place of the state.
    pub(super) fn take_copy(&self, name: &str) -> Result {
        copy(&self.folder.join(name), &self.state())
    }

    fn provision(&self) -> Result {
        eprintln!("provisioning {REALM} in {}", self.folder.display());
        let state = self.state();
        remove(&state)?;
        for folder in ["etc", "tmp"] {
            fs::create_dir_all(state.join(folder))?;
        }
        fs::create_dir_all(self.folder.join("client"))?;
        self.write_password()?;
        let password = fs::read_to_string(self.password_file())?;
        // Samba would take settings over from the machine's own configuration.
        fs::write(state.join("etc/empty.conf"), "")?;
        let mut provision = self.inside("samba-tool");
        provision
            .args([
                "domain",
                "provision",
                "--server-role=dc",
                "--dns-backend=SAMBA_INTERNAL",
            ])
            .arg(format!("--configfile={INSIDE}/etc/empty.conf"))
            .arg(format!("--targetdir={INSIDE}"))
            .arg(format!("--realm={REALM}"))
            .arg(format!("--domain={DOMAIN}"))
            .arg(format!("--host-name={HOST}"))
            .arg(format!("--host-ip={}", self.address))
            .arg(format!("--adminpass={password}"))
            .arg(format!("--option=interfaces = {}/8", self.address))
            .arg("--option=bind interfaces only = yes")
            .arg(format!("--option={DESCRIPTOR_ATTRIBUTE}"));
        capture(&mut provision)?;
        self.add_service_names()?;
        self.make_certificate()
    }

    /// The names under which Kerberos clients ask for the services, which Samba would add itself
    /// if it updated DNS. Those with the address let clients do without names.
    fn add_service_names(&self) -> Result {
        let (domain, account) = (REALM.to_lowercase(), HOST.to_uppercase());
        for name in [
            format!("ldap/{HOST}.{domain}"),
            format!("ldap/{account}"),
            format!("ldap/{HOST}.{domain}/{domain}"),
            format!("ldap/{}", self.address),
            format!("cifs/{}", self.address),
        ] {
            let mut add = self.local_samba_tool(&["spn", "add", &name, &format!("{account}$")]);
            add.arg(format!("-H{INSIDE}/private/sam.ldb"));
            capture(&mut add)?;
        }
        Ok(())
    }

    /// Makes a password that Samba's rules for the strength of passwords take.
    fn write_password(&self) -> Result {
        let mut random = [0; 12];
        fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
        let mut password = String::from("Aa1-");
        for byte in random {
            let _ = write!(password, "{byte:02x}");
        }
        private_file(&self.password_file(), &password)?;
        let credentials =
            format!("username = Administrator\npassword = {password}\ndomain = {DOMAIN}\n");
        private_file(&self.credentials_file(), &credentials)
    }
}

/// Writes a file that only its owner can read.
fn private_file(path: &PathBuf, text: &str) -> Result {
    fs::write(path, "")?;
    capture(limited("chmod").arg("600").arg(path))?;
    fs::write(path, text)?;
    Ok(())
}

fn remove(folder: &PathBuf) -> Result {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

/// Puts a copy in the place of a folder, with owners, rights and extended attributes, which hold
/// descriptors.
fn copy(from: &PathBuf, to: &PathBuf) -> Result {
    let partial = to.with_extension("partial");
    remove(&partial)?;
    capture(limited("cp").arg("-a").arg(from).arg(&partial))?;
    remove(to)?;
    fs::rename(partial, to)?;
    Ok(())
}
