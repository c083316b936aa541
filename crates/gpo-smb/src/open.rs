//! How files and folders are opened.

use gpo_core::{GpoPath, SourceErrorKind};
use smb2::msg::create::{
    CreateDisposition, CreateRequest, CreateResponse, ImpersonationLevel, ShareAccess,
};
use smb2::types::flags::FileAccessMask;
use smb2::types::{FileId, OplockLevel};

use crate::failure::Failure;

/// A path in the share, as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WirePath {
    text: String,
    /// Whether it is the domain's own folder, which is a link on Windows, to one beside the share.
    is_domain: bool,
}

impl WirePath {
    /// The path of `path` below the domain's folder. Nothing in it is replaced or escaped: what a
    /// [`GpoPath`] holds, a server takes.
    pub(crate) fn new(domain: &str, path: &GpoPath) -> Result<Self, Failure> {
        let text = match path.as_str() {
            "" => domain.to_owned(),
            path => format!("{domain}\\{path}"),
        };
        // The length field has 16 bits, for bytes ([MS-SMB2] 2.2.13).
        if text.encode_utf16().count() > usize::from(u16::MAX / 2) {
            let message = "the path is longer than 32,767 characters with the domain's folder";
            return Err(Failure::Other(SourceErrorKind::Invalid, message.into()));
        }
        Ok(Self {
            text,
            is_domain: path.is_root(),
        })
    }

    /// The path in UTF-16.
    pub(crate) fn units(&self) -> impl Iterator<Item = u16> {
        self.text.encode_utf16()
    }
}

/// What is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    File,
    Folder,
    Either,
}

/// Options of a CREATE request ([MS-SMB2] 2.2.13).
const DIRECTORY_FILE: u32 = 0x0000_0001;
const NON_DIRECTORY_FILE: u32 = 0x0000_0040;
const OPEN_REPARSE_POINT: u32 = 0x0020_0000;

/// Attributes of a file ([MS-FSCC] 2.6).
pub(crate) const ATTRIBUTE_READONLY: u32 = 0x0000_0001;
pub(crate) const ATTRIBUTE_DIRECTORY: u32 = 0x0000_0010;
pub(crate) const ATTRIBUTE_REPARSE_POINT: u32 = 0x0000_0400;

/// Right to read content, and to list a folder.
pub(crate) const READ: u32 = FileAccessMask::FILE_READ_DATA
    | FileAccessMask::FILE_READ_ATTRIBUTES
    | FileAccessMask::SYNCHRONIZE;

/// A request to open what is there, for others to use at the same time. A link is opened itself,
/// for [`not_a_link`] to find.
pub(crate) fn open(path: &WirePath, what: What, access: u32) -> CreateRequest {
    let kind = match what {
        What::File => NON_DIRECTORY_FILE,
        What::Folder => DIRECTORY_FILE,
        What::Either => 0,
    };
    let follow = if path.is_domain {
        0
    } else {
        OPEN_REPARSE_POINT
    };
    CreateRequest {
        requested_oplock_level: OplockLevel::None,
        impersonation_level: ImpersonationLevel::Impersonation,
        desired_access: FileAccessMask::new(access),
        file_attributes: 0,
        share_access: ShareAccess(
            ShareAccess::FILE_SHARE_READ
                | ShareAccess::FILE_SHARE_WRITE
                | ShareAccess::FILE_SHARE_DELETE,
        ),
        create_disposition: CreateDisposition::FileOpen,
        create_options: kind | follow,
        name: path.text.clone(),
        create_contexts: Vec::new(),
    }
}

/// What was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) id: FileId,
    pub(crate) size: u64,
    attributes: u32,
    /// When its content and anything else of it last changed, which tells whether it is the same
    /// when it is opened again.
    times: (u64, u64),
}

impl Opened {
    pub(crate) fn new(response: &CreateResponse) -> Self {
        Self {
            id: response.file_id,
            size: response.end_of_file,
            attributes: response.file_attributes,
            times: (response.last_write_time.0, response.change_time.0),
        }
    }

    /// Refuses a link.
    pub(crate) fn not_a_link(&self, path: &WirePath) -> Result<(), Failure> {
        if self.attributes & ATTRIBUTE_REPARSE_POINT != 0 && !path.is_domain {
            return Err(Failure::link());
        }
        Ok(())
    }

    /// Whether another opening found the same, unchanged.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        (self.size, self.times) == (other.size, other.times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_over_the_wire_as_they_are() {
        let path: GpoPath = "Policies\\{X}\\\u{c4} %PATH% ~\u{f022}".parse().unwrap();
        let wire = WirePath::new("example.test", &path).unwrap();
        let request = open(&wire, What::File, READ);
        assert_eq!(request.name, format!("example.test\\{path}"));
    }

    #[test]
    fn only_the_link_that_windows_makes_is_followed() {
        let root = WirePath::new("d", &GpoPath::root()).unwrap();
        let below = WirePath::new("d", &"x".parse().unwrap()).unwrap();
        let link = Opened {
            id: FileId::SENTINEL,
            size: 0,
            attributes: ATTRIBUTE_REPARSE_POINT | ATTRIBUTE_DIRECTORY,
            times: (0, 0),
        };
        assert!(link.not_a_link(&root).is_ok());
        assert_eq!(link.not_a_link(&below), Err(Failure::link()));
        let options = |path| open(path, What::Folder, READ).create_options;
        assert_eq!(options(&root), DIRECTORY_FILE);
        assert_eq!(options(&below), DIRECTORY_FILE | OPEN_REPARSE_POINT);
    }

    #[test]
    fn a_path_too_long_for_the_protocol_is_refused() {
        let path: GpoPath = "a".repeat(32_767).parse().unwrap();
        let failure = WirePath::new("example.test", &path).unwrap_err();
        assert_eq!(failure.kind(), SourceErrorKind::Invalid);
    }
}
