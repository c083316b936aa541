//! Searches, page by page, and the entries that they find.

use gpo_core::{DirectoryAttribute, DirectoryEntry, SourceErrorKind};
use ldap3::Scope;
use ldap3::asn1::{PL, StructureTag, parse_tag};
use ldap3::controls::{PagedResults, RawControl};

use crate::connection::{IN_FLIGHT, Session};
use crate::failure::Failure;
use crate::message;

/// Entries in a page: what domain controllers give at most by default.
const PAGE: i32 = 1000;

/// What a search may find in all, in bytes. A domain of 100,000 linked places has less than half.
const LARGEST_RESULT: usize = 128 << 20;

/// How many pages without an entry may follow each other, which servers may send.
const MOST_EMPTY_PAGES: usize = 100;

/// The control of RFC 2696, in questions and in answers.
const PAGED_RESULTS: &str = "1.2.840.113556.1.4.319";

/// `searchResEntry` in RFC 4511 4.5.2.
const SEARCH_RESULT_ENTRY: u64 = 4;

/// What is searched for.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    pub(crate) base: String,
    pub(crate) scope: Scope,
    pub(crate) filter: String,
    pub(crate) attributes: &'static [&'static str],
    /// The parts of security descriptors that are wanted.
    pub(crate) descriptor: Option<DescriptorParts>,
}

impl Search {
    /// An object itself.
    pub(crate) fn object(dn: &str, attributes: &'static [&'static str]) -> Self {
        Self::below(dn, Scope::Base, "(objectClass=*)".into(), attributes)
    }

    /// The same, with these parts of the security descriptors.
    pub(crate) fn with_descriptor(mut self, parts: DescriptorParts) -> Self {
        self.descriptor = Some(parts);
        self
    }

    /// Objects at or below another.
    pub(crate) fn below(
        base: &str,
        scope: Scope,
        filter: String,
        attributes: &'static [&'static str],
    ) -> Self {
        Self {
            base: base.to_owned(),
            scope,
            filter,
            attributes,
            descriptor: None,
        }
    }
}

impl Session {
    /// What each of these finds, many at a time; the first failure is that of all.
    pub(crate) async fn each(
        &self,
        searches: Vec<Search>,
    ) -> Result<Vec<Vec<DirectoryEntry>>, Failure> {
        let mut found = Vec::with_capacity(searches.len());
        for some in searches.chunks(IN_FLIGHT) {
            let tasks = some.iter().map(|search| {
                let (mut session, search) = (self.clone(), search.clone());
                tokio::spawn(async move { session.all(&search).await })
            });
            for task in tasks.collect::<Vec<_>>() {
                found.push(task.await.unwrap_or_else(|_| Err(Failure::no_ldap("")))?);
            }
        }
        Ok(found)
    }

    /// The first page of what is found, or the one behind the page that gave the cookie.
    pub(crate) async fn page(&mut self, search: &Search, cookie: Cookie) -> Result<Page, Failure> {
        let Cookie {
            bytes: cookie,
            mut size,
            mut empty_pages,
        } = cookie;
        let _turn = self.turn().await;
        let failed = |error| Failure::new(&search.base, error);
        let mut controls = vec![PagedResults { size: PAGE, cookie }.into()];
        controls.extend(search.descriptor.map(DescriptorParts::control));
        let mut stream = self
            .ldap
            .with_controls(controls)
            .with_timeout(self.time_limit)
            .streaming_search(
                &search.base,
                search.scope,
                &search.filter,
                search.attributes,
            )
            .await
            .map_err(failed)?;
        let mut entries = Vec::new();
        while let Some(found) = stream.next().await.map_err(failed)? {
            // Other servers may hold more, but nobody is followed to where a server points.
            if found.is_ref() || found.is_intermediate() {
                continue;
            }
            let entry = entry(found.0)
                .ok_or_else(|| Failure::malformed(&search.base, "an entry without its parts"))?;
            size += size_of_entry(&entry);
            within_limit(&search.base, size)?;
            entries.push(entry);
        }
        let answer = stream.finish().await.success().map_err(failed)?;
        let control = answer.ctrls.iter().find(|c| c.1.ctype == PAGED_RESULTS);
        let cookie = match control.and_then(|control| control.1.val.as_deref()) {
            Some(value) => cookie_of(value)
                .ok_or_else(|| Failure::malformed(&search.base, "the control of a page"))?,
            // A server that knows no pages has sent all.
            None => Vec::new(),
        };
        empty_pages = if entries.is_empty() {
            empty_pages + 1
        } else {
            0
        };
        if empty_pages > MOST_EMPTY_PAGES {
            return Err(Failure::malformed(&search.base, "there is no end of pages"));
        }
        let next = Cookie {
            bytes: cookie,
            size,
            empty_pages,
        };
        Ok(Page {
            entries,
            next: (!next.bytes.is_empty()).then_some(next),
        })
    }

    /// All pages; nothing where the base is not there.
    pub(crate) async fn all(&mut self, search: &Search) -> Result<Vec<DirectoryEntry>, Failure> {
        let mut page = match self.page(search, Cookie::default()).await {
            Err(failure) if failure.kind() == SourceErrorKind::NotFound => return Ok(Vec::new()),
            first => first?,
        };
        let mut entries = page.entries;
        while let Some(cookie) = page.next {
            page = self.page(search, cookie).await?;
            entries.append(&mut page.entries);
        }
        Ok(entries)
    }
}

/// A page of what was found.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) entries: Vec<DirectoryEntry>,
    /// What the search for the next page begins with; none behind the last.
    pub(crate) next: Option<Cookie>,
}

/// Where a page begins, by the server's own sign, and what came before it; the default is the first.
#[derive(Debug, Default)]
pub(crate) struct Cookie {
    bytes: Vec<u8>,
    /// The bytes of the entries so far.
    size: usize,
    /// The pages without an entry right before it.
    empty_pages: usize,
}

/// The parts of security descriptors in an operation: `SECURITY_INFORMATION` ([MS-DTYP] 2.4.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DescriptorParts(pub(crate) u8);

impl DescriptorParts {
    /// Owner, group, DACL and SACL. A user who may not read the SACL gets nothing at all, and no
    /// error.
    pub(crate) const ALL: Self = Self(15);
    /// Owner, group and DACL.
    pub(crate) const WITHOUT_SACL: Self = Self(7);

    /// `LDAP_SERVER_SD_FLAGS_OID` ([MS-ADTS] 3.1.1.3.4.1.11): the BER of `SEQUENCE { INTEGER }`.
    pub(crate) fn control(self) -> RawControl {
        RawControl {
            ctype: "1.2.840.113556.1.4.801".into(),
            crit: true,
            val: Some(vec![0x30, 3, 2, 1, self.0]),
        }
    }
}

/// A server that sends without an end does not fill the memory.
fn within_limit(base: &str, size: usize) -> Result<(), Failure> {
    if size > LARGEST_RESULT {
        return Err(Failure::malformed(base, "there is no end of entries"));
    }
    Ok(())
}

/// About the memory that an entry takes.
fn size_of_entry(entry: &DirectoryEntry) -> usize {
    let of_attribute = |attribute: &DirectoryAttribute| {
        let values = attribute.values.iter();
        let values = values.map(|value| value.len() + size_of::<Vec<u8>>());
        attribute.name.len() + size_of::<DirectoryAttribute>() + values.sum::<usize>()
    };
    let attributes = entry.attributes.iter().map(of_attribute).sum::<usize>();
    entry.dn.len() + size_of::<DirectoryEntry>() + attributes
}

/// An entry, of which nothing is taken for granted: `None` where it has another form than RFC 4511
/// 4.5.2 gives it.
fn entry(tag: StructureTag) -> Option<DirectoryEntry> {
    let mut parts = constructed(tag.match_id(SEARCH_RESULT_ENTRY)?)?.into_iter();
    let dn = String::from_utf8(primitive(parts.next()?)?).ok()?;
    let attributes = constructed(parts.next()?)?.into_iter().map(|attribute| {
        let mut parts = constructed(attribute)?.into_iter();
        let name = String::from_utf8(primitive(parts.next()?)?).ok()?;
        let values = constructed(parts.next()?)?.into_iter().map(primitive);
        let values = values.collect::<Option<_>>()?;
        Some(DirectoryAttribute { name, values })
    });
    let attributes = attributes.collect::<Option<_>>()?;
    Some(DirectoryEntry { dn, attributes })
}

/// `SEQUENCE { size INTEGER, cookie OCTET STRING }`.
fn cookie_of(value: &[u8]) -> Option<Vec<u8>> {
    // It stands in a value, whose inside nobody has measured.
    message::check(value).ok()?;
    let (_, tag) = parse_tag(value).ok()?;
    primitive(constructed(tag)?.into_iter().nth(1)?)
}

pub(crate) fn constructed(tag: StructureTag) -> Option<Vec<StructureTag>> {
    match tag.payload {
        PL::C(parts) => Some(parts),
        PL::P(_) => None,
    }
}

pub(crate) fn primitive(tag: StructureTag) -> Option<Vec<u8>> {
    match tag.payload {
        PL::P(bytes) => Some(bytes),
        PL::C(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// BER with lengths below 128.
    fn ber(tag: u8, content: &[&[u8]]) -> Vec<u8> {
        let content = content.concat();
        let length = u8::try_from(content.len()).unwrap();
        [&[tag, length], &content[..]].concat()
    }

    fn read(bytes: &[u8]) -> Option<DirectoryEntry> {
        entry(parse_tag(bytes).ok()?.1)
    }

    #[test]
    fn an_entry_keeps_the_order_and_the_bytes_of_its_values() {
        let values = ber(0x31, &[&ber(4, &[b"\xff"]), &ber(4, &[b"a"])]);
        let attribute = ber(0x30, &[&ber(4, &[b"x"]), &values]);
        let found = read(&ber(
            0x64,
            &[&ber(4, &[b"CN=a"]), &ber(0x30, &[&attribute])],
        ))
        .unwrap();
        assert_eq!(found.dn, "CN=a");
        assert_eq!(found.attributes.len(), 1);
        assert_eq!(
            found.attributes[0].values,
            [b"\xff".to_vec(), b"a".to_vec()]
        );
    }

    #[test]
    fn another_form_is_no_entry() {
        let name = ber(4, &[b"CN=a"]);
        for bytes in [
            ber(0x64, &[]),
            ber(0x64, &[&name]),
            ber(0x64, &[&ber(4, &[b"\xff"]), &ber(0x30, &[])]),
            ber(0x64, &[&name, &ber(0x30, &[&ber(4, &[b"x"])])]),
            ber(
                0x64,
                &[&name, &ber(0x30, &[&ber(0x30, &[&ber(4, &[b"x"])])])],
            ),
            ber(0x44, &[b"CN=a"]),
            ber(0x65, &[&name, &ber(0x30, &[])]),
        ] {
            assert_eq!(read(&bytes), None, "{bytes:x?}");
        }
        assert_eq!(cookie_of(&ber(0x30, &[&ber(2, &[b"\0"])])), None);
        assert_eq!(
            cookie_of(&ber(0x30, &[&ber(2, &[b"\0"]), &ber(4, &[b"next"])])),
            Some(b"next".to_vec())
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(
            prop_oneof![Just(0x30), Just(0x64), Just(4), 0_u8..9], 0..40
        )) {
            let _ = (read(&bytes), cookie_of(&bytes));
        }
    }
}
