use super::*;

use std::fs;

use gpo_core::{Guid, PrincipalKind};
use gpo_testkit::{conformance, sample, strategies};
use proptest::prelude::*;
use tempfile::TempDir;

mod dead_process;
mod reading;
mod writing;

/// A domain as an administrator exports it: names in any case, folded lines, comments, objects
/// before those above them, other partitions.
const EXPORT: &str = r"# made by hand
dn:
dnsHostName: DC7.example.test

dn: DC=DomainDnsZones,DC=Example,DC=test
objectClass: domainDNS

dn: CN=Packages,CN=Class Store,CN=Machine,CN={6AC1786C-016F-11D2-945F-00C04fB98
 4F9},CN=Policies,CN=System,DC=Example,DC=test
objectClass: top
objectClass: container
cn: Packages
whenCreated: 20240102030405.0Z
showInAdvancedViewOnly: TRUE
objectGUID:: AAAAAAAAAAAAAAAAAAAAAA==

dn: CN=p,CN=Packages,CN=Class Store,CN=MACHINE,CN={6AC1786C-016F-11D2-945F-00C04fB984F9},CN=Policies,CN=System,DC=Example,DC=test
objectClass: top
objectClass: packageRegistration
objectGUID:: AQAAAAAAAAAAAAAAAAAAAA==
msiFileList: 0:\\srv\a.msi
msiFileList: 1:\\srv\b.msi

dn: CN=Class Store,CN=Machine,CN={6AC1786C-016F-11D2-945F-00C04fB984F9},CN=Policies,CN=System,DC=Example,DC=test
objectClass: top
objectClass: classStore

dn: CN={6ac1786c-016F-11D2-945F-00C04fB984F9},cn=policies,CN=System,DC=example,DC=TEST
changetype: add
objectClass: top
objectClass: container
objectClass: groupPolicyContainer
DISPLAYNAME:: RMOpZmF1bHQ=
versionNumber: -65535
flags: 4294967295
gPCFunctionalityVersion: 2
gPCFileSysPath: \\example.test\sysvol\example.test\Policies\{6AC1786C-016F-11D2-945F-00C04fB984F9}
gPCWQLFilter: [example.test;{39b2ba78-1111-2222-3333-444455556666};0]
nTSecurityDescriptor:: AQAAgAAAAAAAAAAAAAAAAAAAAAA=
whenCreated: 20240102030405.0Z
systemFlags: -1946157056

dn: CN=not a GUID,CN=Policies,CN=System,DC=Example,DC=test
objectClass: groupPolicyContainer

dn: DC=Example,DC=test
objectClass: top
objectClass: domain
objectClass: domainDNS
objectGUID:: 0KQXxVvO4kWExNqff3N1fA==
objectSid:: AQQAAAAAAAUVAAAA3PTcO4M9K0aCi6Yo
gPLink: [LDAP://cn={6AC1786C-016F-11D2-945F-00C04FB984F9},cn=policies,cn=system,DC=Example,DC=test;0]

dn: OU=Lab,DC=Example,DC=test
objectClass: organizationalUnit
gPLink: [LDAP://CN={00000000-0000-0000-0000-000000000001},CN=Policies,CN=System,DC=Example,DC=test;3][ldap://CN={6AC1786C-016F-11D2-945F-00C04FB984F9},CN=Policies,CN=System,DC=Example,DC=test;2]

dn: CN=EXAMPLE,CN=Partitions,CN=Configuration,DC=Example,DC=test
objectClass: crossRef
nCName: DC=example,DC=test
dnsRoot: Example.TEST
nETBIOSName: EXAMPLE

dn: CN={39B2BA78-1111-2222-3333-444455556666},CN=SOM,CN=WMIPolicy,CN=System,DC=Example,DC=test
objectClass: msWMI-Som
msWMI-ID: {39B2BA78-1111-2222-3333-444455556666}
msWMI-Name: Laptops
msWMI-Parm2: 1;3;10;66;WQL;root\CIMv2;SELECT x;

dn: CN=Domain Admins,CN=Users,DC=Example,DC=test
objectClass: top
objectClass: group
sAMAccountName: Domain Admins
objectSid:: AQUAAAAAAAUVAAAA3PTcO4M9K0aCi6YoAAIAAA==
groupType: -2147483646

dn: CN=S-1-5-21-1-2-3-4,CN=ForeignSecurityPrincipals,DC=Example,DC=test
objectClass: foreignSecurityPrincipal
objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAABAAAAA==

# search result
search: 2
result: 0 Success
";

const ID: &str = "{6AC1786C-016F-11D2-945F-00C04FB984F9}";

fn id() -> GpoId {
    ID.parse().unwrap()
}

fn folder_with(name: &str, bytes: &[u8]) -> (TempDir, FolderDomain) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    let domain = FolderDomain::open(folder.path()).unwrap();
    (folder, domain)
}

fn export() -> (TempDir, FolderDomain) {
    folder_with("Directory.LDIF", EXPORT.as_bytes())
}

fn container(domain: &FolderDomain, id: GpoId) -> GpoContainer {
    domain
        .containers(&[id])
        .unwrap()
        .remove(0)
        .unwrap()
        .unwrap()
}

#[test]
fn it_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let domain = FolderDomain::open(folder.path()).unwrap();
    let left_out = conformance::domain(&domain, &domain);
    assert_eq!(left_out, ["set_descriptor", "descriptors of folders"]);
}
