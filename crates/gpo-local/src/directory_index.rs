//! Where in an LDIF file each object is.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::Mutex;

use gpo_core::{
    DirectoryCapabilities, Dn, Domain, DomainId, DomainPartition, Encoding, Error, GpLink,
    GpLinkOptions, GpoId, GpoLink, Guid, SourceError, SourceErrorKind, WmiFilterId, fold_name,
    gpo_id_of_dn,
};
use sddl_parser::Sid;

use crate::directory_record::{entry, principal_key, wmi_filter_id};
use crate::ldif::{Block, BlockReader, LdifRecord, Place};

/// The classes of the objects that GPOs can be linked to.
const SOM_CLASSES: [&str; 3] = ["domainDNS", "organizationalUnit", "site"];

/// The objects of a directory by what they are asked for.
///
/// Holds places in the file and not what stands there, so that a domain with thousands of GPOs
/// takes little memory. The file stays open: when another takes its name, this one is still what
/// the index was made of.
#[derive(Debug)]
pub(crate) struct DirectoryIndex {
    file: Mutex<File>,
    label: String,
    encoding: Encoding,
    pub(crate) domain: Domain,
    pub(crate) capabilities: DirectoryCapabilities,
    /// The domains of the forest, as far as the file has them; the file's own is the first.
    pub(crate) partitions: Vec<DomainPartition>,
    pub(crate) gpos: Vec<GpoSpots>,
    by_id: HashMap<GpoId, usize>,
    pub(crate) filters: HashMap<WmiFilterId, Spot>,
    pub(crate) links: HashMap<GpoId, Vec<GpoLink>>,
    /// By the [key](Dn::key) of the distinguished name.
    pub(crate) soms: HashMap<String, Spot>,
    pub(crate) principals: HashMap<Sid, Spot>,
    /// By folded `sAMAccountName`.
    pub(crate) names: HashMap<String, Vec<Spot>>,
}

/// Where the records of a GPO are.
#[derive(Debug)]
pub(crate) struct GpoSpots {
    pub(crate) id: GpoId,
    pub(crate) container: Spot,
    pub(crate) below: Vec<Spot>,
}

/// Where a record is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    pub(crate) place: Place,
    length: usize,
}

impl DirectoryIndex {
    /// Reads a file from its start.
    pub(crate) fn read(mut file: File, label: String) -> Result<Self, SourceError> {
        let mut found = Found::default();
        let encoding = found
            .read(&mut file)
            .map_err(|error| match error.downcast::<Error>() {
                Ok(error) => SourceError::invalid(label.as_str(), error),
                Err(error) => SourceError::io(label.as_str(), error),
            })?;
        found.finish(file, label, encoding)
    }

    /// The record at a spot.
    pub(crate) fn record(&self, spot: Spot) -> Result<LdifRecord, SourceError> {
        let read = || {
            let mut bytes = vec![0; spot.length];
            let mut file = self
                .file
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            file.seek(SeekFrom::Start(spot.place.offset))?;
            file.read_exact(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().map_err(|e: io::Error| SourceError::io(self.label.as_str(), e))?;
        let block = Block::again(bytes, spot.place, self.encoding);
        let record = block
            .text()
            .and_then(|text| block.record(&text))
            .map_err(|e| SourceError::invalid(self.label.as_str(), e))?;
        record.ok_or_else(|| {
            let message = "the file was changed in place while it was read";
            SourceError::new(SourceErrorKind::Changed, self.label.as_str(), message)
        })
    }

    pub(crate) fn gpo(&self, id: GpoId) -> Option<&GpoSpots> {
        self.gpos.get(*self.by_id.get(&id)?)
    }

    /// The error in a record's content, at its place.
    pub(crate) fn invalid(&self, spot: Spot, error: Error) -> SourceError {
        SourceError::invalid(self.label.as_str(), error.at(spot.place.position()))
    }
}

/// What one pass over the file finds, in the order of the file.
#[derive(Default)]
struct Found {
    domains: Vec<FoundDomain>,
    gpos: Vec<(String, Spot)>,
    /// Objects that may be below a GPO's container.
    below: Vec<(String, Spot)>,
    cross_references: Vec<CrossReference>,
    filters: HashMap<WmiFilterId, Spot>,
    links: HashMap<GpoId, Vec<GpoLink>>,
    soms: HashMap<String, Spot>,
    principals: HashMap<Sid, Spot>,
    names: HashMap<String, Vec<Spot>>,
    /// `dnsHostName` of the root of the directory: of the controller that was exported from.
    root_host: Option<String>,
    /// Of the first domain controller among the objects.
    any_host: Option<String>,
    /// What the security descriptors hold.
    owner: bool,
    sacl: bool,
}

struct FoundDomain {
    dn: String,
    id: Option<DomainId>,
    sid: Option<Sid>,
}

/// What the configuration says about a domain.
struct CrossReference {
    partition: String,
    netbios_name: Option<String>,
    dns_root: Option<String>,
}

impl Found {
    fn read(&mut self, file: &mut File) -> io::Result<Encoding> {
        let mut reader = BlockReader::new(BufReader::with_capacity(64 * 1024, file))?;
        let encoding = reader.encoding();
        while let Some(block) = reader.next_block()? {
            let text = block.text().map_err(io::Error::other)?;
            if let Some(record) = block.record(&text).map_err(io::Error::other)? {
                let spot = Spot {
                    place: block.place,
                    length: block.len(),
                };
                self.add(&record, spot);
            }
        }
        Ok(encoding)
    }

    fn add(&mut self, record: &LdifRecord, spot: Spot) {
        let dn = record.dn();
        let host = || record.text("dNSHostName");
        if dn.is_empty() {
            self.root_host = host();
            return;
        }
        if record.has_class("domainDNS") {
            let guid = record.value("objectGUID");
            let guid = guid.and_then(|bytes| <[u8; 16]>::try_from(&*bytes).ok());
            let sid = record.value("objectSid");
            self.domains.push(FoundDomain {
                dn: dn.to_owned(),
                id: guid.map(|bytes| DomainId::new(Guid::from_bytes(bytes).to_lower())),
                sid: sid.and_then(|bytes| Sid::from_bytes(&bytes).ok()),
            });
        }
        if record.has_class("groupPolicyContainer") {
            self.gpos.push((dn.to_owned(), spot));
            self.note_descriptor(record);
        } else if is_below_policies(dn) {
            self.below.push((dn.to_owned(), spot));
        }
        if record.has_class("crossRef")
            && let Some(partition) = record.text("nCName")
        {
            self.cross_references.push(CrossReference {
                partition,
                netbios_name: record.text("nETBIOSName"),
                dns_root: record.text("dnsRoot"),
            });
        }
        if record.has_class("msWMI-Som")
            && let Some(id) = wmi_filter_id(record)
        {
            self.filters.entry(id).or_insert(spot);
        }
        let linked = record.text("gPLink");
        if linked.is_some() || SOM_CLASSES.iter().any(|class| record.has_class(class)) {
            self.soms.entry(Dn::new(dn).key()).or_insert(spot);
        }
        if let Some(linked) = linked {
            self.add_links(dn, &linked);
        }
        if let Some((sid, name)) = principal_key(record) {
            self.principals.entry(sid).or_insert(spot);
            self.names.entry(fold_name(&name)).or_default().push(spot);
        }
        if self.any_host.is_none() && is_domain_controller(record) {
            self.any_host = host();
        }
    }

    fn add_links(&mut self, target: &str, linked: &str) {
        for (index, id, options) in GpLink::from_text(linked).iter() {
            self.links.entry(id).or_default().push(GpoLink {
                target: target.to_owned(),
                index,
                disabled: options.contains(GpLinkOptions::DISABLED),
                enforced: options.contains(GpLinkOptions::ENFORCED),
            });
        }
    }

    /// [MS-DTYP] 2.4.6: revision, padding, control (0x10: there is a SACL), offset of the owner.
    fn note_descriptor(&mut self, record: &LdifRecord) {
        if let Some(descriptor) = record.value("nTSecurityDescriptor")
            && let [_, _, control, _, owner @ ..] = &*descriptor
        {
            self.sacl |= control & 0x10 != 0;
            self.owner |= owner.iter().take(4).any(|&b| b != 0);
        }
    }

    fn finish(
        mut self,
        file: File,
        label: String,
        encoding: Encoding,
    ) -> Result<DirectoryIndex, SourceError> {
        let found = self.domain().ok_or_else(|| {
            let message = "no record with the objectClass domainDNS: the domain's own object is \
                           missing in the export";
            SourceError::new(SourceErrorKind::Invalid, label.as_str(), message)
        })?;
        let partitions = self.partitions(&found.dn);
        let own = partitions.first();
        let dns_name = own.map(|own| own.dns_name.clone()).unwrap_or_default();
        let domain = Domain {
            netbios_name: own.and_then(|own| own.netbios_name.clone()),
            id: found.id,
            sid: found.sid,
            domain_controller: self
                .root_host
                .take()
                .or_else(|| self.any_host.take())
                .unwrap_or_else(|| dns_name.clone()),
            dns_name,
            dn: found.dn,
        };
        let (gpos, by_id) = self.gpos(&domain.dn);
        let mut capabilities = DirectoryCapabilities::PRINCIPALS
            | DirectoryCapabilities::LINKS
            | DirectoryCapabilities::WMI_FILTERS;
        capabilities.set(DirectoryCapabilities::OWNER, self.owner);
        capabilities.set(DirectoryCapabilities::SACL, self.sacl);
        Ok(DirectoryIndex {
            file: Mutex::new(file),
            label,
            encoding,
            domain,
            capabilities,
            partitions,
            gpos,
            by_id,
            filters: self.filters,
            links: self.links,
            soms: self.soms,
            principals: self.principals,
            names: self.names,
        })
    }

    /// The domain with GPOs; the DNS partitions of a domain have its class, too.
    fn domain(&mut self) -> Option<FoundDomain> {
        let has_gpos = |domain: &FoundDomain| {
            let policies = policies(&domain.dn);
            self.gpos
                .iter()
                .any(|(dn, _)| Dn::new(dn).depth_below(Dn::new(&policies)) == Some(1))
        };
        let best = (0..self.domains.len()).min_by_key(|&n| {
            let domain = self.domains.get(n)?;
            Some((!has_gpos(domain), Dn::new(&domain.dn).rdns().count()))
        })?;
        Some(self.domains.swap_remove(best))
    }

    /// The domain's partition, and those of the other domains.
    fn partitions(&self, domain: &str) -> Vec<DomainPartition> {
        let partition = |dn: &str| {
            let known = |reference: &&CrossReference| Dn::new(&reference.partition) == Dn::new(dn);
            let reference = self.cross_references.iter().find(known);
            DomainPartition::new(
                dn,
                reference.and_then(|r| r.netbios_name.clone()),
                reference.and_then(|r| r.dns_root.as_deref()),
            )
        };
        let others = self.cross_references.iter().map(|r| r.partition.as_str());
        let others = others.filter(|dn| Dn::new(dn) != Dn::new(domain));
        std::iter::once(domain)
            .chain(others)
            .map(partition)
            .collect()
    }

    /// The GPOs of the domain, each with what is below it.
    fn gpos(&self, domain: &str) -> (Vec<GpoSpots>, HashMap<GpoId, usize>) {
        let policies = policies(domain);
        let (mut gpos, mut by_id) = (Vec::new(), HashMap::new());
        for (dn, container) in &self.gpos {
            let dn = Dn::new(dn);
            let own = dn.depth_below(Dn::new(&policies)) == Some(1);
            // A container whose name is no GUID is none that a client could apply.
            let Some(id) = gpo_id_of_dn(dn).filter(|_| own) else {
                continue;
            };
            by_id.entry(id).or_insert_with(|| {
                gpos.push(GpoSpots {
                    id,
                    container: *container,
                    below: Vec::new(),
                });
                gpos.len() - 1
            });
        }
        for (dn, spot) in &self.below {
            let mut above = Some(Dn::new(dn));
            while let Some(dn) = above {
                if dn.depth_below(Dn::new(&policies)) == Some(1) {
                    let gpo = gpo_id_of_dn(dn).and_then(|id| by_id.get(&id).copied());
                    if let Some(gpo) = gpo.and_then(|n: usize| gpos.get_mut(n)) {
                        gpo.below.push(*spot);
                    }
                    break;
                }
                above = dn.parent();
            }
        }
        (gpos, by_id)
    }
}

/// Where a domain keeps its GPOs.
pub(crate) fn policies(domain: &str) -> String {
    format!("CN=Policies,CN=System,{domain}")
}

/// Whether an object is below some GPO's container: cheap, and sometimes wrong.
fn is_below_policies(dn: &str) -> bool {
    const MARK: &[u8] = b"},CN=Policies";
    // The blanks that may stand around commas are none in what tools write.
    dn.len() > MARK.len()
        && dn
            .as_bytes()
            .windows(MARK.len())
            .any(|part| part.eq_ignore_ascii_case(MARK))
}

/// The computer account of a domain controller (`SERVER_TRUST_ACCOUNT`, [MS-SAMR] 2.2.1.12) or its
/// object in a site.
fn is_domain_controller(record: &LdifRecord) -> bool {
    record.has_class("server")
        || record.has_class("computer")
            && entry(record)
                .number("userAccountControl")
                .is_ok_and(|flags| flags & 0x2000 != 0)
}
