//! The row of a profile, and its words.

use time::OffsetDateTime;

use crate::clock::us_to_time;
use crate::db::{Tx, execute};
use crate::text_enum::text_enum;
use crate::{Error, Result, UserId};

text_enum! {
    /// Whether a wish must hold or should.
    pub enum Rule {
        /// Without it the score is lower.
        Soft = "soft",
        /// Without it the two are not offered to each other.
        Hard = "hard",
    }
}

/// Where a person is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// −90 to 90.
    pub latitude_deg: f64,
    /// −180 to 180.
    pub longitude_deg: f64,
    /// How far away others may be.
    pub radius_km: f64,
    /// Whether they must be.
    pub rule: Rule,
}

/// When a person has time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slots {
    /// A bit for each part of the week, as `matching` has them.
    pub bits: u32,
    /// Whether one must be shared.
    pub rule: Rule,
}

/// The words of a person, each kind sorted, each word once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// Instruments that the person plays.
    pub plays: Vec<String>,
    /// Instruments that the person looks for.
    pub seeks: Vec<String>,
    /// Genres that the person likes.
    pub genres: Vec<String>,
    /// Who the person learnt from.
    pub influences: Vec<String>,
    /// What the person does not want: never shown to others.
    pub dislikes: Vec<String>,
}

/// Where the recordings of a person lie in valence, arousal and tension.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MoodColumns {
    /// What made the values.
    pub method: u32,
    /// Means.
    pub mean: [f64; 3],
    /// Standard deviations.
    pub std: [f64; 3],
}

/// A profile, as its owner sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Whose it is, and its id.
    pub user_id: UserId,
    /// What others are told to call the person.
    pub name: Option<String>,
    /// Whether it takes part.
    pub discoverable: bool,
    /// What the person says.
    pub words: Words,
    /// Where the person is.
    pub place: Option<Place>,
    /// When the person has time.
    pub slots: Option<Slots>,
    /// Listed tracks that counted when it was last matched.
    pub n_tracks: u32,
    /// Of how many tracks of equal weight they say as much.
    pub size: f64,
    /// Where they lie.
    pub mood: Option<MoodColumns>,
    /// When the owner last changed it.
    pub updated_at: OffsetDateTime,
    /// Counts the changes that the owner made.
    pub version: i64,
    /// Counts everything that matching reads.
    pub revision: i64,
}

/// What others may know of a profile.
#[derive(Debug, Clone, PartialEq)]
pub struct VisibleProfile {
    /// Its id.
    pub user_id: UserId,
    /// What to call the person.
    pub name: Option<String>,
    /// What the person says, without dislikes.
    pub words: Words,
}

macro_rules! profile_columns {
    () => {
        "user_id, name, discoverable, latitude_deg, longitude_deg, radius_km, place_rule, slots, slots_rule, n_tracks, size, \
         mood_method, valence_mean, valence_std, arousal_mean, arousal_std, tension_mean, tension_std, updated_at_us, version, \
         revision"
    };
}
pub(super) use profile_columns;

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub(super) user_id: UserId,
    name: Option<String>,
    discoverable: bool,
    latitude_deg: Option<f64>,
    longitude_deg: Option<f64>,
    radius_km: Option<f64>,
    place_rule: Option<String>,
    slots: Option<i64>,
    slots_rule: Option<String>,
    n_tracks: i64,
    size: f64,
    mood_method: Option<i64>,
    valence_mean: Option<f64>,
    valence_std: Option<f64>,
    arousal_mean: Option<f64>,
    arousal_std: Option<f64>,
    tension_mean: Option<f64>,
    tension_std: Option<f64>,
    updated_at_us: i64,
    version: i64,
    revision: i64,
}

/// A word of a profile.
#[derive(sqlx::FromRow)]
pub(super) struct TagRow {
    pub(super) user_id: UserId,
    pub(super) kind: String,
    pub(super) tag: String,
    pub(super) weight: f64,
}

/// The kind of the words that matching takes from tracks.
pub(super) const HEARD: &str = "heard";

fn inconsistent(column: &'static str) -> Error {
    Error::Inconsistent { table: "profiles", column }
}

impl Row {
    /// The profile with its words; `tags` are those of this user, sorted.
    pub(super) fn with_words(self, tags: &[TagRow]) -> Result<Profile> {
        let rule = |text: &str, column| text.parse().map_err(|_| inconsistent(column));
        let place = match (self.latitude_deg, self.longitude_deg, self.radius_km, &self.place_rule)
        {
            (Some(latitude_deg), Some(longitude_deg), Some(radius_km), Some(text)) => {
                let rule = rule(text, "place_rule")?;
                Some(Place { latitude_deg, longitude_deg, radius_km, rule })
            }
            _ => None,
        };
        let slots = match (self.slots, &self.slots_rule) {
            (Some(bits), Some(text)) => Some(Slots {
                bits: u32::try_from(bits).map_err(|_| inconsistent("slots"))?,
                rule: rule(text, "slots_rule")?,
            }),
            _ => None,
        };
        let mood = self.mood();
        Ok(Profile {
            user_id: self.user_id,
            name: self.name,
            discoverable: self.discoverable,
            words: words(tags),
            place,
            slots,
            n_tracks: u32::try_from(self.n_tracks).map_err(|_| inconsistent("n_tracks"))?,
            size: self.size,
            mood: mood?,
            updated_at: us_to_time(self.updated_at_us),
            version: self.version,
            revision: self.revision,
        })
    }

    fn mood(&self) -> Result<Option<MoodColumns>> {
        let Some(method) = self.mood_method else { return Ok(None) };
        let value = |value: Option<f64>| value.ok_or_else(|| inconsistent("mood_method"));
        Ok(Some(MoodColumns {
            method: u32::try_from(method).map_err(|_| inconsistent("mood_method"))?,
            mean: [value(self.valence_mean)?, value(self.arousal_mean)?, value(self.tension_mean)?],
            std: [value(self.valence_std)?, value(self.arousal_std)?, value(self.tension_std)?],
        }))
    }
}

/// The words that a person gave, out of all rows of that person.
pub(super) fn words(tags: &[TagRow]) -> Words {
    let of = |kind: &str| {
        let mut words: Vec<String> =
            tags.iter().filter(|row| row.kind == kind).map(|row| row.tag.clone()).collect();
        words.sort_unstable();
        words
    };
    Words {
        plays: of("plays"),
        seeks: of("seeks"),
        genres: of("genres"),
        influences: of("influences"),
        dislikes: of("dislikes"),
    }
}

/// Makes the empty profile of a new user.
pub(crate) async fn insert(tx: &mut Tx, user: UserId) -> Result<()> {
    let now = tx.now_us();
    execute!(
        tx,
        "insert into profiles (user_id, discoverable, version, revision, matched_revision, epoch, n_tracks, size, created_at_us,
             updated_at_us)
         values ($1, $2, 1, 1, 0, 0, 0, 0, $3, $3) on conflict do nothing",
        user,
        false,
        now
    )?;
    Ok(())
}
