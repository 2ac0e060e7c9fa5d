//! Finding what lists are made of. Only the owner's own tracks are looked at.

use std::collections::HashMap;

use matching::mix::{MixAdvice, mix_advice};
use matching::playlist::{Fit, MoreLike, PathSearch, Similar, Wanted};
use matching::{Item, Purpose, Score, Weighting, score_by};
use store::duplicates::{self, OtherTrack};
use store::{Store, TrackId, UserId};

use super::catalogue;
use crate::compute::compute;
use crate::error::{Error, Result};
use crate::item::item;

/// How two tracks of a list go together.
pub(crate) struct Pair {
    pub(crate) score: Score,
    /// How to play the second into the first, if that is what the list is for.
    pub(crate) mix: Option<MixAdvice>,
}

impl Pair {
    fn new(a: &Item, b: &Item, weighting: &Weighting) -> Self {
        let mix = weighting.purpose() == Purpose::Mix;
        let mix = mix.then(|| mix_advice(&a.descriptor, &b.descriptor));
        Self { score: score_by(a, b, weighting), mix }
    }
}

/// A track that goes with the one that was asked for.
pub(crate) struct Found {
    pub(crate) track: OtherTrack,
    pub(crate) pair: Pair,
    /// Its tempo in beats per minute.
    pub(crate) bpm: Option<f32>,
}

/// What a search is for.
pub(crate) struct Order {
    pub(crate) weighting: Weighting,
    pub(crate) wanted: Wanted,
    /// Of copies of a recording only one.
    pub(crate) each_once: bool,
    pub(crate) limit: usize,
}

/// The tracks that go best with one, best first.
pub(crate) async fn similar(
    store: &Store,
    owner: UserId,
    id: TrackId,
    order: Order,
) -> Result<Vec<Found>> {
    let Order { weighting, wanted, each_once, limit } = order;
    let seed = item(store, owner, id).await?;
    let search = Similar::new(id.as_u128(), &seed, weighting, wanted, limit);
    let search = if each_once { search.each_once() } else { search };
    let best = catalogue::pass(store, owner, search, Similar::take).await?.finish();
    let ids: Vec<TrackId> = best.into_iter().map(|(id, _)| TrackId::from_u128(id)).collect();
    let mut items = catalogue::items(store, owner, &ids).await?;
    let mut tracks = tracks(store, owner, &ids).await?;
    // What was deleted since is left out.
    let found: Vec<(OtherTrack, Item)> =
        ids.iter().filter_map(|id| Some((tracks.remove(id)?, items.remove(id)?))).collect();
    compute(move || {
        let pair = |(track, item): (OtherTrack, Item)| Found {
            track,
            pair: Pair::new(&seed, &item, &weighting),
            bpm: item.descriptor.bpm(),
        };
        found.into_iter().map(pair).collect()
    })
    .await
}

/// A track that fits likes and dislikes.
pub(crate) struct Fitting {
    pub(crate) track: OtherTrack,
    pub(crate) fit: Fit,
    /// The like that is nearest, and how the two go together.
    pub(crate) closest: (TrackId, Pair),
}

/// The tracks that are most like some and least like others, best first.
pub(crate) async fn more_like(
    store: &Store,
    owner: UserId,
    likes: &[TrackId],
    dislikes: &[TrackId],
    order: Order,
) -> Result<Vec<Fitting>> {
    let Order { weighting, wanted, limit, .. } = order;
    let mut seeds = Vec::with_capacity(likes.len() + dislikes.len());
    for id in likes.iter().chain(dislikes) {
        seeds.push((id.as_u128(), item(store, owner, *id).await?));
    }
    let dislikes = seeds.split_off(likes.len());
    let likes = seeds;
    let search = MoreLike::new(&likes, &dislikes, weighting, wanted, limit);
    let best = catalogue::pass(store, owner, search, MoreLike::take).await?.finish();
    let ids: Vec<TrackId> = best.iter().map(|fit| TrackId::from_u128(fit.id)).collect();
    let mut items = catalogue::items(store, owner, &ids).await?;
    let mut tracks = tracks(store, owner, &ids).await?;
    let found: Vec<(OtherTrack, Item, Fit)> = best
        .into_iter()
        .zip(&ids)
        .filter_map(|(fit, id)| Some((tracks.remove(id)?, items.remove(id)?, fit)))
        .collect();
    compute(move || {
        let fitting = |(track, item, fit): (OtherTrack, Item, Fit)| {
            let closest = fit.closest()?;
            let (id, like) = &likes[closest];
            let closest = (TrackId::from_u128(*id), Pair::new(like, &item, &weighting));
            Some(Fitting { track, fit, closest })
        };
        found.into_iter().filter_map(fitting).collect()
    })
    .await
}

/// One track of a path.
pub(crate) struct Stop {
    pub(crate) track: OtherTrack,
    pub(crate) progress: f64,
    /// How it follows the one before.
    pub(crate) step: Option<Pair>,
    /// Its score with the first one.
    pub(crate) with_first: f64,
    /// Its tempo in beats per minute.
    pub(crate) bpm: Option<f32>,
}

/// A path from one track to another, and how many tracks it was chosen from.
pub(crate) async fn path(
    store: &Store,
    owner: UserId,
    (from, to): (TrackId, TrackId),
    order: Order,
) -> Result<(Vec<Stop>, usize)> {
    let Order { weighting, wanted, limit, .. } = order;
    let (first, last) = (item(store, owner, from).await?, item(store, owner, to).await?);
    let ends = ((from.as_u128(), &first), (to.as_u128(), &last));
    let search = PathSearch::new(ends.0, ends.1, limit, weighting, wanted)?;
    let search = catalogue::pass(store, owner, search, PathSearch::take).await?;
    let path = compute(move || search.finish()).await?;
    let ids: Vec<TrackId> = path.stops.iter().map(|stop| TrackId::from_u128(stop.id)).collect();
    let mut items = catalogue::items(store, owner, &ids).await?;
    let mut tracks = tracks(store, owner, &ids).await?;
    let n_candidates = path.n_candidates;
    let stops: Vec<(OtherTrack, Item, f64)> = path
        .stops
        .iter()
        .zip(&ids)
        .filter_map(|(stop, id)| Some((tracks.remove(id)?, items.remove(id)?, stop.progress)))
        .collect();
    // Without its ends it is not the path that was asked for.
    let is_whole = [from, to].iter().all(|end| stops.iter().any(|(track, ..)| track.id == *end));
    if !is_whole {
        return Err(Error::NotFound);
    }
    let stops = compute(move || {
        let pairs: Vec<Pair> =
            stops.windows(2).map(|pair| Pair::new(&pair[0].1, &pair[1].1, &weighting)).collect();
        let pairs = std::iter::once(None).chain(pairs.into_iter().map(Some));
        stops
            .into_iter()
            .zip(pairs)
            .map(|((track, item, progress), step)| Stop {
                track,
                progress,
                step,
                with_first: score_by(&first, &item, &weighting).score,
                bpm: item.descriptor.bpm(),
            })
            .collect()
    })
    .await?;
    Ok((stops, n_candidates))
}

async fn tracks(
    store: &Store,
    owner: UserId,
    ids: &[TrackId],
) -> Result<HashMap<TrackId, OtherTrack>> {
    let tracks = duplicates::other_tracks(store, owner, ids).await?;
    Ok(tracks.into_iter().map(|track| (track.id, track)).collect())
}
