//! What a user may keep, as settings and as JSON.

use serde::{Deserialize, Serialize};
use store::Quota;
use store::quotas::Room;
use utoipa::ToSchema;

/// What a user may keep for whom an administrator has set nothing else; 0 is without limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Bytes of recordings.
    pub max_bytes: u64,
    /// Recordings.
    pub max_tracks: u64,
    /// Minutes of sound.
    pub max_minutes: u64,
}

impl From<Config> for Quota {
    fn from(config: Config) -> Self {
        let limit = |value: u64| (value > 0).then_some(value);
        Self {
            n_bytes: limit(config.max_bytes),
            n_tracks: limit(config.max_tracks),
            n_minutes: limit(config.max_minutes),
        }
    }
}

/// What a user keeps and may keep.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Quota)]
pub(crate) struct QuotaBody {
    /// Bytes of recordings.
    bytes: CountBody,
    /// Recordings.
    tracks: CountBody,
    /// Minutes of sound in the recordings that are analysed.
    minutes: MinutesBody,
    /// Bytes that open uploads announced: they count for whoever begins another.
    n_open_bytes: u64,
}

/// How much of something a user keeps and may keep.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuotaCount)]
struct CountBody {
    /// What is kept.
    used: u64,
    /// What may be kept; `null` is without limit.
    limit: Option<u64>,
}

/// How many minutes a user keeps and may keep.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuotaMinutes)]
struct MinutesBody {
    /// What is kept.
    #[schema(minimum = 0, example = 61.5)]
    used: f64,
    /// What may be kept; `null` is without limit.
    limit: Option<u64>,
}

impl From<Room> for QuotaBody {
    fn from(room: Room) -> Self {
        let Room { quota, usage, n_open_bytes, .. } = room;
        Self {
            bytes: CountBody { used: usage.n_bytes, limit: quota.n_bytes },
            tracks: CountBody { used: usage.n_tracks, limit: quota.n_tracks },
            minutes: MinutesBody { used: usage.duration_s / 60.0, limit: quota.n_minutes },
            n_open_bytes,
        }
    }
}
