//! What is in a folder.

use std::sync::Arc;

use smb2::msg::query_directory::{
    FileInformationClass, QueryDirectoryFlags, QueryDirectoryRequest, QueryDirectoryResponse,
};
use smb2::types::status::NtStatus;
use smb2::types::{Command, FileId};

use crate::connection::{CREDIT, Connection, body, opened};
use crate::failure::Failure;
use crate::open::{READ, What, WirePath, open};

/// What the listing of a folder may have in all, in bytes. Each entry takes 64 and its name.
const LARGEST_LISTING: usize = 128 << 20;

/// A file or folder of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Its name; what is no UTF-16 is replaced, and is no name then.
    pub(crate) name: Result<String, String>,
    pub(crate) attributes: u32,
    pub(crate) size: u64,
}

/// Lists a folder, in one round trip unless it is large.
pub(crate) async fn list(
    connection: Arc<Connection>,
    path: WirePath,
) -> Result<Vec<Listed>, Failure> {
    let create = open(&path, What::Folder, READ);
    let first = query(FileId::SENTINEL);
    let [created, one, two] = connection
        .chain([
            (Command::Create, &create, 0),
            (Command::QueryDirectory, &first, CREDIT),
            (Command::QueryDirectory, &first, CREDIT),
        ])
        .await?;
    let folder = opened(&created?)?;
    let entries = async {
        folder.not_a_link(&path)?;
        let mut entries = Vec::new();
        let mut size = 0;
        let mut answers = [one, two].into_iter();
        let next = query(folder.id);
        loop {
            let answer = match answers.next() {
                Some(answer) => answer,
                None => {
                    connection
                        .call(Command::QueryDirectory, &next, CREDIT)
                        .await
                }
            };
            let frame = match answer {
                Ok(frame) => frame,
                Err(Failure::Status(NtStatus::NO_MORE_FILES)) => return Ok(entries),
                // An empty folder without `.` and `..`.
                Err(Failure::Status(NtStatus::NO_SUCH_FILE)) if entries.is_empty() => {
                    return Ok(entries);
                }
                Err(failure) => return Err(failure),
            };
            let listed = body::<QueryDirectoryResponse>(&frame)?;
            if listed.output_buffer.is_empty() {
                return Err(Failure::malformed("a listing without entries"));
            }
            size += listed.output_buffer.len();
            within_limit(size)?;
            parse(&listed.output_buffer, &mut entries)?;
        }
    }
    .await;
    // The answer to this is nobody's concern, and the way back takes time.
    let closing = Arc::clone(&connection);
    tokio::spawn(async move { closing.close(folder.id).await });
    entries
}

/// A server that lists without an end does not fill the memory.
fn within_limit(size: usize) -> Result<(), Failure> {
    if size > LARGEST_LISTING {
        return Err(Failure::malformed("there is no end of entries in a folder"));
    }
    Ok(())
}

fn query(folder: FileId) -> QueryDirectoryRequest {
    QueryDirectoryRequest {
        file_information_class: FileInformationClass::FileDirectoryInformation,
        flags: QueryDirectoryFlags(0),
        file_index: 0,
        file_id: folder,
        output_buffer_length: CREDIT,
        file_name: "*".into(),
    }
}

/// Reads `FILE_DIRECTORY_INFORMATION` ([MS-FSCC] 2.4.10): entries that each say where the next one
/// begins. They may not overlap, so that there are never more of them than the bytes hold.
fn parse(bytes: &[u8], entries: &mut Vec<Listed>) -> Result<(), Failure> {
    const NAME: usize = 64;
    let mut rest = bytes;
    while !rest.is_empty() {
        let short = || Failure::malformed("an entry of a listing is cut off");
        let (next, size) = (u32_at(rest, 0), u64_at(rest, 40));
        let (attributes, length) = (u32_at(rest, 56), u32_at(rest, 60));
        let end = length
            .and_then(|length| NAME.checked_add(usize::try_from(length).ok()?))
            .ok_or_else(short)?;
        let name = rest.get(NAME..end).ok_or_else(short)?;
        let units: Vec<u16> = name
            .chunks_exact(2)
            .filter_map(|pair| Some(u16::from_le_bytes(pair.try_into().ok()?)))
            .collect();
        let name = String::from_utf16(&units).map_err(|_| String::from_utf16_lossy(&units));
        if !matches!(name.as_deref(), Ok("." | "..")) {
            entries.push(Listed {
                name,
                attributes: attributes.ok_or_else(short)?,
                size: size.ok_or_else(short)?,
            });
        }
        let next = usize::try_from(next.ok_or_else(short)?).map_err(|_| short())?;
        if next == 0 {
            return Ok(());
        }
        if next < end {
            return Err(Failure::malformed("entries of a listing overlap"));
        }
        rest = rest.get(next..).ok_or_else(short)?;
    }
    Ok(())
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(name: &[u16], attributes: u32, size: u64, last: bool) -> Vec<u8> {
        let mut bytes = vec![0; 64];
        bytes[40..48].copy_from_slice(&size.to_le_bytes());
        bytes[56..60].copy_from_slice(&attributes.to_le_bytes());
        let length = u32::try_from(name.len() * 2).unwrap();
        bytes[60..64].copy_from_slice(&length.to_le_bytes());
        bytes.extend(name.iter().flat_map(|unit| unit.to_le_bytes()));
        if !last {
            bytes.resize(bytes.len().next_multiple_of(8), 0);
            let next = u32::try_from(bytes.len()).unwrap();
            bytes[..4].copy_from_slice(&next.to_le_bytes());
        }
        bytes
    }

    fn parsed(bytes: &[u8]) -> Result<Vec<Listed>, Failure> {
        let mut entries = Vec::new();
        parse(bytes, &mut entries).map(|()| entries)
    }

    fn units(name: &str) -> Vec<u16> {
        name.encode_utf16().collect()
    }

    #[test]
    fn entries_are_read_and_the_folder_itself_is_none_of_them() {
        let bytes = [
            entry(&units("."), 0x10, 0, false),
            entry(&units(".."), 0x10, 0, false),
            entry(&units("GPT.INI"), 0x20, 59, false),
            entry(&[0xd800], 0x20, 1, false),
            entry(&units("Machine"), 0x10, 0, true),
        ];
        let entries = parsed(&bytes.concat()).unwrap();
        assert_eq!(entries.len(), 3);
        assert_eq!(entries[0].name, Ok("GPT.INI".into()));
        assert_eq!((entries[0].size, entries[0].attributes), (59, 0x20));
        assert_eq!(entries[1].name, Err("\u{fffd}".into()), "half a character");
        assert_eq!(entries[2].name, Ok("Machine".into()));
    }

    #[test]
    fn entries_that_overlap_or_are_cut_off_are_refused() {
        let good = entry(&units("a"), 0, 0, true);
        let mut overlap = good.clone();
        overlap[0] = 8;
        let mut beyond = good.clone();
        beyond[0] = 200;
        let mut long = good.clone();
        long[60..64].copy_from_slice(&u32::MAX.to_le_bytes());
        for bytes in [&overlap[..], &beyond, &long, &good[..63]] {
            let failure = parsed(bytes).unwrap_err();
            assert_eq!(failure.kind(), gpo_core::SourceErrorKind::Invalid);
        }
    }

    #[test]
    fn a_listing_has_a_limit() {
        assert!(within_limit(LARGEST_LISTING).is_ok());
        let failure = within_limit(LARGEST_LISTING + 1).unwrap_err();
        assert_eq!(failure.kind(), gpo_core::SourceErrorKind::Invalid);
    }

    proptest! {
        #[test]
        fn no_bytes_make_more_entries_than_they_hold(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
            let mut entries = Vec::new();
            // Entries before a fault are kept by nobody; what counts is that there are few.
            let _ = parse(&bytes, &mut entries);
            prop_assert!(entries.len() <= bytes.len() / 64);
        }
    }
}
