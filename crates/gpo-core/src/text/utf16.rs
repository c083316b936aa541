//! UTF-16, strictly: `char::decode_utf16` takes a unit at a time, and most text is ASCII.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::push_replaced;
use crate::error::{Error, ErrorKind, Result};

/// Bytes looked at in one go for being ASCII.
const BLOCK: usize = 64;

/// What is wrong at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BadUtf16 {
    /// A surrogate without its other half.
    Surrogate(u16),
    /// One byte is left at the end.
    HalfUnit,
}

impl BadUtf16 {
    fn error(self, offset: usize) -> Error {
        let message = match self {
            Self::Surrogate(unit) => {
                format!("{unit:04X} is half a UTF-16 surrogate pair, the other half is missing")
            }
            Self::HalfUnit => "one byte is left at the end of UTF-16 text".into(),
        };
        Error::new(ErrorKind::Encoding, message).at_offset(offset)
    }
}

pub(super) fn decode_strict<const BE: bool>(bytes: &[u8], start: usize) -> Result<String> {
    decode::<BE, _>(bytes, |_, offset, bad| Err(bad.error(start + offset)))
}

pub(super) fn decode_lossy<const BE: bool>(
    bytes: &[u8],
    start: usize,
    replaced: &mut Vec<Range<usize>>,
) -> String {
    let decoded: Result<String, core::convert::Infallible> =
        decode::<BE, _>(bytes, |text, offset, bad| {
            let width = if bad == BadUtf16::HalfUnit { 1 } else { 2 };
            let offset = start + offset;
            if push_replaced(replaced, offset..offset + width) {
                text.extend_from_slice(b"\xef\xbf\xbd");
            }
            Ok(())
        });
    match decoded {
        Ok(text) => text,
        Err(never) => match never {},
    }
}

fn decode<const BE: bool, E>(
    bytes: &[u8],
    mut on_bad: impl FnMut(&mut Vec<u8>, usize, BadUtf16) -> Result<(), E>,
) -> Result<String, E> {
    let mut text: Vec<u8> = Vec::with_capacity(bytes.len() / 2);
    let mut rest = bytes;
    loop {
        skip_ascii::<BE>(&mut rest, &mut text);
        // What is not ASCII comes in words: ASCII is tried again behind it.
        loop {
            let offset = bytes.len() - rest.len();
            let Some((unit, after)) = split_unit::<BE>(rest) else {
                if !rest.is_empty() {
                    on_bad(&mut text, offset, BadUtf16::HalfUnit)?;
                }
                return Ok(valid(text));
            };
            if unit < 0x80 {
                break;
            }
            rest = after;
            let c = match unit {
                0xd800..=0xdbff => match split_unit::<BE>(rest) {
                    Some((low @ 0xdc00..=0xdfff, after)) => {
                        rest = after;
                        let high = u32::from(unit) & 0x3ff;
                        char::from_u32(0x1_0000 + (high << 10 | u32::from(low) & 0x3ff))
                    }
                    _ => None,
                },
                _ => char::from_u32(u32::from(unit)),
            };
            match c {
                Some(c) => text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                None => on_bad(&mut text, offset, BadUtf16::Surrogate(unit))?,
            }
        }
    }
}

/// The bytes are UTF-8, since only characters were pushed; the check costs little.
fn valid(text: Vec<u8>) -> String {
    String::from_utf8(text).unwrap_or_default()
}

fn split_unit<const BE: bool>(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (unit, rest) = bytes.split_first_chunk()?;
    Some((unit_of::<BE>(*unit), rest))
}

/// Pushes what is ASCII up to the first unit that is not.
fn skip_ascii<const BE: bool>(rest: &mut &[u8], text: &mut Vec<u8>) {
    while let Some((block, after)) = rest.split_first_chunk::<BLOCK>() {
        let mut units = [0; BLOCK / 2];
        let mut beyond = 0;
        // No early exit, so that the compiler makes vectors of it.
        for (unit, bytes) in units.iter_mut().zip(block.as_chunks::<2>().0) {
            *unit = unit_of::<BE>(*bytes);
            beyond |= *unit;
        }
        // All of a block in one go; of the last one, what stands before the other unit.
        let ascii = units.map(|unit| unit.to_le_bytes()[0]);
        if beyond >= 0x80 {
            let length = units.iter().take_while(|&&unit| unit < 0x80).count();
            text.extend_from_slice(ascii.get(..length).unwrap_or_default());
            *rest = rest.get(2 * length..).unwrap_or_default();
            return;
        }
        text.extend_from_slice(&ascii);
        *rest = after;
    }
    let units = rest.as_chunks::<2>().0.iter();
    let units = units.map(|bytes| unit_of::<BE>(*bytes));
    let before = text.len();
    text.extend(
        units
            .take_while(|&unit| unit < 0x80)
            .map(|unit| unit.to_le_bytes()[0]),
    );
    *rest = rest.get(2 * (text.len() - before)..).unwrap_or_default();
}

fn unit_of<const BE: bool>(bytes: [u8; 2]) -> u16 {
    if BE {
        u16::from_be_bytes(bytes)
    } else {
        u16::from_le_bytes(bytes)
    }
}

pub(super) fn encode<const BE: bool>(text: &str, bytes: &mut Vec<u8>) {
    bytes.reserve(2 * text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let ascii = rest
            .bytes()
            .position(|b| !b.is_ascii())
            .unwrap_or(rest.len());
        let (head, tail) = rest.split_at_checked(ascii).unwrap_or((rest, ""));
        let unit = |b: u8| if BE { [0, b] } else { [b, 0] };
        let (blocks, short) = head.as_bytes().as_chunks::<{ BLOCK / 2 }>();
        for block in blocks {
            let mut units = [0; BLOCK];
            for (place, &b) in units.as_chunks_mut::<2>().0.iter_mut().zip(block) {
                *place = unit(b);
            }
            bytes.extend_from_slice(&units);
        }
        for &b in short {
            bytes.extend_from_slice(&unit(b));
        }
        let mut tail = tail.chars();
        for c in tail.by_ref() {
            for unit in c.encode_utf16(&mut [0; 2]) {
                bytes.extend_from_slice(&if BE {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                });
            }
            if c.is_ascii() {
                break;
            }
        }
        rest = tail.as_str();
    }
}
