//! Replays the seeds, and what long runs made of some of them, on a stable toolchain, without a fuzzer.

use std::collections::BTreeSet;
use std::fs;
use std::panic;
use std::path::{Path, PathBuf};

use gpo_fuzz::TARGETS;

fn names_in(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    entries
        .map(|entry| {
            let path = entry.unwrap().path();
            path.file_stem().unwrap().to_str().unwrap().to_owned()
        })
        .collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_target_has_a_program_a_dictionary_and_seeds() {
    let targets: BTreeSet<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    for folder in ["fuzz_targets", "dictionaries", "seeds"] {
        assert_eq!(names_in(&root().join(folder)), targets, "{folder}");
    }
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        assert!(
            manifest.contains(&format!("\nname = \"{name}\"\n")),
            "{name} is no [[bin]]"
        );
    }
}

#[test]
fn the_properties_hold_for_every_seed_and_every_beginning_of_one() {
    for (target, property) in TARGETS {
        let mut seeds: Vec<_> = fs::read_dir(root().join("seeds").join(target))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        seeds.sort();
        assert!(!seeds.is_empty(), "{target} has no seed");
        for path in seeds {
            let seed = fs::read(&path).unwrap();
            for length in 0..=seed.len() {
                let held = panic::catch_unwind(|| property(&seed[..length]));
                assert!(
                    held.is_ok(),
                    "{target} does not hold for the first {length} bytes of {}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn the_properties_hold_for_what_long_runs_found() {
    for entry in fs::read_dir(root().join("corpora")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap();
        let target = TARGETS.iter().find(|(target, _)| *target == name);
        let (_, property) = target.unwrap_or_else(|| panic!("{}: no target", path.display()));
        let page = fs::read_to_string(&path).unwrap();
        for (line, text) in (1..).zip(page.lines()) {
            let digits = text.as_bytes().chunks(2);
            let bytes =
                digits.map(|two| str::from_utf8(two).map(|two| u8::from_str_radix(two, 16)));
            let input: Vec<u8> = bytes.map(|byte| byte.unwrap().unwrap()).collect();
            let held = panic::catch_unwind(|| property(&input));
            assert!(held.is_ok(), "{}, line {line}", path.display());
        }
    }
}
