//! The corpora that are small enough to be kept with the project.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::Result;

/// The most bytes of a corpus that is kept, all its inputs together.
const SMALL: usize = 24 * 1024;

/// Writes each corpus that is small into one file of `fuzz/corpora`, an input a line in hexadecimal
/// digits, shorter ones first. The tests of the fuzz targets run them.
pub(super) fn write(root: &Path, targets: &[String]) -> Result {
    for target in targets {
        let corpus = root.join("fuzz/corpus").join(target);
        if !corpus.is_dir() {
            continue;
        }
        let mut inputs = Vec::new();
        for entry in fs::read_dir(corpus)? {
            inputs.push(fs::read(entry?.path())?);
        }
        let file = root.join(format!("fuzz/corpora/{target}.txt"));
        if inputs.iter().map(Vec::len).sum::<usize>() <= SMALL {
            inputs.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
            fs::write(file, page(&inputs))?;
        } else if file.exists() {
            fs::remove_file(file)?;
        }
    }
    Ok(())
}

fn page(inputs: &[Vec<u8>]) -> String {
    let mut page = String::new();
    for input in inputs.iter().filter(|input| !input.is_empty()) {
        for byte in input {
            let _ = write!(page, "{byte:02x}");
        }
        page.push('\n');
    }
    page
}
