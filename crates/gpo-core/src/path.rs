//! Paths inside a GPO, a SYSVOL or a backup.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use crate::error::{Error, ErrorKind, Quoted};

/// A relative path that is the same file on every system: components with `\` between them,
/// compared without case.
///
/// A value of this type cannot hold `.`, `..`, an empty component, a drive, a stream, a wildcard,
/// a control character, a separator within a component, a name that Windows takes for a device
/// (`CON`, `nul.txt`, `COM1`), or a name that ends in a dot or a space, which Windows drops. It is
/// at most 32,767 UTF-16 units long, the limit of Windows.
///
/// The order is the one in which GPMC lists files (census: 4,061 of 4,061 neighbours): depth
/// first, a folder before what is in it, siblings by their upper-case names, code unit by code
/// unit.
///
/// ```
/// use gpo_core::GpoPath;
///
/// let path: GpoPath = r"Machine\Scripts\Startup\run.cmd".parse()?;
/// assert_eq!(path, r"MACHINE\scripts\startup\RUN.CMD".parse()?);
/// assert_eq!(path.file_name(), Some("run.cmd"));
/// assert_eq!(path.to_string(), r"Machine\Scripts\Startup\run.cmd");
/// assert!(r"Machine\..\..\secret".parse::<GpoPath>().is_err());
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct GpoPath {
    text: String,
}

/// The longest path, in UTF-16 units.
const LONGEST: usize = 32_767;

impl GpoPath {
    /// The folder that all paths start from.
    pub const fn root() -> Self {
        Self {
            text: String::new(),
        }
    }

    /// A path of one component.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Path`] where the name is not fit for one.
    pub fn from_name(name: &str) -> Result<Self, Error> {
        check_component(name).map_err(|why| refused(name, why))?;
        Ok(Self {
            text: name.to_owned(),
        })
    }

    /// The path of `name` in this folder.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Path`] where the name is not fit for a component, or the path gets too long.
    pub fn join(&self, name: &str) -> Result<Self, Error> {
        check_component(name).map_err(|why| refused(&format!("{}\\{name}", self.text), why))?;
        let mut text = String::with_capacity(self.text.len() + 1 + name.len());
        text.push_str(&self.text);
        if !text.is_empty() {
            text.push('\\');
        }
        text.push_str(name);
        check_length(&text).map_err(|why| refused(&text, why))?;
        Ok(Self { text })
    }

    /// This path with `below` appended.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Path`] where the path gets too long.
    pub fn join_path(&self, below: &Self) -> Result<Self, Error> {
        if self.is_root() {
            return Ok(below.clone());
        }
        if below.is_root() {
            return Ok(self.clone());
        }
        let text = format!("{}\\{}", self.text, below.text);
        check_length(&text).map_err(|why| refused(&text, why))?;
        Ok(Self { text })
    }

    /// Whether this is the folder that all paths start from.
    pub fn is_root(&self) -> bool {
        self.text.is_empty()
    }

    /// The components, in their own spelling.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> + Clone {
        self.text
            .split('\\')
            .filter(|component| !component.is_empty())
    }

    /// The last component; none for the root.
    pub fn file_name(&self) -> Option<&str> {
        self.components().next_back()
    }

    /// The folder that this path is in; none for the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        let parent = self.text.rsplit_once('\\').map_or("", |(parent, _)| parent);
        Some(Self {
            text: parent.to_owned(),
        })
    }

    /// What is left of this path below `folder`, compared without case.
    pub fn strip_prefix(&self, folder: &Self) -> Option<Self> {
        let mut own = self.components();
        for component in folder.components() {
            if !own.next().is_some_and(|name| same_name(name, component)) {
                return None;
            }
        }
        let mut text = String::new();
        for name in own {
            if !text.is_empty() {
                text.push('\\');
            }
            text.push_str(name);
        }
        Some(Self { text })
    }

    /// Whether this path is `folder` or lies below it.
    pub fn starts_with(&self, folder: &Self) -> bool {
        let mut own = self.components();
        folder
            .components()
            .all(|c| own.next().is_some_and(|name| same_name(name, c)))
    }

    /// Whether the path is one of this place, in upper case with `\` as separator, where `*` stands
    /// for one name, or for the start of one.
    pub(crate) fn fits(&self, place: &str) -> bool {
        let (mut names, mut patterns) = (self.components(), place.split('\\'));
        loop {
            match (names.next().map(fold_name), patterns.next()) {
                (None, None) => return true,
                (Some(name), Some(pattern)) => match pattern.strip_prefix('*') {
                    Some(end) if name.ends_with(end) => {}
                    None if name == pattern => {}
                    _ => return false,
                },
                _ => return false,
            }
        }
    }

    /// Whether the path lies below this folder, in upper case with `\` as separator, and has a name
    /// with this end, in upper case, too. The empty folder is the root.
    pub(crate) fn is_below(&self, folder: &str, end: &str) -> bool {
        let mut names = self.components().map(fold_name);
        let mut folders = folder.split('\\').filter(|folder| !folder.is_empty());
        folders.all(|folder| names.next().is_some_and(|name| name == folder))
            && names.next_back().is_some_and(|name| name.ends_with(end))
    }

    /// The path with `\` as separator.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for GpoPath {
    type Err = Error;

    /// Takes `\` and `/` as separators; the empty text is the root.
    fn from_str(text: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Ok(Self::root());
        }
        let text = text.replace('/', "\\");
        for component in text.split('\\') {
            check_component(component).map_err(|why| refused(&text, why))?;
        }
        check_length(&text).map_err(|why| refused(&text, why))?;
        Ok(Self { text })
    }
}

fn refused(path: &str, why: &str) -> Error {
    Error::new(
        ErrorKind::Path,
        format!("the path {} {why}", Quoted::new(path)),
    )
}

fn check_length(path: &str) -> Result<(), &'static str> {
    // A UTF-8 text has at least as many bytes as UTF-16 units.
    if path.len() > LONGEST && path.encode_utf16().count() > LONGEST {
        return Err("is longer than 32,767 characters");
    }
    Ok(())
}

fn check_component(name: &str) -> Result<(), &'static str> {
    match name {
        "" => return Err("is absolute or has an empty component"),
        "." | ".." => return Err("has a component \".\" or \"..\""),
        _ => {}
    }
    for byte in name.bytes() {
        match byte {
            b'\\' | b'/' => return Err("has a separator within a component"),
            b':' => return Err("has a \":\" (a drive or a stream)"),
            b'*' | b'?' => return Err("has a wildcard"),
            b'<' | b'>' | b'|' | b'"' => return Err("has a character that Windows does not allow"),
            0..0x20 | 0x7f => return Err("has a control character"),
            _ => {}
        }
    }
    if name.ends_with(['.', ' ']) {
        return Err("has a component that ends in a dot or a space, which Windows drops");
    }
    if is_device(name) {
        return Err("has a component that Windows takes for a device");
    }
    Ok(())
}

/// Windows takes these names for devices, whatever extension follows ([MS-FSCC] 2.1.5.2 leaves it
/// to the server; Windows' "Naming Files" has the list).
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end();
    if ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
        .iter()
        .any(|d| stem.eq_ignore_ascii_case(d))
    {
        return true;
    }
    let Some((head, tail)) = stem.split_at_checked(3) else {
        return false;
    };
    (head.eq_ignore_ascii_case("COM") || head.eq_ignore_ascii_case("LPT"))
        && matches!(
            tail,
            "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "\u{b9}" | "\u{b2}" | "\u{b3}"
        )
}

/// A character in the upper case that NTFS compares by: one character to one character, so `ß`
/// stays, and nothing beyond ASCII becomes ASCII (`ı` and `ſ` stay, as in Windows' invariant
/// upper case).
pub(crate) fn upper(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_uppercase();
    }
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) if !one.is_ascii() => one,
        _ => c,
    }
}

/// A name as NTFS compares it, for use as a key of a map.
pub fn fold_name(name: &str) -> String {
    name.chars().map(upper).collect()
}

/// Whether NTFS takes two names for the same.
pub fn same_name(a: &str, b: &str) -> bool {
    a.chars().map(upper).eq(b.chars().map(upper))
}

/// The order of two sibling names: upper-case, UTF-16 code unit by code unit.
pub fn compare_names(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        let (a, b) = (a.bytes(), b.bytes());
        return a
            .map(|c| c.to_ascii_uppercase())
            .cmp(b.map(|c| c.to_ascii_uppercase()));
    }
    let units = |c: char| {
        let mut buffer = [0u16; 2];
        let length = c.encode_utf16(&mut buffer).len();
        buffer.into_iter().take(length)
    };
    a.chars()
        .map(upper)
        .flat_map(units)
        .cmp(b.chars().map(upper).flat_map(units))
}

impl Ord for GpoPath {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut own, mut others) = (self.components(), other.components());
        loop {
            match (own.next(), others.next()) {
                (None, None) => return Ordering::Equal,
                (None, Some(_)) => return Ordering::Less,
                (Some(_), None) => return Ordering::Greater,
                (Some(a), Some(b)) => match compare_names(a, b) {
                    Ordering::Equal => {}
                    unequal => return unequal,
                },
            }
        }
    }
}

impl PartialOrd for GpoPath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for GpoPath {
    fn eq(&self, other: &Self) -> bool {
        same_name(&self.text, &other.text)
    }
}

impl Eq for GpoPath {}

impl Hash for GpoPath {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for c in self.text.chars() {
            upper(c).hash(state);
        }
    }
}

impl fmt::Display for GpoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    #[test]
    fn what_could_escape_or_mean_another_file_is_refused() {
        for text in [
            "..",
            ".",
            r"a\..\b",
            r"\a",
            r"a\\b",
            r"a\",
            "C:",
            r"C:\a",
            "a:stream",
            "a*",
            "a?",
            "a\0b",
            "a\nb",
            "CON",
            "con.txt",
            "Nul ",
            "aux.",
            "COM1",
            "lpt9.log",
            "COM\u{b9}",
            "a.",
            "a ",
            "a|b",
            "a<b",
            "\u{7f}",
            r"\\srv\share\x",
            "/etc/passwd",
            "a/../b",
            "CONIN$",
            "nul .txt",
        ] {
            let error = text.parse::<GpoPath>().expect_err(text);
            assert_eq!(error.kind(), ErrorKind::Path);
        }
        for text in [
            "COM", "COM10", "CONSOLE", "a.b.c", ".git", "..a", "é", "a b", "{x}", "~",
        ] {
            assert_eq!(text.parse::<GpoPath>().unwrap().to_string(), text);
        }
        assert!("a".repeat(32_768).parse::<GpoPath>().is_err());
        assert!("a".repeat(32_767).parse::<GpoPath>().is_ok());
    }

    #[test]
    fn the_order_is_depth_first_and_ordinal() {
        let sorted = [
            "",
            ".git",
            ".git\\config",
            "Adm",
            "Adm\\x.adm",
            "GPO.cmt",
            "x-custom.xml",
            "x.xml",
            "x1",
            "\u{e9}",
        ];
        let paths: Vec<GpoPath> = sorted.iter().map(|p| p.parse().unwrap()).collect();
        assert!(paths.windows(2).all(|pair| pair[0] < pair[1]));
    }

    proptest! {
        #[test]
        fn what_parses_is_written_the_same(text in "[\\PC\\\\/.:]{0,30}") {
            if let Ok(path) = text.parse::<GpoPath>() {
                prop_assert_eq!(path.as_str(), text.replace('/', "\\"));
                prop_assert!(path.components().all(|c| GpoPath::from_name(c).is_ok()));
                prop_assert_eq!(&path, &fold_name(path.as_str()).parse::<GpoPath>().unwrap());
            }
        }

        #[test]
        fn order_and_equality_agree(a in "[aBé\\\\]{0,6}", b in "[AbÉ\\\\]{0,6}") {
            if let (Ok(a), Ok(b)) = (a.parse::<GpoPath>(), b.parse::<GpoPath>()) {
                prop_assert_eq!(a.cmp(&b) == Ordering::Equal, a == b);
                prop_assert_eq!(a.strip_prefix(&b).is_some(), a.starts_with(&b));
            }
        }
    }
}
