//! The SIDs that have a name: SDDL aliases ([MS-DTYP] 2.5.1.1, `sddl.h`) and well-known
//! accounts ([MS-DTYP] 2.4.2.4).

use crate::sid::Sid;

/// Those that rules of this crate are about.
impl Sid {
    pub(crate) const CREATOR_OWNER: Self = Self::known(3, &[0]);
    pub(crate) const CREATOR_GROUP: Self = Self::known(3, &[1]);
    pub(crate) const OWNER_RIGHTS: Self = Self::known(3, &[4]);
    pub(crate) const ENTERPRISE_DOMAIN_CONTROLLERS: Self = Self::known(5, &[9]);
    pub(crate) const PRINCIPAL_SELF: Self = Self::known(5, &[10]);
    pub(crate) const AUTHENTICATED_USERS: Self = Self::known(5, &[11]);
    pub(crate) const SYSTEM: Self = Self::known(5, &[18]);
    pub(crate) const PRE_WINDOWS_2000_COMPATIBLE_ACCESS: Self = Self::known(5, &[32, 554]);
}

/// What an SDDL alias stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alias {
    /// The same SID everywhere.
    Fixed(Sid),
    /// An account of the domain.
    Domain(u32),
    /// An account of the forest's root domain.
    Forest(u32),
}

/// One table, four directions: alias to SID and back, name to SID and back.
macro_rules! well_known {
    (
        fixed { $($alias:literal $authority:literal $subs:tt $name:literal;)* }
        unaliased { $($plain_authority:literal $plain_subs:tt $plain_name:literal;)* }
        domain { $($domain_alias:literal $domain_rid:literal $domain_name:literal;)* }
        forest { $($forest_alias:literal $forest_rid:literal $forest_name:literal;)* }
    ) => {
        /// What the two letters, in upper case, stand for.
        pub(crate) fn from_alias(letters: [u8; 2]) -> Option<Alias> {
            Some(match &letters {
                $($alias => Alias::Fixed(const { Sid::known($authority, &$subs) }),)*
                $($domain_alias => Alias::Domain($domain_rid),)*
                $($forest_alias => Alias::Forest($forest_rid),)*
                _ => return None,
            })
        }

        /// The alias of a SID that is the same everywhere.
        pub(crate) fn fixed_alias(sid: &Sid) -> Option<&'static [u8; 2]> {
            Some(match (sid.authority(), sid.sub_authorities()) {
                $(($authority, $subs) => $alias,)*
                _ => return None,
            })
        }

        /// The alias of this account of a domain.
        pub(crate) fn domain_alias(rid: u32) -> Option<&'static [u8; 2]> {
            Some(match rid {
                $($domain_rid => $domain_alias,)*
                _ => return None,
            })
        }

        /// The alias of this account of the forest's root domain.
        pub(crate) fn forest_alias(rid: u32) -> Option<&'static [u8; 2]> {
            Some(match rid {
                $($forest_rid => $forest_alias,)*
                _ => return None,
            })
        }

        impl Sid {
            /// The English name that Windows gives this SID, for the well-known ones: accounts
            /// that are the same everywhere with their authority, accounts of any domain that
            /// have a fixed RID without one.
            ///
            /// ```
            /// # use sddl_parser::Sid;
            /// let name = |text: &str| text.parse::<Sid>().unwrap().well_known_name();
            /// assert_eq!(name("S-1-5-32-544"), Some("BUILTIN\\Administrators"));
            /// assert_eq!(name("S-1-5-21-1-2-3-512"), Some("Domain Admins"));
            /// assert_eq!(name("S-1-5-21-1-2-3-1104"), None);
            /// ```
            pub fn well_known_name(&self) -> Option<&'static str> {
                Some(match (self.authority(), self.sub_authorities()) {
                    $(($authority, $subs) => $name,)*
                    $(($plain_authority, $plain_subs) => $plain_name,)*
                    (5, [21, _, _, _, rid]) => match rid {
                        $($domain_rid => $domain_name,)*
                        $($forest_rid => $forest_name,)*
                        502 => "krbtgt",
                        521 => "Read-only Domain Controllers",
                        571 => "Allowed RODC Password Replication Group",
                        572 => "Denied RODC Password Replication Group",
                        _ => return None,
                    },
                    _ => return None,
                })
            }

            /// The SID that is the same everywhere and has this English name, with its authority
            /// or without, in any case.
            ///
            /// ```
            /// # use sddl_parser::Sid;
            /// let sid = |name| Sid::from_well_known_name(name).map(|sid| sid.to_string());
            /// assert_eq!(sid("administrators").as_deref(), Some("S-1-5-32-544"));
            /// assert_eq!(sid("NT AUTHORITY\\SYSTEM").as_deref(), Some("S-1-5-18"));
            /// // One of many, so not the same everywhere.
            /// assert_eq!(sid("Domain Admins"), None);
            /// ```
            pub fn from_well_known_name(name: &str) -> Option<Self> {
                const KNOWN: &[(&str, Sid)] = &[
                    $(($name, Sid::known($authority, &$subs)),)*
                    $(($plain_name, Sid::known($plain_authority, &$plain_subs)),)*
                ];
                let fits = |known: &str| {
                    let bare = known.rsplit('\\').next().unwrap_or(known);
                    known.eq_ignore_ascii_case(name) || bare.eq_ignore_ascii_case(name)
                };
                KNOWN.iter().find(|(known, _)| fits(known)).map(|(_, sid)| *sid)
            }
        }
    };
}

well_known! {
    fixed {
        b"WD" 1 [0] "Everyone";
        b"CO" 3 [0] "CREATOR OWNER";
        b"CG" 3 [1] "CREATOR GROUP";
        b"OW" 3 [4] "OWNER RIGHTS";
        b"NU" 5 [2] "NT AUTHORITY\\NETWORK";
        b"IU" 5 [4] "NT AUTHORITY\\INTERACTIVE";
        b"SU" 5 [6] "NT AUTHORITY\\SERVICE";
        b"AN" 5 [7] "NT AUTHORITY\\ANONYMOUS LOGON";
        b"ED" 5 [9] "NT AUTHORITY\\ENTERPRISE DOMAIN CONTROLLERS";
        b"PS" 5 [10] "NT AUTHORITY\\SELF";
        b"AU" 5 [11] "NT AUTHORITY\\Authenticated Users";
        b"RC" 5 [12] "NT AUTHORITY\\RESTRICTED";
        b"SY" 5 [18] "NT AUTHORITY\\SYSTEM";
        b"LS" 5 [19] "NT AUTHORITY\\LOCAL SERVICE";
        b"NS" 5 [20] "NT AUTHORITY\\NETWORK SERVICE";
        b"WR" 5 [33] "NT AUTHORITY\\WRITE RESTRICTED";
        b"BA" 5 [32, 544] "BUILTIN\\Administrators";
        b"BU" 5 [32, 545] "BUILTIN\\Users";
        b"BG" 5 [32, 546] "BUILTIN\\Guests";
        b"PU" 5 [32, 547] "BUILTIN\\Power Users";
        b"AO" 5 [32, 548] "BUILTIN\\Account Operators";
        b"SO" 5 [32, 549] "BUILTIN\\Server Operators";
        b"PO" 5 [32, 550] "BUILTIN\\Print Operators";
        b"BO" 5 [32, 551] "BUILTIN\\Backup Operators";
        b"RE" 5 [32, 552] "BUILTIN\\Replicator";
        b"RU" 5 [32, 554] "BUILTIN\\Pre-Windows 2000 Compatible Access";
        b"RD" 5 [32, 555] "BUILTIN\\Remote Desktop Users";
        b"NO" 5 [32, 556] "BUILTIN\\Network Configuration Operators";
        b"MU" 5 [32, 558] "BUILTIN\\Performance Monitor Users";
        b"LU" 5 [32, 559] "BUILTIN\\Performance Log Users";
        b"IS" 5 [32, 568] "BUILTIN\\IIS_IUSRS";
        b"CY" 5 [32, 569] "BUILTIN\\Cryptographic Operators";
        b"ER" 5 [32, 573] "BUILTIN\\Event Log Readers";
        b"CD" 5 [32, 574] "BUILTIN\\Certificate Service DCOM Access";
        b"RA" 5 [32, 575] "BUILTIN\\RDS Remote Access Servers";
        b"ES" 5 [32, 576] "BUILTIN\\RDS Endpoint Servers";
        b"MS" 5 [32, 577] "BUILTIN\\RDS Management Servers";
        b"HA" 5 [32, 578] "BUILTIN\\Hyper-V Administrators";
        b"AA" 5 [32, 579] "BUILTIN\\Access Control Assistance Operators";
        b"RM" 5 [32, 580] "BUILTIN\\Remote Management Users";
        b"HO" 5 [32, 584] "BUILTIN\\User Mode Hardware Operators";
        b"UD" 5 [84, 0, 0, 0, 0, 0] "NT AUTHORITY\\USER MODE DRIVERS";
        b"AC" 15 [2, 1] "APPLICATION PACKAGE AUTHORITY\\ALL APPLICATION PACKAGES";
        b"LW" 16 [4096] "Mandatory Label\\Low Mandatory Level";
        b"ME" 16 [8192] "Mandatory Label\\Medium Mandatory Level";
        b"MP" 16 [8448] "Mandatory Label\\Medium Plus Mandatory Level";
        b"HI" 16 [12288] "Mandatory Label\\High Mandatory Level";
        b"SI" 16 [16384] "Mandatory Label\\System Mandatory Level";
        b"AS" 18 [1] "Authentication authority asserted identity";
        b"SS" 18 [2] "Service asserted identity";
    }
    unaliased {
        0 [0] "NULL SID";
        2 [0] "LOCAL";
        2 [1] "CONSOLE LOGON";
        3 [2] "CREATOR OWNER SERVER";
        3 [3] "CREATOR GROUP SERVER";
        5 [1] "NT AUTHORITY\\DIALUP";
        5 [3] "NT AUTHORITY\\BATCH";
        5 [8] "NT AUTHORITY\\PROXY";
        5 [13] "NT AUTHORITY\\TERMINAL SERVER USER";
        5 [14] "NT AUTHORITY\\REMOTE INTERACTIVE LOGON";
        5 [15] "NT AUTHORITY\\This Organization";
        5 [17] "NT AUTHORITY\\IUSR";
        5 [64, 10] "NT AUTHORITY\\NTLM Authentication";
        5 [64, 14] "NT AUTHORITY\\SChannel Authentication";
        5 [64, 21] "NT AUTHORITY\\Digest Authentication";
        5 [80, 0] "NT SERVICE\\ALL SERVICES";
        5 [83, 0] "NT VIRTUAL MACHINE\\Virtual Machines";
        5 [113] "NT AUTHORITY\\Local account";
        5 [114] "NT AUTHORITY\\Local account and member of Administrators group";
        5 [1000] "NT AUTHORITY\\Other Organization";
        5 [32, 557] "BUILTIN\\Incoming Forest Trust Builders";
        5 [32, 560] "BUILTIN\\Windows Authorization Access Group";
        5 [32, 561] "BUILTIN\\Terminal Server License Servers";
        5 [32, 562] "BUILTIN\\Distributed COM Users";
        5 [32, 581] "BUILTIN\\System Managed Accounts Group";
        5 [32, 582] "BUILTIN\\Storage Replica Administrators";
        15 [2, 2] "APPLICATION PACKAGE AUTHORITY\\ALL RESTRICTED APPLICATION PACKAGES";
        16 [0] "Mandatory Label\\Untrusted Mandatory Level";
        16 [20480] "Mandatory Label\\Protected Process Mandatory Level";
        18 [3] "Fresh public key identity";
        18 [4] "Key trust identity";
        18 [5] "Key property multi-factor authentication";
        18 [6] "Key property attestation";
    }
    domain {
        b"LA" 500 "Administrator";
        b"LG" 501 "Guest";
        b"DA" 512 "Domain Admins";
        b"DU" 513 "Domain Users";
        b"DG" 514 "Domain Guests";
        b"DC" 515 "Domain Computers";
        b"DD" 516 "Domain Controllers";
        b"CA" 517 "Cert Publishers";
        b"PA" 520 "Group Policy Creator Owners";
        b"CN" 522 "Cloneable Domain Controllers";
        b"AP" 525 "Protected Users";
        b"KA" 526 "Key Admins";
        b"RS" 553 "RAS and IAS Servers";
    }
    forest {
        b"RO" 498 "Enterprise Read-only Domain Controllers";
        b"SA" 518 "Schema Admins";
        b"EA" 519 "Enterprise Admins";
        b"EK" 527 "Enterprise Key Admins";
    }
}
