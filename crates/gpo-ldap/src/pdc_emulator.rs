//! Finding the PDC emulator of a domain.

use std::time::Duration;

use gpo_core::{SourceError, SourceErrorKind};
use hickory_resolver::proto::rr::{RData, RecordType};
use hickory_resolver::{ResolverBuilder, TokioResolver};

use crate::runtime::Runtime;

/// The DNS name of the domain controller that is the PDC emulator of a domain, by its SRV record
/// ([MS-ADTS] 6.3.2.3): where GPMC edits GPOs.
///
/// The name servers are those of the system.
///
/// # Errors
///
/// [`SourceErrorKind::NotFound`] where there is no such record, [`SourceErrorKind::TimedOut`],
/// [`SourceErrorKind::Unreachable`] where no name server answers.
pub fn find_pdc_emulator(domain: &str, time_limit: Duration) -> Result<String, SourceError> {
    let name = format!("_ldap._tcp.pdc._msdcs.{}.", domain.trim_end_matches('.'));
    let runtime = Runtime::start().map_err(|e| SourceError::io(name.as_str(), e))?;
    let question = name.clone();
    let answer = runtime.call(async move {
        let lookup = lookup(&question);
        tokio::time::timeout(time_limit, lookup).await
    });
    let failed = |kind, message: &str| Err(SourceError::new(kind, name.as_str(), message));
    match answer {
        Some(Ok(Ok(Some(host)))) => Ok(host),
        Some(Ok(Ok(None))) => failed(
            SourceErrorKind::NotFound,
            "the name servers of this system know no such domain: name a domain controller",
        ),
        Some(Ok(Err(message))) => failed(SourceErrorKind::Unreachable, &message),
        Some(Err(_)) => failed(
            SourceErrorKind::TimedOut,
            "the name servers did not answer in time",
        ),
        None => failed(
            SourceErrorKind::Invalid,
            "the answer of the name server is malformed",
        ),
    }
}

/// The target of the record that comes first; an error is a message.
async fn lookup(name: &str) -> Result<Option<String>, String> {
    let resolver = TokioResolver::builder_tokio().and_then(ResolverBuilder::build);
    let resolver = resolver.map_err(|error| error.to_string())?;
    let found = match resolver.lookup(name, RecordType::SRV).await {
        Err(error) if error.is_no_records_found() => return Ok(None),
        found => found.map_err(|error| error.to_string())?,
    };
    let records = found
        .answers()
        .iter()
        .filter_map(|record| match &record.data {
            RData::SRV(srv) => Some(srv),
            _ => None,
        });
    // There is one; where an administrator made more, the lowest priority comes first (RFC 2782).
    let first = records.min_by_key(|srv| srv.priority);
    let host = first.map(|srv| srv.target.to_utf8());
    let host = host.map(|host| host.trim_end_matches('.').to_owned());
    // `.` says that there is no such service (RFC 2782).
    Ok(host.filter(|host| !host.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_that_cannot_be_is_an_error() {
        let limit = Duration::from_secs(3);
        let error = find_pdc_emulator("no domain..", limit).unwrap_err();
        assert!(
            error.object().starts_with("_ldap._tcp.pdc._msdcs."),
            "{error}"
        );
    }
}
