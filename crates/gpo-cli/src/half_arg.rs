//! `--half`: of which half of a GPO a file is.

use clap::{Args, ValueEnum};
use gpo_core::Half;

use crate::failure::Failure;
use crate::input_file::InputFile;

/// The half of a GPO.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct HalfArg {
    /// The half of the GPO [default: that of the folder Machine or User that the file lies in]
    #[arg(long, value_enum, ignore_case = true)]
    half: Option<Choice>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Choice {
    /// Keys below HKLM
    #[value(name = "Computer", alias = "Machine")]
    Computer,
    /// Keys below HKCU
    #[value(name = "User")]
    User,
}

impl HalfArg {
    /// What the user said, if anything.
    pub(crate) fn given(self) -> Option<Half> {
        self.half.map(|half| match half {
            Choice::Computer => Half::Machine,
            Choice::User => Half::User,
        })
    }

    /// The half, as far as it is known.
    pub(crate) fn of(self, file: &InputFile) -> Option<Half> {
        self.given().or_else(|| file.half())
    }

    /// The half, where it has to be known.
    pub(crate) fn require(self, file: &InputFile) -> Result<Half, Failure> {
        self.of(file).ok_or_else(|| {
            let message = "say with --half of which half of the GPO it is, Computer or User";
            Failure::new(message).at(file)
        })
    }
}
