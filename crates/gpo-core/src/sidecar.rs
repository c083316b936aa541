//! `gpo-sidecar.json`: what GPMC's layout of a backup has no place for.

mod damage;
mod descriptor;

use std::collections::BTreeSet;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sddl_parser::Sid;
use serde::de::{self, Deserializer, MapAccess};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::contents::Contents;
use crate::directory::{GpoLink, Som, WmiFilter};
use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::hex_text::{from_spaced_hex, to_spaced_hex};
use crate::path::GpoPath;
use crate::source_error::{SourceError, SourceErrorKind};

/// The file beside Backup.xml that holds what GPMC's layout has no place for. GPMC does not look at
/// it, and a backup without it is whole.
///
/// It is JSON in UTF-8:
///
/// | member | what |
/// |---|---|
/// | `schema` | `gpo/sidecar/1`. Another number is not read: it means that a member changed its meaning. New members of the whole come without that, are not understood, and are kept as they stand |
/// | `tool` | the program that wrote it, and its version |
/// | `links` | the links of the GPO; `null` where the source did not show them |
/// | `links[].som` | the distinguished name of the domain, organizational unit or site |
/// | `links[].order` | the place of the link in its `gPLink`, from 0; the last is applied last and wins |
/// | `links[].enforced`, `.disabled` | the options of the link |
/// | `links[].block_inheritance`, `.gp_link` | whether the SOM takes no links from above, and its whole `gPLink`, which tells the neighbours of the link; `null` where the source did not show them |
/// | `wmi_filter` | the WMI filter that the GPO is linked to: `id`, `name`, `description`, `queries`, `author`, `created`, `changed`; `null` without one |
/// | `owner`, `group` | the SIDs that the security descriptor of the container names; or `null` |
/// | `sacl` | the SACL of that descriptor, as a self-relative descriptor in base64 that holds nothing else; or `null`. The DACL is in Backup.xml |
/// | `gpt_ini` | GPT.INI as it was, in base64; `null` without one |
/// | `files[]` | every file of the backup but this one: `path` from the folder of the backup, `/` between the names, `size` in bytes, `sha256` in hexadecimal |
///
/// The hashes show damage. Whoever can change a file of the backup can change its hash, too, so
/// they are no proof against that.
///
/// ```
/// use gpo_core::{Sidecar, SidecarFile};
///
/// let mut sidecar = Sidecar::new("gpo 1.0");
/// sidecar.files.push(SidecarFile { path: "Backup.xml".parse()?, size: 4, sha256: [7; 32] });
/// let bytes = sidecar.to_bytes()?;
/// assert_eq!(Sidecar::parse(&bytes)?, sidecar);
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sidecar {
    /// The program that wrote it, and its version.
    pub tool: String,
    /// The links of the GPO, sorted by the names of their SOMs; none where they are not known.
    pub links: Option<Vec<SidecarLink>>,
    /// The WMI filter that the GPO is linked to.
    pub wmi_filter: Option<WmiFilter>,
    /// The owner of the container.
    pub owner: Option<Sid>,
    /// Its group.
    pub group: Option<Sid>,
    /// A self-relative descriptor that holds its SACL alone.
    pub sacl: Option<Vec<u8>>,
    /// GPT.INI as it was.
    pub gpt_ini: Option<Vec<u8>>,
    /// Every file of the backup but this one.
    pub files: Vec<SidecarFile>,
    /// The text of the members that this version does not know, `,` between them.
    unknown: String,
}

/// A link of the GPO, and what it is linked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SidecarLink {
    /// The link.
    pub link: GpoLink,
    /// What it is linked to, with all its links; none where that is not known.
    pub som: Option<Som>,
}

/// A file of the backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SidecarFile {
    /// Its path from the folder of the backup.
    pub path: GpoPath,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub sha256: [u8; 32],
}

impl Sidecar {
    /// Its name.
    pub const NAME: &'static str = "gpo-sidecar.json";

    /// The largest one that is to be read, in bytes: some 80,000 files.
    pub const LARGEST: u64 = 16 << 20;

    const SCHEMA: &'static str = "gpo/sidecar/1";

    /// One that knows nothing yet, by a tool with this name and version.
    pub fn new(tool: impl Into<String>) -> Self {
        Self {
            tool: tool.into(),
            ..Self::default()
        }
    }

    /// Reads the file of a backup, the folder with its Backup.xml; `None` where there is none, as in
    /// GPMC's own backups.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::Invalid`] where it is no side-car, or larger than
    /// [`LARGEST`](Self::LARGEST); any failure to read it.
    pub fn read(backup: &dyn Contents) -> Result<Option<Self>, SourceError> {
        let invalid = |e| SourceError::invalid(Self::NAME, e);
        let path = GpoPath::from_name(Self::NAME).map_err(invalid)?;
        match backup.read_all(&path, Self::LARGEST) {
            Ok(bytes) => Self::parse(&bytes).map(Some).map_err(invalid),
            Err(error) if error.kind() == SourceErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads the bytes of the file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Value`] where it is no JSON of this form, has another schema, lists a path that
    /// cannot be one of a backup, or a file twice.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let schema: SchemaJson = serde_json::from_slice(bytes).map_err(|e| wrong(&e))?;
        if schema.schema != Self::SCHEMA {
            let found = Quoted::new(&schema.schema);
            return Err(wrong(&format!(
                "the schema is {found}, expected {}",
                Self::SCHEMA
            )));
        }
        let json: SidecarJson = serde_json::from_slice(bytes).map_err(|e| wrong(&e))?;
        let unknown: UnknownMembers = serde_json::from_slice(bytes).map_err(|e| wrong(&e))?;
        let mut sidecar = json.read()?;
        sidecar.unknown = unknown.text;
        Ok(sidecar)
    }

    /// Writes the file: the same value gives the same bytes.
    ///
    /// # Errors
    ///
    /// None for what can be read again.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(&SidecarJson::of(self)).map_err(|e| wrong(&e))?;
        if !self.unknown.is_empty() {
            bytes.truncate(bytes.len() - "\n}".len());
            bytes.extend([b",\n  ", self.unknown.as_bytes(), b"\n}"].concat());
        }
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The file with this path, if it is listed.
    pub fn file(&self, path: &GpoPath) -> Option<&SidecarFile> {
        let place = self.files.binary_search_by(|file| file.path.cmp(path));
        self.files.get(place.ok()?)
    }
}

fn wrong(why: &dyn core::fmt::Display) -> Error {
    Error::new(ErrorKind::Value, why.to_string())
}

#[derive(Deserialize)]
struct SchemaJson {
    schema: String,
}

#[derive(Serialize, Deserialize)]
struct SidecarJson {
    schema: String,
    tool: String,
    links: Option<Vec<LinkJson>>,
    wmi_filter: Option<FilterJson>,
    owner: Option<String>,
    group: Option<String>,
    sacl: Option<String>,
    gpt_ini: Option<String>,
    files: Vec<FileJson>,
}

impl SidecarJson {
    const MEMBERS: [&str; 9] = [
        "schema",
        "tool",
        "links",
        "wmi_filter",
        "owner",
        "group",
        "sacl",
        "gpt_ini",
        "files",
    ];
}

/// What is no member of [`SidecarJson`]. Their text is kept, and not their values: a number may have
/// more digits than any type here, and one text takes little memory however many members it holds.
#[derive(Default)]
struct UnknownMembers {
    text: String,
}

impl<'de> Deserialize<'de> for UnknownMembers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self::default())
    }
}

impl<'de> de::Visitor<'de> for UnknownMembers {
    type Value = Self;

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Self, A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            let value: &RawValue = members.next_value()?;
            if SidecarJson::MEMBERS.contains(&name.as_str()) {
                continue;
            }
            if !self.text.is_empty() {
                self.text.push_str(",\n  ");
            }
            let name = serde_json::to_string(&name).map_err(de::Error::custom)?;
            self.text.extend([&name, ": ", value.get()]);
        }
        Ok(self)
    }
}

#[derive(Serialize, Deserialize)]
struct LinkJson {
    som: String,
    order: usize,
    enforced: bool,
    disabled: bool,
    block_inheritance: Option<bool>,
    gp_link: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct FilterJson {
    id: String,
    name: String,
    description: String,
    queries: String,
    author: String,
    created: String,
    changed: String,
}

#[derive(Serialize, Deserialize)]
struct FileJson {
    path: String,
    size: u64,
    sha256: String,
}

impl SidecarJson {
    fn of(sidecar: &Sidecar) -> Self {
        let base64 = |bytes: &Vec<u8>| STANDARD.encode(bytes);
        let links = sidecar.links.as_ref();
        Self {
            schema: Sidecar::SCHEMA.to_string(),
            tool: sidecar.tool.clone(),
            links: links.map(|links| links.iter().map(LinkJson::of).collect()),
            wmi_filter: sidecar.wmi_filter.as_ref().map(FilterJson::of),
            owner: sidecar.owner.map(|sid| sid.to_string()),
            group: sidecar.group.map(|sid| sid.to_string()),
            sacl: sidecar.sacl.as_ref().map(base64),
            gpt_ini: sidecar.gpt_ini.as_ref().map(base64),
            files: sidecar.files.iter().map(FileJson::of).collect(),
        }
    }

    fn read(self) -> Result<Sidecar> {
        let bytes = |name: &str, text: Option<String>| {
            let decode = |text: String| {
                STANDARD
                    .decode(text)
                    .map_err(|e| wrong(&format!("{name}: {e}")))
            };
            text.map(decode).transpose()
        };
        let sid = |name: &str, text: Option<String>| {
            let parse = |text: String| {
                text.parse::<Sid>()
                    .map_err(|e| wrong(&format!("{name}: {e}")))
            };
            text.map(parse).transpose()
        };
        let mut files = Vec::with_capacity(self.files.len());
        for file in self.files {
            files.push(file.read()?);
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let twice = files.windows(2).find_map(|pair| match pair {
            [one, other] if one.path == other.path => Some(one.path.clone()),
            _ => None,
        });
        if let Some(path) = twice {
            let path = Quoted::new(path.as_str()).to_string();
            return Err(wrong(&format!("the file {path} is listed twice")));
        }
        let links = self.links;
        let links = links.map(|links| links.into_iter().map(LinkJson::read).collect::<Vec<_>>());
        let mut soms = BTreeSet::new();
        for link in links.iter().flatten() {
            if !soms.insert(crate::dn::Dn::new(&link.link.target).key()) {
                let som = Quoted::new(&link.link.target);
                return Err(wrong(&format!("the link to {som} is listed twice")));
            }
        }
        Ok(Sidecar {
            tool: self.tool,
            links,
            wmi_filter: self.wmi_filter.map(FilterJson::read).transpose()?,
            owner: sid("owner", self.owner)?,
            group: sid("group", self.group)?,
            sacl: bytes("sacl", self.sacl)?,
            gpt_ini: bytes("gpt_ini", self.gpt_ini)?,
            files,
            unknown: String::new(),
        })
    }
}

impl LinkJson {
    fn of(link: &SidecarLink) -> Self {
        let GpoLink {
            target,
            index,
            disabled,
            enforced,
        } = &link.link;
        Self {
            som: target.clone(),
            order: *index,
            enforced: *enforced,
            disabled: *disabled,
            block_inheritance: link.som.as_ref().map(|som| som.block_inheritance),
            gp_link: link.som.as_ref().map(|som| som.links.clone()),
        }
    }

    fn read(self) -> SidecarLink {
        let som = match (self.gp_link, self.block_inheritance) {
            (Some(links), Some(block_inheritance)) => Some(Som {
                dn: self.som.clone(),
                links,
                block_inheritance,
            }),
            _ => None,
        };
        SidecarLink {
            link: GpoLink {
                target: self.som,
                index: self.order,
                disabled: self.disabled,
                enforced: self.enforced,
            },
            som,
        }
    }
}

impl FilterJson {
    fn of(filter: &WmiFilter) -> Self {
        Self {
            id: filter.id.to_string(),
            name: filter.name.clone(),
            description: filter.description.clone(),
            queries: filter.queries.clone(),
            author: filter.author.clone(),
            created: filter.created.clone(),
            changed: filter.changed.clone(),
        }
    }

    fn read(self) -> Result<WmiFilter> {
        Ok(WmiFilter {
            id: self
                .id
                .parse()
                .map_err(|e| wrong(&format!("the WMI filter: {e}")))?,
            name: self.name,
            description: self.description,
            queries: self.queries,
            author: self.author,
            created: self.created,
            changed: self.changed,
        })
    }
}

impl FileJson {
    fn of(file: &SidecarFile) -> Self {
        Self {
            path: file.path.as_str().replace('\\', "/"),
            size: file.size,
            sha256: to_spaced_hex(&file.sha256).replace(' ', ""),
        }
    }

    fn read(self) -> Result<SidecarFile> {
        let path = self.path.parse::<GpoPath>()?;
        let hash = || {
            let bytes = from_spaced_hex(&self.sha256).ok()?;
            bytes.try_into().ok()
        };
        let Some(sha256) = hash().filter(|_| !path.is_root()) else {
            let (path, hash) = (Quoted::new(&self.path), Quoted::new(&self.sha256));
            return Err(wrong(&format!(
                "the file {path} has the SHA-256 {hash}, expected 64 hexadecimal digits"
            )));
        };
        Ok(SidecarFile {
            path,
            size: self.size,
            sha256,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    fn full() -> Sidecar {
        let som = Som {
            dn: "OU=Sales,DC=x".into(),
            links: "[LDAP://CN={6AC1786C-016F-11D2-945F-00C04FB984F9},DC=x;2]".into(),
            block_inheritance: true,
        };
        let link = |target: &str, index| GpoLink {
            target: target.into(),
            index,
            disabled: index == 1,
            enforced: index == 0,
        };
        let known = SidecarLink {
            link: link("OU=Sales,DC=x", 0),
            som: Some(som),
        };
        let unknown = SidecarLink {
            link: link("DC=x", 1),
            som: None,
        };
        Sidecar {
            links: Some(vec![known, unknown]),
            wmi_filter: Some(WmiFilter {
                id: "{11111111-2222-4333-8444-555555555555}".parse().unwrap(),
                name: "Laptops \u{1b}".into(),
                description: String::new(),
                queries: "1;3;10;17;WQL;root\\CIMv2;SELECT 1;".into(),
                author: "a@x".into(),
                created: String::new(),
                changed: String::new(),
            }),
            owner: Some("S-1-5-32-544".parse().unwrap()),
            sacl: Some(vec![1, 2]),
            gpt_ini: Some(b"[General]\r\nVersion=1\r\n".to_vec()),
            files: vec![SidecarFile {
                path: "DomainSysvol\\GPO\\GPO.cmt".parse().unwrap(),
                size: 7,
                sha256: [0xA5; 32],
            }],
            ..Sidecar::new("gpo 0.1")
        }
    }

    #[test]
    fn what_is_written_is_read_and_written_again() {
        for sidecar in [Sidecar::new(""), full()] {
            let bytes = sidecar.to_bytes().unwrap();
            let read = Sidecar::parse(&bytes).unwrap();
            assert_eq!(read, sidecar);
            assert_eq!(read.to_bytes().unwrap(), bytes);
        }
    }

    #[test]
    fn files_are_found_without_case() {
        let sidecar = full();
        let path = |text: &str| text.parse().unwrap();
        assert!(sidecar.file(&path("domainsysvol/gpo/gpo.CMT")).is_some());
        assert!(sidecar.file(&path("GPO.cmt")).is_none());
    }

    #[test]
    fn unknown_members_are_kept() {
        let bytes = full().to_bytes().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let later = [
            r#""later": [1,  {"x": null}]"#,
            // No float holds these: one has too many digits, one is too large.
            r#""a \"name\"": [2.22222222222222222221e46, 1e999, 12345678901234567890123]"#,
            r#""half a character": "\ud800""#,
        ];
        let newer = text.replacen('{', &format!("{{{},", later.join(",")), 1);
        let read = Sidecar::parse(newer.as_bytes()).unwrap();
        assert_ne!(read, full());
        let written = read.to_bytes().unwrap();
        assert_eq!(Sidecar::parse(&written).unwrap(), read);
        let written = String::from_utf8(written).unwrap();
        let end = format!(",\n  {}\n}}\n", later.join(",\n  "));
        assert!(written.ends_with(&end), "{written}");
        assert_eq!(written.replace(&end, "\n}\n"), text);
    }

    #[test]
    fn each_member_is_known() {
        let bytes = full().to_bytes().unwrap();
        let UnknownMembers { text } = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(text, "");
    }

    #[test]
    fn what_is_none_is_refused() {
        let text = String::from_utf8(full().to_bytes().unwrap()).unwrap();
        let file = "\"path\": \"DomainSysvol/GPO/GPO.cmt\"";
        for (from, to, why) in [
            ("sidecar/1", "sidecar/2", "expected gpo/sidecar/1"),
            ("gpo/sidecar/1", "", "expected gpo/sidecar/1"),
            ("{", "[", "characters"),
            ("\"files\"", "\"file\"", "missing field `files`"),
            (file, "\"path\": \"../x\"", ".."),
            (file, "\"path\": \"\"", "SHA-256"),
            (file, "\"path\": \"C:/x\"", "C:"),
            ("a5a5", "a5a", "64 hexadecimal digits"),
            ("S-1-5-32-544", "S-1-", "owner"),
            ("\"AQI=\"", "\"?\"", "sacl"),
            ("\"size\": 7", "\"size\": -7", "-7"),
            ("\"DC=x\"", "\"ou=sales, DC=x\"", "twice"),
            ("{11111111-", "{1", "WMI filter"),
        ] {
            assert!(text.contains(from), "{from}");
            let error = Sidecar::parse(text.replacen(from, to, 1).as_bytes()).unwrap_err();
            assert!(error.message().contains(why), "{to}: {error}");
        }
        assert!(Sidecar::parse(b"").is_err());
        assert!(Sidecar::parse(&b"[".repeat(100_000)).is_err());
    }
}
