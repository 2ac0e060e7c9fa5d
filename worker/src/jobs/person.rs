//! People as they are stored, and as matching reads them.

use matching::Descriptor;
use matching::people::{
    Availability, Medoid, MoodRange, Place, Profile, ProfileTrack, Rule, Tags, Taste,
};
use store::TrackId;
use store::profiles::{self, Candidate, ListedTrack, MoodColumns, StoredMedoid, StoredTaste};

const US_PER_DAY: f64 = 86_400e6;

/// Listed tracks; one whose descriptor cannot be read is left out.
pub(super) fn tracks(listed: Vec<ListedTrack>) -> Vec<ProfileTrack> {
    let newest_us = listed.iter().map(|track| track.created_at_us).max().unwrap_or(0);
    listed
        .into_iter()
        .filter_map(|track| {
            #[expect(clippy::cast_precision_loss, reason = "days need no microseconds")]
            let age_days = (newest_us - track.created_at_us) as f64 / US_PER_DAY;
            Some(ProfileTrack {
                track: track.track_id.as_u128(),
                descriptor: descriptor(track.track_id, &track.bytes)?,
                tags: track.tags,
                age_days,
                weight: track.weight,
            })
        })
        .collect()
}

fn descriptor(track: TrackId, bytes: &[u8]) -> Option<Descriptor> {
    match Descriptor::from_bytes(bytes) {
        Ok(descriptor) => Some(descriptor),
        Err(error) => {
            let cause = &error as &dyn std::error::Error;
            tracing::error!(error = cause, track.id = %track, "descriptor of {track} is unreadable: {error}");
            None
        }
    }
}

/// A profile with what its recordings say.
pub(super) fn profile(row: &profiles::Profile, taste: Option<Taste>) -> Profile {
    let rule = |rule| match rule {
        profiles::Rule::Soft => Rule::Soft,
        profiles::Rule::Hard => Rule::Hard,
    };
    let words = row.words.clone();
    Profile {
        id: row.user_id.as_u128(),
        taste,
        tags: Tags {
            plays: words.plays,
            seeks: words.seeks,
            genres: words.genres,
            influences: words.influences,
            dislikes: words.dislikes,
        },
        place: row.place.map(|place| Place {
            latitude_deg: place.latitude_deg,
            longitude_deg: place.longitude_deg,
            radius_km: place.radius_km,
            rule: rule(place.rule),
        }),
        availability: row
            .slots
            .map(|slots| Availability { slots: slots.bits, rule: rule(slots.rule) }),
    }
}

/// A taste as it is kept.
pub(super) fn stored(taste: &Taste) -> StoredTaste {
    StoredTaste {
        medoids: taste
            .medoids
            .iter()
            .map(|medoid| (TrackId::from_u128(medoid.track), medoid.weight))
            .collect(),
        heard: taste.tags.clone(),
        n_tracks: taste.n_tracks,
        size: taste.size,
        mood: taste.mood.map(|mood| MoodColumns {
            method: mood.method,
            mean: mood.mean,
            std: mood.std,
        }),
    }
}

/// The taste that is kept of a profile; `None` when it has none, or none yet.
pub(super) fn read_taste(candidate: &Candidate, medoids: &[StoredMedoid]) -> Option<Taste> {
    let row = &candidate.profile;
    let medoids = medoids
        .iter()
        .filter_map(|medoid| {
            let track = medoid.track_id;
            let descriptor = descriptor(track, &medoid.bytes)?;
            Some(Medoid::new(track.as_u128(), medoid.weight, &descriptor))
        })
        .collect();
    let mood =
        row.mood.map(|mood| MoodRange { method: mood.method, mean: mood.mean, std: mood.std });
    Taste::stored(medoids, row.n_tracks, row.size, mood, candidate.heard.clone())
}
