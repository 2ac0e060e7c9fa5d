//! An owner's catalogue, handed to a search page by page.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::thread::available_parallelism;

use matching::{DESCRIPTOR_VERSION, Item};
use store::descriptors::{self, StoredDescriptor};
use store::{Store, TrackId, UserId};
use tokio::sync::Semaphore;

use crate::compute::compute;
use crate::error::Result;
use crate::item::readable;

/// Descriptors that are read at a time: 3.5 MB.
const N_PER_PAGE: u32 = 2000;

/// As many passes at once as there are cores: more would only take turns, each with a page in its hands.
static PASSES: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(available_parallelism().map_or(1, usize::from)));

/// Gives all items of an owner to `search`, bit by bit: memory does not grow with their number.
///
/// What comes or goes meanwhile may be seen or not. What is of another version is not there.
pub(super) async fn pass<T: Send + 'static>(
    store: &Store,
    owner: UserId,
    mut search: T,
    take: fn(&mut T, &[(u128, Item)]),
) -> Result<T> {
    // Nobody closes the semaphore; if somebody did, passes would go on without a bound.
    let _permit = PASSES.acquire().await.ok();
    let mut after = None;
    loop {
        let page = descriptors::page(store, owner, DESCRIPTOR_VERSION, after, N_PER_PAGE).await?;
        let Some(last) = page.last() else { return Ok(search) };
        after = Some(last.track_id);
        search = compute(move || {
            let items: Vec<(u128, Item)> = page.into_iter().filter_map(item).collect();
            take(&mut search, &items);
            search
        })
        .await?;
    }
}

/// The items with these ids, as far as they are still there.
pub(super) async fn items(
    store: &Store,
    owner: UserId,
    ids: &[TrackId],
) -> Result<HashMap<TrackId, Item>> {
    let rows = descriptors::of(store, owner, ids, DESCRIPTOR_VERSION).await?;
    let items = rows.into_iter().filter_map(item);
    Ok(items.map(|(id, item)| (TrackId::from_u128(id), item)).collect())
}

/// One that cannot be read is left out: it must not take the others with it.
fn item(row: StoredDescriptor) -> Option<(u128, Item)> {
    let id = row.track_id;
    match readable(row) {
        Ok(item) => Some((id.as_u128(), item)),
        Err(error) => {
            let cause = &error as &dyn std::error::Error;
            tracing::error!(error = cause, track.id = %id, "descriptor of {id} is unreadable: {error}");
            None
        }
    }
}
