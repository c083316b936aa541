//! Security descriptors as text: the Security Descriptor Definition Language ([MS-DTYP] 2.5.1).

pub(crate) mod cursor;
pub(crate) mod reader;
mod writer;
