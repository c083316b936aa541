//! The version that a GPO gets when it is written.

use gpo_core::{Gpo, GpoVersion, GptIni, Half, SourceError};

use crate::gpo_state::{GpoState, GptIniFile};
use crate::plan::has_content;
use crate::source::GPT_INI;

/// The name that Windows writes into every GPT.INI.
const GPT_INI_NAME: &str = "New Group Policy Object";

/// The version of a GPO whose settings are replaced: for each half that has content one more than
/// `floor` and the current one, so that every client applies it again. A half without content keeps
/// its number; one that is not there yet has that of `floor`.
pub(crate) fn raised(gpo: &Gpo, current: Option<GpoVersion>, floor: GpoVersion) -> GpoVersion {
    let number = |half, current: Option<u16>, floor: u16| {
        if !has_content(gpo, half) {
            return current.unwrap_or(floor);
        }
        next(current.unwrap_or_default().max(floor))
    };
    GpoVersion::from_halves(
        number(Half::User, current.map(GpoVersion::user), floor.user()),
        number(
            Half::Machine,
            current.map(GpoVersion::machine),
            floor.machine(),
        ),
    )
}

/// 0 means that there is nothing, so the number after the last is 1.
fn next(number: u16) -> u16 {
    number.checked_add(1).unwrap_or(1)
}

/// GPT.INI with a version: the one that is there, edited, or a new one.
pub(crate) fn gpt_ini(state: &GpoState, version: GpoVersion) -> Result<GptIniFile, SourceError> {
    let invalid = |e| SourceError::invalid(GPT_INI, e);
    let edited = state.gpt_ini.as_ref().and_then(|file| {
        let mut ini = GptIni::parse(&file.bytes).ok()?;
        ini.set_version(version).ok()?;
        Some(GptIniFile {
            name: file.name.clone(),
            bytes: ini.to_bytes().ok()?,
        })
    });
    if let Some(edited) = edited {
        return Ok(edited);
    }
    let new = GptIni::new(version, GPT_INI_NAME).map_err(invalid)?;
    Ok(GptIniFile {
        name: GPT_INI.to_owned(),
        bytes: new.to_bytes().map_err(invalid)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_at_its_end_begins_anew_and_leaves_the_other_half_alone() {
        for (current, expected) in [(0, 1), (1, 2), (0xfffe, 0xffff), (0xffff, 1)] {
            assert_eq!(next(current), expected);
        }
    }
}
