// Shared by our program and those of the peers, which are packages of their own.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long a case is repeated.
const TIME: Duration = Duration::from_secs(1);

/// Repeats a run and prints, on stderr, the nanoseconds of the fastest one, how many there were, and
/// what a run counted. A run ends when all that it made is freed. A third argument on the command
/// line is how often it is repeated.
pub(crate) fn measure(mut run: impl FnMut() -> usize) {
    let wanted = std::env::args().nth(3);
    let wanted: Option<u64> = wanted.map(|runs| runs.parse().expect("it is a number"));
    let start = Instant::now();
    let (mut best, mut runs, mut counted) = (u128::MAX, 0u64, 0);
    while wanted.map_or(runs < 3 || start.elapsed() < TIME, |wanted| runs < wanted) {
        let run_start = Instant::now();
        counted = black_box(run());
        best = best.min(run_start.elapsed().as_nanos());
        runs += 1;
    }
    eprintln!("{best} {runs} {counted}");
}

/// The case and the bytes of the file that the command line names.
pub(crate) fn arguments() -> (String, Vec<u8>) {
    let mut arguments = std::env::args().skip(1);
    let case = arguments.next().expect("the first argument is the case");
    let file = arguments.next().expect("the second argument is the file");
    (case, std::fs::read(file).expect("the file can be read"))
}
