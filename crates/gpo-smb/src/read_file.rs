//! Reading files.

use std::sync::Arc;

use smb2::msg::close::CloseRequest;
use smb2::msg::read::{ReadRequest, ReadResponse, SMB2_CHANNEL_NONE};
use smb2::types::status::NtStatus;
use smb2::types::{Command, FileId};

use crate::connection::{CREDIT, Connection, body, opened};
use crate::failure::Failure;
use crate::open::{Opened, READ, What, WirePath, open};

/// What came of trying to read a file in one round trip.
#[derive(Debug)]
pub(crate) enum AtOnce {
    Whole(Vec<u8>),
    /// It is too large for that, or the server wants to be asked in steps.
    NotWhole,
}

/// Opens, reads and closes a file in one round trip, if it is small, as nearly all files of a GPO
/// are.
pub(crate) async fn read_at_once(
    connection: Arc<Connection>,
    path: WirePath,
) -> Result<AtOnce, Failure> {
    let create = open(&path, What::File, READ);
    let read = request(FileId::SENTINEL, 0, CREDIT);
    let close = CloseRequest {
        flags: 0,
        file_id: FileId::SENTINEL,
    };
    let [created, content, closed] = connection
        .chain([
            (Command::Create, &create, 0),
            (Command::Read, &read, CREDIT),
            (Command::Close, &close, 0),
        ])
        .await?;
    let created = match created {
        // Windows answers so where a step would have to wait ([MS-SMB2] 3.3.5.2.7, note 266).
        Err(Failure::Status(NtStatus::INTERNAL_ERROR)) => return Ok(AtOnce::NotWhole),
        created => opened(&created?)?,
    };
    if closed.is_err() {
        let connection = Arc::clone(&connection);
        tokio::spawn(async move { connection.close(created.id).await });
    }
    created.not_a_link(&path)?;
    let content = match content {
        Ok(frame) => body::<ReadResponse>(&frame)?.data,
        Err(Failure::Status(NtStatus::END_OF_FILE)) => Vec::new(),
        Err(Failure::Status(NtStatus::INTERNAL_ERROR)) => return Ok(AtOnce::NotWhole),
        Err(failure) => return Err(failure),
    };
    if content.len() as u64 == created.size {
        Ok(AtOnce::Whole(content))
    } else {
        Ok(AtOnce::NotWhole)
    }
}

/// Opens a file to be read piece by piece.
pub(crate) async fn open_to_read(
    connection: Arc<Connection>,
    path: WirePath,
) -> Result<(Arc<Connection>, Opened), Failure> {
    let file = connection.create(&open(&path, What::File, READ)).await?;
    if let Err(failure) = file.not_a_link(&path) {
        connection.close(file.id).await?;
        return Err(failure);
    }
    Ok((connection, file))
}

/// Reads so many bytes of an open file, which has them.
pub(crate) async fn read_piece(
    connection: Arc<Connection>,
    file: FileId,
    offset: u64,
    length: u32,
) -> Result<Vec<u8>, Failure> {
    let mut data = Vec::new();
    // A server may give less than was asked for.
    while let Some(missing) = remaining(length, data.len())? {
        let request = request(file, offset + data.len() as u64, missing);
        let piece = match connection.call(Command::Read, &request, missing).await {
            Ok(frame) => body::<ReadResponse>(&frame)?.data,
            Err(Failure::Status(NtStatus::END_OF_FILE)) => Vec::new(),
            Err(failure) => return Err(failure),
        };
        if piece.is_empty() {
            return Err(Failure::changed("the file got shorter while it was read"));
        }
        if data.is_empty() {
            data = piece;
        } else {
            data.extend_from_slice(&piece);
        }
    }
    Ok(data)
}

/// How much of what was asked for is missing.
fn remaining(length: u32, read: usize) -> Result<Option<u32>, Failure> {
    let missing = u32::try_from(read)
        .ok()
        .and_then(|read| length.checked_sub(read))
        .ok_or_else(|| Failure::malformed("more bytes than were asked for"))?;
    Ok((missing > 0).then_some(missing))
}

fn request(file: FileId, offset: u64, length: u32) -> ReadRequest {
    ReadRequest {
        // Where the data begins in the response: behind header and fixed part.
        padding: 0x50,
        flags: 0,
        length,
        offset,
        file_id: file,
        minimum_count: 0,
        channel: SMB2_CHANNEL_NONE,
        remaining_bytes: 0,
        read_channel_info: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_gives_more_than_was_asked_for_is_refused() {
        assert_eq!(remaining(10, 0), Ok(Some(10)));
        assert_eq!(remaining(10, 4), Ok(Some(6)));
        assert_eq!(remaining(10, 10), Ok(None));
        assert!(remaining(10, 11).is_err());
    }
}
