//! `gPLink`: the GPOs that are linked to a domain, an organizational unit or a site.

use crate::dn::{Dn, rdn_value};
use crate::guid::{GpoId, Guid};

/// The GPOs in a `gPLink`, in its order, with the options of each link ([MS-GPOL] 2.2.2): 1 is
/// disabled, 2 is enforced. What is no link of a GPO is `None` and counts as a place, too, so that
/// the others keep theirs.
///
/// ```
/// let text = "[LDAP://CN={6AC1786C-016F-11D2-945F-00C04FB984F9},CN=Policies,CN=System,DC=x;2][x]";
/// let links: Vec<_> = gpo_core::parse_gp_link(text).collect();
/// assert_eq!(links[0].unwrap().1, 2);
/// assert_eq!(links[1], None);
/// ```
pub fn parse_gp_link(text: &str) -> impl Iterator<Item = Option<(GpoId, u32)>> {
    text.split('[').skip(1).map(|link| {
        let link = link.split(']').next()?;
        let (path, options) = link.rsplit_once(';')?;
        let (scheme, dn) = path.split_at_checked("LDAP://".len())?;
        let scheme = scheme.eq_ignore_ascii_case("LDAP://");
        Some((
            gpo_id_of_dn(Dn::new(dn)).filter(|_| scheme)?,
            options.trim().parse().ok()?,
        ))
    })
}

/// The ID that the `CN` of a GPO's container is; none for what is no GPO's container.
pub fn gpo_id_of_dn(dn: Dn<'_>) -> Option<GpoId> {
    let guid: Guid = rdn_value(dn.rdn(), "CN")?.parse().ok()?;
    Some(guid.into())
}
