//! What tracks are compared for.

use matching::Purpose;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What tracks are compared for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Purpose)]
pub(crate) enum PurposeBody {
    /// To be played one after the other: tempo and key must fit.
    Mix,
    /// To sound alike.
    #[default]
    Alike,
    /// To feel alike.
    Mood,
}

impl From<PurposeBody> for Purpose {
    fn from(purpose: PurposeBody) -> Self {
        match purpose {
            PurposeBody::Mix => Self::Mix,
            PurposeBody::Alike => Self::Alike,
            PurposeBody::Mood => Self::Mood,
        }
    }
}
