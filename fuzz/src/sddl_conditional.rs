//! Conditional expressions and claims, as bytes and as text.

use sddl_parser::{Claim, Claims, Condition, SddlContext};

/// What is taken in one form and can be written in the other is read from it again, and written
/// the same. Evaluation ends.
pub fn sddl_conditional(data: &[u8]) {
    let context = SddlContext::new();
    if let Ok(condition) = Condition::from_bytes(data) {
        assert_eq!(Condition::from_bytes(&condition.to_bytes().unwrap()).as_ref(), Ok(&condition));
        if let Ok(text) = condition.to_sddl(&context)
            && let Ok(read) = Condition::from_sddl(&text, &context)
        {
            assert_eq!(read.to_sddl(&context), Ok(text));
        }
        let _ = condition.evaluate(&Claims::default());
    }
    if let Ok(claim) = Claim::from_bytes(data)
        && let Ok(bytes) = claim.to_bytes()
    {
        assert!(bytes.len() <= data.len().next_multiple_of(4));
        assert_eq!(Claim::from_bytes(&bytes), Ok(claim));
    }
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Ok(condition) = Condition::from_sddl(text, &context) {
        let bytes = condition.to_bytes().unwrap();
        assert_eq!(Condition::from_bytes(&bytes).as_ref(), Ok(&condition));
        let written = condition.to_sddl(&context).unwrap();
        assert_eq!(Condition::from_sddl(&written, &context).as_ref(), Ok(&condition), "{written}");
    }
    if let Ok(claim) = Claim::from_sddl(text, &context) {
        assert_eq!(Claim::from_bytes(&claim.to_bytes().unwrap()).as_ref(), Ok(&claim));
        let written = claim.to_sddl(&context).unwrap();
        assert_eq!(Claim::from_sddl(&written, &context).as_ref(), Ok(&claim), "{written}");
    }
}
