//! Security descriptors of files and folders.

use std::sync::Arc;

use smb2::msg::close::CloseRequest;
use smb2::msg::query_info::{InfoType, QueryInfoRequest, QueryInfoResponse};
use smb2::types::{Command, FileId};

use crate::connection::{CREDIT, Connection, body, opened};
use crate::failure::Failure;
use crate::open::{What, WirePath, open};

/// The right to read a descriptor ([MS-DTYP] 2.4.3).
const READ_CONTROL: u32 = 0x0002_0000;

/// Owner, group and DACL ([MS-DTYP] 2.4.7); a SACL takes a privilege that backups do not need.
const PARTS: u32 = 0x7;

/// Room for the largest DACL there is, of 64 kB, with owner and group.
const LONGEST: u32 = 2 * CREDIT;

/// Reads a descriptor as it is, self-relative.
pub(crate) async fn read_descriptor(
    connection: Arc<Connection>,
    path: WirePath,
) -> Result<Vec<u8>, Failure> {
    let create = open(&path, What::Either, READ_CONTROL);
    let room = LONGEST.min(connection.longest_answer);
    let query = QueryInfoRequest {
        info_type: InfoType::Security,
        file_info_class: 0,
        output_buffer_length: room,
        additional_information: PARTS,
        flags: 0,
        file_id: FileId::SENTINEL,
        input_buffer: Vec::new(),
    };
    let close = CloseRequest {
        flags: 0,
        file_id: FileId::SENTINEL,
    };
    let [created, answer, closed] = connection
        .chain([
            (Command::Create, &create, 0),
            (Command::QueryInfo, &query, room),
            (Command::Close, &close, 0),
        ])
        .await?;
    let created = opened(&created?)?;
    if closed.is_err() {
        let connection = Arc::clone(&connection);
        tokio::spawn(async move { connection.close(created.id).await });
    }
    created.not_a_link(&path)?;
    Ok(body::<QueryInfoResponse>(&answer?)?.output_buffer)
}
