//! The words of matches.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use matching::{DESCRIPTOR_VERSION, Item, Purpose, Score, reason, score};
use serde_json::json;
use store::TrackId;
use store::matches::{NewMatch, NewPair};

/// Items by id.
pub(super) type Items = HashMap<u128, Arc<Item>>;

/// A pair for a purpose; the lower id first.
pub(super) type Key = (Purpose, u128, u128);

/// The key of two items in any order.
pub(super) fn key(purpose: Purpose, one: u128, other: u128) -> Key {
    (purpose, one.min(other), one.max(other))
}

/// The ids that pairs name.
pub(super) fn ids(keys: &BTreeSet<Key>) -> Vec<u128> {
    let ids: BTreeSet<u128> = keys.iter().flat_map(|(_, a, b)| [*a, *b]).collect();
    ids.into_iter().collect()
}

/// Always the older one first, so that the words are the same whichever of the two was matched last.
fn scored(items: &Items, (purpose, a, b): Key) -> Option<Score> {
    Some(score(items.get(&a)?, items.get(&b)?, purpose))
}

/// The pair with its words; `None` when one of the two is gone.
pub(super) fn new_pair(items: &Items, key: Key) -> Option<NewPair> {
    let scored = scored(items, key)?;
    let (purpose, a, b) = key;
    Some(NewPair {
        purpose: purpose.as_str().to_owned(),
        a_id: TrackId::from_u128(a),
        b_id: TrackId::from_u128(b),
        score: scored.score,
        parts: json!(scored.parts),
        reason: reason(&scored),
        descriptor_version: DESCRIPTOR_VERSION,
        weights_version: scored.weights_version,
    })
}

/// The match of a track with another one; `None` when one of the two is gone.
pub(super) fn new_match(
    items: &Items,
    track: u128,
    other: u128,
    purpose: Purpose,
) -> Option<NewMatch> {
    let pair = new_pair(items, key(purpose, track, other))?;
    Some(NewMatch {
        purpose: pair.purpose,
        other_id: TrackId::from_u128(other),
        score: pair.score,
        parts: pair.parts,
        reason: pair.reason,
        descriptor_version: pair.descriptor_version,
        weights_version: pair.weights_version,
    })
}
