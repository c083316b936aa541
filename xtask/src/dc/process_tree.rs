//! Processes by their ID, as `/proc` shows them.

use std::ffi::OsString;
use std::fs;
use std::process::{Command as Process, Stdio};

use crate::Result;

/// A process. The time of its start tells it from a later one with the same ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ProcessId {
    id: u32,
    started: u64,
}

/// What `/proc/ID/stat` says.
struct Stat {
    parent: u32,
    zombie: bool,
    started: u64,
}

impl Stat {
    fn read(id: u32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name of the program is in parentheses and may hold some itself.
        let mut fields = text.rsplit_once(')')?.1.split_whitespace();
        let zombie = matches!(fields.next()?, "Z" | "X");
        let parent = fields.next()?.parse().ok()?;
        let started = fields.nth(17)?.parse().ok()?;
        Some(Self {
            parent,
            zombie,
            started,
        })
    }
}

fn all() -> Result<Vec<(u32, Stat)>> {
    let mut all = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        if let Some(id) = name.to_str().and_then(|name| name.parse().ok()) {
            all.extend(Stat::read(id).map(|stat| (id, stat)));
        }
    }
    Ok(all)
}

impl ProcessId {
    /// The process that runs exactly this command.
    pub(super) fn running(command: &[OsString]) -> Result<Option<Self>> {
        let mut line = Vec::new();
        for argument in command {
            line.extend_from_slice(argument.as_encoded_bytes());
            line.push(0);
        }
        let found = all()?
            .into_iter()
            .find(|(id, _)| fs::read(format!("/proc/{id}/cmdline")).is_ok_and(|c| c == line));
        Ok(found.map(|(id, stat)| Self {
            id,
            started: stat.started,
        }))
    }

    pub(super) fn is_alive(self) -> bool {
        Stat::read(self.id).is_some_and(|stat| stat.started == self.started && !stat.zombie)
    }

    /// The processes that it started, those that they started, and so on.
    pub(super) fn descendants(self) -> Result<Vec<Self>> {
        let all = all()?;
        let mut found = Vec::new();
        let mut above = vec![self.id];
        while let Some(parent) = above.pop() {
            for (id, stat) in all.iter().filter(|(_, stat)| stat.parent == parent) {
                above.push(*id);
                found.push(Self {
                    id: *id,
                    started: stat.started,
                });
            }
        }
        Ok(found)
    }

    /// Sends a signal, by name. A process that is gone meanwhile is fine.
    pub(super) fn signal(self, name: &str) -> Result {
        if self.is_alive() {
            Process::new("kill")
                .args(["-s", name, &self.id.to_string()])
                .stderr(Stdio::null())
                .status()?;
        }
        Ok(())
    }
}
