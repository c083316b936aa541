//! The central directory of a zip archive (APPNOTE.TXT 6.3.10), and the data that it leads to.
//!
//! Read here and not by a library, because an archive is hostile: memory grows with the entries that
//! are there and not with the number that is declared, of entries with one name none is dropped, and
//! what is read is what the central directory says.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use flate2::Crc;
use flate2::read::DeflateDecoder;

use crate::shared_file::SharedFile;

const LOCAL_HEADER: [u8; 4] = *b"PK\x03\x04";
const ENTRY: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
const END_64: [u8; 4] = *b"PK\x06\x06";
const LOCATOR_64: [u8; 4] = *b"PK\x06\x07";

/// The end record, without its comment of at most 65,535 bytes.
const END_SIZE: usize = 22;
const END_64_SIZE: usize = 56;
const LOCATOR_64_SIZE: usize = 20;

/// A file of the archive, as the central directory has it.
#[derive(Clone, Debug)]
pub(crate) struct ZipEntry {
    pub(crate) name: String,
    pub(crate) encrypted: bool,
    pub(crate) link: bool,
    /// Bytes in the archive.
    pub(crate) packed: u64,
    /// Bytes that it declares to inflate to.
    pub(crate) size: u64,
    /// Where its local header is.
    pub(crate) offset: u64,
    method: u16,
    crc: u32,
}

/// Where the central directory is.
struct Directory {
    start: u64,
    size: u64,
    count: u64,
    /// Bytes before the archive, as a self-extracting one has them.
    prefix: u64,
}

fn damaged(message: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message.into())
}

/// The entries in the order of the central directory.
pub(crate) fn read_entries(file: &mut SharedFile) -> io::Result<Vec<ZipEntry>> {
    let directory = find_directory(file)?;
    file.seek(SeekFrom::Start(directory.start))?;
    let mut reader = BufReader::new(file).take(directory.size);
    let mut entries = Vec::new();
    while reader.limit() > 0 {
        entries.push(read_entry(&mut reader, directory.prefix)?);
    }
    // Without zip64 the number has 16 bits, and some tools write it modulo that.
    let count = entries.len() as u64;
    if count != directory.count && count & 0xffff != directory.count {
        let declared = directory.count;
        let message = format!("the archive has {count} entries and declares {declared}");
        return Err(damaged(message));
    }
    Ok(entries)
}

fn find_directory(file: &mut SharedFile) -> io::Result<Directory> {
    let size = file.seek(SeekFrom::End(0))?;
    let tail_start = size.saturating_sub((END_SIZE + 0xffff) as u64);
    file.seek(SeekFrom::Start(tail_start))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    // The last end record whose comment ends with the file.
    let found = tail
        .windows(END_SIZE)
        .enumerate()
        .rev()
        .find(|(at, record)| {
            let comment = Fields(record).u16(20);
            record.starts_with(&END) && at + END_SIZE + usize::from(comment) == tail.len()
        });
    let (at, record) = found.ok_or_else(|| damaged("no zip archive: its end is missing"))?;
    let record = Fields(record);
    let end = tail_start + at as u64;
    let (count, size, offset) = (record.u16(10), record.u32(12), record.u32(16));
    let too_small = count == u16::MAX || size == u32::MAX || offset == u32::MAX;
    if too_small && let Some(directory) = find_directory_64(file, end)? {
        return Ok(directory);
    }
    if record.u16(4) != record.u16(6) {
        return Err(damaged("the archive is one part of several"));
    }
    Directory::ending_at(end, count.into(), size.into(), offset.into())
}

/// The directory by its zip64 records, where there are such.
fn find_directory_64(file: &mut SharedFile, end: u64) -> io::Result<Option<Directory>> {
    let Some(locator) = end.checked_sub(LOCATOR_64_SIZE as u64) else {
        return Ok(None);
    };
    let bytes: [u8; LOCATOR_64_SIZE] = read_array(file, locator)?;
    if !bytes.starts_with(&LOCATOR_64) {
        return Ok(None);
    }
    // Right before the locator, where every tool writes it; else where the locator says.
    let size = END_64_SIZE as u64;
    let places = [locator.checked_sub(size), Some(Fields(&bytes).u64(8))];
    let fits = |place: &u64| place.saturating_add(size) <= locator;
    for place in places.into_iter().flatten().filter(fits) {
        let bytes: [u8; END_64_SIZE] = read_array(file, place)?;
        if bytes.starts_with(&END_64) {
            let record = Fields(&bytes);
            let (count, size, offset) = (record.u64(32), record.u64(40), record.u64(48));
            return Directory::ending_at(place, count, size, offset).map(Some);
        }
    }
    Err(damaged("the zip64 end record is missing"))
}

impl Directory {
    fn ending_at(end: u64, count: u64, size: u64, offset: u64) -> io::Result<Self> {
        let start = end.checked_sub(size);
        let prefix = start.and_then(|start| start.checked_sub(offset));
        match (start, prefix) {
            (Some(start), Some(prefix)) => Ok(Self {
                start,
                size,
                count,
                prefix,
            }),
            _ => Err(damaged("the central directory is not where it should be")),
        }
    }
}

fn read_entry(reader: &mut impl Read, prefix: u64) -> io::Result<ZipEntry> {
    let mut header = [0; 46];
    reader.read_exact(&mut header)?;
    if !header.starts_with(&ENTRY) {
        return Err(damaged("the central directory is damaged"));
    }
    let fields = Fields(&header);
    let mut read = |length: u16| {
        let mut bytes = vec![0; usize::from(length)];
        reader.read_exact(&mut bytes).map(|()| bytes)
    };
    let (name, extra) = (read(fields.u16(28))?, read(fields.u16(30))?);
    read(fields.u16(32))?;
    let (made_by, flags, attributes) = (fields.u16(4), fields.u16(8), fields.u32(38));
    let mut sizes = [fields.u32(24), fields.u32(20), fields.u32(42)].map(u64::from);
    read_sizes_64(&extra, &mut sizes)?;
    let [size, packed, offset] = sizes;
    let offset = offset.checked_add(prefix);
    Ok(ZipEntry {
        name: decode_name(&name, &extra, flags, made_by)?,
        encrypted: flags & 1 != 0,
        // The mode of Unix, which only Unix writes.
        link: is_of_unix(made_by) && attributes >> 28 == 0o12,
        packed,
        size,
        offset: offset.ok_or_else(|| damaged("an entry lies beyond the archive"))?,
        method: fields.u16(10),
        crc: fields.u32(16),
    })
}

/// The sizes and the offset that did not fit their 32 bits stand in an extra field (4.5.3).
fn read_sizes_64(extra: &[u8], sizes: &mut [u64; 3]) -> io::Result<()> {
    let mut field = extra_field(extra, 1).unwrap_or_default();
    for size in sizes
        .iter_mut()
        .filter(|size| **size == u64::from(u32::MAX))
    {
        let (value, rest) = field
            .split_first_chunk()
            .ok_or_else(|| damaged("a zip64 field is missing"))?;
        *size = u64::from_le_bytes(*value);
        field = rest;
    }
    Ok(())
}

/// Whether "version made by" (4.4.2) names Unix.
fn is_of_unix(made_by: u16) -> bool {
    made_by >> 8 == 3
}

/// UTF-8 where the entry says so, by a flag or by a field of its own (4.6.9), else code page 437.
///
/// What is from Unix and is UTF-8 counts as such, too: Info-ZIP's `zip` and macOS write the bytes
/// of the file system, and say nothing.
fn decode_name(name: &[u8], extra: &[u8], flags: u16, made_by: u16) -> io::Result<String> {
    if let Some([1, c0, c1, c2, c3, unicode @ ..]) = extra_field(extra, 0x7075)
        && u32::from_le_bytes([*c0, *c1, *c2, *c3]) == crc_of(name)
        && let Ok(unicode) = str::from_utf8(unicode)
    {
        return Ok(unicode.to_owned());
    }
    if flags & 1 << 11 != 0 {
        let name = str::from_utf8(name);
        return match name {
            Ok(name) => Ok(name.to_owned()),
            Err(_) => Err(damaged("a name is declared to be UTF-8, and is not")),
        };
    }
    if is_of_unix(made_by)
        && let Ok(name) = str::from_utf8(name)
    {
        return Ok(name.to_owned());
    }
    let decode = |&byte: &u8| match byte.checked_sub(0x80) {
        None => char::from(byte),
        Some(high) => CODE_PAGE_437
            .chars()
            .nth(high.into())
            .unwrap_or(char::REPLACEMENT_CHARACTER),
    };
    Ok(name.iter().map(decode).collect())
}

/// The upper half of the code page that zip was born with.
const CODE_PAGE_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
     └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// The extra field with this ID.
fn extra_field(mut extra: &[u8], id: u16) -> Option<&[u8]> {
    loop {
        let ([i0, i1, l0, l1], rest) = extra.split_first_chunk()?;
        let length = u16::from_le_bytes([*l0, *l1]).into();
        let (field, rest) = rest.split_at_checked(length)?;
        if u16::from_le_bytes([*i0, *i1]) == id {
            return Some(field);
        }
        extra = rest;
    }
}

fn crc_of(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// Reads the content of an entry, which is checked at its end.
pub(crate) fn open_entry(mut file: SharedFile, entry: &ZipEntry) -> io::Result<impl Read + use<>> {
    if entry.encrypted {
        return Err(damaged("the file is encrypted"));
    }
    let header: [u8; 30] = read_array(&mut file, entry.offset)?;
    if !header.starts_with(&LOCAL_HEADER) {
        return Err(damaged(
            "the file is not where the central directory has it",
        ));
    }
    let fields = Fields(&header);
    let behind = u64::from(fields.u16(26)) + u64::from(fields.u16(28));
    file.seek(SeekFrom::Start(entry.offset + 30 + behind))?;
    let packed = file.take(entry.packed);
    let inner: Box<dyn Read> = match entry.method {
        0 => Box::new(packed),
        8 => Box::new(DeflateDecoder::new(packed)),
        method => {
            let message = format!("the file is compressed by method {method}, which is not read");
            return Err(io::Error::new(io::ErrorKind::Unsupported, message));
        }
    };
    Ok(Checked {
        inner,
        left: entry.size,
        expected: entry.crc,
        crc: Crc::new(),
    })
}

/// Refuses content that is not what its entry declares.
struct Checked {
    inner: Box<dyn Read>,
    left: u64,
    expected: u32,
    crc: Crc,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| damaged("the file inflates to more than it declares"))?;
        self.crc.update(buffer.get(..read).unwrap_or_default());
        if read == 0 && !buffer.is_empty() {
            if self.left > 0 {
                return Err(damaged("the file is shorter than it declares"));
            }
            if self.crc.sum() != self.expected {
                return Err(damaged("the file is damaged: its checksum is wrong"));
            }
        }
        Ok(read)
    }
}

fn read_array<const N: usize>(file: &mut SharedFile, offset: u64) -> io::Result<[u8; N]> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Little-endian numbers in a record whose size is known; 0 beyond its end.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        let field = self.0.get(at..).and_then(|bytes| bytes.first_chunk());
        field.copied().unwrap_or([0; N])
    }

    fn u16(&self, at: usize) -> u16 {
        u16::from_le_bytes(self.array(at))
    }

    fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.array(at))
    }

    fn u64(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.array(at))
    }
}
