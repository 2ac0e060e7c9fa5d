//! Why a track or a job failed, as JSON.

use serde::Serialize;
use utoipa::ToSchema;

/// Why a track or a job failed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Failure)]
pub(crate) struct FailureBody {
    /// Stable code, such as `unsupported_format`, `bad_media`, `limit_exceeded`, `resource_limit`.
    #[schema(example = "bad_media")]
    code: String,
    /// For people.
    #[schema(example = "no frame could be decoded")]
    detail: Option<String>,
}

impl FailureBody {
    /// `None` without a code.
    pub(crate) fn new(code: Option<String>, detail: Option<String>) -> Option<Self> {
        code.map(|code| Self { code, detail })
    }
}
