//! An upload in pieces as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use store::uploads::{self, ArrivedPart, Protocol, Upload, UploadState};
use store::{Store, TrackId, UploadId};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::error::Result;

/// How far an upload is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = UploadState)]
enum StateBody {
    /// Bytes are missing, or nobody has completed it.
    Open,
    /// Its bytes are put together.
    Completing,
    /// It has led to a track.
    Done,
}

/// How the bytes of an upload come.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = UploadProtocol)]
enum ProtocolBody {
    /// As parts, each put under its number.
    Parts,
    /// By tus.
    Tus,
}

/// A part that is there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ArrivedPart)]
struct ArrivedPartBody {
    /// Its number, from 1 on.
    #[schema(minimum = 1, example = 1)]
    number: u32,
    /// Its length.
    n_bytes: u64,
}

/// An upload in pieces.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Upload)]
pub(crate) struct UploadBody {
    /// Its id.
    #[schema(value_type = String, min_length = 22, max_length = 22)]
    id: UploadId,
    /// How its bytes come.
    protocol: ProtocolBody,
    /// How far it is.
    state: StateBody,
    /// Bytes of the whole.
    n_bytes: u64,
    /// Bytes that are there.
    n_bytes_arrived: u64,
    /// Bytes of each part but the last; 0 by tus.
    part_bytes: u64,
    /// How many parts there are; 0 by tus.
    n_parts: u32,
    /// The parts that are there, by number.
    parts: Vec<ArrivedPartBody>,
    /// What it has led to.
    #[schema(value_type = Option<String>)]
    track_id: Option<TrackId>,
    /// When it was begun.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    created_at: OffsetDateTime,
    /// When it ends, done or not.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    expires_at: OffsetDateTime,
}

impl UploadBody {
    /// The upload, with what the blob store has of it.
    pub(super) async fn of(store: &Store, upload: &Upload) -> Result<Self> {
        let is_open = upload.state != UploadState::Done;
        let arrived = match upload.protocol {
            Protocol::Parts if is_open => uploads::parts(store, upload).await?,
            Protocol::Parts | Protocol::Tus => Vec::new(),
        };
        Ok(Self::new(upload, &arrived))
    }

    fn new(upload: &Upload, arrived: &[ArrivedPart]) -> Self {
        let (protocol, n_parts) = match upload.protocol {
            Protocol::Parts => (ProtocolBody::Parts, uploads::n_parts(upload)),
            Protocol::Tus => (ProtocolBody::Tus, 0),
        };
        let (state, n_bytes_arrived) = match upload.state {
            UploadState::Open => (StateBody::Open, upload.offset_bytes),
            UploadState::Completing => (StateBody::Completing, upload.offset_bytes),
            UploadState::Done => (StateBody::Done, upload.n_bytes),
        };
        let n_bytes_of_parts: u64 = arrived.iter().map(|part| part.n_bytes).sum();
        Self {
            id: upload.id,
            protocol,
            state,
            n_bytes: upload.n_bytes,
            n_bytes_arrived: n_bytes_arrived + n_bytes_of_parts,
            part_bytes: upload.part_bytes,
            n_parts,
            parts: arrived
                .iter()
                .map(|part| ArrivedPartBody { number: part.number, n_bytes: part.n_bytes })
                .collect(),
            track_id: upload.track_id,
            created_at: upload.created_at,
            expires_at: upload.expires_at,
        }
    }
}

/// Where to put a part: `PUT` its bytes there.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PartUrl)]
pub(crate) struct PartUrlBody {
    /// Number of the part, from 1 on.
    #[schema(minimum = 1, example = 1)]
    pub(super) number: u32,
    /// Bytes that it must have, no more and no less.
    pub(super) n_bytes: u64,
    /// Absolute, in the object store; or, where there is none, a path of this service.
    #[schema(example = "/v1/uploads/000Xh3fYk0lqkD1vW8tB2m/parts/1")]
    pub(super) url: String,
    /// Whether the request takes the bearer token. Where it does not, it must not have one.
    pub(super) needs_token: bool,
    /// Headers that must go with it.
    pub(super) headers: BTreeMap<String, String>,
    /// How long it is good for.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub(super) expires_at: OffsetDateTime,
}
