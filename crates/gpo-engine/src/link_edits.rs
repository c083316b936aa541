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
