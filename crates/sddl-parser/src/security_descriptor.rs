//! Security descriptors that can be edited.

use alloc::vec::Vec;

use crate::acl::Acl;
use crate::control::Control;
use crate::error::{Error, ErrorKind, Part};
use crate::security_descriptor_ref::{
    DACL, GROUP, HEADER_SIZE, OWNER, SACL, SecurityDescriptorRef,
};
use crate::sid::Sid;

/// A security descriptor ([MS-DTYP] 2.4.6): owner, group, DACL, SACL and control flags.
///
/// What was read is written back the same, to the byte: the order of the parts and what stands
/// between them is kept until [`use_windows_layout`](Self::use_windows_layout) is called. A
/// descriptor that was built is written as Windows does: SACL, DACL, owner, group.
///
/// ```
/// use sddl_parser::{AccessMask, Ace, Acl, SddlContext, SecurityDescriptor};
///
/// let context = SddlContext::new();
/// let mut descriptor = SecurityDescriptor::from_sddl("O:BAG:SYD:P(A;;FA;;;SY)", &context)?;
/// let users = "S-1-5-32-545".parse()?;
/// descriptor.dacl_mut().unwrap().push(Ace::allow(AccessMask::FILE_READ, users));
/// assert_eq!(descriptor.to_sddl(&context)?, "O:BAG:SYD:P(A;;FA;;;SY)(A;;FR;;;BU)");
///
/// let bytes = descriptor.to_bytes()?;
/// assert_eq!(SecurityDescriptor::from_bytes(&bytes)?, descriptor);
/// # Ok::<(), sddl_parser::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecurityDescriptor {
    control: Control,
    resource_manager_control: u8,
    owner: Option<Sid>,
    group: Option<Sid>,
    // Kept even where the control flags deny that they are there.
    sacl: Option<Acl>,
    dacl: Option<Acl>,
    layout: Layout,
}

/// In which order the parts stand, and the bytes between them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Layout {
    /// Each part once, with the bytes in front of it.
    parts: [(Part, Vec<u8>); 4],
    trailing: Vec<u8>,
}

impl Default for Layout {
    fn default() -> Self {
        let parts = [Part::Sacl, Part::Dacl, Part::Owner, Part::Group];
        Self {
            parts: parts.map(|part| (part, Vec::new())),
            trailing: Vec::new(),
        }
    }
}

impl Layout {
    fn of(descriptor: &SecurityDescriptorRef<'_>) -> Self {
        let mut layout = Self::default();
        let places = descriptor.places();
        let start = |part| {
            let place = places.iter().find(|place| place.part == part);
            place
                .filter(|place| !place.is_missing())
                .map_or(usize::MAX, |place| place.start)
        };
        // Stable: missing parts stay behind the others in Windows' order.
        layout.parts.sort_by_key(|&(part, _)| start(part));
        let mut end = HEADER_SIZE;
        for (part, gap) in &mut layout.parts {
            let place = places.iter().find(|place| place.part == *part);
            if let Some(place) = place.filter(|place| !place.is_missing()) {
                *gap = descriptor
                    .as_bytes()
                    .get(end..place.start)
                    .unwrap_or_default()
                    .to_vec();
                end = place.end;
            }
        }
        layout.trailing = descriptor
            .as_bytes()
            .get(end..)
            .unwrap_or_default()
            .to_vec();
        let windows = Self::default();
        let rank = |part| windows.parts.iter().position(|&(other, _)| other == part);
        let present = layout
            .parts
            .iter()
            .filter(|&&(part, _)| start(part) != usize::MAX);
        let no_gap =
            layout.trailing.is_empty() && layout.parts.iter().all(|(_, gap)| gap.is_empty());
        if no_gap && present.is_sorted_by_key(|&(part, _)| rank(part)) {
            // A part that is added later goes where Windows would put it.
            return windows;
        }
        layout
    }
}

impl Default for SecurityDescriptor {
    fn default() -> Self {
        Self::new()
    }
}

impl SecurityDescriptor {
    /// A descriptor without owner, group, DACL and SACL.
    pub fn new() -> Self {
        Self {
            control: Control::SELF_RELATIVE,
            resource_manager_control: 0,
            owner: None,
            group: None,
            sacl: None,
            dacl: None,
            layout: Layout::default(),
        }
    }

    /// Reads a descriptor in self-relative form.
    ///
    /// # Errors
    /// As [`SecurityDescriptorRef::from_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        SecurityDescriptorRef::from_bytes(bytes).map(|descriptor| descriptor.to_descriptor())
    }

    /// The self-relative form.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] for an ACL of more than 65,535 bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::with_capacity(self.size());
        bytes.extend_from_slice(&[1, self.resource_manager_control]);
        bytes.extend_from_slice(&self.control.bits().to_le_bytes());
        bytes.resize(HEADER_SIZE, 0);
        for (part, gap) in &self.layout.parts {
            if !self.has(*part) {
                continue;
            }
            bytes.extend_from_slice(gap);
            let start = bytes.len();
            let field = match part {
                Part::Owner => OWNER,
                Part::Group => GROUP,
                Part::Sacl => SACL,
                _ => DACL,
            };
            self.write_part(*part, &mut bytes)?;
            let offset = u32::try_from(start)
                .map_err(|_| Error::new(ErrorKind::TooLarge(start), Part::Header))?;
            if let Some(to) = bytes.get_mut(field..).and_then(<[u8]>::first_chunk_mut) {
                *to = offset.to_le_bytes();
            }
        }
        bytes.extend_from_slice(&self.layout.trailing);
        Ok(bytes)
    }

    fn has(&self, part: Part) -> bool {
        match part {
            Part::Owner => self.owner.is_some(),
            Part::Group => self.group.is_some(),
            Part::Sacl => self.sacl.is_some(),
            _ => self.dacl.is_some(),
        }
    }

    fn write_part(&self, part: Part, out: &mut Vec<u8>) -> Result<(), Error> {
        let acl = match part {
            Part::Owner | Part::Group => {
                let sid = if part == Part::Owner {
                    &self.owner
                } else {
                    &self.group
                };
                if let Some(sid) = sid {
                    sid.write_bytes(out);
                }
                return Ok(());
            }
            Part::Sacl => &self.sacl,
            _ => &self.dacl,
        };
        acl.as_ref()
            .map_or(Ok(()), |acl| acl.write_bytes(out, part))
    }

    /// Size of the self-relative form in bytes.
    pub fn size(&self) -> usize {
        let sid = |sid: &Option<Sid>| sid.as_ref().map_or(0, Sid::size);
        let acl = |acl: &Option<Acl>| acl.as_ref().map_or(0, Acl::size);
        let gaps = self.layout.parts.iter().filter(|(part, _)| self.has(*part));
        HEADER_SIZE
            + sid(&self.owner)
            + sid(&self.group)
            + acl(&self.sacl)
            + acl(&self.dacl)
            + gaps.map(|(_, gap)| gap.len()).sum::<usize>()
            + self.layout.trailing.len()
    }

    /// Forgets the order of the parts and what stood between them: from now on the descriptor is
    /// written as Windows does.
    pub fn use_windows_layout(&mut self) {
        self.layout = Layout::default();
    }

    /// The control flags.
    pub fn control(&self) -> Control {
        self.control
    }

    /// Sets the control flags. `SELF_RELATIVE` stays set whatever is given.
    pub fn set_control(&mut self, control: Control) {
        self.control = control | Control::SELF_RELATIVE;
    }

    /// The resource manager's byte (`Sbz1`).
    pub fn resource_manager_control(&self) -> u8 {
        self.resource_manager_control
    }

    /// Sets the resource manager's byte.
    pub fn set_resource_manager_control(&mut self, value: u8) {
        self.resource_manager_control = value;
    }

    /// The owner.
    pub fn owner(&self) -> Option<&Sid> {
        self.owner.as_ref()
    }

    /// Sets or removes the owner.
    pub fn set_owner(&mut self, owner: Option<Sid>) {
        self.owner = owner;
    }

    /// The primary group.
    pub fn group(&self) -> Option<&Sid> {
        self.group.as_ref()
    }

    /// Sets or removes the primary group.
    pub fn set_group(&mut self, group: Option<Sid>) {
        self.group = group;
    }

    /// The DACL; `None` when there is none and when it is null.
    pub fn dacl(&self) -> Option<&Acl> {
        self.dacl
            .as_ref()
            .filter(|_| self.control.contains(Control::DACL_PRESENT))
    }

    /// The DACL to edit; `None` when there is none and when it is null.
    pub fn dacl_mut(&mut self) -> Option<&mut Acl> {
        self.dacl
            .as_mut()
            .filter(|_| self.control.contains(Control::DACL_PRESENT))
    }

    /// Puts a DACL in place, or removes it. The flags about its inheritance stay.
    pub fn set_dacl(&mut self, dacl: Option<Acl>) {
        self.control.set(Control::DACL_PRESENT, dacl.is_some());
        self.dacl = dacl;
    }

    /// Whether there is a DACL, but a null one: everybody has every right.
    pub fn has_null_dacl(&self) -> bool {
        self.control.contains(Control::DACL_PRESENT) && self.dacl.is_none()
    }

    /// Makes the DACL a null one: everybody has every right.
    pub fn set_null_dacl(&mut self) {
        self.set_dacl(None);
        self.control |= Control::DACL_PRESENT;
    }

    /// The SACL; `None` when there is none and when it is null.
    pub fn sacl(&self) -> Option<&Acl> {
        self.sacl
            .as_ref()
            .filter(|_| self.control.contains(Control::SACL_PRESENT))
    }

    /// The SACL to edit; `None` when there is none and when it is null.
    pub fn sacl_mut(&mut self) -> Option<&mut Acl> {
        self.sacl
            .as_mut()
            .filter(|_| self.control.contains(Control::SACL_PRESENT))
    }

    /// Puts a SACL in place, or removes it. The flags about its inheritance stay.
    pub fn set_sacl(&mut self, sacl: Option<Acl>) {
        self.control.set(Control::SACL_PRESENT, sacl.is_some());
        self.sacl = sacl;
    }
}

impl SecurityDescriptorRef<'_> {
    /// A copy that stands on its own.
    pub fn to_descriptor(&self) -> SecurityDescriptor {
        SecurityDescriptor {
            control: self.control(),
            resource_manager_control: self.resource_manager_control(),
            owner: self.owner().map(|sid| sid.to_sid()),
            group: self.group().map(|sid| sid.to_sid()),
            sacl: self.stored_sacl().map(|acl| acl.to_acl()),
            dacl: self.stored_dacl().map(|acl| acl.to_acl()),
            layout: Layout::of(self),
        }
    }
}
