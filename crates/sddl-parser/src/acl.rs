//! Access control lists.

use alloc::vec::Vec;

use crate::ace::Ace;
use crate::acl_ref::{AclRef, HEADER_SIZE};
use crate::error::{Error, ErrorKind, Part};

/// An access control list ([MS-DTYP] 2.4.5), at most 65,535 bytes.
///
/// An empty list gives nobody any right; see
/// [`SecurityDescriptor::has_null_dacl`](crate::SecurityDescriptor::has_null_dacl) for none at all.
///
/// ```
/// use sddl_parser::{AccessMask, Ace, Acl, Sid};
///
/// let everyone: Sid = "S-1-1-0".parse()?;
/// let acl = Acl::new(vec![Ace::allow(AccessMask::GENERIC_READ, everyone)]);
/// assert_eq!(acl.to_bytes()?.len(), 8 + 20);
/// assert_eq!(Acl::from_bytes(&acl.to_bytes()?)?, acl);
/// # Ok::<(), sddl_parser::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Acl {
    /// 2; 4 with object ACEs; 3 was for the compound type.
    pub revision: u8,
    /// The entries, in the order in which they are tried.
    pub aces: Vec<Ace>,
    /// Bytes between the last ACE and the end, which Windows makes for reasons of its own.
    pub slack: Vec<u8>,
    // Reserved fields, kept.
    reserved1: u8,
    reserved2: u16,
}

impl Acl {
    /// A list of these, with the revision that they need.
    pub fn new(aces: Vec<Ace>) -> Self {
        let mut acl = Self {
            revision: 2,
            aces,
            slack: Vec::new(),
            reserved1: 0,
            reserved2: 0,
        };
        acl.revision = acl.needed_revision();
        acl
    }

    /// The lowest revision for these ACEs: 4 with object ACEs, 2 without.
    pub fn needed_revision(&self) -> u8 {
        if self.aces.iter().any(|ace| ace.ace_type().is_object()) {
            4
        } else {
            2
        }
    }

    /// Adds an ACE at the end and raises the revision where it needs that.
    pub fn push(&mut self, ace: Ace) {
        self.aces.push(ace);
        self.revision = self.revision.max(self.needed_revision());
    }

    /// Size of the binary form in bytes.
    pub fn size(&self) -> usize {
        HEADER_SIZE + self.aces.iter().map(Ace::size).sum::<usize>() + self.slack.len()
    }

    /// Reads one ACL that fills `bytes`.
    ///
    /// # Errors
    /// As [`AclRef::from_prefix`]; also bytes that follow the ACL.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let acl = AclRef::from_prefix(bytes)?;
        if acl.as_bytes().len() == bytes.len() {
            Ok(acl.to_acl())
        } else {
            Err(Error::at(
                ErrorKind::BadSize(acl.as_bytes().len()),
                Part::Dacl,
                2,
            ))
        }
    }

    /// The binary form.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] above 65,535 bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::with_capacity(self.size());
        self.write_bytes(&mut bytes, Part::Dacl)?;
        Ok(bytes)
    }

    pub(crate) fn write_bytes(&self, out: &mut Vec<u8>, part: Part) -> Result<(), Error> {
        let too_large = || Error::new(ErrorKind::TooLarge(self.size()), part);
        let size = u16::try_from(self.size()).map_err(|_| too_large())?;
        let count = u16::try_from(self.aces.len()).map_err(|_| too_large())?;
        out.extend_from_slice(&[self.revision, self.reserved1]);
        for field in [size, count, self.reserved2] {
            out.extend_from_slice(&field.to_le_bytes());
        }
        for ace in &self.aces {
            ace.write_bytes(out);
        }
        out.extend_from_slice(&self.slack);
        Ok(())
    }
}

impl AclRef<'_> {
    /// A copy that stands on its own.
    pub fn to_acl(&self) -> Acl {
        let mut aces = Vec::with_capacity(self.len());
        aces.extend(self.aces().map(|ace| ace.to_ace()));
        Acl {
            revision: self.revision(),
            aces,
            slack: self.slack().to_vec(),
            reserved1: self.reserved1(),
            reserved2: self.reserved2(),
        }
    }
}
