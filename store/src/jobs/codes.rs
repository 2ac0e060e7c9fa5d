//! Why jobs end without a result: the codes that are counted by name.

/// Every code that figures tell apart. What an analysis says is not trusted to be one of them: anything else is counted as [`OTHER`].
pub const CODES: &[&str] = &[
    "bad_media",
    "blob_corrupt",
    "blob_missing",
    "cancelled",
    "crashed",
    "descriptor_missing",
    "empty",
    "host_not_public",
    "host_unreachable",
    "import_missing",
    "io",
    "limit_exceeded",
    "profile_missing",
    "quota_exceeded",
    "redirect_refused",
    "remote_broke_off",
    "remote_encoded",
    "remote_stalled",
    "remote_status",
    "remote_too_slow",
    "resource_limit",
    "run_missing",
    "run_not_scored",
    "stopped",
    "store",
    "tile_missing",
    "too_many_redirects",
    "track_deleted",
    "track_missing",
    "unsupported_format",
    "upload_empty",
    "upload_too_large",
    "worker_lost",
    OTHER,
];

/// What stands for any code that is not in the list.
const OTHER: &str = "other";

/// The code as it is counted.
pub(super) fn counted(code: &str) -> &'static str {
    CODES.iter().find(|known| **known == code).copied().unwrap_or(OTHER)
}
