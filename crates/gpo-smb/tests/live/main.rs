//! Against a real server: a domain controller named by `GPO_LIVE_HOST`, `GPO_LIVE_REALM`,
//! `GPO_LIVE_USER`, `GPO_LIVE_PASSWORD_FILE`, and `GPO_LIVE_SMB_PORT` where it is not 445. Without
//! these every test says SKIPPED.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod faults;
mod log_on;
mod proxy;
mod reading;
mod server;
mod writing;
