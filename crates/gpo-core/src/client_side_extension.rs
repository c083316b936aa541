//! The names of client-side extensions.

use crate::guid::Guid;

/// The name of a client-side extension (CSE) that Windows brings along, as the editor shows it.
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
    let known = NAMES.iter().find(|(id, _)| Guid::from_u128(*id) == cse);
    known.map(|(_, name)| *name)
}

/// [MS-GPREG], [MS-GPSB], [MS-GPSCR], [MS-GPFR], [MS-GPSI], [MS-GPEF], [MS-GPAC], [MS-GPIPSEC],
/// [MS-GPWL] and [MS-GPPREF], section 1.9 of each; the rest as `Winlogon\GPExtensions` of Windows
/// has them.
const NAMES: [(u128, &str); 52] = [
    (0, "Preferences"),
    (0x35378EAC_683F_11D2_A89A_00C04FBBCFA2, "Registry"),
    (0x827D319E_6EAC_11D2_A4EA_00C04F79F83A, "Security"),
    (
        0xF3CCC681_B74C_4060_9F26_CD84525DCA2A,
        "Advanced Audit Configuration",
    ),
    (0xB1BE8D72_6EAC_11D2_A4EA_00C04F79F83A, "EFS Recovery"),
    (0x42B5FAAE_6536_11D2_AE5A_0000F87571E3, "Scripts"),
    (0x25537BA6_77A8_11D2_9B6C_0000F8080861, "Folder Redirection"),
    (
        0xC6DC5466_785A_11D2_84D0_00C04FB169F7,
        "Software Installation",
    ),
    (
        0x3060E8D0_7020_11D2_842D_00C04FA372D4,
        "Remote Installation",
    ),
    (0xE437BC1C_AA7D_11D2_A382_00C04F991E27, "IP Security"),
    (0x0ACDD40C_75AC_47AB_BAA0_BF6DE7E7FE63, "Wireless"),
    (0xB587E2B1_4D59_4E7E_AED9_22B9DF11D053, "Wired (802.3)"),
    (
        0x17D89FEC_5C44_4972_B12D_241CAEF74509,
        "Local Users and Groups",
    ),
    (0x5794DAFD_BE60_433F_88A2_1A31939AC01F, "Drive Maps"),
    (0x0E28E245_9368_4853_AD84_6DA3BA35BB75, "Environment"),
    (0x7150F9BF_48AD_4DA4_A49C_29EF4A8369BA, "Files"),
    (0x6232C319_91AC_4931_9385_E70C2B099F0E, "Folders"),
    (0x74EE6C03_5363_4554_B161_627540339CAB, "Ini Files"),
    (0x91FBB303_0CD5_4055_BF42_E512A681B325, "Services"),
    (0xAADCED64_746C_4633_A97C_D61349046527, "Scheduled Tasks"),
    (
        0xB087BE9D_ED37_454F_AF9C_04291E351182,
        "Registry Preferences",
    ),
    (0xBC75B1ED_5833_4858_9BB8_CBF0B166DF9D, "Printers"),
    (0xC418DD9D_0D14_4EFB_8FBF_CFE535C8FAC7, "Shortcuts"),
    (0xE62688F0_25FD_4C90_BFF5_F508B9D2E31F, "Power Options"),
    (0x728EE579_943C_4519_9EF7_AB56765798ED, "Data Sources"),
    (0x1A6364EB_776B_4120_ADE1_B63A406A76B5, "Devices"),
    (0xA3F3E39B_5D83_4940_B954_28315B82F0A8, "Folder Options"),
    (0xE47248BA_94CC_49C4_BBB5_9EB7F05183D0, "Internet Settings"),
    (0x3A0DBA37_F8B2_4356_83DE_3E90BD5C261F, "Network Options"),
    (0x6A4C88C6_C502_4F74_8F60_2CB23EDC24E2, "Network Shares"),
    (0xE5094040_C46C_4115_B030_04FB2E545B00, "Regional Options"),
    (0xE4F48E54_F38D_4884_BFB9_D4D2E5729C18, "Start Menu"),
    (0xF9C77450_3A41_477E_9310_9ACD617BD9E3, "Applications"),
    (
        0xA2E30F80_D7DE_11D2_BBDE_00C04F86AE3B,
        "Internet Explorer Maintenance",
    ),
    (
        0x4CFB60C1_FAA6_47F1_89AA_0B18730C9FD3,
        "Internet Explorer Zone Mapping",
    ),
    (
        0x7B849A69_220F_451E_B3FE_2CB811AF94AE,
        "Internet Explorer User Accelerators",
    ),
    (
        0xCF7639F3_ABA2_41DB_97F2_81E2C5DBFC5D,
        "Internet Explorer Machine Accelerators",
    ),
    (0xFB2CA36D_0B40_4307_821B_A13B252DE56C, "Policy-based QoS"),
    (
        0x426031C0_0B47_4852_B0CA_AC3D37BFCB39,
        "QoS Packet Scheduler",
    ),
    (0xC631DF4C_088F_4156_B058_4375F0853CD8, "Offline Files"),
    (0x4D968B55_CAC2_4FF5_983F_0A54603781A3, "Work Folders"),
    (0xCDEAFC3D_948D_49DD_AB12_E578BA4AF7AA, "TCP/IP"),
    (0x7933F41E_56F8_41D6_A31C_4148A711EE93, "Windows Search"),
    (
        0xBA649533_0AAC_4E04_B9BC_4DBAE0325B12,
        "Windows To Go Startup Options",
    ),
    (
        0xC34B2751_1CF4_44F5_9262_C3FC39666591,
        "Windows To Go Hibernate Options",
    ),
    (0x7909AD9E_09EE_4247_BAB9_7029D5F0A278, "MDM Policy"),
    (
        0xCFF649BD_601D_4361_AD3D_0FC365DB4DB7,
        "Delivery Optimization",
    ),
    (0x2A8FDC61_2347_4C87_92F6_B05EB91A201A, "Mitigation Options"),
    (
        0xF312195E_3D9D_447A_A3F5_08DFFA24735E,
        "Virtualization Based Security",
    ),
    (
        0xFC491EF1_C4AA_4CE1_B329_414B101DB823,
        "Code Integrity Policy",
    ),
    (0xD76B9641_3288_4F75_942D_087DE603E3EA, "AdmPwd (LAPS)"),
    (0xF15C46CD_82A0_4C2D_A210_5D0D3182A418, "Unknown Extension"),
];
