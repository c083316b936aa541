//! `cargo xtask dc`: a domain controller to test against, Samba's, that nobody else uses.
//!
//! It lives under `target/dc/ADDRESS/`, listens on one loopback address, and runs in namespaces of
//! its own, so that it shares nothing with a Samba that is installed for other work. Its password
//! is made when it is provisioned and stands in a file there.

use std::env;
use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use crate::{Command, Result, root};

mod certificate;
mod client;
mod configuration;
mod packages;
mod process_tree;
mod provision;
mod server;
mod tool;

pub(crate) use packages::unavailable;
pub(crate) use tool::{capture, limited};

pub(crate) const COMMAND: Command = Command {
    name: "dc",
    usage: "up|down|status [--address IP] [--smb-port N] [--reset] [--option 'NAME = VALUE']…",
    about:
        "Starts or stops a Samba domain controller under target/dc/ADDRESS, on a loopback address
(127.0.0.21, or GPO_DC_ADDRESS). It is provisioned once; --reset goes back to that state.
Each --option is a line of smb.conf's [global]; `up` with other ones restarts it. Its ports
for LDAP and Kerberos are fixed, so that two of them need two addresses. `status` and `up`
print the variables that the live tests take, and a first command. Needs Linux, root, and Debian's packages,
which it names where they are missing; with GPO_CI_INSTALL=1 it installs them.",
    run,
};

/// The realm of the domain; in small letters its DNS name.
pub(crate) const REALM: &str = "GPO.TEST";
/// The NetBIOS name of the domain.
pub(crate) const DOMAIN: &str = "GPO";
/// The copy of the state that live tests start from.
const KEPT: &str = "kept";
/// The name of the controller.
const HOST: &str = "dc1";

fn run(arguments: &[String]) -> Result {
    let Some((action, rest)) = arguments.split_first() else {
        return Err("up, down or status?".into());
    };
    let settings = Settings::parse(rest)?;
    let controller = Controller::new(&settings);
    match action.as_str() {
        "up" => {
            if let Some(why) = unavailable()? {
                return Err(format!("SKIPPED: no domain controller can run here: {why}").into());
            }
            controller.up(settings.reset)?;
            println!("up\n{}", controller.environment());
        }
        "down" => println!(
            "{}",
            if controller.down()? {
                "stopped"
            } else {
                "was not running"
            }
        ),
        "status" if controller.is_running()? => println!("up\n{}", controller.environment()),
        "status" => println!("down"),
        other => return Err(format!("up, down or status, not {other:?}").into()),
    }
    Ok(())
}

/// What the command line says about a controller.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    address: Ipv4Addr,
    smb_port: u16,
    reset: bool,
    options: Vec<String>,
}

impl Settings {
    pub(crate) fn parse(arguments: &[String]) -> Result<Self> {
        // Not 127.0.0.1, for which provisioning makes no address record in DNS.
        let address = env::var("GPO_DC_ADDRESS").unwrap_or_else(|_| "127.0.0.21".into());
        let mut settings = Self {
            address: loopback(&address)?,
            smb_port: 445,
            reset: false,
            options: Vec::new(),
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--address" => settings.address = loopback(value()?)?,
                "--smb-port" => settings.smb_port = value()?.parse()?,
                "--option" => settings.options.push(value()?.clone()),
                "--reset" => settings.reset = true,
                _ => return Err(format!("unexpected argument {argument:?}").into()),
            }
        }
        Ok(settings)
    }
}

fn loopback(text: &str) -> Result<Ipv4Addr> {
    let address: Ipv4Addr = text
        .parse()
        .map_err(|_| format!("{text:?} is no IPv4 address"))?;
    if !address.is_loopback() {
        return Err(
            format!("{address} can be reached from elsewhere; use one of 127.0.0.0/8").into(),
        );
    }
    Ok(address)
}

/// A domain controller and where it is kept.
pub(crate) struct Controller {
    folder: PathBuf,
    address: Ipv4Addr,
    smb_port: u16,
    options: Vec<String>,
}

impl Controller {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            folder: root().join("target/dc").join(settings.address.to_string()),
            address: settings.address,
            smb_port: settings.smb_port,
            options: settings.options.clone(),
        }
    }

    /// Has it run, with these options; provisions it where that was not done yet.
    pub(crate) fn up(&self, reset: bool) -> Result {
        let _lock = self.lock()?;
        let same_options = fs::read_to_string(self.smb_conf()).ok() == Some(self.smb_conf_text());
        if same_options && !reset && self.is_running()? {
            return self.wait_until_ready();
        }
        self.stop()?;
        self.check_ports()?;
        self.prepare_state(reset)?;
        self.start()
    }

    /// Stops it; whether it was running.
    pub(crate) fn down(&self) -> Result<bool> {
        let _lock = self.lock()?;
        self.stop()
    }

    /// Keeps a copy of the state as it is now, to [`go_back`](Self::go_back) to.
    pub(crate) fn keep(&self) -> Result {
        let _lock = self.lock()?;
        self.stop()?;
        self.copy_state(KEPT)?;
        self.start()
    }

    /// Goes back to the state that was kept.
    pub(crate) fn go_back(&self) -> Result {
        let _lock = self.lock()?;
        self.stop()?;
        self.take_copy(KEPT)?;
        self.start()
    }

    /// Keeps two runs from starting or stopping it at once.
    fn lock(&self) -> Result<File> {
        fs::create_dir_all(&self.folder)?;
        let lock = File::create(self.folder.join("lock"))?;
        lock.lock()?;
        Ok(lock)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// What Samba keeps.
    pub(crate) fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    /// Where all of it is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file with the password of every account that tests use; no line end.
    pub(crate) fn password_file(&self) -> PathBuf {
        self.folder.join("password")
    }

    /// The certificate of the authority that signed the controller's.
    pub(crate) fn ca(&self) -> PathBuf {
        self.state().join("tls/ca.pem")
    }

    /// For Samba's own clients: the names of the domain, and the controller as their host.
    pub(crate) fn client_conf(&self) -> PathBuf {
        self.folder.join("client.conf")
    }

    /// For Samba's own clients: the administrator's name and password.
    pub(crate) fn credentials_file(&self) -> PathBuf {
        self.folder.join("administrator")
    }

    /// What live tests are told, as names and values.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let path = |path: PathBuf| path.to_string_lossy().into_owned();
        vec![
            ("GPO_LIVE_HOST", self.address.to_string()),
            ("GPO_LIVE_REALM", REALM.to_owned()),
            (
                "GPO_LIVE_USER",
                format!("Administrator@{}", REALM.to_lowercase()),
            ),
            ("GPO_LIVE_PASSWORD_FILE", path(self.password_file())),
            ("GPO_LIVE_CA", path(self.ca())),
            ("GPO_LIVE_SMB_PORT", self.smb_port.to_string()),
            ("GPO_LIVE_DC", path(self.folder.clone())),
            ("KRB5_CONFIG", path(self.folder.join("krb5.conf"))),
        ]
    }

    /// The same as lines for a shell, with what can be done then.
    fn environment(&self) -> String {
        let lines = self.variables().into_iter();
        let lines = lines.map(|(name, value)| format!("export {name}='{value}'"));
        let first = "# gpo gpos --from ldaps://$GPO_LIVE_HOST --smb-port $GPO_LIVE_SMB_PORT \
             --user $GPO_LIVE_USER --password-file $GPO_LIVE_PASSWORD_FILE --ca-file $GPO_LIVE_CA";
        let lines = lines.chain([first.to_owned()]);
        lines.collect::<Vec<_>>().join("\n")
    }
}
