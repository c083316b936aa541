//! Starting and stopping the server.

use std::ffi::OsString;
use std::fs::File;
use std::net::TcpListener;
use std::process::{Command as Process, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::process_tree::ProcessId;
use super::provision::INSIDE;
use super::{Controller, capture};
use crate::Result;

/// How long the server may take until it answers, or until it has ended.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);

impl Controller {
    /// The command that holds the namespaces. Its end is that of the server.
    fn command(&self) -> Vec<OsString> {
        let mut command = vec!["unshare".into()];
        command.extend(self.namespaces());
        command.extend(["samba".into(), "--foreground".into()]);
        command.push(format!("--configfile={INSIDE}/etc/smb.conf").into());
        command
    }

    /// Its process. It is known by its command, in which the folder of the state stands: so it is
    /// found even if that folder was deleted, and no other Samba is taken for it.
    fn process(&self) -> Result<Option<ProcessId>> {
        ProcessId::running(&self.command())
    }

    pub(crate) fn is_running(&self) -> Result<bool> {
        Ok(self.process()?.is_some())
    }

    /// Whether every port is free that the server takes; else the test for its being ready would
    /// greet a server of somebody else.
    pub(super) fn check_ports(&self) -> Result {
        for port in [53, 88, 135, 389, 464, 636, 3268, 3269, self.smb_port] {
            if let Err(error) = TcpListener::bind((self.address, port)) {
                return Err(format!(
                    "{}:{port} cannot be used, another server may listen there ({error}); \
                     choose another address with --address or GPO_DC_ADDRESS",
                    self.address
                )
                .into());
            }
        }
        Ok(())
    }

    pub(super) fn start(&self) -> Result {
        self.write_configuration()?;
        let log = File::create(self.state().join("log/stdout"))?;
        // In a session of its own: it outlives this program and its terminal.
        let mut process = Process::new("setsid")
            .args(self.command())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        // `setsid` becomes the command.
        while process.try_wait()?.is_none() && !self.is_running()? {
            sleep(PAUSE);
        }
        self.wait_until_ready()
    }

    pub(super) fn wait_until_ready(&self) -> Result {
        let start = Instant::now();
        loop {
            let ldap = capture(&mut self.ldap("ldapsearch", &["-s", "base", "-b", ""]));
            let Err(not_ready) = ldap.and_then(|_| capture(&mut self.smbclient("ls"))) else {
                return Ok(());
            };
            if !self.is_running()? {
                let log = self.state().join("log");
                return Err(format!("the server ended; see {}", log.display()).into());
            }
            if start.elapsed() > PATIENCE {
                return Err(format!("the server does not answer: {not_ready}").into());
            }
            sleep(PAUSE);
        }
    }

    /// Stops it; whether it was running.
    pub(super) fn stop(&self) -> Result<bool> {
        let Some(supervisor) = self.process()? else {
            return Ok(false);
        };
        // All of them, before any ends: some are in sessions of their own.
        let mut processes = supervisor.descendants()?;
        // Samba itself is the first of them; it ends the others. `unshare` would not pass it on.
        if let Some(samba) = processes.first() {
            samba.signal("TERM")?;
        }
        processes.push(supervisor);
        let start = Instant::now();
        while processes.iter().any(|process| process.is_alive()) {
            if start.elapsed() > PATIENCE / 6 {
                for process in &processes {
                    process.signal("KILL")?;
                }
            }
            if start.elapsed() > PATIENCE {
                return Err("the server does not end".into());
            }
            sleep(PAUSE);
        }
        Ok(true)
    }
}
