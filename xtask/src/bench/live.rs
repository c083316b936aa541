//! `cargo xtask bench live`: backing up a real domain, against the server's own tools.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::domain::{FILES, write_gpo};
use super::inputs::Numbers;
use super::process::{self, Usage};
use super::table::{Table, megabytes};
use super::{build_ours, build_peer};
use crate::dc::{Controller, DOMAIN, REALM, Settings, capture, unavailable};
use crate::{Result, root};

mod many;

const NEAR: &str = "A domain of 50 GPOs, on loopback";
const FAR: &str = "The same domain, 20 ms away";

const GPOS: usize = 50;
/// How often each contender runs on loopback, in turns.
const ROUNDS: usize = 5;
const ROUNDS_OF_SLOW: usize = 1;
const ROUND_TRIP: Duration = Duration::from_millis(20);
/// Of contenders with one request at a time only so many GPOs are measured with a delay, and the time
/// is multiplied.
const FEW_GPOS: usize = 5;

/// What is read is written here, where there is such a place, so that the disk decides nothing.
const MEMORY: &str = "/dev/shm";

/// Where the relay listens, and the ports that the contenders need: LDAP, SMB, LDAPS.
const FAR_ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 9, 20);
const PORTS: &[u16] = &[389, 445, 636];

/// What is measured, each part by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Near,
    Far,
    Many,
}

impl Part {
    pub(super) const ALL: [Self; 3] = [Self::Near, Self::Far, Self::Many];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Near => "near",
            Self::Far => "far",
            Self::Many => "many",
        }
    }
}

/// The tables of these parts, or why they cannot be made.
pub(super) fn tables(
    parts: &[Part],
    settings: &Settings,
) -> Result<std::result::Result<Vec<Table>, String>> {
    if let Some(why) = unavailable()? {
        return Ok(Err(why));
    }
    let controller = Controller::new(settings);
    let was_running = controller.is_running()?;
    controller.up(!was_running)?;
    let scratch = root().join("target/bench/live");
    fs::create_dir_all(&scratch)?;
    let tables = parts
        .iter()
        .map(|part| match part {
            Part::Near => Bench::prepare(&controller, &scratch)?.near(),
            Part::Far => Bench::prepare(&controller, &scratch)?.far(),
            // Last, because a backup would be one of all these.
            Part::Many => many::table(&controller, &scratch),
        })
        .collect();
    if !was_running {
        controller.down()?;
    }
    let tables: Result<Vec<Table>> = tables;
    tables.map(Ok)
}

/// Who backs up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Contender {
    Gpo,
    Smb2,
    Libsmb,
    Mget,
    SambaTool,
}

impl Contender {
    const ALL: [Self; 5] = [
        Self::Gpo,
        Self::Smb2,
        Self::Libsmb,
        Self::Mget,
        Self::SambaTool,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Gpo => "`gpo backup --all`, 16 files in flight for each of 8 GPOs",
            Self::Smb2 => "smb2 0.39 alone, 16 in flight, reading and keeping nothing",
            Self::Libsmb => "libsmb for Python, reading and keeping nothing",
            Self::Mget => "`smbclient`, mget of Policies",
            Self::SambaTool => "`samba-tool gpo backup`, once for each GPO",
        }
    }
}

struct Bench<'a> {
    controller: &'a Controller,
    /// The GPOs that were made for this.
    ids: Vec<String>,
    scratch: PathBuf,
    gpo: PathBuf,
    smb2: PathBuf,
}

impl<'a> Bench<'a> {
    fn prepare(controller: &'a Controller, scratch: &Path) -> Result<Self> {
        if many::are_there(controller) {
            let why = "this domain has 10,000 GPOs already: `dc up --reset` makes a new one";
            return Err(why.into());
        }
        Ok(Self {
            controller,
            ids: make_gpos(controller, scratch)?,
            gpo: build_ours("gpo-cli", "gpo")?,
            smb2: build_peer("smb2")?,
            scratch: scratch.to_path_buf(),
        })
    }

    fn near(&self) -> Result<Table> {
        let mut best = vec![None; Contender::ALL.len()];
        for round in 0..ROUNDS {
            for (contender, best) in Contender::ALL.iter().zip(&mut best) {
                // It takes minutes, and is far behind.
                if round >= ROUNDS_OF_SLOW && *contender == Contender::SambaTool {
                    continue;
                }
                let usage = self.measure(*contender, self.controller.address(), GPOS)?;
                if best.is_none_or(|best: Usage| usage.wall < best.wall) {
                    *best = Some(usage);
                }
            }
        }
        Ok(table(NEAR, &best))
    }

    fn far(&self) -> Result<Table> {
        super::delay::relay(FAR_ADDRESS, self.controller.address(), PORTS, ROUND_TRIP)?;
        let mut far = Vec::new();
        for contender in Contender::ALL {
            let gpos = match contender {
                Contender::Gpo | Contender::Smb2 => GPOS,
                _ => FEW_GPOS,
            };
            far.push(Some(self.measure(contender, FAR_ADDRESS, gpos)?));
        }
        Ok(table(FAR, &far))
    }

    /// Runs a contender for this many GPOs; the time is that for all of them.
    fn measure(&self, contender: Contender, host: Ipv4Addr, gpos: usize) -> Result<Usage> {
        eprintln!("{} ({host})", contender.label());
        let memory = Path::new(MEMORY);
        let target = if memory.is_dir() {
            memory.join("gpo-bench")
        } else {
            self.scratch.join("target")
        };
        if target.exists() {
            fs::remove_dir_all(&target)?;
        }
        fs::create_dir_all(&target)?;
        let mut total = Usage::default();
        for command in self.commands(contender, host, &target, gpos) {
            let (usage, _) = process::run(&command, &self.scratch)?;
            total.wall += usage.wall;
            total.cpu += usage.cpu;
            total.peak = total.peak.max(usage.peak);
        }
        fs::remove_dir_all(&target)?;
        let times = u32::try_from(GPOS / gpos)?;
        total.wall *= times;
        total.cpu *= times;
        Ok(total)
    }

    /// The folders of so many GPOs, or the one of all.
    fn folders(&self, gpos: usize) -> Vec<String> {
        let policies = format!("{}\\Policies", REALM.to_lowercase());
        if gpos == GPOS {
            return vec![policies];
        }
        let ids = self.ids.iter().take(gpos);
        ids.map(|id| format!("{policies}\\{id}")).collect()
    }

    fn commands(
        &self,
        contender: Contender,
        host: Ipv4Addr,
        target: &Path,
        gpos: usize,
    ) -> Vec<Command> {
        let password = self.controller.password_file();
        let conf = self.controller.client_conf();
        match contender {
            Contender::Gpo => {
                let mut backup = Command::new(&self.gpo);
                backup
                    .args(["backup", "--all", "--quiet"])
                    // The relay has an address that the certificate does not name.
                    .arg("--no-certificate-check")
                    .args(["--from", &format!("ldaps://{host}")])
                    .args(["--user", &format!("Administrator@{}", REALM.to_lowercase())])
                    .arg("--password-file")
                    .arg(password)
                    .arg("--to")
                    .arg(target);
                vec![backup]
            }
            Contender::Smb2 => {
                let mut read = Command::new(&self.smb2);
                read.arg(format!("{host}:445"))
                    .args([DOMAIN, "Administrator"])
                    .arg(password)
                    .args([&format!("{}/Policies", REALM.to_lowercase()), "16"]);
                vec![read]
            }
            Contender::Libsmb => {
                let mut read = Command::new("/usr/bin/python3");
                read.arg(root().join("benches/peers/libsmb.py"))
                    .arg(conf)
                    .arg(host.to_string())
                    .arg(password)
                    .args(self.folders(gpos));
                vec![read]
            }
            Contender::Mget => {
                let folders = self.folders(gpos);
                let get = |folder: &String| format!("; cd \"\\{folder}\"; mget *");
                let get: String = folders.iter().map(get).collect();
                let target = target.display();
                let commands = format!("prompt off; recurse on; lcd \"{target}\"{get}");
                let mut mget = Command::new("smbclient");
                mget.arg(format!("//{host}/sysvol"))
                    .arg(format!("--configfile={}", conf.display()))
                    .arg("--authentication-file")
                    .arg(self.controller.credentials_file())
                    .arg(format!("--workgroup={DOMAIN}"))
                    .args(["--command", &commands]);
                vec![mget]
            }
            Contender::SambaTool => {
                let backup = |id: &String| {
                    let mut backup = Command::new("samba-tool");
                    backup
                        .args(["gpo", "backup", id])
                        .arg(format!("--configfile={}", conf.display()))
                        .args(["-H", &format!("ldap://{host}")])
                        .arg("--username=Administrator")
                        .arg(format!("--tmpdir={}", target.display()))
                        .env("PASSWD_FILE", &password);
                    backup
                };
                self.ids.iter().take(gpos).map(backup).collect()
            }
        }
    }
}

/// Makes the GPOs by the server's own tools, once.
fn make_gpos(controller: &Controller, scratch: &Path) -> Result<Vec<String>> {
    let list = controller.state().join("bench-gpos");
    if let Ok(ids) = fs::read_to_string(&list) {
        return Ok(ids.lines().map(str::to_owned).collect());
    }
    let files = scratch.join("files");
    let mut numbers = Numbers(7);
    let mut ids = Vec::new();
    for n in 0..GPOS {
        let id = controller.create_gpo(&format!("Policy {n}"))?;
        write_gpo(&files.join(&id), FILES, &mut numbers)?;
        ids.push(id);
    }
    let commands = format!(
        "prompt off; recurse on; lcd \"{}\"; cd \"{}\\Policies\"; mput *",
        files.display(),
        REALM.to_lowercase()
    );
    capture(&mut controller.smbclient(&commands))?;
    fs::remove_dir_all(files)?;
    fs::write(list, ids.join("\n"))?;
    Ok(ids)
}

fn table(title: &str, usages: &[Option<Usage>]) -> Table {
    let mut table = Table::new(title, &["", "time", "CPU", "peak memory", "compared"]);
    let ours = usages.first().copied().flatten().map(|usage| usage.wall);
    for (contender, usage) in Contender::ALL.iter().zip(usages) {
        let (Some(usage), Some(ours)) = (usage, ours) else {
            continue;
        };
        let compared = usage.wall.as_secs_f64() / ours.as_secs_f64();
        table.row(&[
            contender.label(),
            &format!("{:.2} s", usage.wall.as_secs_f64()),
            &format!("{:.2} s", usage.cpu.as_secs_f64()),
            &megabytes(usage.peak),
            &format!("{compared:.1} ×"),
        ]);
    }
    table
}
