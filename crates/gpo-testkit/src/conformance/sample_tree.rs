//! A tree with everything that is odd and allowed.

use std::collections::BTreeMap;

use gpo_core::{Contents, GpoPath, SourceError, TreeWriter};

/// A tree that tests an adapter: paths over 260 characters, names outside ASCII and names that
/// shells and URLs trip over, empty folders, files of 0 bytes and of 600,000.
#[derive(Clone, Debug)]
pub struct SampleTree {
    /// What is in each file; `None` for a folder.
    pub nodes: BTreeMap<GpoPath, Option<Vec<u8>>>,
}

impl Default for SampleTree {
    fn default() -> Self {
        let mut nodes = BTreeMap::new();
        let mut folder = |path: &str| {
            let path: GpoPath = path.parse().unwrap();
            let mut parent = Some(path);
            while let Some(path) = parent.filter(|path| !path.is_root()) {
                parent = path.parent();
                nodes.entry(path).or_insert(None);
            }
        };
        let long = format!(
            "{0}\\{0}\\{0}\\{0}\\{0}\\{0}",
            "a long name ".repeat(5).trim()
        );
        for path in ["Machine\\Scripts\\Startup", "User", "Empty \u{e9}", &long] {
            folder(path);
        }
        let mut file = |path: String, bytes: Vec<u8>| {
            nodes.insert(path.parse().unwrap(), Some(bytes));
        };
        file("GPO.cmt".into(), b"c\0".to_vec());
        file("Machine\\registry.pol".into(), b"PReg\x01\0\0\0".to_vec());
        file("Machine\\empty".into(), Vec::new());
        let large = (0u32..150_000).flat_map(u32::to_le_bytes).collect();
        file("User\\large.bin".into(), large);
        file(format!("{long}\\file.txt"), b"far away".to_vec());
        for (n, name) in ODD_NAMES.iter().enumerate() {
            file(format!("User\\{name}"), format!("{n}: {name}").into_bytes());
        }
        Self { nodes }
    }
}

const ODD_NAMES: [&str; 22] = [
    " leading blank",
    "two  blanks",
    "Documents & Settings",
    "%PATH%",
    "$HOME",
    "quote'back`tick",
    "a;b,c=d+e",
    "[1]{2}(3)",
    "#hash!",
    "-dash",
    "~",
    ".hidden",
    "...dots",
    "no.ext.en.sion",
    "COM10",
    "auxiliary.txt",
    "\u{c4}rger \u{df}.txt",
    // Composed and decomposed are two names on Windows; only one of them is here, because some
    // systems hold them for one.
    "caf\u{e9}",
    "\u{65e5}\u{672c}\u{8a9e}",
    "\u{1d54f}",
    "\u{5e9}\u{5dc}",
    "index.html.partial-1-1",
];

impl SampleTree {
    /// Writes the tree.
    ///
    /// # Errors
    ///
    /// What the writer returned.
    pub fn write(&self, writer: &mut dyn TreeWriter) -> Result<(), SourceError> {
        for (path, content) in &self.nodes {
            match content {
                None => writer.create_folder(path)?,
                Some(bytes) => {
                    writer.create_file(path)?;
                    // In pieces that end nowhere in particular.
                    bytes
                        .chunks(70_001)
                        .try_for_each(|piece| writer.append(piece))?;
                }
            }
        }
        Ok(())
    }

    /// Checks that a folder holds this tree and nothing else.
    pub fn assert_in(&self, contents: &dyn Contents, folder: &GpoPath) {
        let mut found = BTreeMap::new();
        contents
            .walk(folder, &mut |entry| {
                let entry = entry?;
                let path = entry.path.strip_prefix(folder).unwrap();
                assert!(
                    found.insert(path, entry.kind).is_none(),
                    "{} is visited twice",
                    entry.path
                );
                Ok(())
            })
            .unwrap();
        let spelled = |path: &GpoPath| path.as_str().to_owned();
        assert_eq!(
            found.keys().map(spelled).collect::<Vec<_>>(),
            self.nodes.keys().map(spelled).collect::<Vec<_>>(),
        );
        for (path, content) in &self.nodes {
            let Some(bytes) = content else { continue };
            let path = folder.join_path(path).unwrap();
            assert!(
                contents.read_all(&path, u64::MAX).unwrap() == *bytes,
                "{path} has other bytes"
            );
        }
    }
}
