//! The server to test against.

use std::env;
use std::fs;

use gpo_core::{Contents, GpoPath, SourceErrorKind, SysvolWrite, TreeWriter};
use gpo_smb::{Login, SmbSettings, SmbSysvol};

pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) realm: String,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) port: u16,
}

impl Server {
    /// The server, or word that there is none.
    pub(crate) fn find(test: &str) -> Option<Self> {
        let found = Self::from_environment();
        if found.is_none() {
            println!("SKIPPED {test}: GPO_LIVE_HOST and its like name no server");
        }
        found
    }

    fn from_environment() -> Option<Self> {
        let host = env::var("GPO_LIVE_HOST").ok()?;
        let wanted = |name: &str| {
            env::var(name).unwrap_or_else(|_| panic!("GPO_LIVE_HOST is set and {name} is not"))
        };
        let password = fs::read_to_string(wanted("GPO_LIVE_PASSWORD_FILE")).unwrap();
        let port = env::var("GPO_LIVE_SMB_PORT").ok();
        let user = wanted("GPO_LIVE_USER");
        Some(Self {
            host,
            realm: wanted("GPO_LIVE_REALM"),
            // The directory wants name and domain, a file server the name.
            user: user.split('@').next().unwrap_or_default().to_owned(),
            password: password.trim_end().to_owned(),
            port: port.map_or(445, |port| port.parse().unwrap()),
        })
    }

    pub(crate) fn domain(&self) -> String {
        self.realm.to_lowercase()
    }

    pub(crate) fn ntlm(&self, password: &str) -> Login {
        Login::Ntlm {
            domain: self.domain(),
            user: self.user.clone(),
            password: password.into(),
        }
    }

    pub(crate) fn settings(&self, login: Login) -> SmbSettings {
        SmbSettings::new(self.host.as_str(), self.domain(), login).port(self.port)
    }

    pub(crate) fn connect(&self) -> SmbSysvol {
        SmbSysvol::connect(self.settings(self.ntlm(&self.password))).unwrap()
    }
}

pub(crate) fn path(text: &str) -> GpoPath {
    text.parse().unwrap()
}

/// The default domain policy, which every domain has.
pub(crate) const DEFAULT_POLICY: &str = r"Policies\{31B2F340-016D-11D2-945F-00C04FB984F9}";

pub(crate) fn gpt_ini(sysvol: &SmbSysvol) -> Vec<u8> {
    let file = path(&format!(r"{DEFAULT_POLICY}\GPT.INI"));
    sysvol.read_all(&file, 10_000).unwrap()
}

/// A GPO of a test's own, removed in the end.
pub(crate) struct TestGpo<'a> {
    sysvol: &'a SmbSysvol,
    pub(crate) folder: GpoPath,
}

impl<'a> TestGpo<'a> {
    /// A GPO with these files and, where there is no content, folders.
    pub(crate) fn make(sysvol: &'a SmbSysvol, id: u64, files: &[(&str, Option<&[u8]>)]) -> Self {
        let folder = path(&format!(r"Policies\{{77777777-0000-0000-0000-{id:012x}}}"));
        let gpo = Self { sysvol, folder };
        // What a test that failed left is not what this one starts from.
        match sysvol.remove_tree(&gpo.folder) {
            Err(error) if error.kind() != SourceErrorKind::NotFound => panic!("{error}"),
            _ => {}
        }
        sysvol
            .replace_tree(&gpo.folder, &mut |tree| write(tree, files))
            .unwrap();
        gpo
    }

    pub(crate) fn file(&self, name: &str) -> GpoPath {
        self.folder.join_path(&path(name)).unwrap()
    }

    /// Every path in it, with the content of files.
    pub(crate) fn content(&self) -> Vec<(String, Option<Vec<u8>>)> {
        let mut found = Vec::new();
        self.sysvol
            .walk(&self.folder, &mut |entry| {
                let entry = entry?;
                let name = entry.path.strip_prefix(&self.folder).unwrap().to_string();
                let content = match entry.kind {
                    gpo_core::EntryKind::Folder => None,
                    gpo_core::EntryKind::File(_) => {
                        Some(self.sysvol.read_all(&entry.path, 1 << 30)?)
                    }
                };
                found.push((name, content));
                Ok(())
            })
            .unwrap();
        found.sort();
        found
    }
}

impl Drop for TestGpo<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.sysvol.remove_tree(&self.folder).unwrap();
        }
    }
}

pub(crate) fn write(
    tree: &mut dyn TreeWriter,
    files: &[(&str, Option<&[u8]>)],
) -> Result<(), gpo_core::SourceError> {
    for (name, content) in files {
        match content {
            None => tree.create_folder(&path(name))?,
            Some(bytes) => {
                tree.create_file(&path(name))?;
                tree.append(bytes)?;
            }
        }
    }
    Ok(())
}
