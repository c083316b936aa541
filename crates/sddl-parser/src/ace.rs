//! Access control entries.

use alloc::vec::Vec;

use crate::access_mask::AccessMask;
use crate::ace_ref::{AceRef, HEADER_SIZE, INHERITED_OBJECT_TYPE_PRESENT, OBJECT_TYPE_PRESENT};
use crate::ace_type::AceType;
use crate::error::{Error, ErrorKind, Part};
use crate::guid::Guid;
use crate::sid::Sid;

bitflags::bitflags! {
    /// Inheritance and audit flags of an ACE ([MS-DTYP] 2.4.4.1).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct AceFlags: u8 {
        /// `OI`: files and other leaves inherit it.
        const OBJECT_INHERIT = 0x01;
        /// `CI`: folders and other containers inherit it.
        const CONTAINER_INHERIT = 0x02;
        /// `NP`: what is inherited is not inherited further.
        const NO_PROPAGATE_INHERIT = 0x04;
        /// `IO`: does not apply to the object itself.
        const INHERIT_ONLY = 0x08;
        /// `ID`: was inherited.
        const INHERITED = 0x10;
        /// `CR`: critical; of an access filter ACE.
        const CRITICAL = 0x20;
        /// `SA`: audit success. In an access filter ACE the same bit is `TP`, trust-protected.
        const SUCCESSFUL_ACCESS = 0x40;
        /// `FA`: audit failure.
        const FAILED_ACCESS = 0x80;
    }
}

/// The two GUIDs of an object ACE ([MS-DTYP] 2.4.4.3). Each of them may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ObjectTypes {
    /// The property, property set, child class, extended right or validated write it is about;
    /// everything when there is none.
    pub object_type: Option<Guid>,
    /// The class of objects that inherit the ACE; every class when there is none.
    pub inherited_object_type: Option<Guid>,
    /// Bits of the flags field without a meaning, kept.
    pub(crate) other_flags: u32,
}

impl ObjectTypes {
    /// These two.
    pub const fn new(object_type: Option<Guid>, inherited_object_type: Option<Guid>) -> Self {
        Self {
            object_type,
            inherited_object_type,
            other_flags: 0,
        }
    }

    fn size(self) -> usize {
        let guid = |guid: Option<Guid>| if guid.is_some() { 16 } else { 0 };
        4 + guid(self.object_type) + guid(self.inherited_object_type)
    }

    fn write_bytes(self, out: &mut Vec<u8>) {
        let flag = |guid: Option<Guid>, flag| if guid.is_some() { flag } else { 0 };
        let flags = self.other_flags
            | flag(self.object_type, OBJECT_TYPE_PRESENT)
            | flag(self.inherited_object_type, INHERITED_OBJECT_TYPE_PRESENT);
        out.extend_from_slice(&flags.to_le_bytes());
        for guid in [self.object_type, self.inherited_object_type]
            .into_iter()
            .flatten()
        {
            out.extend_from_slice(&guid.to_bytes());
        }
    }
}

/// An access control entry of any type ([MS-DTYP] 2.4.4).
///
/// Where the type is one that Windows defines, the ACE has a mask, a SID and what follows the SID
/// ([`data`](Self::data)); object types have [`ObjectTypes`] besides. The content of an ACE of any
/// other type is kept as bytes. An ACE is never larger than 65,535 bytes.
///
/// ```
/// use sddl_parser::{AccessMask, Ace, AceFlags, Sid};
///
/// let ace = Ace::allow(AccessMask::FILE_READ, "S-1-5-11".parse()?)
///     .with_flags(AceFlags::OBJECT_INHERIT | AceFlags::CONTAINER_INHERIT);
/// assert_eq!(ace.to_bytes()[..8], [0, 3, 20, 0, 0x89, 0, 0x12, 0]);
/// # Ok::<(), sddl_parser::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ace {
    kind: AceType,
    flags: AceFlags,
    body: Body,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Body {
    Trustee {
        mask: AccessMask,
        // Some exactly if the type is an object type.
        object_types: Option<ObjectTypes>,
        sid: Sid,
        data: Vec<u8>,
    },
    Unknown(Vec<u8>),
}

/// The size field has 16 bits.
const MAX_SIZE: usize = 0xffff;

impl Ace {
    /// An ACE of any type that Windows defines, without flags, object types and data; `None` for
    /// another type and for the reserved compound type.
    pub fn new(ace_type: AceType, mask: AccessMask, sid: Sid) -> Option<Self> {
        ace_type
            .has_trustee()
            .then(|| Self::trustee(ace_type, mask, sid))
    }

    /// As [`new`](Self::new), of a type that is known to have a trustee.
    fn trustee(ace_type: AceType, mask: AccessMask, sid: Sid) -> Self {
        let object_types = ace_type.is_object().then(ObjectTypes::default);
        let body = Body::Trustee {
            mask,
            object_types,
            sid,
            data: Vec::new(),
        };
        Self {
            kind: ace_type,
            flags: AceFlags::empty(),
            body,
        }
    }

    /// Gives `mask` to `sid`.
    pub fn allow(mask: AccessMask, sid: Sid) -> Self {
        Self::trustee(AceType::ACCESS_ALLOWED, mask, sid)
    }

    /// Denies `mask` to `sid`.
    pub fn deny(mask: AccessMask, sid: Sid) -> Self {
        Self::trustee(AceType::ACCESS_DENIED, mask, sid)
    }

    /// Gives `mask` on what the GUIDs name to `sid`.
    pub fn allow_object(mask: AccessMask, object_types: ObjectTypes, sid: Sid) -> Self {
        Self::trustee(AceType::ACCESS_ALLOWED_OBJECT, mask, sid).with_object_types(object_types)
    }

    /// An ACE of a type that Windows does not define, or the reserved compound type, with the
    /// bytes that follow the header.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] for a type whose layout is known, [`ErrorKind::TooLarge`].
    pub fn unknown(ace_type: AceType, body: Vec<u8>) -> Result<Self, Error> {
        if ace_type.has_trustee() {
            let kind = ErrorKind::Malformed("an ACE type without a known layout");
            return Err(Error::new(kind, Part::Ace));
        }
        let ace = Self {
            kind: ace_type,
            flags: AceFlags::empty(),
            body: Body::Unknown(body),
        };
        ace.check_size()
    }

    /// With these flags.
    #[must_use]
    pub fn with_flags(mut self, flags: AceFlags) -> Self {
        self.flags = flags;
        self
    }

    /// With these object types. An ACE of a type that has none stays as it is.
    #[must_use]
    pub fn with_object_types(mut self, types: ObjectTypes) -> Self {
        if let Body::Trustee {
            object_types: Some(object_types),
            ..
        } = &mut self.body
        {
            *object_types = types;
        }
        self
    }

    /// With this mask. An ACE of an unknown type stays as it is.
    #[must_use]
    pub fn with_mask(mut self, new: AccessMask) -> Self {
        if let Body::Trustee { mask, .. } = &mut self.body {
            *mask = new;
        }
        self
    }

    /// With this SID. An ACE of an unknown type stays as it is.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] when the data leaves no room for a longer SID.
    pub fn with_sid(mut self, new: Sid) -> Result<Self, Error> {
        if let Body::Trustee { sid, .. } = &mut self.body {
            *sid = new;
        }
        self.check_size()
    }

    /// With these bytes behind the SID. An ACE of an unknown type stays as it is.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] when they do not fit.
    pub fn with_data(mut self, new: Vec<u8>) -> Result<Self, Error> {
        if let Body::Trustee { data, .. } = &mut self.body {
            *data = new;
        }
        self.check_size()
    }

    fn check_size(self) -> Result<Self, Error> {
        match self.size() {
            0..=MAX_SIZE => Ok(self),
            size => Err(Error::new(ErrorKind::TooLarge(size), Part::Ace)),
        }
    }

    /// The type.
    pub fn ace_type(&self) -> AceType {
        self.kind
    }

    /// The flags.
    pub fn flags(&self) -> AceFlags {
        self.flags
    }

    /// The rights; `None` for an unknown type.
    pub fn mask(&self) -> Option<AccessMask> {
        match &self.body {
            Body::Trustee { mask, .. } => Some(*mask),
            Body::Unknown(_) => None,
        }
    }

    /// Whom it is about; `None` for an unknown type.
    pub fn sid(&self) -> Option<&Sid> {
        match &self.body {
            Body::Trustee { sid, .. } => Some(sid),
            Body::Unknown(_) => None,
        }
    }

    /// The GUIDs; `None` unless the type [is an object type](AceType::is_object).
    pub fn object_types(&self) -> Option<ObjectTypes> {
        match &self.body {
            Body::Trustee { object_types, .. } => *object_types,
            Body::Unknown(_) => None,
        }
    }

    /// The object type, when there is one.
    pub fn object_type(&self) -> Option<Guid> {
        self.object_types().and_then(|types| types.object_type)
    }

    /// What follows the SID: a condition, a claim, or bytes without a meaning. Of an unknown type,
    /// all that follows the header.
    pub fn data(&self) -> &[u8] {
        match &self.body {
            Body::Trustee { data, .. } | Body::Unknown(data) => data,
        }
    }

    /// Size of the binary form in bytes, at most 65,535.
    pub fn size(&self) -> usize {
        HEADER_SIZE
            + match &self.body {
                Body::Trustee {
                    object_types,
                    sid,
                    data,
                    ..
                } => 4 + object_types.map_or(0, ObjectTypes::size) + sid.size() + data.len(),
                Body::Unknown(data) => data.len(),
            }
    }

    /// Reads one ACE that fills `bytes`.
    ///
    /// # Errors
    /// As [`AceRef::from_prefix`]; also bytes that follow the ACE.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let ace = AceRef::from_prefix(bytes)?;
        if ace.as_bytes().len() == bytes.len() {
            Ok(ace.to_ace())
        } else {
            Err(Error::at(
                ErrorKind::BadSize(ace.as_bytes().len()),
                Part::Ace,
                2,
            ))
        }
    }

    /// The binary form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.size());
        self.write_bytes(&mut bytes);
        bytes
    }

    pub(crate) fn write_bytes(&self, out: &mut Vec<u8>) {
        // Every way to make an ACE checks that its size fits.
        let size = u16::try_from(self.size()).unwrap_or(u16::MAX).to_le_bytes();
        out.extend_from_slice(&[self.kind.0, self.flags.bits()]);
        out.extend_from_slice(&size);
        match &self.body {
            Body::Trustee {
                mask,
                object_types,
                sid,
                data,
            } => {
                out.extend_from_slice(&mask.bits().to_le_bytes());
                if let Some(types) = object_types {
                    types.write_bytes(out);
                }
                sid.write_bytes(out);
                out.extend_from_slice(data);
            }
            Body::Unknown(data) => out.extend_from_slice(data),
        }
    }
}

impl AceRef<'_> {
    /// A copy that stands on its own.
    pub fn to_ace(&self) -> Ace {
        let data = self.data().to_vec();
        let body = match (self.mask(), self.sid()) {
            (Some(mask), Some(sid)) => Body::Trustee {
                mask,
                object_types: self.object_types(),
                sid: sid.to_sid(),
                data,
            },
            _ => Body::Unknown(data),
        };
        Ace {
            kind: self.ace_type(),
            flags: self.flags(),
            body,
        }
    }
}
