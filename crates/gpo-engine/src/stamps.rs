//! Where the time and the IDs of new backups come from.

use std::time::{SystemTime, UNIX_EPOCH};

use gpo_core::{BackupId, BackupTime, Guid};

/// The clock and the source of IDs. Parameters, so that the same input gives the same bytes.
#[derive(Clone, Copy)]
pub struct Stamps<'a> {
    /// What time it is.
    pub now: &'a (dyn Fn() -> BackupTime + Sync),
    /// An ID that nothing else has.
    pub new_id: &'a (dyn Fn() -> BackupId + Sync),
}

impl Stamps<'static> {
    /// The clock of the system, and random IDs.
    pub fn system() -> Self {
        Self {
            now: &now,
            new_id: &new_id,
        }
    }
}

fn now() -> BackupTime {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let seconds = i64::try_from(since_epoch.as_secs()).unwrap_or_default();
    // A clock beyond the year 9999 is wrong in any case.
    BackupTime::from_unix_seconds(seconds).unwrap_or(BackupTime::EPOCH)
}

fn new_id() -> BackupId {
    BackupId::new(Guid::new(uuid::Uuid::new_v4()))
}
