//! The program, run as its users run it, on copies of the small domain in `testdata/`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

mod admx;
mod audit;
mod backup;
mod bad_input;
mod change;
mod check;
mod delete;
mod diff;
mod export;
mod gpos;
mod gpp;
mod help;
#[cfg(unix)]
mod hostile;
mod import;
mod inf;
mod json_schema;
#[cfg(unix)]
mod killed;
mod list;
mod migtable;
mod pol;
mod processes;
mod references;
mod repack;
mod report;
mod run;
mod scripts;
mod sddl;
mod show;
mod verify;
mod wmi;
mod wrong_file;
