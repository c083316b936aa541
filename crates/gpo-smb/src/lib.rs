//! The SYSVOL of an Active Directory domain over SMB, as a source and a target of Group Policy
//! objects.
//!
//! [`SmbSysvol`] is one connection to one controller. Its calls block; the requests behind them
//! run on a thread of their own, many at a time, so that it can be called and dropped anywhere,
//! inside an asynchronous runtime, too.
//!
//! ```no_run
//! use gpo_core::Contents;
//! use gpo_smb::{Login, SmbSettings, SmbSysvol};
//!
//! let login = Login::Ntlm {
//!     domain: "EXAMPLE".into(),
//!     user: "backup".into(),
//!     password: "…".into(),
//! };
//! let sysvol = SmbSysvol::connect(SmbSettings::new("dc1.example.test", "example.test", login))?;
//! sysvol.walk(&"Policies".parse()?, &mut |entry| {
//!     println!("{}", entry?.path);
//!     Ok(())
//! })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it holds to
//!
//! * The server is the one that the caller named. DFS referrals are not followed, and nothing that
//!   a server or a directory says leads to another one.
//! * Every answer is signed or encrypted. A guest session is refused.
//! * Every request has a time limit. Where the connection breaks, what only reads is repeated once
//!   on a new one; what writes is never repeated.
//! * Names and sizes that the server gives are hostile: a name that no
//!   [`GpoPath`](gpo_core::GpoPath) holds, and a link, is an error at that entry.
//! * A tree is replaced file by file: each is whole before the first gets its name, GPT.INI gets
//!   its name last, and an error in between says what was written and what was not.
//!
//! # Limits
//!
//! SMB 2.0.2 to 3.1.1, encrypted where the server wants it; tested against Samba 4.17. A link in the
//! middle of a path that a caller names is followed by the server, which does not tell; one that a
//! walk meets is not. Tickets are read from files only. A read holds at most 64 kB for each small
//! file under way, and 2 MB of a large one.

mod connection;
mod descriptor;
mod failure;
mod in_flight;
mod listing;
mod lock;
mod login;
mod negotiation;
mod new_tree;
mod open;
mod propagate;
mod read_file;
mod replace_tree;
mod runtime;
mod settings;
mod sysvol;
mod temporary_name;
mod tree_removal;
mod walk;
mod write;

pub use login::Login;
pub use settings::SmbSettings;
pub use sysvol::SmbSysvol;

// The README's example runs with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
