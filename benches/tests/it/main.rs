//! The measures of accuracy beside those of the field's own tool.
#![expect(clippy::unwrap_used, reason = "a broken fixture should fail the test")]

mod mir_eval;
