//! What is wrong with a file of which something can be saved.

use core::ops::Range;

use crate::error::Error;

/// A place where a file is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// What is wrong.
    pub error: Error,
    /// The bytes of the file that were skipped; empty where nothing was lost in spite of the error.
    pub skipped: Range<usize>,
}
