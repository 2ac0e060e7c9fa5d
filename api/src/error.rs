//! The one error type of handlers: the only place that knows statuses.

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use matching::WeightsError;
use matching::playlist::PathError;
use store::tokens::Scope;

use crate::body::BodyError;
use crate::problem::{self, Code};

/// How soon a client should try again after a 503, or for a report.
const RETRY_AFTER_S: u64 = 2;
/// The same during maintenance, which takes minutes.
const MAINTENANCE_RETRY_AFTER_S: u64 = 60;

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The body is not JSON.
    #[error("{0}")]
    MalformedJson(String),
    /// The query does not fit.
    #[error("{0}")]
    MalformedQuery(String),
    /// More ids than one request may name.
    #[error("ids names more than {} tracks", crate::ids::MAX_IDS)]
    TooManyIds,
    /// A header does not fit.
    #[error("the header {name} is not understood")]
    MalformedHeader {
        /// The header.
        name: &'static str,
    },
    /// The multipart body is broken.
    #[error("{0}")]
    MalformedMultipart(&'static str),
    /// No token, or one that is not valid.
    #[error("{}", if *is_token_given { "the token is unknown, expired or revoked" } else { "there is no bearer token" })]
    Unauthorized {
        /// Whether there was a token at all.
        is_token_given: bool,
    },
    /// The token lacks a scope.
    #[error("the token lacks the scope {}", .0.as_str())]
    MissingScope(Scope),
    /// Unknown name or wrong password.
    #[error("the name or the password is wrong")]
    LoginFailed,
    /// The session cannot go on with this refresh token.
    #[error("the refresh token is unknown, used or too old")]
    RefreshRefused,
    /// The user is no administrator.
    #[error("this is for administrators")]
    AdminNeeded,
    /// Only administrators make accounts.
    #[error("accounts are made by administrators")]
    RegistrationClosed,
    /// A one-time password allows nothing else.
    #[error("the password must be changed first")]
    PasswordChangeRequired,
    /// A token of a program has no password and cannot leave.
    #[error("this takes the access token of a session")]
    SessionNeeded,
    /// The current password is another.
    #[error("the current password is another")]
    WrongPassword,
    /// Somebody else has that login.
    #[error("somebody has this login")]
    LoginTaken,
    /// The operator cannot be deleted.
    #[error("the operator cannot be deleted and stays an administrator")]
    OperatorStays,
    /// Nobody may import here.
    #[error("recordings are not imported here")]
    ImportsOff,
    /// An address that nothing is fetched from.
    #[error("url: {0}")]
    UrlRefused(#[from] fetch::Refusal),
    /// The user comes in by tokens only.
    #[error("the user has no login")]
    NoLogin,
    /// Unknown, or not the caller's.
    #[error("there is no such path or object")]
    NotFound,
    /// The path exists, the method does not.
    #[error("the path does not know this method")]
    MethodNotAllowed,
    /// The body came below the least pace.
    #[error("the body came too slowly")]
    RequestTimeout,
    /// The report does not exist yet.
    #[error("the track is not analysed yet")]
    TrackNotAnalyzed,
    /// There will be no report.
    #[error("the analysis of the track failed: {code}")]
    TrackFailed {
        /// The track's own error code.
        code: String,
    },
    /// The track has no descriptor of this version.
    #[error("the track was analysed by an older version and has to be analysed again")]
    TrackStale,
    /// The job has ended.
    #[error("the job has already ended as {state}")]
    JobFinished {
        /// How it ended.
        state: &'static str,
    },
    /// The job did not fail.
    #[error("the job did not fail: it is {state}")]
    JobNotFailed {
        /// How it is.
        state: &'static str,
    },
    /// Another try would do nothing.
    #[error("its track is gone, a newer job did the same, or it is a step of a run")]
    RetryPointless,
    /// The run has ended.
    #[error("the run has already ended as {state}")]
    RunFinished {
        /// How it ended.
        state: &'static str,
    },
    /// `If-Match` names another version.
    #[error("it is no longer at the version that If-Match names")]
    VersionMismatch,
    /// A body above its limit.
    #[error("the body is larger than {limit} bytes")]
    BodyTooLarge {
        /// Bytes allowed.
        limit: u64,
    },
    /// A recording above its limit.
    #[error("the recording is larger than {limit} bytes")]
    UploadTooLarge {
        /// Bytes allowed.
        limit: u64,
    },
    /// The wrong `Content-Type`.
    #[error("Content-Type must be {expected}")]
    UnsupportedMediaType {
        /// The right one.
        expected: &'static str,
    },
    /// A range beyond the end.
    #[error("the recording has {n_bytes} bytes")]
    RangeNotSatisfiable {
        /// Size of the recording.
        n_bytes: u64,
    },
    /// A field breaks a rule.
    #[error("{field} {rule}")]
    InvalidField {
        /// The field.
        field: String,
        /// The rule.
        rule: String,
    },
    /// No bytes.
    #[error("the recording has no bytes")]
    UploadEmpty,
    /// No file.
    #[error("the form has no part named file")]
    UploadMissingFile,
    /// Several files.
    #[error("the form has more than one part named file")]
    UploadManyFiles,
    /// The key of a request that is still under way.
    #[error("a request with this Idempotency-Key is under way")]
    IdempotencyRunning,
    /// The key of another request.
    #[error("this Idempotency-Key belongs to another request")]
    IdempotencyReused,
    /// No version of tus that is spoken here.
    #[error("Tus-Resumable must be 1.0.0")]
    TusVersion,
    /// Bytes that begin elsewhere than where the upload ends.
    #[error("the upload is at {offset_bytes}")]
    OffsetMismatch {
        /// Where it ends.
        offset_bytes: u64,
    },
    /// The bytes of a request are not those that its checksum is of.
    #[error("the bytes do not have the checksum that Upload-Checksum gives")]
    ChecksumMismatch,
    /// An upload in too many requests.
    #[error("the upload has {limit} pieces, and takes no more")]
    UploadInCrumbs {
        /// The limit.
        limit: u64,
    },
    /// Too many requests of one caller.
    #[error(
        "there were too many requests for one {limit}; another one will be answered in {wait_s} s"
    )]
    RateLimited {
        /// Which limit.
        limit: &'static str,
        /// In how many seconds another one will be answered.
        wait_s: u64,
    },
    /// A handler panicked or an invariant broke; the text is for the log.
    #[error("{0}")]
    Internal(String),
    /// The answer takes too long.
    #[error("the answer took too long")]
    Slow,
    /// A readiness check failed.
    #[error("{check} is not ready")]
    NotReady {
        /// The check.
        check: &'static str,
    },
    /// The limit of event streams is reached.
    #[error("too many event streams are open")]
    TooManyStreams,
    /// Nothing is changed now.
    #[error("nothing is changed now{}", reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default())]
    Maintenance {
        /// Why, as the administrator says.
        reason: Option<String>,
    },
    /// Too many passwords wait to be verified.
    #[error("too many logins at once")]
    TooManyLogins,
    /// Database or blobs.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A stored descriptor cannot be read.
    #[error("a stored descriptor cannot be read")]
    Descriptor(#[from] matching::Error),
    /// Weights that are none.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// Ends between which there is no path.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A stored report or its details cannot be read.
    #[error("a stored report cannot be read: {0}")]
    Report(#[from] report::Error),
    /// The report cannot be given in the format.
    #[error("{0}; upload the recording again")]
    Format(#[from] report::formats::FormatError),
}

/// Result of a handler.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(crate) fn invalid(field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self::InvalidField { field: field.into(), rule: rule.into() }
    }

    /// The stable code.
    pub fn code(&self) -> &'static Code {
        match self {
            Self::MalformedJson(_) => &problem::MALFORMED_JSON,
            Self::MalformedQuery(_) => &problem::MALFORMED_QUERY,
            Self::TooManyIds => &problem::TOO_MANY_IDS,
            Self::MalformedHeader { .. } => &problem::MALFORMED_HEADER,
            Self::MalformedMultipart(_) => &problem::MALFORMED_MULTIPART,
            Self::Unauthorized { .. } => &problem::UNAUTHORIZED,
            Self::MissingScope(_) => &problem::MISSING_SCOPE,
            Self::LoginFailed => &problem::LOGIN_FAILED,
            Self::RefreshRefused => &problem::REFRESH_REFUSED,
            Self::AdminNeeded => &problem::ADMIN_NEEDED,
            Self::RegistrationClosed => &problem::REGISTRATION_CLOSED,
            Self::PasswordChangeRequired => &problem::PASSWORD_CHANGE_REQUIRED,
            Self::SessionNeeded => &problem::SESSION_NEEDED,
            Self::WrongPassword => &problem::WRONG_PASSWORD,
            Self::LoginTaken => &problem::LOGIN_TAKEN,
            Self::OperatorStays => &problem::OPERATOR_STAYS,
            Self::ImportsOff => &problem::IMPORTS_OFF,
            Self::UrlRefused(_) => &problem::URL_REFUSED,
            Self::NoLogin => &problem::NO_LOGIN,
            Self::NotFound => &problem::NOT_FOUND,
            Self::MethodNotAllowed => &problem::METHOD_NOT_ALLOWED,
            Self::RequestTimeout => &problem::REQUEST_TIMEOUT,
            Self::TrackNotAnalyzed => &problem::TRACK_NOT_ANALYZED,
            Self::TrackFailed { .. } => &problem::TRACK_FAILED,
            Self::TrackStale | Self::Path(PathError::OtherAnalysis) => &problem::TRACK_STALE,
            Self::JobFinished { .. } => &problem::JOB_FINISHED,
            Self::JobNotFailed { .. } => &problem::JOB_NOT_FAILED,
            Self::RetryPointless => &problem::RETRY_POINTLESS,
            Self::RunFinished { .. } => &problem::RUN_FINISHED,
            Self::VersionMismatch => &problem::VERSION_MISMATCH,
            Self::BodyTooLarge { .. } => &problem::BODY_TOO_LARGE,
            Self::UploadTooLarge { .. } => &problem::UPLOAD_TOO_LARGE,
            Self::UnsupportedMediaType { .. } => &problem::UNSUPPORTED_MEDIA_TYPE,
            Self::RangeNotSatisfiable { .. } => &problem::RANGE_NOT_SATISFIABLE,
            Self::InvalidField { .. } | Self::Path(PathError::SameEnds) => &problem::INVALID_FIELD,
            Self::Weights(error) => weights_code(error),
            Self::UploadEmpty => &problem::UPLOAD_EMPTY,
            Self::UploadMissingFile => &problem::UPLOAD_MISSING_FILE,
            Self::UploadManyFiles => &problem::UPLOAD_MANY_FILES,
            Self::IdempotencyRunning => &problem::IDEMPOTENCY_KEY_IN_USE,
            Self::IdempotencyReused => &problem::IDEMPOTENCY_KEY_REUSED,
            Self::TusVersion => &problem::TUS_VERSION,
            Self::OffsetMismatch { .. } => &problem::UPLOAD_MOVED,
            Self::ChecksumMismatch => &problem::CHECKSUM_MISMATCH,
            Self::UploadInCrumbs { .. } => &problem::UPLOAD_IN_CRUMBS,
            Self::Format(_) => &problem::FORMAT_UNAVAILABLE,
            Self::RateLimited { .. } => &problem::RATE_LIMITED,
            Self::Internal(_) | Self::Descriptor(_) | Self::Report(_) => &problem::INTERNAL,
            Self::Slow => &problem::UNAVAILABLE,
            Self::NotReady { .. } => &problem::NOT_READY,
            Self::TooManyStreams => &problem::TOO_MANY_STREAMS,
            Self::TooManyLogins => &problem::TOO_MANY_LOGINS,
            Self::Maintenance { .. } => &problem::MAINTENANCE,
            Self::Store(error) => store_code(error),
        }
    }

    /// What the client is told; the text of a fault of ours stays here.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::NotReady { .. }
            | Self::TooManyStreams
            | Self::TooManyLogins
            | Self::Maintenance { .. }
            | Self::Store(store::Error::Maintenance) => self.to_string(),
            _ if self.code().status().is_server_error() => {
                "the request could not be answered; the log has the cause".to_owned()
            }
            _ => self.to_string(),
        }
    }

    /// The error for a status that some layer below answered without one of ours.
    pub(crate) fn from_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::REQUEST_TIMEOUT => Self::RequestTimeout,
            other => Self::Internal(format!("a layer answered {other} without a reason")),
        }
    }

    fn header(&self) -> Option<(header::HeaderName, HeaderValue)> {
        let retry = || Some((header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S)));
        match self {
            Self::Unauthorized { is_token_given: false }
            | Self::LoginFailed
            | Self::RefreshRefused => Some((
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"consort\""),
            )),
            Self::Unauthorized { is_token_given: true } => Some((
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"consort\", error=\"invalid_token\""),
            )),
            Self::MissingScope(scope) => {
                let scope = scope.as_str();
                let challenge = format!(
                    "Bearer realm=\"consort\", error=\"insufficient_scope\", scope=\"{scope}\""
                );
                HeaderValue::from_str(&challenge)
                    .ok()
                    .map(|value| (header::WWW_AUTHENTICATE, value))
            }
            Self::RangeNotSatisfiable { n_bytes } => {
                let range = HeaderValue::from_str(&format!("bytes */{n_bytes}")).ok()?;
                Some((header::CONTENT_RANGE, range))
            }
            Self::TrackNotAnalyzed
            | Self::IdempotencyRunning
            | Self::Store(store::Error::UploadBusy) => retry(),
            Self::RateLimited { wait_s, .. } => {
                Some((header::RETRY_AFTER, HeaderValue::from(*wait_s)))
            }
            _ if *self.code() == problem::MAINTENANCE => {
                Some((header::RETRY_AFTER, HeaderValue::from(MAINTENANCE_RETRY_AFTER_S)))
            }
            _ if self.code().status() == StatusCode::SERVICE_UNAVAILABLE => retry(),
            _ => None,
        }
    }
}

/// What the store refuses has a code of its own; faults that pass are 503, the others 500.
fn store_code(error: &store::Error) -> &'static Code {
    match error {
        store::Error::QuotaExceeded { .. } => &problem::QUOTA_EXCEEDED,
        store::Error::TooManyUploads { .. } => &problem::TOO_MANY_UPLOADS,
        store::Error::TooManyImports { .. } => &problem::TOO_MANY_IMPORTS,
        store::Error::UploadMoved => &problem::UPLOAD_MOVED,
        store::Error::UploadBusy => &problem::UPLOAD_BUSY,
        store::Error::UploadIncomplete { .. } => &problem::UPLOAD_INCOMPLETE,
        store::Error::UploadMismatch { .. } => &problem::UPLOAD_MISMATCH,
        store::Error::Maintenance => &problem::MAINTENANCE,
        error if error.is_transient() => &problem::UNAVAILABLE,
        _ => &problem::INTERNAL,
    }
}

fn weights_code(error: &WeightsError) -> &'static Code {
    match error {
        WeightsError::UnknownFacet { .. } => &problem::UNKNOWN_FACET,
        WeightsError::Negative { .. } => &problem::NEGATIVE_WEIGHT,
        WeightsError::NotFinite { .. } => &problem::WEIGHT_NOT_FINITE,
        WeightsError::AllZero => &problem::NO_WEIGHT,
        WeightsError::Repeated { .. } | WeightsError::Malformed { .. } => &problem::INVALID_FIELD,
    }
}

impl From<BodyError> for Error {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooSlow => Self::RequestTimeout,
            BodyError::TooLarge { limit } => Self::BodyTooLarge { limit },
            BodyError::Aborted => Self::MalformedMultipart("the body ended before it was complete"),
        }
    }
}

/// Status and headers only: `crate::request` writes the body, which names the request.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = self.code().status().into_response();
        if let Some((name, value)) = self.header() {
            response.headers_mut().insert(name, value);
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_our_own_faults_stays_here() {
        let error = Error::Internal("password=hunter2".to_owned());
        assert!(!error.detail().contains("hunter2"));
        assert_eq!(error.into_response().status(), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[test]
    fn a_missing_token_is_challenged() {
        let response = Error::Unauthorized { is_token_given: false }.into_response();
        assert_eq!(response.headers()["www-authenticate"], "Bearer realm=\"consort\"");
        let response = Error::MissingScope(Scope::TracksRead).into_response();
        let challenge = response.headers()["www-authenticate"].to_str().unwrap();
        assert!(challenge.ends_with("scope=\"tracks:read\""), "{challenge}");
    }

    #[test]
    fn a_busy_service_says_when_to_come_back() {
        assert_eq!(Error::TooManyStreams.into_response().headers()["retry-after"], "2");
        let response = Error::RangeNotSatisfiable { n_bytes: 7 }.into_response();
        assert_eq!(response.headers()["content-range"], "bytes */7");
    }
}
