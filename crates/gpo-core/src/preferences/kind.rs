//! The kinds of preferences.

use crate::guid::Guid;

/// A kind of preferences, with a file and a root element of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreferenceKind {
    /// The name of its folder, and of the file in it without `.xml`.
    pub name: &'static str,
    /// The root element.
    pub root: &'static str,
    /// The `clsid` of the root element, as far as a source is at hand.
    pub clsid: Option<Guid>,
    /// The elements of its items with their `clsid`, as far as a source is at hand.
    pub items: &'static [(&'static str, Guid)],
}

/// The kinds, by name ([MS-GPPREF] 2.2.1.2 and what follows; the GUIDs of network options, network
/// shares, immediate tasks, and local printers and those on a port are from real files).
#[rustfmt::skip]
pub const PREFERENCE_KINDS: [PreferenceKind; 21] = [
    PreferenceKind {
        name: "Applications",
        root: "Applications",
        clsid: Some(Guid::from_u128(0x16DB8EC4_EBFC_4958_98EE_712E9DD3A966)),
        items: &[
            ("Application", Guid::from_u128(0xC8535E2E_148D_494D_8E9A_71FC46649B5E)),
        ],
    },
    PreferenceKind {
        name: "DataSources",
        root: "DataSources",
        clsid: Some(Guid::from_u128(0x380F820F_F21B_41AC_A3CC_24D4F80F067B)),
        items: &[
            ("DataSource", Guid::from_u128(0x5C209626_D820_4D69_8D50_1FACD6214488)),
        ],
    },
    PreferenceKind {
        name: "Devices",
        root: "Devices",
        clsid: Some(Guid::from_u128(0x4DD26924_3F32_47AA_BF33_36D51BD1E54E)),
        items: &[
            ("Device", Guid::from_u128(0x2E1C95D0_85FB_403A_A57C_A508854FB7C8)),
        ],
    },
    PreferenceKind {
        name: "Drives",
        root: "Drives",
        clsid: Some(Guid::from_u128(0x8FDDCC1A_0C3C_43CD_A6B4_71A6DF20DA8C)),
        items: &[
            ("Drive", Guid::from_u128(0x935D1B74_9CB8_4E3C_9914_7DD559B7A417)),
        ],
    },
    PreferenceKind {
        name: "EnvironmentVariables",
        root: "EnvironmentVariables",
        clsid: Some(Guid::from_u128(0xBF141A63_327B_438A_B9BF_2C188F13B7AD)),
        items: &[
            ("EnvironmentVariable", Guid::from_u128(0x78570023_8373_4A19_BA80_2F150738EA19)),
        ],
    },
    PreferenceKind {
        name: "Files",
        root: "Files",
        clsid: Some(Guid::from_u128(0x215B2E53_57CE_475C_80FE_9EEC14635851)),
        items: &[
            ("File", Guid::from_u128(0x50BE44C8_567A_4ED1_B1D0_9234FE1F38AF)),
        ],
    },
    PreferenceKind {
        name: "FolderOptions",
        root: "FolderOptions",
        clsid: Some(Guid::from_u128(0x8AB5F5D7_F676_48AB_A94E_1186E120EFDC)),
        items: &[
            ("GlobalFolderOptionsVista", Guid::from_u128(0xDBF1E3CD_4CA2_407C_BE84_5F67D3BE754D)),
        ],
    },
    PreferenceKind {
        name: "Folders",
        root: "Folders",
        clsid: Some(Guid::from_u128(0x77CC39E7_3D16_4F8F_AF86_EC0BBEE2C861)),
        items: &[
            ("Folder", Guid::from_u128(0x07DA02F5_F9CD_4397_A550_4AE21B6B4BD3)),
        ],
    },
    PreferenceKind {
        name: "Groups",
        root: "Groups",
        clsid: Some(Guid::from_u128(0x3125E937_EB16_4B4C_9934_544FC6D24D26)),
        items: &[
            ("Group", Guid::from_u128(0x6D4A79E4_529C_4481_ABD0_F5BD7EA93BA7)),
            ("User", Guid::from_u128(0xDF5F1855_51E5_4D24_8B1A_D9BDE98BA1D1)),
        ],
    },
    PreferenceKind {
        name: "IniFiles",
        root: "IniFiles",
        clsid: Some(Guid::from_u128(0x694C651A_08F2_47FA_A427_34C4F62BA207)),
        items: &[
            ("Ini", Guid::from_u128(0xEEFACE84_D3D8_4680_8D4B_BF103E759448)),
        ],
    },
    PreferenceKind {
        name: "InternetSettings",
        root: "InternetSettings",
        clsid: None,
        items: &[],
    },
    PreferenceKind {
        name: "NetworkOptions",
        root: "NetworkOptions",
        clsid: Some(Guid::from_u128(0x09686AD1_5D80_48EE_A940_690A6DF02A90)),
        items: &[
            ("DUN", Guid::from_u128(0x9B0D030D_9396_49C1_8DEF_08B35B5BB79E)),
        ],
    },
    PreferenceKind {
        name: "NetworkShares",
        root: "NetworkShareSettings",
        clsid: Some(Guid::from_u128(0x520870D8_A6E7_47E8_A8D8_E6A4E76EAEC2)),
        items: &[
            ("NetShare", Guid::from_u128(0x2888C5E7_94FC_4739_90AA_2C1536D68BC0)),
        ],
    },
    PreferenceKind {
        name: "PowerOptions",
        root: "PowerOptions",
        clsid: Some(Guid::from_u128(0x7B0F9381_C3B8_4525_8167_87349B671D94)),
        items: &[
            ("GlobalPowerOptionsV2", Guid::from_u128(0x2B130A62_FC14_4572_91C3_5435C6A0C3FC)),
        ],
    },
    PreferenceKind {
        name: "Printers",
        root: "Printers",
        clsid: Some(Guid::from_u128(0x1F577D12_3D1B_471E_A1B7_060317597B9C)),
        items: &[
            ("LocalPrinter", Guid::from_u128(0xF08996D5_568B_45F5_BB7A_D3FB1E370B0A)),
            ("PortPrinter", Guid::from_u128(0xC3A739D2_4A44_401E_9F9D_88E5E77DFB3E)),
            ("SharedPrinter", Guid::from_u128(0x9A5E9697_9095_436D_A0EE_4D128FDFBCE5)),
        ],
    },
    PreferenceKind {
        name: "RegionalOptions",
        root: "Regional",
        clsid: None,
        items: &[],
    },
    PreferenceKind {
        name: "Registry",
        root: "RegistrySettings",
        clsid: Some(Guid::from_u128(0xA3CCFC41_DFDB_43A5_8D26_0FE8B954DA51)),
        items: &[
            ("Registry", Guid::from_u128(0x9CD4B2F4_923D_47F5_A062_E897DD1DAD50)),
            ("Collection", Guid::from_u128(0x53B533F5_224C_47E3_B01B_CA3B3F3FF4BF)),
        ],
    },
    PreferenceKind {
        name: "ScheduledTasks",
        root: "ScheduledTasks",
        clsid: Some(Guid::from_u128(0xCC63F200_7309_4BA0_B154_A71CD118DBCC)),
        items: &[
            ("Task", Guid::from_u128(0x2DEECB1C_261F_4E13_9B21_16FB83BC03BD)),
            ("TaskV2", Guid::from_u128(0xD8896631_B747_47A7_84A6_C155337F3BC8)),
            ("ImmediateTask", Guid::from_u128(0x9F030D12_DDA3_4C26_8548_B7CE9151166A)),
            ("ImmediateTaskV2", Guid::from_u128(0x9756B581_76EC_4169_9AFC_0CA8D43ADB5F)),
        ],
    },
    PreferenceKind {
        name: "Services",
        root: "NTServices",
        clsid: Some(Guid::from_u128(0x2CFB484A_4E96_4B5D_A0B6_093D2F91E6AE)),
        items: &[
            ("NTService", Guid::from_u128(0xAB6F0B67_341F_4E51_92F9_005FBFBA1A43)),
        ],
    },
    PreferenceKind {
        name: "Shortcuts",
        root: "Shortcuts",
        clsid: Some(Guid::from_u128(0x872ECB34_B2EC_401B_A585_D32574AA90EE)),
        items: &[
            ("Shortcut", Guid::from_u128(0x4F2F7C55_2790_433E_8127_0739D1CFA327)),
        ],
    },
    PreferenceKind {
        name: "StartMenuTaskbar",
        root: "StartMenuTaskbar",
        clsid: Some(Guid::from_u128(0x4C4059E4_2F6E_4630_9CB8_5D9A89252C3B)),
        items: &[
            ("StartMenuVista", Guid::from_u128(0x8B03851A_1210_4621_80B6_C334A4F1C941)),
        ],
    },
];
