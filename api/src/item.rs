//! What matching knows of a track.

use matching::{Descriptor, Embedding, Item};
use store::descriptors::{self, StoredDescriptor};
use store::{Store, TrackId, TrackState, UserId, tracks};

use crate::error::{Error, Result};
use crate::tracks::no_report;

/// A track of this owner, ready to be compared.
///
/// # Errors
///
/// [`Error::NotFound`] when the owner has no such track, and why it cannot be compared when it has no descriptor of today.
pub(crate) async fn item(store: &Store, owner: UserId, id: TrackId) -> Result<Item> {
    let track = tracks::get(store, owner, id).await?.ok_or(Error::NotFound)?;
    match descriptors::get(store, owner, id, matching::DESCRIPTOR_VERSION).await? {
        Some(stored) => readable(stored),
        None if track.state == TrackState::Analyzed => Err(Error::TrackStale),
        None => Err(no_report(track)),
    }
}

/// Reads what is stored.
pub(crate) fn readable(stored: StoredDescriptor) -> Result<Item> {
    let embedding = stored.embedding.as_deref().map(Embedding::from_bytes).transpose()?;
    Ok(Item { descriptor: Descriptor::from_bytes(&stored.bytes)?, embedding, tags: stored.tags })
}
