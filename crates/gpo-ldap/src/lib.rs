//! Group Policy objects in Active Directory, read and written over LDAP.
//!
//! [`LdapDirectory`] is the directory side of a domain, for the operations of gpo-engine. TLS
//! checks certificates, passwords go over nothing else, and every call has a time limit, unless
//! [`LdapSettings`] is told otherwise in words that say what they do. [`find_pdc_emulator`] finds
//! the controller of a domain that GPMC would use.
//!
//! ```no_run
//! use gpo_core::Directory;
//! use gpo_ldap::{Credentials, LdapDirectory, LdapSettings};
//!
//! # fn password() -> String { String::new() }
//! let credentials = Credentials::Password {
//!     user: "reader@example.test".into(),
//!     password: password().into(),
//! };
//! let directory = LdapDirectory::connect(LdapSettings::new("dc1.example.test"), credentials)?;
//! println!("{}", directory.domain()?.dns_name);
//! # Ok::<(), gpo_core::SourceError>(())
//! ```
//!
//! The feature `gssapi` adds Kerberos, with the library of the system.
//!
//! The LDAP library panics on answers that are no LDAP. Such a panic ends the call with an error
//! and not the program, unless that is built with `panic = "abort"`.

mod change;
mod connection;
mod container_changes;
mod containers;
mod directory_write;
mod failure;
mod filter;
mod ldap_directory;
mod link;
mod message;
mod naming;
mod pdc_emulator;
mod principals;
mod runtime;
mod search;
mod settings;
mod tls;

pub use ldap_directory::LdapDirectory;
pub use pdc_emulator::find_pdc_emulator;
pub use settings::{CertificateCheck, Credentials, LdapSettings, Transport};

// The README's example runs with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
