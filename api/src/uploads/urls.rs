//! Where the parts of an upload are put.

use std::collections::BTreeMap;

use store::uploads::{self, Upload};
use time::Duration;

use super::body::PartUrlBody;
use crate::error::{Error, Result};
use crate::state::State;

/// URLs that one answer gives.
pub(super) const MAX_URLS: usize = 100;

/// The URLs of these parts. They end with the upload at the latest.
pub(super) async fn urls(
    state: &State,
    upload: &Upload,
    numbers: impl IntoIterator<Item = u32>,
) -> Result<Vec<PartUrlBody>> {
    let now = state.store.now();
    let life = state.config.upload_url();
    let left = upload.expires_at - now;
    let expires_in =
        life.min(left.try_into().unwrap_or_default()).max(std::time::Duration::from_secs(1));
    let expires_at = now + Duration::try_from(expires_in).unwrap_or(Duration::ZERO);
    let mut urls = Vec::new();
    for number in numbers {
        let n_bytes = upload.bytes_of_part(number).ok_or_else(|| {
            Error::invalid("numbers", format!("must be 1 to {}", uploads::n_parts(upload)))
        })?;
        let presigned = uploads::presign(&state.store, upload, number, now, expires_in).await?;
        let needs_token = presigned.is_none();
        let (url, headers) = match presigned {
            Some(put) => (put.url, put.headers.into_iter().collect()),
            None => (format!("/v1/uploads/{}/parts/{number}", upload.id), BTreeMap::new()),
        };
        urls.push(PartUrlBody { number, n_bytes, url, needs_token, headers, expires_at });
    }
    Ok(urls)
}

/// The first parts that are missing, as many as one answer gives.
pub(super) async fn missing(state: &State, upload: &Upload) -> Result<Vec<u32>> {
    let arrived = uploads::parts(&state.store, upload).await?;
    let is_missing =
        |number: &u32| arrived.binary_search_by_key(number, |part| part.number).is_err();
    Ok((1..=uploads::n_parts(upload)).filter(is_missing).take(MAX_URLS).collect())
}
