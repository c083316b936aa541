//! Control flags of a descriptor.

bitflags::bitflags! {
    /// The control flags of a security descriptor ([MS-DTYP] 2.4.6).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct Control: u16 {
        /// The owner was set by default.
        const OWNER_DEFAULTED = 0x0001;
        /// The group was set by default.
        const GROUP_DEFAULTED = 0x0002;
        /// There is a DACL, perhaps a null one.
        const DACL_PRESENT = 0x0004;
        /// The DACL was set by default.
        const DACL_DEFAULTED = 0x0008;
        /// There is a SACL, perhaps a null one.
        const SACL_PRESENT = 0x0010;
        /// The SACL was set by default.
        const SACL_DEFAULTED = 0x0020;
        /// The DACL comes from a trusted source (`DT` in [MS-DTYP]).
        const DACL_TRUSTED = 0x0040;
        /// The server makes the DACL anew when it inherits.
        const SERVER_SECURITY = 0x0080;
        /// `AR`: the DACL's children are to inherit.
        const DACL_AUTO_INHERIT_REQ = 0x0100;
        /// `AR` of the SACL.
        const SACL_AUTO_INHERIT_REQ = 0x0200;
        /// `AI`: the DACL was made by inheritance.
        const DACL_AUTO_INHERITED = 0x0400;
        /// `AI` of the SACL.
        const SACL_AUTO_INHERITED = 0x0800;
        /// `P`: the DACL inherits nothing.
        const DACL_PROTECTED = 0x1000;
        /// `P` of the SACL.
        const SACL_PROTECTED = 0x2000;
        /// The resource manager's byte is valid.
        const RM_CONTROL_VALID = 0x4000;
        /// The parts are found by offsets: always set here.
        const SELF_RELATIVE = 0x8000;
    }
}
