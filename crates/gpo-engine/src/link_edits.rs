//! Changing the links of a GPO.

use gpo_core::{
    Directory, Dn, GpLink, GpLinkOptions, GpoId, SidecarLink, Som, SourceError, SourceErrorKind,
};

use crate::plan::SomChange;

/// The links of one GPO that an operation changes, and what they are linked to.
#[derive(Clone, Debug)]
pub(crate) struct LinkEdits {
    id: GpoId,
    /// The distinguished name of its container, as GPMC writes it into links.
    dn: String,
    soms: Vec<SomChange>,
}

/// What a SOM is to be again after a change to the link of a GPO: as it was, but with what others have
/// linked there meanwhile.
pub(crate) fn rolled_back(
    id: GpoId,
    domain_dn: &str,
    before: &Som,
    now: &Som,
) -> Result<Som, SourceError> {
    let others = |som: &Som| {
        let mut links = GpLink::from_text(&som.links);
        links.remove(id);
        // An empty attribute is often a blank.
        links.to_string().trim().to_owned()
    };
    if others(before) == others(now) {
        return Ok(before.clone());
    }
    let was = GpLink::from_text(&before.links);
    let mut links = GpLink::from_text(&now.links);
    match (was.get(id), links.place_like(id, &was)) {
        (Some((_, options)), Some(place)) => {
            if !links.set_options(id, options) {
                let dn = LinkEdits::new(id, domain_dn).dn;
                let inserted = links.insert(place, &dn, options);
                inserted.map_err(|e| SourceError::invalid(before.dn.as_str(), e))?;
            }
            links.move_to(id, place);
        }
        _ => {
            links.remove(id);
        }
    }
    Ok(Som {
        links: links.to_string(),
        ..now.clone()
    })
}

/// Whether the link of a GPO is the same in both, wherever it stands among those of others.
pub(crate) fn is_same_link(id: GpoId, a: &Som, b: &Som) -> bool {
    let own = |som: &Som| {
        GpLink::from_text(&som.links)
            .get(id)
            .map(|(_, options)| options)
    };
    own(a) == own(b) && a.block_inheritance == b.block_inheritance
}

impl LinkEdits {
    pub(crate) fn new(id: GpoId, domain_dn: &str) -> Self {
        Self {
            id,
            dn: format!("cn={id},cn=policies,cn=system,{domain_dn}"),
            soms: Vec::new(),
        }
    }

    /// What changes.
    pub(crate) fn changes(&self) -> Vec<SomChange> {
        let mut changes = self.soms.clone();
        changes.retain(|change| change.before != change.after);
        changes
    }

    /// Links the GPO at a place; by default at the first, where every other link wins, as in GPMC.
    pub(crate) fn add(
        &mut self,
        directory: &dyn Directory,
        som: &str,
        options: GpLinkOptions,
        place: usize,
    ) -> Result<(), SourceError> {
        let dn = self.dn.clone();
        self.edit(directory, som, |links| {
            let inserted = links.insert(place, &dn, options);
            inserted.map_err(|e| SourceError::invalid(som, e))
        })
    }

    /// Takes the link away.
    pub(crate) fn remove(
        &mut self,
        directory: &dyn Directory,
        som: &str,
    ) -> Result<(), SourceError> {
        let id = self.id;
        self.edit(directory, som, |links| {
            links
                .remove(id)
                .then_some(())
                .ok_or_else(|| not_linked(som))
        })
    }

    /// Gives the link other options, and another place.
    pub(crate) fn change(
        &mut self,
        directory: &dyn Directory,
        som: &str,
        change: impl FnOnce(GpLinkOptions) -> GpLinkOptions,
        place: Option<usize>,
    ) -> Result<(), SourceError> {
        let id = self.id;
        self.edit(directory, som, |links| {
            let (_, options) = links.get(id).ok_or_else(|| not_linked(som))?;
            links.set_options(id, change(options));
            if let Some(place) = place {
                links.move_to(id, place);
            }
            Ok(())
        })
    }

    /// Puts links back that a side-car holds; says what could not be done, and what else changes.
    /// Links that it does not hold stay.
    pub(crate) fn restore(
        &mut self,
        directory: &dyn Directory,
        links: &[SidecarLink],
        warn: &mut dyn FnMut(String),
    ) -> Result<(), SourceError> {
        self.read(directory, links.iter().map(|known| &known.link.target))?;
        for known in links {
            let target = &known.link.target;
            let Some(change) = self.find(target) else {
                warn(format!(
                    "{target} is not there, so the link to it is not put back"
                ));
                continue;
            };
            let model = known.som.as_ref().map(|som| GpLink::from_text(&som.links));
            let mut links = GpLink::from_text(&change.after.links);
            if let Some(som) = &known.som
                && som.block_inheritance != change.after.block_inheritance
            {
                let does = if som.block_inheritance {
                    "blocks"
                } else {
                    "does not block"
                };
                warn(format!("{target} {does} inheritance again"));
                change.after.block_inheritance = som.block_inheritance;
            }
            let (id, dn) = (self.id, self.dn.as_str());
            put_back(&mut links, id, dn, known, model.as_ref())
                .map_err(|e| SourceError::invalid(target.as_str(), e))?;
            if let Some(change) = self.find(target) {
                change.after.links = links.to_string();
            }
        }
        Ok(())
    }

    fn edit(
        &mut self,
        directory: &dyn Directory,
        som: &str,
        edit: impl FnOnce(&mut GpLink) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        self.read(directory, std::iter::once(&som.to_owned()))?;
        let Some(change) = self.find(som) else {
            let message = "there is no such domain, organizational unit or site";
            return Err(SourceError::new(SourceErrorKind::NotFound, som, message));
        };
        let mut links = GpLink::from_text(&change.after.links);
        edit(&mut links)?;
        change.after.links = links.to_string();
        Ok(())
    }

    fn find(&mut self, dn: &str) -> Option<&mut SomChange> {
        let key = Dn::new(dn).key();
        let mut soms = self.soms.iter_mut();
        soms.find(|change| Dn::new(&change.before.dn).key() == key)
    }

    /// Reads those of these SOMs that are there and were not read yet.
    fn read<'d>(
        &mut self,
        directory: &dyn Directory,
        dns: impl Iterator<Item = &'d String>,
    ) -> Result<(), SourceError> {
        let mut unread = Vec::new();
        for dn in dns {
            if self.find(dn).is_none() {
                unread.push(dn.clone());
            }
        }
        if unread.is_empty() {
            return Ok(());
        }
        let soms = directory.soms(&unread)?.into_iter().flatten();
        self.soms.extend(soms.map(|som: Som| SomChange {
            before: som.clone(),
            after: som,
        }));
        Ok(())
    }
}

/// Puts a link back: its options, and its place among the others.
fn put_back(
    links: &mut GpLink,
    id: GpoId,
    dn: &str,
    known: &SidecarLink,
    model: Option<&GpLink>,
) -> gpo_core::Result<()> {
    let mut options = GpLinkOptions::empty();
    options.set(GpLinkOptions::DISABLED, known.link.disabled);
    options.set(GpLinkOptions::ENFORCED, known.link.enforced);
    let place = model.and_then(|model| links.place_like(id, model));
    let Some((_, now)) = links.get(id) else {
        return links.insert(place.unwrap_or(known.link.index), dn, options);
    };
    let own = GpLinkOptions::DISABLED | GpLinkOptions::ENFORCED;
    links.set_options(id, (now - own) | options);
    if let Some(place) = place {
        links.move_to(id, place);
    }
    Ok(())
}

fn not_linked(som: &str) -> SourceError {
    let message = "the GPO is not linked to it";
    SourceError::new(SourceErrorKind::NotFound, som, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(n: u8, options: u8) -> String {
        let id = format!("{{00000000-0000-0000-0000-00000000000{n}}}");
        format!("[LDAP://cn={id},cn=policies,cn=system,DC=x;{options}]")
    }

    /// The link of GPO 1 changed from `before` to something else; `now` is what stands there.
    #[test]
    fn rolling_back_leaves_the_links_of_others() {
        let id: GpoId = "{00000000-0000-0000-0000-000000000001}".parse().unwrap();
        let som = |links: &[String]| Som {
            dn: "OU=y,DC=x".into(),
            links: links.concat(),
            block_inheritance: false,
        };
        let (own, changed, other, third) = (link(1, 2), link(1, 0), link(2, 0), link(3, 0));
        for (before, now, then) in [
            // Nobody else was there: exactly as it was.
            (vec![own.clone()], vec![], vec![own.clone()]),
            (vec![" ".into()], vec![changed.clone()], vec![" ".into()]),
            (
                vec![other.clone(), own.clone()],
                vec![own.clone(), other.clone()],
                vec![other.clone(), own.clone()],
            ),
            // Somebody linked GPO 3 meanwhile.
            (
                vec![],
                vec![changed.clone(), third.clone()],
                vec![third.clone()],
            ),
            (
                vec![own.clone()],
                vec![third.clone()],
                vec![own.clone(), third.clone()],
            ),
            (
                vec![other.clone(), own.clone()],
                vec![changed.clone(), other.clone(), third.clone()],
                vec![other.clone(), own.clone(), third.clone()],
            ),
        ] {
            let back = rolled_back(id, "DC=x", &som(&before), &som(&now)).unwrap();
            assert_eq!(back.links, then.concat(), "{before:?} {now:?}");
        }
    }

    #[test]
    fn a_link_is_the_same_wherever_it_stands() {
        let id: GpoId = "{00000000-0000-0000-0000-000000000001}".parse().unwrap();
        let som = |links: String| Som {
            dn: "OU=y,DC=x".into(),
            links,
            block_inheritance: false,
        };
        let own = som(link(1, 0));
        assert!(is_same_link(id, &own, &som(link(2, 0) + &link(1, 0))));
        assert!(!is_same_link(id, &own, &som(link(1, 1))));
        assert!(!is_same_link(id, &own, &som(link(2, 0))));
    }
}
