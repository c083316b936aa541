//! What a side-car keeps of a security descriptor: all but the DACL, which is in Backup.xml.

use std::vec::Vec;

use sddl_parser::{Control, Error, SecurityDescriptor};

use super::Sidecar;

/// The control flags that say how a SACL came about.
const SACL_FLAGS: Control = Control::SACL_PROTECTED.union(Control::SACL_AUTO_INHERITED);

impl Sidecar {
    /// Keeps what the descriptor of a container has beside its DACL: owner, group and SACL.
    ///
    /// # Errors
    ///
    /// Where the bytes are no descriptor; then nothing is kept.
    pub fn keep_descriptor(&mut self, whole: &[u8]) -> Result<(), Error> {
        let mut descriptor = SecurityDescriptor::from_bytes(whole)?;
        let (owner, group) = (descriptor.owner().copied(), descriptor.group().copied());
        let sacl = if descriptor.sacl().is_some() {
            descriptor.set_owner(None);
            descriptor.set_group(None);
            descriptor.set_dacl(None);
            descriptor.use_windows_layout();
            Some(descriptor.to_bytes()?)
        } else {
            None
        };
        (self.owner, self.group, self.sacl) = (owner, group, sacl);
        Ok(())
    }

    /// The descriptor of Backup.xml, which is cut to its DACL, with what was kept of it here.
    ///
    /// What was not kept stays as Backup.xml has it, and so does a descriptor that cannot be read.
    ///
    /// ```
    /// use gpo_core::Sidecar;
    /// use sddl_parser::{SddlContext, SecurityDescriptor};
    ///
    /// let context = SddlContext::new();
    /// let bytes = |sddl: &str| SecurityDescriptor::from_sddl(sddl, &context)?.to_bytes();
    /// let whole = bytes("O:BAG:SYD:(A;;GA;;;BA)S:P(AU;SAFA;GA;;;WD)")?;
    /// let mut sidecar = Sidecar::new("gpo 1.0");
    /// sidecar.keep_descriptor(&whole)?;
    /// assert_eq!(sidecar.whole_descriptor(&bytes("D:(A;;GA;;;BA)")?), whole);
    /// # Ok::<(), sddl_parser::Error>(())
    /// ```
    #[must_use]
    pub fn whole_descriptor(&self, cut: &[u8]) -> Vec<u8> {
        let merged = || {
            let mut whole = SecurityDescriptor::from_bytes(cut).ok()?;
            if let Some(owner) = self.owner {
                whole.set_owner(Some(owner));
            }
            if let Some(group) = self.group {
                whole.set_group(Some(group));
            }
            let kept = self.sacl.as_deref().map(SecurityDescriptor::from_bytes);
            if let Some(Ok(kept)) = kept {
                whole.set_sacl(kept.sacl().cloned());
                let others = whole.control() - SACL_FLAGS;
                whole.set_control(others | (kept.control() & SACL_FLAGS));
            }
            whole.use_windows_layout();
            whole.to_bytes().ok()
        };
        merged().unwrap_or_else(|| cut.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sddl_parser::SddlContext;

    fn bytes(sddl: &str) -> Vec<u8> {
        let descriptor = SecurityDescriptor::from_sddl(sddl, &SddlContext::new()).unwrap();
        descriptor.to_bytes().unwrap()
    }

    #[test]
    fn what_was_kept_comes_back() {
        for (whole, cut) in [
            ("O:BAG:SYD:P(A;;GA;;;BA)", "D:P(A;;GA;;;BA)"),
            ("D:(A;;GA;;;BA)S:(AU;SAFA;GA;;;WD)", "D:(A;;GA;;;BA)"),
            (
                "O:BAD:AI(A;;GA;;;BA)S:PAI(AU;SAFA;GA;;;WD)",
                "D:AI(A;;GA;;;BA)",
            ),
            ("G:SYD:S:P", "D:"),
            ("D:(A;;GA;;;BA)", "D:(A;;GA;;;BA)"),
        ] {
            let mut sidecar = Sidecar::new("t");
            sidecar.keep_descriptor(&bytes(whole)).unwrap();
            assert_eq!(
                sidecar.whole_descriptor(&bytes(cut)),
                bytes(whole),
                "{whole}"
            );
        }
    }

    #[test]
    fn what_was_not_kept_stays() {
        let own = bytes("O:BAG:SYD:(A;;GA;;;BA)");
        let mut sidecar = Sidecar::new("t");
        assert_eq!(sidecar.whole_descriptor(&own), own);
        sidecar.sacl = Some(b"no descriptor".to_vec());
        sidecar.group = Some("S-1-5-32-545".parse().unwrap());
        assert_eq!(
            sidecar.whole_descriptor(&own),
            bytes("O:BAG:BUD:(A;;GA;;;BA)")
        );
        assert_eq!(sidecar.whole_descriptor(b"?"), b"?");
        assert!(sidecar.keep_descriptor(b"?").is_err());
        assert!(sidecar.group.is_some());
    }
}
