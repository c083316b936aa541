//! The program against a real domain controller, beside the server's own tools. `cargo xtask live`
//! starts one, fills it, and says where it is; without that every test says SKIPPED.
//!
//! Each test puts back what it changes. They run one after another: some stop the server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

mod backed_up;
mod backup;
mod change;
mod check;
mod conformance;
mod connecting;
mod faults;
#[cfg(feature = "gssapi")]
mod kerberos;
mod relay;
mod restore;
mod rights;
mod server;
