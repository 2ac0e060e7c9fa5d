//! `match_profile`: one person against all others who take part.
//!
//! What the person's listed recordings say is made anew; the others' is kept. So the cost is medoids against medoids, and the
//! others are read page by page.

use std::collections::{HashMap, HashSet};

use matching::DESCRIPTOR_VERSION;
use matching::people::{PEOPLE_WEIGHTS_VERSION, PeopleScore, Profile, Taste, compare};
use serde_json::json;
use store::profiles::{
    self, Candidate, NewProfileMatch, ProfileScored, StoredMedoid, StoredTaste,
    complete_profile_match,
};
use store::{Lease, Store, TrackId, UserId};

use super::error::JobError;
use super::person::{profile, read_taste, stored, tracks};
use crate::compute::compute;
use crate::context::Context;

/// Profiles that are read at once.
const PAGE: u32 = 500;

/// Profiles beyond its own best that a profile is offered to, as for tracks.
const MAX_OFFERS: usize = 2000;

/// Scores the profile of the job's owner. True if the result was written.
pub(super) async fn run(context: &Context, lease: &Lease) -> Result<bool, JobError> {
    let store = &context.store;
    let user = lease.job.owner_id;
    let n_heads = context.config.matches_per_profile;
    let own = profiles::get(store, user)
        .await?
        .ok_or_else(|| JobError::abort("profile_missing", "the profile is gone"))?;
    let revision = own.revision;
    let epoch = profiles::epoch(store).await?;
    let empty = ProfileScored {
        revision,
        epoch,
        taste: StoredTaste::default(),
        n_heads,
        matches: Vec::new(),
    };
    if !own.discoverable {
        return Ok(complete_profile_match(store, lease, empty).await?);
    }
    let listed = profiles::listed_tracks(store, user, DESCRIPTOR_VERSION).await?;
    let taste = compute(move || Taste::of(&tracks(listed))).await?;
    let me = profile(&own, taste);
    // Floors before candidates: who gets heads in between is then offered too much, never too little.
    let floors = Floors::read(store, user, n_heads).await?;
    let mut found = Found::among(store, &me, &floors, n_heads as usize).await?;
    let threshold = context.config.least_profile_score;
    found.best.retain(|(_, score)| score.score >= threshold);
    let scored = compute(move || {
        let matches = found.matches(&me);
        ProfileScored { taste: me.taste.as_ref().map(stored).unwrap_or_default(), matches, ..empty }
    })
    .await?;
    Ok(complete_profile_match(store, lease, scored).await?)
}

/// Who has full lists, and how good one must be to get in; and who holds this profile now.
struct Floors {
    weakest: HashMap<u128, f64>,
    holders: HashSet<u128>,
}

impl Floors {
    async fn read(store: &Store, user: UserId, n_heads: u32) -> Result<Self, JobError> {
        let floors = profiles::floors(store, n_heads).await?;
        let holders = profiles::holders(store, user).await?;
        Ok(Self {
            weakest: floors.iter().map(|floor| (floor.user_id.as_u128(), floor.score)).collect(),
            holders: holders.into_iter().map(UserId::as_u128).collect(),
        })
    }

    /// Whether a score may be among somebody's best. Who holds the profile now is told the new score, and drops it if others
    /// are better.
    fn takes(&self, other: u128, score: f64) -> bool {
        self.holders.contains(&other)
            || self.weakest.get(&other).is_none_or(|floor| score >= *floor)
    }
}

/// The best of the others so far, and those that the profile is good enough for.
#[derive(Default)]
struct Found {
    best: Vec<(Profile, PeopleScore)>,
}

impl Found {
    async fn among(
        store: &Store,
        me: &Profile,
        floors: &Floors,
        n_heads: usize,
    ) -> Result<Self, JobError> {
        let user = UserId::from_u128(me.id);
        let mut found = Self::default();
        let mut after = None;
        loop {
            let page = profiles::candidates(store, user, after, PAGE).await?;
            let (Some(first), Some(last)) = (page.first(), page.last()) else { break };
            let (first, last) = (first.profile.user_id, last.profile.user_id);
            let is_last = page.len() < PAGE as usize;
            let medoids = profiles::medoids(store, first, last, DESCRIPTOR_VERSION).await?;
            after = Some(last);
            let me = me.clone();
            let mut scored = compute(move || scores(&me, page, &medoids)).await?;
            found.best.append(&mut scored);
            found.keep(floors, n_heads);
            if is_last {
                break;
            }
        }
        Ok(found)
    }

    /// Drops what is neither among the best nor good enough for the other.
    fn keep(&mut self, floors: &Floors, n_heads: usize) {
        self.best.sort_by(|(a, x), (b, y)| y.score.total_cmp(&x.score).then(a.id.cmp(&b.id)));
        let mut rank = 0;
        self.best.retain(|(other, score)| {
            rank += 1;
            rank <= n_heads || floors.takes(other.id, score.score)
        });
        self.best.truncate(n_heads.saturating_add(MAX_OFFERS));
    }

    fn matches(&self, me: &Profile) -> Vec<NewProfileMatch> {
        self.best.iter().map(|(other, score)| new_match(me, other, score)).collect()
    }
}

fn new_match(me: &Profile, other: &Profile, score: &PeopleScore) -> NewProfileMatch {
    let closest = score.closest.map(|(first, second)| {
        let (own, others) = if score.first == me.id { (first, second) } else { (second, first) };
        (TrackId::from_u128(own), TrackId::from_u128(others))
    });
    NewProfileMatch {
        other_id: UserId::from_u128(other.id),
        score: score.score,
        view: json!(score.view(me, other)),
        other_view: json!(score.view(other, me)),
        closest,
        descriptor_version: DESCRIPTOR_VERSION,
        weights_version: PEOPLE_WEIGHTS_VERSION,
    }
}

/// Compares a profile with a page of others. Whom a hard rule keeps away and with whom nothing compares is left out.
fn scores(
    me: &Profile,
    page: Vec<Candidate>,
    medoids: &[StoredMedoid],
) -> Vec<(Profile, PeopleScore)> {
    page.into_iter()
        .filter_map(|candidate| {
            let id = candidate.profile.user_id;
            let start = medoids.partition_point(|medoid| medoid.user_id < id);
            let end = medoids.partition_point(|medoid| medoid.user_id <= id);
            let taste = read_taste(&candidate, &medoids[start..end]);
            let other = profile(&candidate.profile, taste);
            let score = compare(me, &other).filter(|score| !score.parts.is_empty())?;
            Some((other, score))
        })
        .collect()
}
