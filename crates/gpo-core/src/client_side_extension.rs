//! The client-side extensions, and what belongs to each.

use crate::backup_xml;
use crate::guid::Guid;
use crate::path::GpoPath;

/// A client-side extension (CSE): the part of Windows that applies one kind of settings.
///
/// ```
/// use gpo_core::ClientSideExtension;
///
/// let owner = ClientSideExtension::owner(&r"User\Scripts\psscripts.ini".parse()?).unwrap();
/// assert_eq!((owner.id, owner.name), (ClientSideExtension::SCRIPTS, "Scripts"));
/// assert_eq!(owner.backup_slot(), Some(3));
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientSideExtension {
    /// Its GUID.
    pub id: Guid,
    /// Its name, as the editor shows it.
    pub name: &'static str,
    /// The tools of the editor that stand behind its GUID in extension lists, of both halves, as far
    /// as a source is at hand.
    pub tools: &'static [Guid],
    /// The files that it reads, below the SYSVOL folder in upper case; `*` is one name, or the start of
    /// one. The scripts that scripts.ini names lie beside it, and settings in the directory are not
    /// listed. [`SettingsFile`](crate::SettingsFile) and
    /// [`PolicyComments`](crate::PolicyComments) read them.
    pub files: &'static [&'static str],
}

impl ClientSideExtension {
    /// Administrative templates.
    pub const REGISTRY: Guid = Guid::from_u128(0x35378EAC_683F_11D2_A89A_00C04FBBCFA2);
    /// Security settings.
    pub const SECURITY: Guid = Guid::from_u128(0x827D319E_6EAC_11D2_A4EA_00C04F79F83A);
    /// Advanced audit policy.
    pub const AUDIT: Guid = Guid::from_u128(0xF3CCC681_B74C_4060_9F26_CD84525DCA2A);
    /// Scripts.
    pub const SCRIPTS: Guid = Guid::from_u128(0x42B5FAAE_6536_11D2_AE5A_0000F87571E3);
    /// Folder redirection.
    pub const FOLDER_REDIRECTION: Guid = Guid::from_u128(0x25537BA6_77A8_11D2_9B6C_0000F8080861);
    /// Software installation.
    pub const SOFTWARE_INSTALLATION: Guid = Guid::from_u128(0xC6DC5466_785A_11D2_84D0_00C04FB169F7);
    /// Remote installation.
    pub const REMOTE_INSTALLATION: Guid = Guid::from_u128(0x3060E8D0_7020_11D2_842D_00C04FA372D4);

    /// The extension of this GUID.
    pub fn of(cse: Guid) -> Option<&'static Self> {
        CLIENT_SIDE_EXTENSIONS.iter().find(|known| known.id == cse)
    }

    /// The extension that reads the file at this path below the SYSVOL folder of a GPO.
    pub fn owner(path: &GpoPath) -> Option<&'static Self> {
        let reads = |known: &&Self| known.files.iter().any(|place| path.fits(place));
        CLIENT_SIDE_EXTENSIONS.iter().find(reads)
    }

    /// The line, from 0, that GPMC's template of Backup.xml has for its block; none where its files
    /// are listed under "Unknown Extension".
    pub fn backup_slot(&self) -> Option<usize> {
        backup_xml::slot_of(self.id)
    }
}

/// The name of a client-side extension that Windows brings along, as the editor shows it.
///
/// Also `{00000000-0000-0000-0000-000000000000}`, the group at the head of a list that names the
/// tools of all preferences, and the extension that exists in backups only,
/// [`ExtensionBlock::UNKNOWN_EXTENSION`](crate::ExtensionBlock::UNKNOWN_EXTENSION).
///
/// ```
/// use gpo_core::{Guid, extension_name};
///
/// let cse: Guid = "{827d319e-6eac-11d2-a4ea-00c04f79f83a}".parse()?;
/// assert_eq!(extension_name(cse), Some("Security"));
/// # Ok::<(), gpo_core::Error>(())
/// ```
pub fn extension_name(cse: Guid) -> Option<&'static str> {
    ClientSideExtension::of(cse).map(|known| known.name)
}

const fn extension(
    id: Guid,
    name: &'static str,
    tools: &'static [Guid],
    files: &'static [&'static str],
) -> ClientSideExtension {
    ClientSideExtension {
        id,
        name,
        tools,
        files,
    }
}

/// The extensions that Windows brings along.
///
/// [MS-GPREG], [MS-GPSB], [MS-GPSCR], [MS-GPFR], [MS-GPSI], [MS-GPEF], [MS-GPAC], [MS-GPIPSEC],
/// [MS-GPWL] and [MS-GPPREF], section 1.9 of each; the rest as `Winlogon\GPExtensions` of Windows
/// has them. Tools are from the same sections and from 1,254 groups of extension lists.
#[rustfmt::skip]
pub static CLIENT_SIDE_EXTENSIONS: [ClientSideExtension; 52] = [
    extension(Guid::from_u128(0), "Preferences", &[], &[]),
    extension(ClientSideExtension::REGISTRY, "Registry", &[Guid::from_u128(0x0F6B957D_509E_11D1_A7CC_0000F87571E3), Guid::from_u128(0x0F6B957E_509E_11D1_A7CC_0000F87571E3), Guid::from_u128(0xD02B1F72_3407_48AE_BA88_E8213C6761F1), Guid::from_u128(0xD02B1F73_3407_48AE_BA88_E8213C6761F1), Guid::from_u128(0x53D6AB1B_2488_11D1_A28C_00C04FB94F17), Guid::from_u128(0x53D6AB1D_2488_11D1_A28C_00C04FB94F17), Guid::from_u128(0x62C1845D_C4A6_4ACB_BBB0_C895FD090385), Guid::from_u128(0xB05566AC_FE9C_4368_BE01_7A4CBB6CBA11)], &[r"MACHINE\REGISTRY.POL", r"USER\REGISTRY.POL", r"MACHINE\COMMENT.CMTX", r"USER\COMMENT.CMTX", r"ADM\*"]),
    extension(ClientSideExtension::SECURITY, "Security", &[Guid::from_u128(0x803E14A0_B4FB_11D0_A0D0_00A0C90F574B)], &[r"MACHINE\MICROSOFT\WINDOWS NT\SECEDIT\GPTTMPL.INF"]),
    extension(ClientSideExtension::AUDIT, "Advanced Audit Configuration", &[Guid::from_u128(0x0F3F3735_573D_9804_99E4_AB2A69BA5FD4)], &[r"MACHINE\MICROSOFT\WINDOWS NT\AUDIT\AUDIT.CSV"]),
    extension(Guid::from_u128(0xB1BE8D72_6EAC_11D2_A4EA_00C04F79F83A), "EFS Recovery", &[Guid::from_u128(0x53D6AB1B_2488_11D1_A28C_00C04FB94F17), Guid::from_u128(0x53D6AB1D_2488_11D1_A28C_00C04FB94F17)], &[]),
    extension(ClientSideExtension::SCRIPTS, "Scripts", &[Guid::from_u128(0x40B6664F_4972_11D1_A7CA_0000F87571E3), Guid::from_u128(0x40B66650_4972_11D1_A7CA_0000F87571E3)], &[r"*\SCRIPTS\SCRIPTS.INI", r"*\SCRIPTS\PSSCRIPTS.INI"]),
    extension(ClientSideExtension::FOLDER_REDIRECTION, "Folder Redirection", &[Guid::from_u128(0x88E729D6_BDC1_11D1_BD2A_00C04FB9603F)], &[r"USER\DOCUMENTS & SETTINGS\*"]),
    extension(ClientSideExtension::SOFTWARE_INSTALLATION, "Software Installation", &[Guid::from_u128(0x942A8E4F_A261_11D1_A760_00C04FB9603F), Guid::from_u128(0xBACF5C8A_A3C7_11D1_A760_00C04FB9603F)], &[r"*\APPLICATIONS\*.AAS"]),
    extension(ClientSideExtension::REMOTE_INSTALLATION, "Remote Installation", &[], &[r"USER\MICROSOFT\REMOTEINSTALL\OSCFILTER.INI"]),
    extension(Guid::from_u128(0xE437BC1C_AA7D_11D2_A382_00C04F991E27), "IP Security", &[], &[]),
    extension(Guid::from_u128(0x0ACDD40C_75AC_47AB_BAA0_BF6DE7E7FE63), "Wireless", &[], &[]),
    extension(Guid::from_u128(0xB587E2B1_4D59_4E7E_AED9_22B9DF11D053), "Wired (802.3)", &[], &[]),
    extension(Guid::from_u128(0x17D89FEC_5C44_4972_B12D_241CAEF74509), "Local Users and Groups", &[Guid::from_u128(0x79F92669_4224_476C_9C5C_6EFB4D87DF4A)], &[r"*\PREFERENCES\GROUPS\GROUPS.XML"]),
    extension(Guid::from_u128(0x5794DAFD_BE60_433F_88A2_1A31939AC01F), "Drive Maps", &[Guid::from_u128(0x2EA1A81B_48E5_45E9_8BB7_A6E3AC170006)], &[r"*\PREFERENCES\DRIVES\DRIVES.XML"]),
    extension(Guid::from_u128(0x0E28E245_9368_4853_AD84_6DA3BA35BB75), "Environment", &[Guid::from_u128(0x35141B6B_498A_4CC7_AD59_CEF93D89B2CE)], &[r"*\PREFERENCES\ENVIRONMENTVARIABLES\ENVIRONMENTVARIABLES.XML"]),
    extension(Guid::from_u128(0x7150F9BF_48AD_4DA4_A49C_29EF4A8369BA), "Files", &[Guid::from_u128(0x3BAE7E51_E3F4_41D0_853D_9BB9FD47605F)], &[r"*\PREFERENCES\FILES\FILES.XML"]),
    extension(Guid::from_u128(0x6232C319_91AC_4931_9385_E70C2B099F0E), "Folders", &[Guid::from_u128(0x3EC4E9D3_714D_471F_88DC_4DD4471AAB47)], &[r"*\PREFERENCES\FOLDERS\FOLDERS.XML"]),
    extension(Guid::from_u128(0x74EE6C03_5363_4554_B161_627540339CAB), "Ini Files", &[Guid::from_u128(0x516FC620_5D34_4B08_8165_6A06B623EDEB)], &[r"*\PREFERENCES\INIFILES\INIFILES.XML"]),
    extension(Guid::from_u128(0x91FBB303_0CD5_4055_BF42_E512A681B325), "Services", &[Guid::from_u128(0xCC5746A9_9B74_4BE5_AE2E_64379C86E0E4)], &[r"*\PREFERENCES\SERVICES\SERVICES.XML"]),
    extension(Guid::from_u128(0xAADCED64_746C_4633_A97C_D61349046527), "Scheduled Tasks", &[Guid::from_u128(0xCAB54552_DEEA_4691_817E_ED4A4D1AFC72)], &[r"*\PREFERENCES\SCHEDULEDTASKS\SCHEDULEDTASKS.XML"]),
    extension(Guid::from_u128(0xB087BE9D_ED37_454F_AF9C_04291E351182), "Registry Preferences", &[Guid::from_u128(0xBEE07A6A_EC9F_4659_B8C9_0B1937907C83)], &[r"*\PREFERENCES\REGISTRY\REGISTRY.XML"]),
    extension(Guid::from_u128(0xBC75B1ED_5833_4858_9BB8_CBF0B166DF9D), "Printers", &[Guid::from_u128(0xA8C42CEA_CDB8_4388_97F4_5831F933DA84)], &[r"*\PREFERENCES\PRINTERS\PRINTERS.XML"]),
    extension(Guid::from_u128(0xC418DD9D_0D14_4EFB_8FBF_CFE535C8FAC7), "Shortcuts", &[Guid::from_u128(0xCEFFA6E2_E3BD_421B_852C_6F6A79A59BC1)], &[r"*\PREFERENCES\SHORTCUTS\SHORTCUTS.XML"]),
    extension(Guid::from_u128(0xE62688F0_25FD_4C90_BFF5_F508B9D2E31F), "Power Options", &[Guid::from_u128(0x9AD2BAFE_63B4_4883_A08C_C3C6196BCAFD)], &[r"*\PREFERENCES\POWEROPTIONS\POWEROPTIONS.XML"]),
    extension(Guid::from_u128(0x728EE579_943C_4519_9EF7_AB56765798ED), "Data Sources", &[Guid::from_u128(0x1612B55C_243C_48DD_A449_FFC097B19776)], &[r"*\PREFERENCES\DATASOURCES\DATASOURCES.XML"]),
    extension(Guid::from_u128(0x1A6364EB_776B_4120_ADE1_B63A406A76B5), "Devices", &[Guid::from_u128(0x1B767E9A_7BE4_4D35_85C1_2E174A7BA951)], &[r"*\PREFERENCES\DEVICES\DEVICES.XML"]),
    extension(Guid::from_u128(0xA3F3E39B_5D83_4940_B954_28315B82F0A8), "Folder Options", &[Guid::from_u128(0x3BFAE46A_7F3A_467B_8CEA_6AA34DC71F53)], &[r"*\PREFERENCES\FOLDEROPTIONS\FOLDEROPTIONS.XML"]),
    extension(Guid::from_u128(0xE47248BA_94CC_49C4_BBB5_9EB7F05183D0), "Internet Settings", &[Guid::from_u128(0x5C935941_A954_4F7C_B507_885941ECE5C4)], &[r"*\PREFERENCES\INTERNETSETTINGS\INTERNETSETTINGS.XML"]),
    extension(Guid::from_u128(0x3A0DBA37_F8B2_4356_83DE_3E90BD5C261F), "Network Options", &[Guid::from_u128(0x949FB894_E883_42C6_88C1_29169720E8CA)], &[r"*\PREFERENCES\NETWORKOPTIONS\NETWORKOPTIONS.XML"]),
    extension(Guid::from_u128(0x6A4C88C6_C502_4F74_8F60_2CB23EDC24E2), "Network Shares", &[Guid::from_u128(0xBFCBBEB0_9DF4_4C0C_A728_434EA66A0373)], &[r"*\PREFERENCES\NETWORKSHARES\NETWORKSHARES.XML"]),
    extension(Guid::from_u128(0xE5094040_C46C_4115_B030_04FB2E545B00), "Regional Options", &[Guid::from_u128(0xB9CCA4DE_E2B9_4CBD_BF7D_11B6EBFBDDF7)], &[r"*\PREFERENCES\REGIONALOPTIONS\REGIONALOPTIONS.XML"]),
    extension(Guid::from_u128(0xE4F48E54_F38D_4884_BFB9_D4D2E5729C18), "Start Menu", &[Guid::from_u128(0xCF848D48_888D_4F45_B530_6A201E62A605)], &[r"*\PREFERENCES\STARTMENUTASKBAR\STARTMENUTASKBAR.XML"]),
    extension(Guid::from_u128(0xF9C77450_3A41_477E_9310_9ACD617BD9E3), "Applications", &[Guid::from_u128(0x0DA274B5_EB93_47A7_AAFB_65BA532D3FE6)], &[r"*\PREFERENCES\APPLICATIONS\APPLICATIONS.XML"]),
    extension(Guid::from_u128(0xA2E30F80_D7DE_11D2_BBDE_00C04F86AE3B), "Internet Explorer Maintenance", &[], &[r"*\MICROSOFT\IEAK\*.INS"]),
    extension(Guid::from_u128(0x4CFB60C1_FAA6_47F1_89AA_0B18730C9FD3), "Internet Explorer Zone Mapping", &[Guid::from_u128(0xD02B1F72_3407_48AE_BA88_E8213C6761F1), Guid::from_u128(0xD02B1F73_3407_48AE_BA88_E8213C6761F1)], &[]),
    extension(Guid::from_u128(0x7B849A69_220F_451E_B3FE_2CB811AF94AE), "Internet Explorer User Accelerators", &[], &[]),
    extension(Guid::from_u128(0xCF7639F3_ABA2_41DB_97F2_81E2C5DBFC5D), "Internet Explorer Machine Accelerators", &[], &[]),
    extension(Guid::from_u128(0xFB2CA36D_0B40_4307_821B_A13B252DE56C), "Policy-based QoS", &[], &[]),
    extension(Guid::from_u128(0x426031C0_0B47_4852_B0CA_AC3D37BFCB39), "QoS Packet Scheduler", &[], &[]),
    extension(Guid::from_u128(0xC631DF4C_088F_4156_B058_4375F0853CD8), "Offline Files", &[Guid::from_u128(0xD02B1F72_3407_48AE_BA88_E8213C6761F1), Guid::from_u128(0xD02B1F73_3407_48AE_BA88_E8213C6761F1)], &[]),
    extension(Guid::from_u128(0x4D968B55_CAC2_4FF5_983F_0A54603781A3), "Work Folders", &[], &[]),
    extension(Guid::from_u128(0xCDEAFC3D_948D_49DD_AB12_E578BA4AF7AA), "TCP/IP", &[Guid::from_u128(0xD02B1F72_3407_48AE_BA88_E8213C6761F1), Guid::from_u128(0xD02B1F73_3407_48AE_BA88_E8213C6761F1)], &[]),
    extension(Guid::from_u128(0x7933F41E_56F8_41D6_A31C_4148A711EE93), "Windows Search", &[Guid::from_u128(0xD02B1F72_3407_48AE_BA88_E8213C6761F1), Guid::from_u128(0xD02B1F73_3407_48AE_BA88_E8213C6761F1)], &[]),
    extension(Guid::from_u128(0xBA649533_0AAC_4E04_B9BC_4DBAE0325B12), "Windows To Go Startup Options", &[], &[]),
    extension(Guid::from_u128(0xC34B2751_1CF4_44F5_9262_C3FC39666591), "Windows To Go Hibernate Options", &[], &[]),
    extension(Guid::from_u128(0x7909AD9E_09EE_4247_BAB9_7029D5F0A278), "MDM Policy", &[], &[]),
    extension(Guid::from_u128(0xCFF649BD_601D_4361_AD3D_0FC365DB4DB7), "Delivery Optimization", &[], &[]),
    extension(Guid::from_u128(0x2A8FDC61_2347_4C87_92F6_B05EB91A201A), "Mitigation Options", &[Guid::from_u128(0xD02B1F72_3407_48AE_BA88_E8213C6761F1), Guid::from_u128(0xD02B1F73_3407_48AE_BA88_E8213C6761F1)], &[]),
    extension(Guid::from_u128(0xF312195E_3D9D_447A_A3F5_08DFFA24735E), "Virtualization Based Security", &[Guid::from_u128(0xD02B1F72_3407_48AE_BA88_E8213C6761F1), Guid::from_u128(0xD02B1F73_3407_48AE_BA88_E8213C6761F1)], &[]),
    extension(Guid::from_u128(0xFC491EF1_C4AA_4CE1_B329_414B101DB823), "Code Integrity Policy", &[Guid::from_u128(0xD02B1F72_3407_48AE_BA88_E8213C6761F1), Guid::from_u128(0xD02B1F73_3407_48AE_BA88_E8213C6761F1)], &[]),
    extension(Guid::from_u128(0xD76B9641_3288_4F75_942D_087DE603E3EA), "AdmPwd (LAPS)", &[Guid::from_u128(0xD02B1F72_3407_48AE_BA88_E8213C6761F1), Guid::from_u128(0xD02B1F73_3407_48AE_BA88_E8213C6761F1)], &[]),
    extension(Guid::from_u128(0xF15C46CD_82A0_4C2D_A210_5D0D3182A418), "Unknown Extension", &[], &[]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preferences::PREFERENCE_KINDS;
    use alloc::collections::BTreeSet;
    use alloc::format;

    #[test]
    fn each_extension_is_there_once_and_has_its_tools() {
        let ids: BTreeSet<_> = CLIENT_SIDE_EXTENSIONS
            .iter()
            .map(|known| known.id.uuid())
            .collect();
        assert_eq!(ids.len(), CLIENT_SIDE_EXTENSIONS.len());
        for kind in &PREFERENCE_KINDS {
            let path = format!(r"User\Preferences\{0}\{0}.xml", kind.name)
                .parse()
                .unwrap();
            let owner = ClientSideExtension::owner(&path).expect(kind.name);
            assert_eq!(owner.tools.len(), 1, "{}", kind.name);
            assert_eq!(owner.backup_slot(), None);
        }
    }

    #[test]
    fn files_are_found_in_their_place_only() {
        for (path, owner, slot) in [
            (r"machine\Registry.pol", Some("Registry"), Some(0)),
            (r"Machine\Scripts\Registry.pol", None, None),
            (
                r"User\Documents & Settings\fdeploy1.ini",
                Some("Folder Redirection"),
                Some(2),
            ),
            (
                r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf",
                Some("Security"),
                Some(5),
            ),
            (
                r"Machine\Microsoft\Windows NT\Audit\audit.csv",
                Some("Advanced Audit Configuration"),
                None,
            ),
            (
                r"Machine\Applications\{1}.aas",
                Some("Software Installation"),
                Some(9),
            ),
            (r"GPO.cmt", None, None),
        ] {
            let found = ClientSideExtension::owner(&path.parse().unwrap());
            assert_eq!(found.map(|found| found.name), owner, "{path}");
            assert_eq!(
                found.and_then(ClientSideExtension::backup_slot),
                slot,
                "{path}"
            );
        }
    }
}
