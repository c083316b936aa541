//! `gPLink`: the GPOs that are linked to a domain, an organizational unit or a site.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use bitflags::bitflags;

use crate::dn::{Dn, rdn_value};
use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::guid::GpoId;

bitflags! {
    /// The options of a link ([MS-GPOL] 2.2.2). Bits without a name are kept.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct GpLinkOptions: u32 {
        /// The link is not applied.
        const DISABLED = 1;
        /// The link cannot be overridden.
        const ENFORCED = 2;
        const _ = !0;
    }
}

/// The value of `gPLink` ([MS-GPOL] 2.2.2): `[LDAP://CN={GUID},CN=Policies,…;0][LDAP://…;2]`.
///
/// The last link is applied last and wins; GPMC shows it first. What is no link of a GPO keeps its
/// place and its text, and counts as a place, so that the others keep theirs.
///
/// ```
/// use gpo_core::{GpLink, GpLinkOptions, GpoId};
///
/// let id: GpoId = "{6AC1786C-016F-11D2-945F-00C04FB984F9}".parse()?;
/// let mut links = GpLink::from_text("[LDAP://cn={6ac1786c-016f-11d2-945f-00c04fb984f9},dc=x; 2][x]");
/// assert_eq!(links.get(id), Some((0, GpLinkOptions::ENFORCED)));
/// assert_eq!(links.len(), 2);
/// links.set_options(id, GpLinkOptions::DISABLED);
/// assert_eq!(links.to_string(), "[LDAP://cn={6ac1786c-016f-11d2-945f-00c04fb984f9},dc=x;1][x]");
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GpLink {
    /// What stands before the first link: a blank, where a tool cleared the attribute.
    before: String,
    places: Vec<Place>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Link(Link),
    /// With its brackets, and what follows them.
    Other(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Link {
    id: GpoId,
    /// `LDAP://` and the distinguished name, as they stand.
    path: String,
    options: GpLinkOptions,
    /// The options as they stand, where that is not the plain number.
    unusual_options: Option<String>,
    /// What stands behind the bracket; nothing as a rule.
    after: String,
}

impl GpLink {
    /// Reads the value of the attribute; the empty text where there is none.
    pub fn from_text(text: &str) -> Self {
        let mut pieces = text.split('[');
        let before = pieces.next().unwrap_or_default().into();
        let place = |piece: &str| match link(piece) {
            Some(link) => Place::Link(link),
            None => Place::Other(format!("[{piece}")),
        };
        let places = pieces.map(place).collect();
        Self { before, places }
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether nothing is linked.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The links of GPOs: place from 0, GPO, options.
    pub fn iter(&self) -> impl Iterator<Item = (usize, GpoId, GpLinkOptions)> {
        let places = self.places.iter().enumerate();
        places.filter_map(|(n, place)| match place {
            Place::Link(link) => Some((n, link.id, link.options)),
            Place::Other(_) => None,
        })
    }

    /// The place and the options of a GPO's link, of the first where there are several.
    pub fn get(&self, id: GpoId) -> Option<(usize, GpLinkOptions)> {
        let mut links = self.iter();
        links.find_map(|(n, other, options)| (other == id).then_some((n, options)))
    }

    /// Links a GPO, the container with this distinguished name, at a place; what stands there and
    /// behind it moves on. A place behind the end is the end.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] where the name is not that of a GPO's container, or cannot stand
    /// in the attribute; [`ErrorKind::Value`] where the GPO is linked already.
    pub fn insert(&mut self, place: usize, dn: &str, options: GpLinkOptions) -> Result<()> {
        let written = format!("LDAP://{dn};{}]", options.bits());
        let new = link(&written).filter(|link| link.after.is_empty() && !dn.contains('['));
        let Some(new) = new else {
            let message = format!("{} is no name that can be linked", Quoted::new(dn));
            return Err(Error::new(ErrorKind::Unwritable, message));
        };
        if self.get(new.id).is_some() {
            let message = format!("the GPO {} is linked already", new.id);
            return Err(Error::new(ErrorKind::Value, message));
        }
        if self.places.is_empty() && self.before.trim().is_empty() {
            self.before.clear();
        }
        let place = place.min(self.places.len());
        self.places.insert(place, Place::Link(new));
        Ok(())
    }

    /// Moves the link of a GPO to a place, counted without it; says whether there is one. A place
    /// behind the end is the end.
    pub fn move_to(&mut self, id: GpoId, place: usize) -> bool {
        let Some((now, _)) = self.get(id) else {
            return false;
        };
        let link = self.places.remove(now);
        let place = place.min(self.places.len());
        self.places.insert(place, link);
        true
    }

    /// The place, counted without it, at which the link of a GPO stands among those of others as it
    /// does in `model`: behind all that it stands behind there, else before all that it stands
    /// before, else at its place there. Where it stands rightly already, that place. None where
    /// `model` has no link of the GPO.
    ///
    /// ```
    /// use gpo_core::{GpLink, GpoId};
    ///
    /// let link = |n: u8| format!("[LDAP://CN={{00000000-0000-0000-0000-00000000000{n}}},DC=x;0]");
    /// let before = GpLink::from_text(&[link(1), link(2), link(3)].concat());
    /// let id: GpoId = "{00000000-0000-0000-0000-000000000002}".parse()?;
    /// for (now, place) in [([1, 3], 1), ([3, 1], 2), ([4, 3], 1), ([4, 5], 1)] {
    ///     let now = GpLink::from_text(&now.map(link).concat());
    ///     assert_eq!(now.place_like(id, &before), Some(place), "{now}");
    /// }
    /// # Ok::<(), gpo_core::Error>(())
    /// ```
    pub fn place_like(&self, id: GpoId, model: &Self) -> Option<usize> {
        let (there, _) = model.get(id)?;
        let now = self.get(id).map(|(place, _)| place);
        let others = |place: usize| place - usize::from(now.is_some_and(|own| own < place));
        let (mut behind, mut before) = (None, None);
        for (place, other, _) in self.iter().filter(|(_, other, _)| *other != id) {
            match model.get(other) {
                Some((n, _)) if n < there => behind = Some(others(place) + 1),
                Some(_) if before.is_none() => before = Some(others(place)),
                _ => {}
            }
        }
        let (first, last) = (behind.unwrap_or(0), before.unwrap_or(usize::MAX));
        let rightly = now.filter(|now| (first..=last).contains(now));
        rightly.or(behind).or(before).or(Some(there))
    }

    /// Takes out the links of a GPO; says whether there was one.
    pub fn remove(&mut self, id: GpoId) -> bool {
        let before = self.places.len();
        self.places
            .retain(|place| !matches!(place, Place::Link(link) if link.id == id));
        self.places.len() < before
    }

    /// Gives the link of a GPO other options; says whether there is one. The options that it has
    /// change nothing.
    pub fn set_options(&mut self, id: GpoId, options: GpLinkOptions) -> bool {
        for place in &mut self.places {
            let Place::Link(link) = place else { continue };
            if link.id == id {
                if link.options != options {
                    link.options = options;
                    link.unusual_options = None;
                }
                return true;
            }
        }
        false
    }
}

/// The link in what follows an opening bracket.
fn link(piece: &str) -> Option<Link> {
    let (inner, after) = piece.split_once(']')?;
    let (path, spelled) = inner.rsplit_once(';')?;
    let (scheme, dn) = path.split_at_checked("LDAP://".len())?;
    if !scheme.eq_ignore_ascii_case("LDAP://") {
        return None;
    }
    let id = gpo_id_of_dn(Dn::new(dn))?;
    let options: u32 = spelled.trim().parse().ok()?;
    Some(Link {
        id,
        path: path.into(),
        options: GpLinkOptions::from_bits_retain(options),
        unusual_options: (options.to_string() != spelled).then(|| spelled.into()),
        after: after.into(),
    })
}

/// The ID that the `CN` of a GPO's container is; none for what is no GPO's container.
pub fn gpo_id_of_dn(dn: Dn<'_>) -> Option<GpoId> {
    rdn_value(dn.rdn(), "CN")?.parse().ok()
}

impl fmt::Display for GpLink {
    /// Writes the value of the attribute.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.before)?;
        for place in &self.places {
            match place {
                Place::Other(text) => f.write_str(text)?,
                Place::Link(link) => {
                    write!(f, "[{};", link.path)?;
                    match &link.unusual_options {
                        Some(spelled) => f.write_str(spelled)?,
                        None => write!(f, "{}", link.options.bits())?,
                    }
                    write!(f, "]{}", link.after)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guid::Guid;
    use alloc::vec;
    use proptest::prelude::*;

    const A: &str = "CN={00000000-0000-0000-0000-00000000000A},CN=Policies,CN=System,DC=x";
    const B: &str = "cn={00000000-0000-0000-0000-00000000000b},cn=policies,cn=system,DC=x";

    fn id(n: u128) -> GpoId {
        GpoId::new(Guid::from_u128(n))
    }

    #[test]
    fn links_have_places_and_options() {
        let text = format!("[LDAP://{A};0][LDAP://CN=x;0][ldap://{B};3]");
        let links = GpLink::from_text(&text);
        let both = GpLinkOptions::DISABLED | GpLinkOptions::ENFORCED;
        let expected = [(0, id(10), GpLinkOptions::empty()), (2, id(11), both)];
        assert_eq!(links.iter().collect::<Vec<_>>(), expected);
        assert_eq!((links.len(), links.is_empty()), (3, false));
        assert!(GpLink::from_text(" ").is_empty());
    }

    #[test]
    fn links_are_put_in_taken_out_and_changed() {
        let mut links = GpLink::from_text(" ");
        links.insert(9, A, GpLinkOptions::ENFORCED).unwrap();
        links.insert(0, B, GpLinkOptions::empty()).unwrap();
        let both = format!("[LDAP://{B};0][LDAP://{A};2]");
        assert_eq!(links.to_string(), both);
        let again = links.insert(0, A, GpLinkOptions::empty()).unwrap_err();
        assert_eq!(again.kind(), ErrorKind::Value);
        assert!(links.set_options(id(11), GpLinkOptions::DISABLED));
        assert!(links.remove(id(10)) && !links.remove(id(10)));
        assert!(!links.set_options(id(10), GpLinkOptions::DISABLED));
        assert_eq!(links.to_string(), format!("[LDAP://{B};1]"));
    }

    #[test]
    fn names_that_would_break_the_attribute_are_refused() {
        let evil = vec![
            format!("{A};0][LDAP://{B}"),
            format!("{A}]"),
            format!("{A}["),
            "OU=x".into(),
            String::new(),
        ];
        for dn in evil {
            let mut links = GpLink::default();
            let error = links.insert(0, &dn, GpLinkOptions::empty()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unwritable, "{dn}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_written_back(text in "( |\\[|\\]|;|0|2|LDAP://|CN=\\{00000000-0000-0000-0000-00000000000A\\}|,|x){0,20}") {
            let mut links = GpLink::from_text(&text);
            prop_assert_eq!(links.to_string(), text.clone());
            if let Some((_, options)) = links.get(id(10)) {
                links.set_options(id(10), options);
                prop_assert_eq!(links.to_string(), text);
            }
        }
    }
}
