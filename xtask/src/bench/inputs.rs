//! Inputs of the benches, made here: like the files of real backups, and the same on every machine.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use gpo_core::{
    BackupXml, EntryKind, ExtensionGroup, ExtensionList, Gpo, GpoStatus, GroupSource, Guid,
    HalfVersion, Inventory, RegistryEntry, RegistryPol, RegistryValue, SecurityGroup, Text,
};

use crate::Result;

/// A file that is measured, and what it is.
pub(super) struct Input {
    pub(super) label: &'static str,
    pub(super) path: PathBuf,
}

pub(super) struct Inputs {
    pub(super) registry_pol: Vec<Input>,
    pub(super) backup_xml: Vec<Input>,
    pub(super) security_template: Vec<Input>,
    pub(super) preferences: Vec<Input>,
    pub(super) utf_16: Vec<Input>,
}

impl Inputs {
    /// Writes the made inputs into a folder.
    pub(super) fn made(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let put = |label, name: &str, bytes: Vec<u8>| -> Result<Vec<Input>> {
            let path = folder.join(name);
            fs::write(&path, bytes)?;
            Ok(vec![Input { label, path }])
        };
        let pol = registry_pol()?;
        let mut inputs = Self {
            registry_pol: put("made", "registry.pol", pol.to_bytes()?)?,
            backup_xml: put("made", "Backup.xml", backup_xml()?.to_bytes()?)?,
            security_template: put("made", "GptTmpl.inf", security_template()?)?,
            preferences: put("made", "Registry.xml", preferences()?)?,
            utf_16: put("made, ASCII", "ascii.inf", inf("Administrators")?)?,
        };
        inputs
            .utf_16
            .extend(put("made, not ASCII", "other.inf", inf("Прüfer")?)?);
        Ok(inputs)
    }

    /// Writes the inputs into a folder, and adds the largest real files where there are any.
    pub(super) fn write(folder: &Path) -> Result<Self> {
        let mut inputs = Self::made(folder)?;
        let corpus = crate::shared().join("corpus/backups");
        if corpus.is_dir() {
            for (name, inputs) in [
                ("registry.pol", &mut inputs.registry_pol),
                ("Backup.xml", &mut inputs.backup_xml),
                ("GptTmpl.inf", &mut inputs.security_template),
                ("Registry.xml", &mut inputs.preferences),
            ] {
                let path = largest(&corpus, name)?;
                inputs.extend(path.map(|path| Input {
                    label: "real",
                    path,
                }));
            }
        } else {
            eprintln!("SKIPPED: real files, there is no {}", corpus.display());
        }
        Ok(inputs)
    }
}

/// A folder of inputs that take long to make: one that is whole from before stays. Who changes what
/// makes it removes it.
pub(super) fn made_once(
    scratch: &Path,
    name: &str,
    make: impl FnOnce(&Path) -> Result,
) -> Result<PathBuf> {
    let (folder, complete) = (scratch.join(name), scratch.join(format!("{name}.complete")));
    if !complete.exists() {
        eprintln!("making {}", folder.display());
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        make(&folder)?;
        fs::write(complete, "")?;
    }
    Ok(folder)
}

fn largest(corpus: &Path, name: &str) -> Result<Option<PathBuf>> {
    let (mut folders, mut found) = (vec![corpus.to_path_buf()], None);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if entry.file_name().eq_ignore_ascii_case(name) {
                found = found.max(Some((entry.metadata()?.len(), entry.path())));
            }
        }
    }
    Ok(found.map(|(_, path)| path))
}

/// Numbers that look random (xorshift).
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// As many values as the largest of 1,294 real files has, with the kinds as frequent as in all of
/// them together (49,834 values), about 190 bytes each.
fn registry_pol() -> Result<RegistryPol> {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let mut pol = RegistryPol::default();
    for n in 0..1611 {
        let area = numbers.below(40);
        let key = format!(r"Software\Policies\Microsoft\Windows\Component{area}");
        let name = format!("EnableSetting{n:04}");
        let sz = |text: &str| RegistryValue::Sz(text.into());
        let kind = numbers.below(52_373);
        pol.entries.push(match kind {
            0..38_296 => {
                let number = u32::try_from(numbers.below(4))?;
                RegistryEntry::set(&key, &name, RegistryValue::Dword(number))?
            }
            38_296..47_961 => {
                let path = format!(r"\\server{area}\share\folder\file{n}.txt");
                RegistryEntry::set(&key, &name, sz(&path))?
            }
            47_961..48_745 => {
                let list = RegistryValue::MultiSz(Vec::new());
                RegistryEntry::set(&key, &name, list)?
            }
            48_745..48_824 => {
                let list = RegistryValue::MultiSz(vec!["one".into(), "two".into()]);
                RegistryEntry::set(&key, &name, list)?
            }
            48_824..49_593 => RegistryEntry::create_key(&key)?,
            49_593..49_748 => {
                let bytes = RegistryValue::Binary(vec![7; 64]);
                RegistryEntry::set(&key, &name, bytes)?
            }
            49_748..49_831 => {
                let path = RegistryValue::ExpandSz(r"%SystemRoot%\system32\demo.dll".into());
                RegistryEntry::set(&key, &name, path)?
            }
            49_831..49_834 => RegistryEntry::set(&key, &name, RegistryValue::Qword(1 << 40))?,
            49_834..51_886 => RegistryEntry::delete(&key, &name)?,
            _ => RegistryEntry::delete_all_values(&key)?,
        });
    }
    Ok(pol)
}

/// About as large as the largest Backup.xml known, 2.1 MB: mostly files that no extension claims.
fn backup_xml() -> Result<BackupXml> {
    let mut numbers = Numbers(1);
    let mut inventory = Inventory::default();
    inventory.insert(r"Machine\registry.pol".parse()?, EntryKind::File(1))?;
    for n in 0..4200 {
        let (folder, deeper) = (numbers.below(60), numbers.below(8));
        let path = format!(r"Machine\Applications\Folder {folder}\Part {deeper}\file{n}.dat");
        inventory.insert(path.parse()?, EntryKind::File(1))?;
    }
    let registry = ExtensionGroup {
        cse: Guid::from_u128(0x35378EAC_683F_11D2_A89A_00C04FBBCFA2),
        tools: vec![Guid::from_u128(0xD02B1F72_3407_48AE_BA88_E8213C6761F1)],
    };
    let version = HalfVersion {
        directory: 12,
        sysvol: 12,
    };
    let gpo = Gpo {
        id: "{31B2F340-016D-11D2-945F-00C04FB984F9}".parse()?,
        domain: "corp.example.com".into(),
        display_name: "Applications of the whole company".into(),
        status: GpoStatus::empty(),
        machine_version: version,
        user_version: version,
        machine_extensions: ExtensionList::from_groups(&[registry]),
        user_extensions: ExtensionList::default(),
        wmi_filter: None,
        wmi_filter_name: String::new(),
        security_descriptor: Some(vec![1; 256]),
        inventory,
        machine_objects: Vec::new(),
        user_objects: Vec::new(),
    };
    let groups = (0..60).map(|n| {
        let sid = format!("S-1-5-21-1004336348-1177238915-682003330-{}", 1000 + n);
        SecurityGroup {
            sam_account_name: format!("Group {n}"),
            netbios_domain: "CORP".into(),
            dns_domain: "corp.example.com".into(),
            ..SecurityGroup::unresolved(sid, GroupSource::Dacl)
        }
    });
    let paths = vec![r"\\server\share\software".into()];
    let controller = "dc1.corp.example.com";
    Ok(BackupXml::build(&gpo, controller, groups.collect(), paths))
}

/// A security template with 4,000 lines of each kind that are frequent in real ones, about 1 MB.
fn security_template() -> Result<Vec<u8>> {
    let mut template = String::from("[Unicode]\r\nUnicode=yes\r\n[System Access]\r\n");
    for n in 0..1000 {
        writeln!(template, "Setting{n} = {n}\r")?;
    }
    template += "[Registry Values]\r\n";
    for n in 0..4000 {
        let key = r"MACHINE\System\CurrentControlSet\Services\Demo\Parameters";
        writeln!(template, "{key}\\Value{n}=4,{}\r", n % 3)?;
    }
    template += "[Privilege Rights]\r\n";
    for n in 0..4000 {
        let domain = "*S-1-5-21-1004336348-1177238915-682003330";
        writeln!(
            template,
            "SeRight{n}Privilege = *S-1-5-32-544,{domain}-{n}\r"
        )?;
    }
    Ok(Text::new(template, gpo_core::Encoding::Utf16Le, true).encode()?)
}

/// Registry items of preferences, a third of them with targeting, about 1 MB.
fn preferences() -> Result<Vec<u8>> {
    let mut xml = String::from(concat!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n",
        "<RegistrySettings clsid=\"{A3CCFC41-DFDB-43a5-8D26-0FE8B954DA51}\">"
    ));
    for n in 0..2000 {
        write!(
            xml,
            "<Registry clsid=\"{{9CD4B2F4-923D-47f5-A062-E897DD1DAD50}}\" name=\"Value{n}\" \
             status=\"Value{n}\" image=\"12\" changed=\"2024-03-14 09:26:53\" \
             uid=\"{{00000000-0000-4000-8000-{n:012}}}\"><Properties action=\"U\" \
             displayDecimal=\"1\" default=\"0\" hive=\"HKEY_LOCAL_MACHINE\" \
             key=\"SOFTWARE\\Demo\\Part{}\" name=\"Value{n}\" type=\"REG_DWORD\" \
             value=\"{n:08X}\"/>",
            n % 40
        )?;
        if n % 3 == 0 {
            write!(
                xml,
                "<Filters><FilterGroup bool=\"AND\" not=\"0\" name=\"CORP\\Group {n}\" \
                 sid=\"S-1-5-21-1004336348-1177238915-682003330-{n}\" userContext=\"1\" \
                 primaryGroup=\"0\" localGroup=\"0\"/></Filters>"
            )?;
        }
        xml += "</Registry>\r\n";
    }
    xml += "</RegistrySettings>\r\n";
    Ok(xml.into_bytes())
}

/// A security template in UTF-16, 1 MB of it.
fn inf(principal: &str) -> Result<Vec<u8>> {
    let mut text = String::from("[Unicode]\r\nUnicode=yes\r\n[Privilege Rights]\r\n");
    while text.len() < 500_000 {
        text += "SeInteractiveLogonRight = *S-1-5-32-544,";
        text += principal;
        text += "\r\n";
    }
    Ok(Text::new(text, gpo_core::Encoding::Utf16Le, true).encode()?)
}
