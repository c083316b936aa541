//! Security descriptors as text: the Security Descriptor Definition Language ([MS-DTYP] 2.5.1).

mod claim_text;
mod condition_reader;
mod condition_writer;
mod cursor;
mod flags;
pub(crate) mod reader;
mod writer;
