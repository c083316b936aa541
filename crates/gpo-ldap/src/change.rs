//! Changes to objects of the directory.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gpo_core::SourceError;
use ldap3::Mod;
use ldap3::controls::RawControl;

use crate::connection::{Connection, Session};
use crate::failure::Failure;
use crate::search::DescriptorParts;

/// More names than this in a message help nobody.
const NAMED: usize = 10;

/// An attribute with the values that it shall have.
pub(crate) type Attribute = (String, Vec<Vec<u8>>);

/// An attribute of one value, or of none where the text is empty: the directory has no empty
/// strings.
pub(crate) fn text_attribute(name: &str, text: &str) -> Attribute {
    let value = Some(text.as_bytes().to_vec()).filter(|text| !text.is_empty());
    (name.to_owned(), value.into_iter().collect())
}

/// A change to one object, which the directory makes whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) dn: String,
    pub(crate) kind: ChangeKind,
    /// `nTSecurityDescriptor`: never one of the attributes, so that nothing but this sets it.
    pub(crate) descriptor: Option<Vec<u8>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    /// Make it, of this class.
    Add(String, Vec<Attribute>),
    /// Give these attributes these values; without any, take the attribute away.
    Replace(Vec<Attribute>),
    /// Remove it with all that is below it.
    Remove,
}

/// How far several changes are.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    made: usize,
    /// The next one was sent, and nobody knows what became of it.
    is_under_way: bool,
}

fn lock(progress: &Mutex<Progress>) -> MutexGuard<'_, Progress> {
    progress.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A failure on the way through several changes.
#[derive(Debug)]
pub(crate) struct Interrupted {
    pub(crate) error: SourceError,
    /// The changes that were made.
    pub(crate) made: usize,
    /// Nobody knows whether the next one was made, too.
    pub(crate) next_is_uncertain: bool,
}

impl Change {
    pub(crate) fn remove(dn: &str) -> Self {
        Self {
            dn: dn.to_owned(),
            kind: ChangeKind::Remove,
            descriptor: None,
        }
    }

    async fn make(self, session: &mut Session) -> Result<(), Failure> {
        let mut attributes = match self.kind {
            ChangeKind::Add(_, ref attributes) | ChangeKind::Replace(ref attributes) => attributes
                .iter()
                .map(|(name, values)| (name.clone().into_bytes(), set(values)))
                .collect(),
            ChangeKind::Remove => Vec::new(),
        };
        let mut controls = Vec::new();
        if let Some(descriptor) = self.descriptor {
            controls.push(parts_of(&descriptor).control());
            attributes.push((b"nTSecurityDescriptor".to_vec(), set(&[descriptor])));
        }
        let _turn = session.turn().await;
        let time_limit = session.time_limit;
        let ldap = session.ldap.with_timeout(time_limit);
        let result = match self.kind {
            ChangeKind::Add(class, _) => {
                attributes.push((b"objectClass".to_vec(), set(&[class.into_bytes()])));
                ldap.with_controls(controls).add(&self.dn, attributes).await
            }
            ChangeKind::Replace(_) => {
                let replace = |(name, values)| Mod::Replace(name, values);
                let attributes = attributes.into_iter().map(replace).collect();
                ldap.with_controls(controls)
                    .modify(&self.dn, attributes)
                    .await
            }
            ChangeKind::Remove => ldap.with_controls(tree_delete()).delete(&self.dn).await,
        };
        let result = result.and_then(ldap3::LdapResult::success);
        result.map_err(|error| Failure::new(&self.dn, error))?;
        Ok(())
    }
}

impl Connection {
    /// Makes changes one after the other, up to the first that fails.
    pub(crate) fn make(&self, changes: Vec<Change>) -> Result<(), Interrupted> {
        let names: Vec<String> = changes.iter().map(|change| change.dn.clone()).collect();
        // Outlives the work, which may end in a panic.
        let progress = Arc::new(Mutex::new(Progress::default()));
        let seen = Arc::clone(&progress);
        let result = self.once(|mut session| async move {
            for change in changes {
                lock(&seen).is_under_way = true;
                let result = change.make(&mut session).await;
                let mut progress = lock(&seen);
                progress.is_under_way = result.as_ref().is_err_and(|f| f.breaks_connection);
                result?;
                progress.made += 1;
            }
            Ok(())
        });
        let Progress { made, is_under_way } = *lock(&progress);
        result.map_err(|error| Interrupted {
            error: with_what_was_made(error, names.get(..made).unwrap_or_default()),
            made,
            next_is_uncertain: is_under_way,
        })
    }

    /// Makes one change.
    pub(crate) fn make_one(&self, change: Change) -> Result<(), SourceError> {
        self.make(vec![change])
            .map_err(|interrupted| interrupted.error)
    }
}

/// `LDAP_SERVER_TREE_DELETE_OID` ([MS-ADTS] 3.1.1.3.4.1.15).
fn tree_delete() -> RawControl {
    RawControl {
        ctype: "1.2.840.113556.1.4.805".into(),
        crit: true,
        val: None,
    }
}

fn set(values: &[Vec<u8>]) -> HashSet<Vec<u8>> {
    values.iter().cloned().collect()
}

/// The parts that a self-relative descriptor has ([MS-DTYP] 2.4.6): owner, group, and by the bits
/// of the control DACL (4) and SACL (0x10).
fn parts_of(descriptor: &[u8]) -> DescriptorParts {
    let [_, _, low, _, offsets @ ..] = descriptor else {
        return DescriptorParts(0);
    };
    let mut parts = 0;
    for (n, offset) in offsets.chunks(4).take(2).enumerate() {
        if offset.iter().any(|&byte| byte != 0) {
            parts |= 1 << n;
        }
    }
    if low & 0x04 != 0 {
        parts |= 4;
    }
    if low & 0x10 != 0 {
        parts |= 8;
    }
    DescriptorParts(parts)
}

fn with_what_was_made(error: SourceError, made: &[String]) -> SourceError {
    if made.is_empty() {
        return error;
    }
    let names = made.get(..NAMED).unwrap_or(made).join("; ");
    let more = match made.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!(
        "{}; before that these were changed: {names}{more}",
        error.message()
    );
    SourceError::new(error.kind(), error.object(), message)
}

#[cfg(test)]
mod tests {
    use gpo_core::SourceErrorKind;

    use super::*;

    #[test]
    fn the_parts_of_a_descriptor_are_those_that_it_has() {
        let descriptor = |low: u8, owner: u8, group: u8| {
            let mut bytes = vec![1, 0, low, 0x80];
            bytes.extend([owner, 0, 0, 0, group, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0]);
            bytes
        };
        for (bytes, parts) in [
            (descriptor(0x14, 20, 32), 15),
            (descriptor(0x04, 0, 0), 4),
            (descriptor(0x04, 20, 0), 5),
            (descriptor(0, 0, 32), 2),
            (vec![1], 0),
        ] {
            assert_eq!(parts_of(&bytes), DescriptorParts(parts), "{bytes:?}");
        }
    }

    #[test]
    fn an_error_says_what_was_made_before() {
        let error = || SourceError::new(SourceErrorKind::Denied, "CN=x", "no");
        assert_eq!(with_what_was_made(error(), &[]).message(), "no");
        let names: Vec<String> = (0..12).map(|n| format!("CN={n}")).collect();
        let told = with_what_was_made(error(), &names);
        assert_eq!(
            (told.kind(), told.object()),
            (SourceErrorKind::Denied, "CN=x")
        );
        assert!(told.message().ends_with("CN=9 and 2 more"), "{told}");
    }
}
