//! Where things are in the directory, and what its domains are called.

use gpo_core::{
    DirectoryEntry, Dn, Domain, DomainId, DomainPartition, GpoId, Guid, SourceError,
    SourceErrorKind, escape_rdn_value,
};
use ldap3::Scope;
use sddl_parser::Sid;

use crate::connection::Session;
use crate::failure::Failure;
use crate::search::Search;

/// What a domain controller says about itself, its domain and its forest.
#[derive(Clone, Debug)]
pub(crate) struct Naming {
    pub(crate) domain: Domain,
    /// The domains of the forest; the controller's own is the first.
    pub(crate) partitions: Vec<DomainPartition>,
    /// The naming context of the configuration, where the sites are.
    pub(crate) configuration: String,
    /// The DNS name of the forest: that of its first domain.
    pub(crate) forest: String,
}

impl Naming {
    /// Reads the root of the directory ([MS-ADTS] 3.1.1.3.2), the domain and the partitions.
    pub(crate) async fn read(mut session: Session) -> Result<Self, Failure> {
        let root = one(
            &mut session,
            Search::object(
                "",
                &[
                    "defaultNamingContext",
                    "configurationNamingContext",
                    "rootDomainNamingContext",
                    "dnsHostName",
                ],
            ),
        )
        .await?;
        let context = |name| {
            let dn = root.text(name).unwrap_or_default();
            if dn.is_empty() {
                let message =
                    format!("this is no domain controller of Active Directory: no {name}");
                return Err(SourceError::new(SourceErrorKind::Invalid, "", message));
            }
            Ok(dn)
        };
        let dn = context("defaultNamingContext")?;
        let configuration = context("configurationNamingContext")?;
        let forest = Dn::new(&context("rootDomainNamingContext")?).dns_name();
        let domain = one(
            &mut session,
            Search::object(&dn, &["objectGUID", "objectSid"]),
        )
        .await?;
        let partitions = partitions(&mut session, &dn, &configuration).await?;
        let own = DomainPartition::of_object(&dn, &partitions);
        let id = domain.value("objectGUID");
        let id = id.and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
        let sid = domain.value("objectSid");
        Ok(Self {
            domain: Domain {
                dns_name: own.dns_name,
                dn,
                netbios_name: own.netbios_name,
                id: id.map(|bytes| DomainId::new(Guid::from_bytes(bytes).to_lower())),
                sid: sid.and_then(|bytes| Sid::from_bytes(bytes).ok()),
                domain_controller: root.text("dnsHostName").unwrap_or_default(),
            },
            partitions,
            configuration,
            forest,
        })
    }

    /// Where the domain keeps its GPOs.
    pub(crate) fn policies(&self) -> String {
        format!("CN=Policies,CN=System,{}", self.domain.dn)
    }

    pub(crate) fn container(&self, id: GpoId) -> String {
        format!(
            "CN={},{}",
            escape_rdn_value(&id.to_string()),
            self.policies()
        )
    }

    /// Where the domain keeps its WMI filters.
    pub(crate) fn wmi_filters(&self) -> String {
        format!("CN=SOM,CN=WMIPolicy,CN=System,{}", self.domain.dn)
    }

    /// Where the forest keeps its sites.
    pub(crate) fn sites(&self) -> String {
        format!("CN=Sites,{}", self.configuration)
    }
}

async fn one(session: &mut Session, search: Search) -> Result<DirectoryEntry, Failure> {
    let found = session.all(&search).await?;
    found.into_iter().next().ok_or_else(|| {
        let message = "the user may not read it";
        SourceError::new(SourceErrorKind::Denied, search.base, message).into()
    })
}

/// The domains of the forest: partitions with a NetBIOS name ([MS-ADTS] 6.1.1.2.1.1).
async fn partitions(
    session: &mut Session,
    own: &str,
    configuration: &str,
) -> Result<Vec<DomainPartition>, Failure> {
    let search = Search::below(
        &format!("CN=Partitions,{configuration}"),
        Scope::OneLevel,
        "(&(objectClass=crossRef)(nETBIOSName=*))".into(),
        &["nCName", "dnsRoot", "nETBIOSName"],
    );
    let mut partitions: Vec<DomainPartition> = Vec::new();
    for entry in session.all(&search).await? {
        let text = |name| entry.text(name).ok().filter(|text| !text.is_empty());
        if let Some(dn) = text("nCName") {
            let dns_root = text("dnsRoot");
            let partition = DomainPartition::new(&dn, text("nETBIOSName"), dns_root.as_deref());
            partitions.push(partition);
        }
    }
    let place = partitions
        .iter()
        .position(|p| Dn::new(&p.dn) == Dn::new(own));
    match place {
        Some(place) => partitions.swap(0, place),
        None => partitions.insert(0, DomainPartition::new(own, None, None)),
    }
    Ok(partitions)
}
