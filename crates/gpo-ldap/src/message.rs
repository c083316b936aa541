//! What comes from a server, measured before it is read.
//!
//! The LDAP library reads a message by recursion, as deep as it nests and as long as it says, and
//! begins anew with each piece that arrives. So it gets whole messages only, whose lengths hold and
//! which are neither long nor deep.

use std::fmt;
use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

/// The longest message, in bytes. The largest values of Group Policy are some hundred kilobytes.
/// Below 2^23 the second byte of a sealed message is that of a short length, so that who reads it
/// as LDAP waits for no more of it.
const LONGEST: usize = (1 << 23) - 1;
/// The values, sets and sequences in a message: the library takes some fifty bytes for each, and a
/// server sends at most some thousand values at a time.
const MOST_ELEMENTS: usize = 100_000;
/// What nests in what; an entry has five levels in its message.
const DEEPEST: usize = 32;

/// `SEQUENCE`, with which each message of RFC 4511 4.1.1 begins.
const SEQUENCE: u8 = 0x30;
/// The bit of a tag that says that there are elements inside.
const CONSTRUCTED: u8 = 0x20;

/// What is wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Malformed {}

impl Malformed {
    /// What was wrong, where that is what the error is about.
    pub(crate) fn in_error(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }
}

impl From<Malformed> for io::Error {
    fn from(malformed: Malformed) -> Self {
        Self::new(io::ErrorKind::InvalidData, malformed)
    }
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A message of LDAP.
    Plain,
    /// A message sealed by Kerberos, with its length in four bytes before it (RFC 4422 3.7).
    Sealed,
}

/// Reads the next message, and nothing behind it, into a buffer; `None` at the end of the stream.
pub(crate) async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    message: &mut Vec<u8>,
) -> io::Result<Option<Kind>> {
    message.clear();
    if stream.take(1).read_to_end(message).await? == 0 {
        return Ok(None);
    }
    let kind = match message.first() {
        Some(&SEQUENCE) => Kind::Plain,
        Some(0) => Kind::Sealed,
        _ => return Err(Malformed("it is no LDAP").into()),
    };
    let length = match kind {
        Kind::Plain => {
            append(stream, message, 1).await?;
            let more = Header::length_bytes(message.get(1).copied())?;
            append(stream, message, more).await?;
            Header::read(message)?.content
        }
        Kind::Sealed => {
            append(stream, message, 3).await?;
            number(message)
        }
    };
    if length > LONGEST {
        return Err(Malformed("it is longer than a message may be").into());
    }
    append(stream, message, length).await?;
    if kind == Kind::Plain {
        check(message)?;
    }
    Ok(Some(kind))
}

/// Reads so many bytes. Memory grows with what has come, not with what was announced.
async fn append(
    stream: &mut (impl AsyncRead + Unpin),
    message: &mut Vec<u8>,
    length: usize,
) -> io::Result<()> {
    let wanted = u64::try_from(length).unwrap_or(u64::MAX);
    let come = stream.take(wanted).read_to_end(message).await?;
    if come < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

/// Sees that the length of every element holds, and that they are neither deep nor too many.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Malformed> {
    // Where the elements end that are open.
    let mut ends = vec![bytes.len()];
    let mut at = 0;
    for _ in 0..=MOST_ELEMENTS {
        while ends.last() == Some(&at) {
            ends.pop();
        }
        let Some(&end) = ends.last() else {
            return Ok(());
        };
        let header = Header::read(bytes.get(at..end).unwrap_or_default())?;
        at += header.length;
        let behind = at.checked_add(header.content).filter(|at| *at <= end);
        let behind = behind.ok_or(Malformed("an element is longer than what it stands in"))?;
        if !header.constructed {
            at = behind;
        } else if ends.len() > DEEPEST {
            return Err(Malformed("it nests deeper than a message may"));
        } else {
            ends.push(behind);
        }
    }
    Err(Malformed("it has more elements than a message may"))
}

/// What an element begins with, as the library reads it: tags have one byte.
struct Header {
    constructed: bool,
    /// The bytes of the header, and those of what follows.
    length: usize,
    content: usize,
}

impl Header {
    fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let cut = Malformed("it ends within an element");
        let [tag, first, rest @ ..] = bytes else {
            return Err(cut);
        };
        let more = Self::length_bytes(Some(*first))?;
        let content = if more == 0 {
            usize::from(*first)
        } else {
            number(rest.get(..more).ok_or(cut)?)
        };
        Ok(Self {
            constructed: tag & CONSTRUCTED != 0,
            length: 2 + more,
            content,
        })
    }

    /// How many bytes follow the first one of a length. One without an end is none in LDAP (RFC
    /// 4511 5.1).
    fn length_bytes(first: Option<u8>) -> Result<usize, Malformed> {
        match first.unwrap_or_default() {
            0..=0x7f => Ok(0),
            many @ 0x81..=0x88 => Ok(usize::from(many - 0x80)),
            _ => Err(Malformed("a length is none of LDAP")),
        }
    }
}

/// Bytes as a number; what is too large is the largest.
fn number(bytes: &[u8]) -> usize {
    let number = bytes.iter().try_fold(0_u64, |number, byte| {
        Some(number.checked_mul(256)? + u64::from(*byte))
    });
    number
        .and_then(|number| usize::try_from(number).ok())
        .unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ldap3::asn1::{PL, StructureTag, parse_tag};
    use proptest::prelude::*;

    /// What is read of these bytes, one message after the other, and how it ends.
    fn read_all(mut bytes: &[u8]) -> (Vec<Kind>, Option<String>) {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.build().unwrap();
        let (mut kinds, mut message) = (Vec::new(), Vec::new());
        loop {
            match runtime.block_on(read(&mut bytes, &mut message)) {
                Ok(Some(kind)) => kinds.push(kind),
                Ok(None) => return (kinds, None),
                Err(error) => return (kinds, Some(error.to_string())),
            }
        }
    }

    fn nested(depth: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..depth {
            let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
            bytes = [&[SEQUENCE, 0x84], &length[..], &bytes].concat();
        }
        bytes
    }

    fn many(elements: usize) -> Vec<u8> {
        let length = u32::try_from(2 * elements).unwrap().to_be_bytes();
        let mut bytes = [&[SEQUENCE, 0x84], &length[..]].concat();
        bytes.resize(bytes.len() + 2 * elements, 0);
        bytes
    }

    #[test]
    fn messages_are_read_one_after_the_other() {
        let bytes = b"\x30\x03\x02\x01\x05\x30\x81\x00\0\0\0\x01x\x30\0";
        let (kinds, error) = read_all(bytes);
        let (plain, sealed) = (Kind::Plain, Kind::Sealed);
        assert_eq!(kinds, [plain, plain, sealed, plain]);
        assert_eq!(error, None);
    }

    #[test]
    fn what_is_no_message_is_refused_with_the_reason() {
        for (bytes, why) in [
            (b"HTTP/1.1 400".to_vec(), "no LDAP"),
            (vec![SEQUENCE, 0x80, 0, 0], "a length"),
            (vec![SEQUENCE, 0x89], "a length"),
            ([&[SEQUENCE, 0x88], &[0xff; 8][..]].concat(), "longer"),
            (vec![SEQUENCE, 0x83, 0x80, 0, 0], "longer"),
            (vec![0, 0x80, 0, 0], "longer"),
            (vec![SEQUENCE, 2, 4, 1], "stands in"),
            (vec![SEQUENCE, 3, SEQUENCE, 1, 4], "within"),
            (vec![SEQUENCE, 1, 4], "within"),
            (nested(DEEPEST + 1), "deeper"),
            (nested(100_000), "deeper"),
            (many(MOST_ELEMENTS), "more elements"),
        ] {
            let (_, error) = read_all(&bytes);
            assert!(
                error.as_ref().is_some_and(|e| e.contains(why)),
                "{why}: {error:?}"
            );
        }
        for bytes in [nested(DEEPEST), many(MOST_ELEMENTS - 1)] {
            assert_eq!(read_all(&bytes), (vec![Kind::Plain], None));
        }
        let (_, error) = read_all(&[SEQUENCE, 0x83, 0x7f, 0, 0, 1]);
        assert!(error.is_some(), "announced, but not sent");
    }

    fn depth(tag: &StructureTag) -> usize {
        match &tag.payload {
            PL::C(parts) => 1 + parts.iter().map(depth).max().unwrap_or_default(),
            PL::P(_) => 0,
        }
    }

    proptest! {
        #[test]
        fn what_passes_is_what_the_library_reads(bytes in proptest::collection::vec(
            prop_oneof![Just(SEQUENCE), Just(4), Just(0x81), Just(0x82), 0_u8..9, any::<u8>()], 0..40
        )) {
            if check(&bytes).is_ok() && !bytes.is_empty() {
                let (_, first) = parse_tag(&bytes).unwrap();
                prop_assert!(depth(&first) <= DEEPEST);
            }
        }
    }
}
