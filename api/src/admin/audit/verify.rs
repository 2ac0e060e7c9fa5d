//! `GET /v1/admin/audit/verify`.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use store::Sha256;
use store::audit::{self, Fault, FaultKind, Head};
use utoipa::{IntoParams, ToSchema};

use crate::error::{Error, Result};
use crate::extract::{Json, Query};
use crate::identity::{Admin, Caller};
use crate::problem::Problem;
use crate::state;

/// Entries of one request: a second or so.
const DEFAULT_LIMIT: u64 = 10_000;
const MAX_LIMIT: u64 = 100_000;

/// Which part of the log.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Begin after the entry with this number; 0, the beginning, unless told.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// Entries to look at; 10000 unless told.
    #[param(minimum = 1, maximum = 100_000)]
    limit: Option<u64>,
}

/// What a look at the log has shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditVerified)]
pub(crate) struct VerifiedBody {
    /// Whether everything that was looked at is as it was written.
    is_intact: bool,
    /// Entries that are as they were written.
    n_entries: u64,
    /// Addresses that are as they were written.
    n_addresses: u64,
    /// Addresses that are forgotten.
    n_forgotten: u64,
    /// The first thing that is wrong.
    fault: Option<FaultBody>,
    /// The last entry that is as it was written. Kept elsewhere, it shows later whether the log was rewritten.
    last: HeadBody,
    /// Give it as `after` to look at the rest; `null` at the end.
    next: Option<i64>,
}

/// The first thing that is wrong.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditFault)]
struct FaultBody {
    /// The number of the entry.
    seq: i64,
    /// `changed`, `missing`, `truncated`, `head_differs` or `address_changed`.
    #[schema(value_type = String, example = "changed")]
    kind: FaultKind,
}

/// An entry and its hash.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditHead)]
struct HeadBody {
    /// The number of the entry; 0 if there is none.
    seq: i64,
    /// Its hash.
    #[schema(value_type = String)]
    sha256: Sha256,
}

/// Look whether the audit log is as it was written.
///
/// Each entry is compared with the one before it, the last one with the head. What that proves, and what not, is in `docs/security.md`.
#[utoipa::path(
    get,
    path = "/v1/admin/audit/verify",
    tag = "admin",
    operation_id = "admin.audit.verify",
    params(Parameters),
    security(("token" = ["admin"])),
    responses(
        (status = 200, description = "What it has shown", body = VerifiedBody),
        (status = 400, description = "`malformed_query`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.admin.audit.verify", skip_all)]
pub(crate) async fn verify_audit(
    _: Caller<Admin>,
    Query(parameters): Query<Parameters>,
    State(state): State<state::State>,
) -> Result<Json<VerifiedBody>> {
    let limit = parameters.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Error::invalid("limit", format!("must be 1 to {MAX_LIMIT}")));
    }
    let after = parameters.after.unwrap_or(0);
    if after < 0 {
        return Err(Error::invalid("after", "must be 0 or more"));
    }
    let verified = audit::verify(&state.store, after, limit).await?;
    if let Some(Fault { seq, kind }) = verified.fault {
        tracing::error!(
            audit.seq = seq,
            "the audit log is not as it was written: entry {seq}, {kind}"
        );
    }
    let Head { seq, sha256 } = verified.last;
    Ok(Json(VerifiedBody {
        is_intact: verified.fault.is_none(),
        n_entries: verified.n_entries,
        n_addresses: verified.n_addresses,
        n_forgotten: verified.n_forgotten,
        fault: verified.fault.map(|fault| FaultBody { seq: fault.seq, kind: fault.kind }),
        last: HeadBody { seq, sha256 },
        next: verified.has_more.then_some(seq),
    }))
}
