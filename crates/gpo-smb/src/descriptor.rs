//! Security descriptors of files and folders.

use std::sync::Arc;

use gpo_core::SourceErrorKind;
use sddl_parser::{Control, SecurityDescriptor};
use smb2::msg::close::CloseRequest;
use smb2::msg::query_info::{InfoType, QueryInfoRequest, QueryInfoResponse};
use smb2::msg::set_info::SetInfoRequest;
use smb2::types::{Command, FileId};

use crate::connection::{CREDIT, Connection, body, opened};
use crate::failure::Failure;
use crate::open::{What, WirePath, open};
use crate::write::set_information;

/// Rights to read and write a descriptor ([MS-DTYP] 2.4.3).
const READ_CONTROL: u32 = 0x0002_0000;
const WRITE_DAC: u32 = 0x0004_0000;
const WRITE_OWNER: u32 = 0x0008_0000;

/// Parts of a descriptor ([MS-DTYP] 2.4.7). A SACL takes a privilege that backups do not need.
const OWNER: u32 = 0x1;
const GROUP: u32 = 0x2;
const DACL: u32 = 0x4;

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
        additional_information: OWNER | GROUP | DACL,
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

/// Writes the parts that are in a descriptor.
pub(crate) async fn write_descriptor(
    connection: Arc<Connection>,
    path: WirePath,
    descriptor: &SecurityDescriptor,
) -> Result<(), Failure> {
    let parts = [
        (descriptor.owner().is_some(), OWNER, WRITE_OWNER),
        (descriptor.group().is_some(), GROUP, WRITE_OWNER),
        (
            descriptor.control().contains(Control::DACL_PRESENT),
            DACL,
            WRITE_DAC,
        ),
    ];
    let parts = parts.into_iter().filter(|(present, _, _)| *present);
    let (parts, access) = parts.fold((0, 0), |(parts, rights), (_, part, right)| {
        (parts | part, rights | right)
    });
    // "It was inherited" is kept only where it comes with "let it be inherited".
    let mut descriptor = descriptor.clone();
    if descriptor.control().contains(Control::DACL_AUTO_INHERITED) {
        descriptor.set_control(descriptor.control() | Control::DACL_AUTO_INHERIT_REQ);
    }
    let invalid = |error: sddl_parser::Error| {
        Failure::Other(SourceErrorKind::Invalid, format!("the descriptor: {error}"))
    };
    let set = SetInfoRequest {
        info_type: InfoType::Security,
        file_info_class: 0,
        additional_information: parts,
        file_id: FileId::SENTINEL,
        buffer: descriptor.to_bytes().map_err(invalid)?,
    };
    if parts == 0 {
        return Ok(());
    }
    set_information(&connection, &path, access, &set).await
}
