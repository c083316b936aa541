//! Principals of the domain that a GPO goes to, asked for all at once.

use std::collections::{HashMap, HashSet};

use gpo_core::{Directory, Principal, PrincipalQuery, SourceError};
use sddl_parser::Sid;

use super::account_name::AccountName;

/// Answers of a directory. What was not asked for yet is unknown until the next
/// [`fetch`](Self::fetch), so that all questions go out together.
pub(super) struct PrincipalLookup<'a> {
    directory: &'a dyn Directory,
    answers: HashMap<PrincipalQuery, Option<Principal>>,
    open: HashSet<PrincipalQuery>,
}

impl<'a> PrincipalLookup<'a> {
    pub(super) fn new(directory: &'a dyn Directory) -> Self {
        Self {
            directory,
            answers: HashMap::new(),
            open: HashSet::new(),
        }
    }

    pub(super) fn sid(&mut self, sid: Sid) -> Option<Principal> {
        self.ask(PrincipalQuery::Sid(sid))
    }

    /// The principal with this name, in any form.
    pub(super) fn name(&mut self, text: &str) -> Option<Principal> {
        match AccountName::of(text) {
            AccountName::AtDomain { name, domain } => {
                let in_domain = self.ask(PrincipalQuery::Name(format!("{domain}\\{name}")));
                // What stands before the @ of a user's UPN may be another name.
                let whole = self.ask(PrincipalQuery::Name(text.to_owned()));
                in_domain.or(whole)
            }
            AccountName::InDomain { .. } | AccountName::Bare(_) => {
                self.ask(PrincipalQuery::Name(text.to_owned()))
            }
        }
    }

    fn ask(&mut self, query: PrincipalQuery) -> Option<Principal> {
        if let Some(answer) = self.answers.get(&query) {
            return answer.clone();
        }
        self.open.insert(query);
        None
    }

    /// Asks the directory what is open; says whether anything was.
    pub(super) fn fetch(&mut self) -> Result<bool, SourceError> {
        let open: Vec<_> = self.open.drain().collect();
        if open.is_empty() {
            return Ok(false);
        }
        let answers = self.directory.principals(&open)?;
        let answers = answers.into_iter().chain(std::iter::repeat(None));
        self.answers.extend(open.into_iter().zip(answers));
        Ok(true)
    }
}
