//! The domains of a forest, as parts of one directory.

use alloc::string::String;

use crate::dn::Dn;

/// A domain that objects can be in: a partition of the directory, as a `crossRef` of the
/// configuration describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainPartition {
    /// Its distinguished name.
    pub dn: String,
    /// Its DNS name.
    pub dns_name: String,
    /// Its NetBIOS name, where the source has it.
    pub netbios_name: Option<String>,
}

impl DomainPartition {
    /// A partition by its distinguished name. `dns_root` is how the `crossRef` spells the DNS
    /// name.
    pub fn new(dn: &str, netbios_name: Option<String>, dns_root: Option<&str>) -> Self {
        let dns_name = Dn::new(dn).dns_name();
        let spelled = dns_root.filter(|root| root.eq_ignore_ascii_case(&dns_name));
        Self {
            dn: dn.into(),
            dns_name: spelled.map_or(dns_name.clone(), Into::into),
            netbios_name,
        }
    }

    /// The one of these that an object is in, else what its name says.
    pub fn of_object(dn: &str, partitions: &[Self]) -> Self {
        let domain = Dn::new(dn).domain();
        let known = partitions.iter().find(|p| Dn::new(&p.dn) == domain);
        known
            .cloned()
            .unwrap_or_else(|| Self::new(domain.as_str(), None, None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_in_the_domain_that_its_name_ends_with() {
        let known = DomainPartition::new("DC=a,DC=test", Some("A".into()), Some("A.test"));
        let of = |dn| DomainPartition::of_object(dn, core::slice::from_ref(&known));
        assert_eq!(of("CN=x,dc=A, dc=test"), known);
        assert_eq!(known.dns_name, "A.test");
        assert_eq!(of("CN=x,DC=b,DC=test").dns_name, "b.test");
    }
}
