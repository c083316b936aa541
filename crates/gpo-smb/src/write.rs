//! Requests that change something. None of them is repeated on another connection, because nobody
//! knows whether the server did what it was asked for before the first one broke.

use std::sync::Arc;

use gpo_core::SourceErrorKind;
use smb2::Frame;
use smb2::msg::close::CloseRequest;
use smb2::msg::create::{CreateDisposition, CreateRequest, ShareAccess};
use smb2::msg::query_info::InfoType;
use smb2::msg::set_info::SetInfoRequest;
use smb2::msg::write::{WriteRequest, WriteResponse};
use smb2::types::status::NtStatus;
use smb2::types::{Command, FileId};

use crate::connection::{Connection, body, opened};
use crate::failure::Failure;
use crate::open::{Opened, What, WirePath, open};

/// Rights on a file or folder ([MS-SMB2] 2.2.13.1).
const WRITE_DATA: u32 = 0x0000_0002;
const READ_ATTRIBUTES: u32 = 0x0000_0080;
const WRITE_ATTRIBUTES: u32 = 0x0000_0100;
const DELETE: u32 = 0x0001_0000;

/// Option of a CREATE request: what was opened is deleted when it is closed, by whatever closes it.
const DELETE_ON_CLOSE: u32 = 0x0000_1000;

/// Classes of information on a file ([MS-FSCC] 2.4).
const BASIC_INFORMATION: u8 = 4;
const RENAME_INFORMATION: u8 = 10;
const DISPOSITION_INFORMATION: u8 = 13;

/// The attribute of a file without attributes ([MS-FSCC] 2.6).
const ATTRIBUTE_NORMAL: u32 = 0x0000_0080;

const CLOSE: CloseRequest = CloseRequest {
    flags: 0,
    file_id: FileId::SENTINEL,
};

/// A request to make what is not there yet.
fn create(path: &WirePath, what: What, access: u32) -> CreateRequest {
    CreateRequest {
        create_disposition: CreateDisposition::FileCreate,
        ..open(path, what, access)
    }
}

/// Makes a folder; says whether it was not there.
pub(crate) async fn create_folder(
    connection: Arc<Connection>,
    path: WirePath,
) -> Result<bool, Failure> {
    let create = create(&path, What::Folder, READ_ATTRIBUTES);
    let [created, _] = connection
        .chain([(Command::Create, &create, 0), (Command::Close, &CLOSE, 0)])
        .await?;
    match created {
        Ok(_) => Ok(true),
        Err(failure) if failure.kind() == SourceErrorKind::Exists => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// Opens a file that nobody else can open meanwhile, and that goes with the connection, or when it
/// is closed.
pub(crate) async fn open_exclusively(
    connection: Arc<Connection>,
    path: WirePath,
) -> Result<FileId, Failure> {
    let mut create = open(&path, What::File, READ_ATTRIBUTES | DELETE);
    create.create_disposition = CreateDisposition::FileOpenIf;
    create.create_options |= DELETE_ON_CLOSE;
    create.share_access = ShareAccess(0);
    Ok(connection.create(&create).await?.id)
}

/// Makes a file with this content, which fits into one request, in one round trip.
pub(crate) async fn write_at_once(
    connection: Arc<Connection>,
    path: WirePath,
    data: Vec<u8>,
) -> Result<(), Failure> {
    let create = create(&path, What::File, WRITE_DATA);
    if data.is_empty() {
        let [created, closed] = connection
            .chain([(Command::Create, &create, 0), (Command::Close, &CLOSE, 0)])
            .await?;
        return created.and(closed).map(|_| ());
    }
    let length = length_of(&data)?;
    let write = write(FileId::SENTINEL, 0, data);
    let [created, written, closed] = connection
        .chain([
            (Command::Create, &create, 0),
            (Command::Write, &write, length),
            (Command::Close, &CLOSE, 0),
        ])
        .await?;
    finish(&connection, &created?, written, closed, |frame| {
        all_written(&frame, length)
    })
}

/// Makes a file to be written piece by piece.
pub(crate) async fn create_to_write(
    connection: Arc<Connection>,
    path: WirePath,
) -> Result<Opened, Failure> {
    connection
        .create(&create(&path, What::File, WRITE_DATA))
        .await
}

/// Writes a piece of an open file.
pub(crate) async fn write_piece(
    connection: Arc<Connection>,
    file: FileId,
    offset: u64,
    data: Vec<u8>,
) -> Result<(), Failure> {
    let length = length_of(&data)?;
    let write = write(file, offset, data);
    let frame = connection.call(Command::Write, &write, length).await?;
    all_written(&frame, length)
}

/// Renames a file or folder; a file takes the place of one that has the name.
pub(crate) async fn rename(
    connection: Arc<Connection>,
    from: WirePath,
    to: WirePath,
) -> Result<(), Failure> {
    let name: Vec<u8> = to.units().flat_map(u16::to_le_bytes).collect();
    // [MS-FSCC] 2.4.42.2: replace, 7 bytes of padding, no root folder, length and name.
    let mut buffer = vec![0; 16];
    buffer.splice(..1, [1]);
    buffer.extend(length_of(&name)?.to_le_bytes());
    buffer.extend(name);
    let set = information(RENAME_INFORMATION, buffer);
    set_information(&connection, &from, DELETE, &set).await
}

/// Deletes a file, a link, or a folder that is empty.
pub(crate) async fn delete(connection: Arc<Connection>, path: WirePath) -> Result<(), Failure> {
    let set = information(DISPOSITION_INFORMATION, vec![1]);
    let deleted = || set_information(&connection, &path, DELETE, &set);
    match deleted().await {
        Err(Failure::Status(NtStatus::CANNOT_DELETE)) => {
            clear_attributes(Arc::clone(&connection), path.clone()).await?;
            deleted().await
        }
        result => result,
    }
}

/// Takes the attributes of a file away, read-only among them, so that it can be replaced.
pub(crate) async fn clear_attributes(
    connection: Arc<Connection>,
    path: WirePath,
) -> Result<(), Failure> {
    // [MS-FSCC] 2.4.7: four times, of which 0 keeps what is there, the attributes, padding.
    let mut buffer = vec![0; 32];
    buffer.extend(ATTRIBUTE_NORMAL.to_le_bytes());
    buffer.extend([0; 4]);
    let set = information(BASIC_INFORMATION, buffer);
    set_information(&connection, &path, WRITE_ATTRIBUTES, &set).await
}

/// Opens something with these rights, sets information on it, and closes it.
pub(crate) async fn set_information(
    connection: &Arc<Connection>,
    path: &WirePath,
    access: u32,
    set: &SetInfoRequest,
) -> Result<(), Failure> {
    let open = open(path, What::Either, access);
    let length = length_of(&set.buffer)?;
    let [opened, set, closed] = connection
        .chain([
            (Command::Create, &open, 0),
            (Command::SetInfo, set, length),
            (Command::Close, &CLOSE, 0),
        ])
        .await?;
    finish(connection, &opened?, set, closed, |_| Ok(()))
}

/// Information of this class on a file.
fn information(class: u8, buffer: Vec<u8>) -> SetInfoRequest {
    SetInfoRequest {
        info_type: InfoType::File,
        file_info_class: class,
        additional_information: 0,
        file_id: FileId::SENTINEL,
        buffer,
    }
}

/// What became of a chain that opened something, did something to it, and closed it. What was
/// opened is not left open, and a file is not whole before it is closed.
fn finish(
    connection: &Arc<Connection>,
    created: &Frame,
    done: Result<Frame, Failure>,
    closed: Result<Frame, Failure>,
    check: impl Fn(Frame) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let id = opened(created)?.id;
    if closed.is_err() {
        let connection = Arc::clone(connection);
        tokio::spawn(async move { connection.close(id).await });
    }
    done.and_then(check)?;
    closed.map(|_| ())
}

fn write(file: FileId, offset: u64, data: Vec<u8>) -> WriteRequest {
    WriteRequest {
        // Where the data begins in the request: behind header and fixed part.
        data_offset: 0x70,
        offset,
        file_id: file,
        channel: 0,
        remaining_bytes: 0,
        write_channel_info_offset: 0,
        write_channel_info_length: 0,
        flags: 0,
        data,
    }
}

fn all_written(frame: &Frame, length: u32) -> Result<(), Failure> {
    let written = body::<WriteResponse>(frame)?.count;
    if written == length {
        return Ok(());
    }
    let message = format!("the server wrote {written} of {length} bytes");
    Err(Failure::Other(SourceErrorKind::Full, message))
}

fn length_of(data: &[u8]) -> Result<u32, Failure> {
    u32::try_from(data.len()).map_err(|_| {
        let message = "more bytes than one request holds";
        Failure::Other(SourceErrorKind::Invalid, message.into())
    })
}
