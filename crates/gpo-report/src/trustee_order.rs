//! The order in which GPMC lists trustees.

use std::collections::HashSet;

use sddl_parser::{Ace, Acl, Sid};

/// The trustees of a DACL, each once, in the order of a report.
///
/// GPMC puts them into a `Hashtable` of the 64-bit .NET Framework, keyed by the text of the SID,
/// from the last entry of the DACL to the first, and lists what that enumerates (306 of 307 real
/// reports whose SIDs nobody has replaced; from the first to the last it would be 284). So the
/// order is that of its hash function, its sizes and its probing, from the last bucket to the first.
pub(crate) fn trustee_order(dacl: &Acl) -> Vec<Sid> {
    let mut seen = HashSet::new();
    let mut table = Table::new();
    for sid in dacl.aces.iter().rev().filter_map(Ace::sid) {
        if seen.insert(sid) {
            table.insert(hash(&sid.to_string()), *sid);
        }
    }
    table
        .buckets
        .into_iter()
        .rev()
        .flatten()
        .map(|(_, sid)| sid)
        .collect()
}

/// Sizes of the table: each is the first prime of the framework's list that is at least twice the
/// one before. A DACL has room for 3,276 ACEs, which fit the largest.
const SIZES: [u32; 11] = [3, 7, 17, 37, 89, 197, 431, 919, 1931, 4049, 8419];

struct Table {
    buckets: Vec<Option<(u32, Sid)>>,
    count: usize,
}

impl Table {
    fn new() -> Self {
        Self {
            buckets: vec![None; 3],
            count: 0,
        }
    }

    fn insert(&mut self, hash: u32, sid: Sid) {
        // 72 of 100 buckets may be taken.
        if self.count >= self.buckets.len() * 72 / 100 {
            self.grow();
        }
        self.put(hash, sid);
        self.count += 1;
    }

    fn grow(&mut self) {
        let next = SIZES.iter().map(|&size| size as usize);
        let Some(size) = next.into_iter().find(|&size| size > self.buckets.len()) else {
            return;
        };
        let old = std::mem::replace(&mut self.buckets, vec![None; size]);
        for (hash, sid) in old.into_iter().flatten() {
            self.put(hash, sid);
        }
    }

    /// Puts an entry into the first free bucket on its way. The sizes are primes, so the way leads
    /// through every bucket; in a table that is full, the entry is lost.
    fn put(&mut self, hash: u32, sid: Sid) {
        let size = u32::try_from(self.buckets.len()).unwrap_or(u32::MAX);
        let step = 1 + hash.wrapping_mul(101) % (size - 1);
        let mut place = hash % size;
        for _ in 0..size {
            if let Some(bucket @ None) = self.buckets.get_mut(place as usize) {
                *bucket = Some((hash, sid));
                return;
            }
            place = (place + step) % size;
        }
    }
}

/// `String.GetHashCode` of the 64-bit .NET Framework, without the sign that `Hashtable` drops.
fn hash(text: &str) -> u32 {
    let mut halves = [5381_u32; 2];
    for (n, unit) in text.encode_utf16().enumerate() {
        let [even, odd] = &mut halves;
        let half = if n % 2 == 0 { even } else { odd };
        *half = half.wrapping_mul(33) ^ u32::from(unit);
    }
    let [even, odd] = halves;
    even.wrapping_add(odd.wrapping_mul(1_566_083_941)) & 0x7fff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sddl_parser::AccessMask;

    proptest! {
        #[test]
        fn every_trustee_is_listed_once(rids in prop::collection::vec(0_u32..4000, 0..3276)) {
            let sids = rids.iter().map(|&rid| Sid::new(5, &[21, 1, 2, 3, rid]).unwrap());
            let mut expected: Vec<Sid> = sids.clone().collect();
            expected.sort();
            expected.dedup();
            let aces = sids.map(|sid| Ace::allow(AccessMask::DELETE, sid)).collect();
            let mut listed = trustee_order(&Acl::new(aces));
            listed.sort();
            prop_assert_eq!(listed, expected);
        }
    }
}
