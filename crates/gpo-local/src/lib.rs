//! Sources and stores of Group Policy objects that need no network.
//!
//! * [`FolderDomain`]: a domain in a folder, an LDIF export and a copy of SYSVOL.
//! * [`BackupSetSource`]: the backups of a store as a domain to read from.
//! * [`FolderStore`]: a folder of backups, as GPMC keeps them, to read from and to write to.
//! * [`ZipStore`]: a zip archive with backups in it, to read from; [`open_store`] tells the two
//!   apart.
//! * [`FolderContents`]: the files below any folder.
//!
//! ```
//! use gpo_core::{BackupId, BackupStore, BackupStoreWrite, Guid};
//! use gpo_local::FolderStore;
//!
//! let folder = tempfile::tempdir()?;
//! let store = FolderStore::open(folder.path())?;
//! let mut backup = store.stage(BackupId::new(Guid::from_u128(0x602F_142B)))?;
//! backup.create_file(&"bkupInfo.xml".parse()?)?;
//! backup.append(b"<BackupInst/>")?;
//! assert!(store.backups()?.is_empty(), "nothing is visible before");
//! backup.commit()?;
//! assert_eq!(store.backups()?[0].name(), "{00000000-0000-0000-0000-0000602F142B}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod backup_set_source;
mod directory_edit;
mod directory_index;
mod directory_record;
mod folder_contents;
mod folder_domain;
mod folder_store;
mod folder_writer;
mod ldif;
mod lookup;
mod new_folder_domain;
mod open_store;
mod partial;
mod shared_file;
mod zip_directory;
mod zip_store;

pub use backup_set_source::BackupSetSource;
pub use folder_contents::FolderContents;
pub use folder_domain::FolderDomain;
pub use folder_store::FolderStore;
pub use ldif::{LdifDocument, LdifRecord};
pub use new_folder_domain::NewFolderDomain;
pub use open_store::open_store;
pub use zip_store::ZipStore;

// The README's example runs with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
