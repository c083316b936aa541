//! Templates, read from a tree in memory and from a real central store.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;
mod loading;
mod states;
mod why_not;
mod windows_reports;
mod windows_templates;
