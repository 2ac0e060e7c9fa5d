//! A profile as JSON: what its owner reads and writes, and what others read.

use matching::people::SLOTS;
use serde::{Deserialize, Serialize};
use store::UserId;
use store::profiles::{Place, Profile, Rule, Slots, VisibleProfile, Words};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Whether a wish must hold or should.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Rule)]
pub(crate) enum RuleBody {
    /// Without it the score is lower.
    #[default]
    Soft,
    /// Without it the two are not offered to each other.
    Hard,
}

impl From<Rule> for RuleBody {
    fn from(rule: Rule) -> Self {
        match rule {
            Rule::Soft => Self::Soft,
            Rule::Hard => Self::Hard,
        }
    }
}

impl From<RuleBody> for Rule {
    fn from(rule: RuleBody) -> Self {
        match rule {
            RuleBody::Soft => Self::Soft,
            RuleBody::Hard => Self::Hard,
        }
    }
}

/// Where a person is. Others are told no more than a rough distance.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Place)]
pub(crate) struct PlaceBody {
    /// −90 to 90; kept to a tenth of a degree.
    #[schema(minimum = -90, maximum = 90, example = 52.5)]
    pub(super) latitude_deg: f64,
    /// −180 to 180; kept to a tenth of a degree.
    #[schema(minimum = -180, maximum = 180, example = 13.4)]
    pub(super) longitude_deg: f64,
    /// How far away others may be, 1 to 20000.
    #[schema(minimum = 1, maximum = 20000, example = 50)]
    pub(super) radius_km: f64,
    /// Whether they must be that near; `soft` unless told.
    #[serde(default)]
    #[schema(required = false)]
    pub(super) rule: RuleBody,
}

impl From<Place> for PlaceBody {
    fn from(place: Place) -> Self {
        let Place { latitude_deg, longitude_deg, radius_km, rule } = place;
        Self { latitude_deg, longitude_deg, radius_km, rule: rule.into() }
    }
}

/// When a person has time.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Availability)]
pub(crate) struct AvailabilityBody {
    /// Parts of the week: `mon` to `sun`, an underscore, and `morning`, `afternoon` or `evening`.
    #[schema(min_items = 1, max_items = 21, example = json!(["mon_evening", "sat_afternoon"]))]
    pub(super) slots: Vec<String>,
    /// Whether others must have time in one of them; `soft` unless told.
    #[serde(default)]
    #[schema(required = false)]
    pub(super) rule: RuleBody,
}

impl From<Slots> for AvailabilityBody {
    fn from(slots: Slots) -> Self {
        let names = SLOTS.iter().enumerate().filter(|(bit, _)| slots.bits & (1 << bit) != 0);
        Self { slots: names.map(|(_, name)| (*name).to_owned()).collect(), rule: slots.rule.into() }
    }
}

/// What a person says: at most 64 words of a kind, at most 100 bytes each.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = ProfileTags)]
pub(crate) struct TagsBody {
    /// Instruments that the person plays.
    #[schema(max_items = 64, example = json!(["drums"]))]
    pub(super) plays: Vec<String>,
    /// Instruments that the person looks for.
    #[schema(max_items = 64, example = json!(["bass"]))]
    pub(super) seeks: Vec<String>,
    /// Genres that the person likes.
    #[schema(max_items = 64, example = json!(["dub", "jazz"]))]
    pub(super) genres: Vec<String>,
    /// Who the person learnt from.
    #[schema(max_items = 64)]
    pub(super) influences: Vec<String>,
    /// What the person does not want; never shown to others.
    #[schema(max_items = 64)]
    pub(super) dislikes: Vec<String>,
}

impl From<Words> for TagsBody {
    fn from(words: Words) -> Self {
        let Words { plays, seeks, genres, influences, dislikes } = words;
        Self { plays, seeks, genres, influences, dislikes }
    }
}

/// The caller's profile.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnProfile)]
pub(crate) struct OwnBody {
    /// Its id.
    #[schema(value_type = String, min_length = 22, max_length = 22)]
    id: UserId,
    /// What others are told to call the person.
    name: Option<String>,
    /// Whether it takes part: then, and only then, it is offered to others, and others to it.
    discoverable: bool,
    /// What the person says.
    tags: TagsBody,
    /// Where the person is.
    place: Option<PlaceBody>,
    /// When the person has time.
    availability: Option<AvailabilityBody>,
    /// Listed tracks that counted when it was last matched.
    n_tracks: u32,
    /// When the owner last changed it.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    updated_at: OffsetDateTime,
    /// Grows with each change; `If-Match: "v<version>"` guards a `PUT`.
    version: i64,
}

impl From<Profile> for OwnBody {
    fn from(profile: Profile) -> Self {
        Self {
            id: profile.user_id,
            name: profile.name,
            discoverable: profile.discoverable,
            tags: profile.words.into(),
            place: profile.place.map(Into::into),
            availability: profile.slots.map(Into::into),
            n_tracks: profile.n_tracks,
            updated_at: profile.updated_at,
            version: profile.version,
        }
    }
}

/// What somebody shows of themselves.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Profile)]
pub(crate) struct VisibleBody {
    /// Id of the profile.
    #[schema(value_type = String, min_length = 22, max_length = 22)]
    id: UserId,
    /// What to call the person.
    name: Option<String>,
    /// Instruments that the person plays.
    plays: Vec<String>,
    /// Instruments that the person looks for.
    seeks: Vec<String>,
    /// Genres that the person likes.
    genres: Vec<String>,
    /// Who the person learnt from.
    influences: Vec<String>,
}

impl From<VisibleProfile> for VisibleBody {
    fn from(profile: VisibleProfile) -> Self {
        let Words { plays, seeks, genres, influences, dislikes: _ } = profile.words;
        Self { id: profile.user_id, name: profile.name, plays, seeks, genres, influences }
    }
}
