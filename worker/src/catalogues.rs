//! The catalogues that a worker keeps between jobs.
//!
//! Loading one takes seconds, searching it milliseconds. So it is kept, and brought up to date before each use by the events that came since: their
//! numbers become visible in order, so that nothing is missed. What has not been used for a while, or is too large beside what is used, is dropped.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use matching::{Builder, Catalogue, DESCRIPTOR_VERSION, Descriptor, Embedding, Item, Purpose};
use store::descriptors::{self, StoredDescriptor};
use store::events::{self, Changed};
use store::matches::lists;
use store::{Store, TrackId, UserId};
use tokio::sync::{OwnedRwLockReadGuard, RwLock};
use tokio::time::Instant;

use crate::compute::{Panicked, compute};
use crate::kept::Kept;

/// Descriptors that are read at a time.
const N_PER_PAGE: u32 = 2000;
/// Descriptors that are kept for the words of matches: 40 MB.
const MAX_ITEMS: usize = 20_000;
/// Short lists that are looked for at a time.
const MAX_SHORT: u32 = 100_000;

/// Why a catalogue is not there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Panicked(#[from] Panicked),
}

/// Catalogues by owner.
#[derive(Debug)]
pub(crate) struct Catalogues {
    entries: Mutex<HashMap<UserId, Entry>>,
    max_bytes: u64,
    idle: Duration,
}

#[derive(Debug)]
struct Entry {
    loaded: Arc<RwLock<Loaded>>,
    used: Instant,
    n_bytes: u64,
}

/// The catalogue of an owner as of some event.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) catalogue: Catalogue,
    /// Number of the last event that it knows of; `None` until it is loaded.
    seq: Option<i64>,
    /// What floors are set: generation, what is kept, number of the last event.
    floors: Option<(i64, Kept, i64)>,
    /// Items that came in one by one and are not in the order of likeness.
    n_unsorted: usize,
    items: Mutex<HashMap<u128, Arc<Item>>>,
}

/// A catalogue that does not change while this is held.
pub(crate) type Held = OwnedRwLockReadGuard<Loaded>;

impl Loaded {
    /// Number of the last event that it knows of.
    pub(crate) fn seq(&self) -> i64 {
        self.seq.unwrap_or_default()
    }

    /// The generation whose floors are set.
    pub(crate) fn generation(&self) -> i64 {
        self.floors.map_or(0, |(generation, ..)| generation)
    }
}

impl Catalogues {
    pub(crate) fn new(max_bytes: u64, idle: Duration) -> Self {
        Self { entries: Mutex::default(), max_bytes, idle }
    }

    /// The catalogue of an owner, as of now.
    pub(crate) async fn get(&self, store: &Store, owner: UserId) -> Result<Held, LoadError> {
        self.refreshed(store, owner, None).await
    }

    /// The catalogue of an owner as of now, with the floors of its lists: the last score of those that are full.
    pub(crate) async fn with_floors(
        &self,
        store: &Store,
        owner: UserId,
        kept: Kept,
    ) -> Result<Held, LoadError> {
        self.refreshed(store, owner, Some(kept)).await
    }

    async fn refreshed(
        &self,
        store: &Store,
        owner: UserId,
        kept: Option<Kept>,
    ) -> Result<Held, LoadError> {
        let loaded = {
            let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
            let entry = entries.entry(owner).or_insert_with(|| Entry {
                loaded: Arc::default(),
                used: Instant::now(),
                n_bytes: 0,
            });
            entry.used = Instant::now();
            Arc::clone(&entry.loaded)
        };
        let mut guard = loaded.write_owned().await;
        let refreshed = guard.refresh(store, owner, kept).await;
        if refreshed.is_err() {
            // It may be half of one event and half of another.
            *guard = Loaded::default();
        }
        refreshed?;
        let n_bytes = guard.catalogue.n_bytes() as u64;
        self.make_room(owner, n_bytes);
        Ok(guard.downgrade())
    }

    /// Drops what has not been used for a while.
    pub(crate) fn drop_idle(&self) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|_, entry| entry.used.elapsed() < self.idle);
    }

    /// Notes the size of one and drops those that were not used for longest, until the others and it fit. It stays itself however large it is.
    fn make_room(&self, owner: UserId, n_bytes: u64) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get_mut(&owner) {
            entry.n_bytes = n_bytes;
        }
        while entries.values().map(|entry| entry.n_bytes).sum::<u64>() > self.max_bytes {
            let oldest = entries
                .iter()
                .filter(|(other, _)| **other != owner)
                .min_by_key(|(_, entry)| entry.used)
                .map(|(other, _)| *other);
            let Some(oldest) = oldest else { break };
            entries.remove(&oldest);
        }
        let total = entries.values().map(|entry| entry.n_bytes).sum::<u64>();
        #[expect(clippy::cast_precision_loss, reason = "a metric")]
        metrics::gauge!("consort_catalogue_bytes").set(total as f64);
    }
}

impl Loaded {
    async fn refresh(
        &mut self,
        store: &Store,
        owner: UserId,
        kept: Option<Kept>,
    ) -> Result<(), LoadError> {
        let gone = match self.seq {
            None => {
                self.load(store, owner).await?;
                false
            }
            Some(seq) => self.catch_up(store, owner, seq).await?,
        };
        if let Some(kept) = kept {
            self.refresh_floors(store, owner, kept, gone).await?;
        }
        Ok(())
    }

    async fn load(&mut self, store: &Store, owner: UserId) -> Result<(), LoadError> {
        let start = Instant::now();
        // Before the first page: what comes while it is read is looked at again.
        let seq = events::last_seq(store, owner).await?;
        let mut builder = Builder::default();
        let mut after = None;
        loop {
            let page =
                descriptors::page(store, owner, DESCRIPTOR_VERSION, after, N_PER_PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.track_id);
            builder = compute(move || {
                for (id, item) in page.into_iter().filter_map(item) {
                    builder.put(id, &item);
                }
                builder
            })
            .await?;
        }
        self.catalogue = compute(move || builder.finish()).await?;
        self.seq = Some(seq);
        let n_tracks = self.catalogue.len();
        let duration_ms = start.elapsed().as_millis();
        tracing::info!(n_tracks, duration_ms, "loaded {n_tracks} tracks in {duration_ms} ms");
        Ok(())
    }

    /// Whether something is gone.
    async fn catch_up(
        &mut self,
        store: &Store,
        owner: UserId,
        seq: i64,
    ) -> Result<bool, LoadError> {
        let (changed, last) =
            events::changed_tracks(store, owner, seq, Changed::Descriptors).await?;
        if changed.is_empty() {
            self.seq = Some(last);
            return Ok(false);
        }
        let changed: Vec<TrackId> = changed.into_iter().collect();
        let now = descriptors::of(store, owner, &changed, DESCRIPTOR_VERSION).await?;
        let now: HashMap<u128, Item> = now.into_iter().filter_map(item).collect();
        // Some milliseconds for a hundred of them; rebuilding takes longer, but comes after an eighth has changed only.
        let mut catalogue = std::mem::take(&mut self.catalogue);
        let mut n_unsorted = self.n_unsorted + now.len();
        let ids: Vec<u128> = changed.iter().map(|track| track.as_u128()).collect();
        {
            let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
            for id in &ids {
                items.remove(id);
            }
        }
        let (catalogue, n_unsorted, gone) = compute(move || {
            let mut gone = false;
            for id in ids {
                match now.get(&id) {
                    Some(item) => catalogue.insert(id, item),
                    None => gone |= catalogue.remove(id),
                }
            }
            if n_unsorted * 8 > catalogue.len() && n_unsorted > 1000 {
                catalogue.rebuild();
                n_unsorted = 0;
            }
            (catalogue, n_unsorted, gone)
        })
        .await?;
        (self.catalogue, self.n_unsorted, self.seq) = (catalogue, n_unsorted, Some(last));
        Ok(gone)
    }

    async fn refresh_floors(
        &mut self,
        store: &Store,
        owner: UserId,
        kept: Kept,
        gone: bool,
    ) -> Result<(), LoadError> {
        let generation = lists::visible(store, owner).await?;
        let since = self.floors.filter(|floors| (floors.0, floors.1) == (generation, kept));
        let (changed, last) = match since {
            Some((.., seq)) => events::changed_tracks(store, owner, seq, Changed::Lists).await?,
            None => (std::collections::BTreeSet::new(), self.seq()),
        };
        if since.is_none() {
            let ids: Vec<u128> = self.catalogue.ids().to_vec();
            for id in ids {
                self.take_any(id, kept);
            }
            let all = lists::floors(store, owner, None, generation, kept.n_heads).await?;
            self.set_floors(&all);
        }
        for track in changed {
            self.take_any(track.as_u128(), kept);
            let own = lists::floors(store, owner, Some(track), generation, kept.n_heads).await?;
            self.set_floors(&own);
        }
        if gone {
            for track in lists::short(store, owner, MAX_SHORT).await? {
                self.take_any(track.as_u128(), kept);
            }
        }
        self.floors = Some((generation, kept, last));
        Ok(())
    }

    /// A list that is not full takes whatever is good enough.
    fn take_any(&mut self, id: u128, kept: Kept) {
        for purpose in Purpose::ALL {
            self.catalogue.set_floor(id, purpose, kept.least_score);
        }
    }

    fn set_floors(&mut self, floors: &[lists::Floor]) {
        for floor in floors {
            if let Ok(purpose) = floor.purpose.parse() {
                self.catalogue.set_floor(floor.track_id.as_u128(), purpose, floor.score);
            }
        }
    }

    /// The items with these ids, as far as they are there.
    pub(crate) async fn items(
        &self,
        store: &Store,
        owner: UserId,
        ids: &[u128],
    ) -> Result<HashMap<u128, Arc<Item>>, LoadError> {
        let mut found = HashMap::with_capacity(ids.len());
        let mut missing = Vec::new();
        {
            let items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
            for id in ids {
                match items.get(id) {
                    Some(item) => drop(found.insert(*id, Arc::clone(item))),
                    None => missing.push(TrackId::from_u128(*id)),
                }
            }
        }
        for missing in missing.chunks(N_PER_PAGE as usize) {
            let rows = descriptors::of(store, owner, missing, DESCRIPTOR_VERSION).await?;
            let new: Vec<(u128, Item)> =
                compute(move || rows.into_iter().filter_map(item).collect()).await?;
            let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
            if items.len() + new.len() > MAX_ITEMS {
                items.clear();
            }
            for (id, item) in new {
                let item = Arc::new(item);
                items.insert(id, Arc::clone(&item));
                found.insert(id, item);
            }
        }
        Ok(found)
    }
}

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

fn readable(row: StoredDescriptor) -> matching::Result<Item> {
    let embedding = row.embedding.as_deref().map(Embedding::from_bytes).transpose()?;
    Ok(Item { descriptor: Descriptor::from_bytes(&row.bytes)?, embedding, tags: row.tags })
}
