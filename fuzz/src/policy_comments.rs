//! comment.cmtx.

use gpo_core::PolicyComments;

/// The file is written back to the same bytes, also with a comment set to what it is.
pub fn policy_comments(data: &[u8]) {
    let Ok(comments) = PolicyComments::parse(data) else {
        if let Ok((_, damage)) = PolicyComments::parse_lossy(data) {
            assert!(!damage.is_empty());
        }
        return;
    };
    assert_eq!(comments.to_bytes().as_deref(), Ok(data));
    if let Some(first) = comments.comments().first() {
        let mut same = comments.clone();
        if same.set_text(&first.policy_ref, &first.text).is_ok() {
            assert_eq!(same, comments);
        }
    }
}
