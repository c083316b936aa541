//! Group Policy objects.
#![no_std]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod error;
mod extension_list;
mod gpt_ini;
mod guid;
mod inf;
mod path;
mod text;
mod wmi_filter_link;

pub use error::{Error, ErrorKind, Position, Quoted, Result};
pub use extension_list::{ExtensionGroup, ExtensionList};
pub use gpt_ini::{GpoVersion, GptIni};
pub use guid::{BackupId, DomainId, GpoId, Guid, WmiFilterId};
pub use inf::{InfDocument, InfEntry, InfItem, InfLine, InfSection};
pub use path::{GpoPath, compare_names, fold_name, same_name};
pub use text::{Encoding, LineEnd, Text, TextLine, lines};
pub use wmi_filter_link::WmiFilterLink;
