//! What SDDL text needs to know about the world around it.

use crate::access_mask::ObjectType;
use crate::error::{Error, ErrorKind, Part};
use crate::sddl::reader;
use crate::sid::Sid;
use crate::well_known_sid;

/// The domain that aliases such as `DA` belong to, and the type of the object that rights are
/// written for.
///
/// Without a domain, reading such an alias is an error, and accounts are written as SIDs. The same
/// holds for `EA`, `SA`, `RO` and `EK` and the forest's root domain. (GPMC, for one, writes DA as an
/// alias and EA as a SID: census of 330 reports.)
///
/// ```
/// use sddl_parser::{ErrorKind, SddlContext, SecurityDescriptor, Sid};
///
/// let domain: Sid = "S-1-5-21-1-2-3".parse()?;
/// let context = SddlContext::new().with_domain(domain);
/// let descriptor = SecurityDescriptor::from_sddl("O:DA", &context)?;
/// assert_eq!(descriptor.owner().unwrap().to_string(), "S-1-5-21-1-2-3-512");
/// assert_eq!(descriptor.to_sddl(&SddlContext::new())?, "O:S-1-5-21-1-2-3-512");
///
/// let error = SecurityDescriptor::from_sddl("O:EA", &context).unwrap_err();
/// assert_eq!(error.kind(), &ErrorKind::NeedsForestSid);
/// # Ok::<(), sddl_parser::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SddlContext {
    domain: Option<Sid>,
    forest: Option<Sid>,
    object_type: ObjectType,
}

impl SddlContext {
    /// No domain, no forest, [`ObjectType::Generic`]: as Windows on a machine without a domain.
    pub fn new() -> Self {
        Self::default()
    }

    /// With the SID of the domain (of the machine, for local accounts).
    #[must_use]
    pub fn with_domain(mut self, domain: Sid) -> Self {
        self.domain = Some(domain);
        self
    }

    /// With the SID of the forest's root domain.
    #[must_use]
    pub fn with_forest(mut self, forest: Sid) -> Self {
        self.forest = Some(forest);
        self
    }

    /// Rights are written for this type of object. Reading takes the letters of all types.
    #[must_use]
    pub fn with_object_type(mut self, object_type: ObjectType) -> Self {
        self.object_type = object_type;
        self
    }

    /// The SID of the domain.
    pub fn domain(&self) -> Option<&Sid> {
        self.domain.as_ref()
    }

    /// The SID of the forest's root domain.
    pub fn forest(&self) -> Option<&Sid> {
        self.forest.as_ref()
    }

    /// The type of object that rights are written for.
    pub fn object_type(&self) -> ObjectType {
        self.object_type
    }

    /// The alias that SDDL has for this SID.
    ///
    /// ```
    /// # use sddl_parser::{SddlContext, Sid};
    /// let context = SddlContext::new().with_domain("S-1-5-21-1-2-3".parse()?);
    /// assert_eq!(context.alias(&"S-1-5-21-1-2-3-513".parse()?), Some("DU"));
    /// assert_eq!(context.alias(&"S-1-5-21-9-9-9-513".parse()?), None);
    /// # Ok::<(), sddl_parser::Error>(())
    /// ```
    pub fn alias(&self, sid: &Sid) -> Option<&'static str> {
        let letters = well_known_sid::fixed_alias(sid).or_else(|| {
            let (rid, domain) = (sid.rid()?, sid.domain()?);
            let of = |known: &Option<Sid>| known.as_ref() == Some(&domain);
            let alias = of(&self.domain)
                .then(|| well_known_sid::domain_alias(rid))
                .flatten();
            alias.or_else(|| {
                of(&self.forest)
                    .then(|| well_known_sid::forest_alias(rid))
                    .flatten()
            })
        })?;
        core::str::from_utf8(letters).ok()
    }

    /// Reads a SID or an alias that fills `text`, as it stands in SDDL.
    ///
    /// # Errors
    /// Neither of them; an alias of a domain that is not known.
    pub fn parse_sid(&self, text: &str) -> Result<Sid, Error> {
        reader::sid(text.as_bytes(), self)
            .map_err(|(kind, offset)| Error::in_text(kind, Part::Sid, text, offset))
    }
}

impl SddlContext {
    /// What an alias stands for here.
    pub(crate) fn resolve(&self, letters: [u8; 2]) -> Result<Sid, ErrorKind> {
        use well_known_sid::Alias;
        let (domain, missing, rid) = match well_known_sid::from_alias(letters) {
            None => return Err(ErrorKind::Expected("a SID (S-1-…) or an alias")),
            Some(Alias::Fixed(sid)) => return Ok(sid),
            Some(Alias::Domain(rid)) => (self.domain, ErrorKind::NeedsDomainSid, rid),
            Some(Alias::Forest(rid)) => (self.forest, ErrorKind::NeedsForestSid, rid),
        };
        domain
            .and_then(|domain| domain.with_rid(rid))
            .ok_or(missing)
    }
}
