//! Error bodies after RFC 9457, and the table of their codes.

use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// One stable error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// What programs compare.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Short text for people; the same for every occurrence.
    pub title: &'static str,
    /// When it is answered, and what to do.
    pub meaning: &'static str,
}

macro_rules! codes {
    ($($name:ident = $status:literal $code:literal, $title:literal, $meaning:literal;)*) => {
        $(
            pub(crate) const $name: Code = Code { code: $code, status: $status, title: $title, meaning: $meaning };
        )*
        /// Every code that the service answers, by status.
        pub const CODES: &[Code] = &[$($name),*];
    };
}

codes! {
    MALFORMED_JSON = 400 "malformed_json", "The body is not JSON",
        "The body could not be parsed. `detail` says where.";
    MALFORMED_QUERY = 400 "malformed_query", "The query is not understood",
        "A query parameter is unknown, missing, repeated or of the wrong kind.";
    TOO_MANY_IDS = 400 "too_many_ids", "Too many ids at once",
        "`ids` names more than 100 tracks. Ask several times.";
    MALFORMED_HEADER = 400 "malformed_header", "A header is not understood",
        "`If-Match`, `Last-Event-ID`, `Idempotency-Key` or a header of tus could not be parsed.";
    MALFORMED_MULTIPART = 400 "malformed_multipart", "The form is not understood",
        "The multipart body is broken, ends too early, or has too many or too large parts.";
    UNAUTHORIZED = 401 "unauthorized", "A token is needed",
        "No `Authorization: Bearer` header, or its token is unknown, expired or revoked.";
    LOGIN_FAILED = 401 "login_failed", "The name or the password is wrong",
        "Nobody has this name, or the password is not theirs: which of the two is not said.";
    REFRESH_REFUSED = 401 "refresh_refused", "The session cannot go on",
        "The refresh token is unknown, was used before, or its session has ended. Log in again.";
    MISSING_SCOPE = 403 "missing_scope", "The token does not allow this",
        "The token is valid, but lacks the scope that `detail` names.";
    ADMIN_NEEDED = 403 "admin_needed", "This is for administrators",
        "The credential would allow it, but its user is no administrator.";
    REGISTRATION_CLOSED = 403 "registration_closed", "Accounts are made by administrators",
        "`api.auth.registration` is `closed`.";
    PASSWORD_CHANGE_REQUIRED = 403 "password_change_required", "The password must be changed first",
        "The password was set by somebody else. `PUT /v1/auth/password` replaces it; nothing else is allowed before.";
    SESSION_NEEDED = 403 "session_needed", "A session is needed",
        "Tokens of programs and users of a gateway have no session to leave and no password to change.";
    WRONG_PASSWORD = 403 "wrong_password", "The current password is another",
        "`current_password` is wrong, or the password has been changed meanwhile.";
    QUOTA_EXCEEDED = 403 "quota_exceeded", "The quota is used up",
        "What the user keeps, with what open uploads announced and this request brings, would be more than allowed. `detail` says of what; `GET /v1/auth/me` how much.";
    TOO_MANY_UPLOADS = 403 "too_many_uploads", "Too many uploads are open",
        "Finish or delete some; each ends by itself when it expires.";
    IMPORTS_OFF = 403 "imports_off", "Recordings are not imported here",
        "`api.imports.enabled` is `false`. Upload the recording instead.";
    TOO_MANY_IMPORTS = 403 "too_many_imports", "Too many imports wait",
        "Wait until some are done, or cancel their jobs.";
    NOT_FOUND = 404 "not_found", "There is nothing here",
        "No such path, or no such object among yours. Objects of others look the same.";
    METHOD_NOT_ALLOWED = 405 "method_not_allowed", "The path does not know this method",
        "The `Allow` header lists the methods that it knows.";
    REQUEST_TIMEOUT = 408 "request_timeout", "The body came too slowly",
        "Less than 4 KiB of the body arrived within `body_timeout_s`.";
    TRACK_NOT_ANALYZED = 409 "track_not_analyzed", "The track is not analysed yet",
        "The report does not exist yet. Watch `/v1/events` or ask again after `Retry-After` seconds.";
    TRACK_FAILED = 409 "track_failed", "The track could not be analysed",
        "There will be no report. The track's `error` says why.";
    TRACK_STALE = 409 "track_stale", "The track has to be analysed again",
        "Its descriptor is of an older version, which is compared with nothing. A run with `reanalyze` makes it anew.";
    JOB_FINISHED = 409 "job_finished", "The job has already ended",
        "A job that succeeded, failed or died cannot be cancelled.";
    JOB_NOT_FAILED = 409 "job_not_failed", "The job did not fail",
        "Only jobs that are failed or dead are tried again.";
    RETRY_POINTLESS = 409 "retry_pointless", "Another try would do nothing",
        "The track of the job is gone, a newer job did the same, or it is a step of a run, which has ended with it.";
    RUN_FINISHED = 409 "run_finished", "The run has already ended",
        "A run that succeeded, failed or was cancelled cannot be cancelled.";
    FORMAT_UNAVAILABLE = 409 "format_unavailable", "The report cannot be given in this format",
        "The format needs details that were not kept when the recording was analysed. `json` always works.";
    IDEMPOTENCY_KEY_IN_USE = 409 "idempotency_key_in_use", "The first request is still under way",
        "A request with this `Idempotency-Key` has not been answered yet. Repeat after `Retry-After` seconds.";
    UPLOAD_MOVED = 409 "upload_moved", "The upload is not where the request begins",
        "`Upload-Offset` is not where the upload ends, another request was faster, or the upload was given up. `HEAD` tells where it is.";
    UPLOAD_BUSY = 409 "upload_busy", "The upload is being completed",
        "Another request puts its bytes together, or has just done so. Look or repeat after `Retry-After` seconds.";
    UPLOAD_INCOMPLETE = 409 "upload_incomplete", "Parts of the upload are missing",
        "`detail` names them. Send them and complete again.";
    UPLOAD_IN_CRUMBS = 409 "upload_in_crumbs", "The upload came in too many requests",
        "Begin again with larger pieces.";
    LOGIN_TAKEN = 409 "login_taken", "Somebody has this login",
        "Choose another.";
    OPERATOR_STAYS = 409 "operator_stays", "The operator stays",
        "The first administrator owns what this installation does by itself, cannot be deleted and stays one: there is always somebody who may do everything.";
    NO_LOGIN = 409 "no_login", "The user has no login",
        "The user comes in by tokens or by somebody else's word, and has no password.";
    VERSION_MISMATCH = 412 "version_mismatch", "It has changed meanwhile",
        "`If-Match` names another version than the current one. Read it again and repeat.";
    TUS_VERSION = 412 "tus_version", "This version of tus is not spoken here",
        "`Tus-Resumable` must be `1.0.0`, as `Tus-Version` says.";
    BODY_TOO_LARGE = 413 "body_too_large", "The body is too large",
        "JSON bodies are limited to 64 KiB.";
    UPLOAD_TOO_LARGE = 413 "upload_too_large", "The recording is too large",
        "The file is larger than `max_upload_bytes`.";
    UNSUPPORTED_MEDIA_TYPE = 415 "unsupported_media_type", "The body is of the wrong type",
        "`Content-Type` must be the one that `detail` names.";
    RANGE_NOT_SATISFIABLE = 416 "range_not_satisfiable", "The range lies outside the recording",
        "`Content-Range` gives the size.";
    INVALID_FIELD = 422 "invalid_field", "A field has an invalid value",
        "`detail` names the field and the rule.";
    UNKNOWN_FACET = 422 "unknown_facet", "There is no such facet",
        "A weight names something that is not a facet. `detail` lists the facets.";
    NEGATIVE_WEIGHT = 422 "negative_weight", "A weight is negative",
        "Weights are 0 or more.";
    WEIGHT_NOT_FINITE = 422 "weight_not_finite", "A weight is not a number",
        "Weights are finite numbers.";
    NO_WEIGHT = 422 "no_weight", "Nothing would count",
        "At least one weight must be above 0.";
    URL_REFUSED = 422 "url_refused", "Nothing is fetched from this address",
        "`detail` names the rule. Only public hosts are asked, by `https:` unless configured, without a name and password.";
    UPLOAD_EMPTY = 422 "upload_empty", "The recording has no bytes",
        "The body or the `file` part is empty.";
    UPLOAD_MISSING_FILE = 422 "upload_missing_file", "The form has no file",
        "There is no part named `file`.";
    UPLOAD_MANY_FILES = 422 "upload_many_files", "The form has more than one file",
        "Upload one recording per request.";
    UPLOAD_MISMATCH = 422 "upload_mismatch", "The bytes are not those that were announced",
        "A SHA-256 or an `ETag` that was given is not that of the stored bytes; `detail` says which. Nothing is lost: send the parts again, or delete the upload.";
    IDEMPOTENCY_KEY_REUSED = 422 "idempotency_key_reused", "The key belongs to another request",
        "This `Idempotency-Key` came with a request that was not the same. Use a new one.";
    RATE_LIMITED = 429 "rate_limited", "Too many requests",
        "One token, user or address has sent more than its share. `RateLimit` says of what; repeat after `Retry-After` seconds.";
    CHECKSUM_MISMATCH = 460 "checksum_mismatch", "The bytes do not have the checksum",
        "`Upload-Checksum` is of other bytes. Nothing of the request was kept; send it again.";
    INTERNAL = 500 "internal", "Something went wrong here",
        "The cause is in the server's log under `request_id`.";
    UNAVAILABLE = 503 "unavailable", "The service cannot answer now",
        "Database or object storage is out of reach or overloaded. Repeat after `Retry-After` seconds.";
    MAINTENANCE = 503 "maintenance", "The service is in maintenance",
        "Nothing is changed now, and `detail` may say why. Reading goes on. Repeat after `Retry-After` seconds.";
    NOT_READY = 503 "not_ready", "The service is not ready",
        "Only answered by `/readyz`; `detail` names the failing check.";
    TOO_MANY_STREAMS = 503 "too_many_streams", "Too many event streams are open",
        "Repeat after `Retry-After` seconds.";
    TOO_MANY_LOGINS = 503 "too_many_logins", "Too many logins at once",
        "Verifying a password takes time and memory, and 64 wait already. Repeat after `Retry-After` seconds.";
}

impl Code {
    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).expect("the table holds valid statuses")
    }

    /// The code with this name.
    pub fn find(code: &str) -> Option<&'static Self> {
        CODES.iter().find(|known| known.code == code)
    }
}

/// An error body, `application/problem+json` (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "/problems/not_found",
    "title": "There is nothing here",
    "status": 404,
    "detail": "there is no such object",
    "code": "not_found",
    "request_id": "0198f2c1a5d37d0e9d3c4b6a7f801122"
}))]
pub struct Problem {
    /// Path that explains the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// Short text, the same for every occurrence of the code.
    pub title: &'static str,
    /// HTTP status.
    pub status: u16,
    /// What was wrong this time.
    pub detail: String,
    /// Stable code for programs.
    pub code: &'static str,
    /// Identifies the request in the server's log.
    pub request_id: String,
}

impl Problem {
    /// Where a code is explained.
    pub(crate) fn path(code: &str) -> String {
        format!("/problems/{code}")
    }

    pub(crate) fn new(code: &'static Code, detail: String, request_id: &str) -> Self {
        Self {
            kind: Self::path(code.code),
            title: code.title,
            status: code.status,
            detail,
            code: code.code,
            request_id: request_id.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_ordered_by_status() {
        for pair in CODES.windows(2) {
            assert!(pair[0].status <= pair[1].status, "{} before {}", pair[0].code, pair[1].code);
        }
        for code in CODES {
            assert_eq!(CODES.iter().filter(|other| other.code == code.code).count(), 1);
            assert_eq!(code.status().as_u16(), code.status);
            assert!(!code.title.ends_with('.'), "{}", code.title);
            assert!(code.meaning.ends_with('.'), "{}", code.meaning);
        }
    }
}
