//! What every measuring program here shares: the pairs, the check, the clock.
//!
//! Standard input has one pair a line: SDDL text, a tab, the bytes in hexadecimal. With a file as
//! argument, whose lines are an operation, a tab and indices of pairs, only those pairs are measured.
//! The output has a line for each operation: name, nanoseconds of the fastest pass over the pairs
//! that come out right, and the indices of these.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

#[allow(dead_code)] // Not every program reads text.
pub struct Pair {
    pub text: String,
    pub bytes: Vec<u8>,
}

/// An operation: its name, whether it gets a pair right, and the work to measure.
pub type Operation<'a> = (&'a str, fn(&Pair) -> bool, fn(&Pair) -> u64);

fn pairs() -> Vec<Pair> {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input).unwrap();
    input
        .lines()
        .map(|line| {
            let (text, hex) = line.split_once('\t').unwrap();
            let byte = |i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap();
            Pair {
                text: text.into(),
                bytes: (0..hex.len()).step_by(2).map(byte).collect(),
            }
        })
        .collect()
}

fn subsets() -> BTreeMap<String, Vec<usize>> {
    let Some(file) = std::env::args().nth(1) else {
        return BTreeMap::new();
    };
    let text = std::fs::read_to_string(file).unwrap();
    text.lines()
        .map(|line| {
            let (name, indices) = line.split_once('\t').unwrap();
            (
                name.into(),
                indices
                    .split_whitespace()
                    .map(|i| i.parse().unwrap())
                    .collect(),
            )
        })
        .collect()
}

pub fn run(operations: &[Operation<'_>]) {
    let pairs = pairs();
    let subsets = subsets();
    std::panic::set_hook(Box::new(|_| {}));
    for (name, check, work) in operations {
        let all: Vec<_> = (0..pairs.len()).collect();
        let indices = subsets.get(*name).unwrap_or(&all);
        let right =
            |&i: &usize| catch_unwind(AssertUnwindSafe(|| check(&pairs[i]))).unwrap_or(false);
        let indices: Vec<_> = indices.iter().copied().filter(right).collect();
        let mut fastest = Duration::MAX;
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(1500) {
            let pass = Instant::now();
            for &i in &indices {
                black_box(work(black_box(&pairs[i])));
            }
            fastest = fastest.min(pass.elapsed());
        }
        let indices: Vec<_> = indices.iter().map(ToString::to_string).collect();
        println!("{name}\t{}\t{}", fastest.as_nanos(), indices.join(" "));
    }
}

/// The masks and SIDs of the DACL's ordinary and object ACEs, found with nothing but offsets.
#[allow(dead_code)]
pub fn masks_and_sids(bytes: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let u16_at = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let u32_at = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let dacl = u32_at(16) as usize;
    let mut found = Vec::new();
    if dacl == 0 {
        return found;
    }
    let mut at = dacl + 8;
    for _ in 0..u16_at(dacl + 4) {
        let guids = match bytes[at] {
            5..=8 => 4 + 16 * u32_at(at + 8).count_ones() as usize,
            _ => 0,
        };
        let sid = at + 8 + guids;
        let size = 8 + 4 * usize::from(bytes[sid + 1]);
        found.push((u32_at(at + 4), bytes[sid..sid + size].to_vec()));
        at += u16_at(at + 2);
    }
    found
}
