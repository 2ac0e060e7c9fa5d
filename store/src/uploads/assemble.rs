//! From pieces to one blob that is staged.

use tokio::io::AsyncReadExt;

use super::lease::Lease;
use super::parts::n_parts;
use super::row::{Protocol, Upload};
use crate::blobs::{Hasher, PieceName, Staged, Staging};
use crate::db::fetch_all;
use crate::{Error, Result, Sha256, Store};

/// Bytes read at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// What the uploader says that a part is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedPart {
    /// Its number, from 1 on.
    pub number: u32,
    /// The `ETag` that was answered to its `PUT`, without quotes.
    pub etag: Option<String>,
    /// The SHA-256 of its bytes.
    pub sha256: Option<Sha256>,
}

/// One piece, as it must be.
struct Wanted {
    name: PieceName,
    n_bytes: u64,
    /// Its number from 1 on.
    number: u32,
}

/// Copies the pieces, in order, through the hash to where blobs are staged. What is hashed is what is kept: a piece that is replaced meanwhile changes
/// nothing.
///
/// # Errors
///
/// [`Error::UploadIncomplete`], [`Error::UploadMismatch`], or when the store fails; then nothing is staged.
pub(super) async fn assemble(
    store: &Store,
    upload: &Upload,
    sha256: Option<Sha256>,
    expected: &[ExpectedPart],
    lease: &mut Lease,
) -> Result<Staged> {
    let wanted = wanted(store, upload).await?;
    let mut staging = store.blobs().stage(upload.n_bytes).await?;
    match copy(store, &wanted, expected, &mut staging, lease).await {
        Ok(()) => {}
        Err(error) => {
            staging.abort().await;
            return Err(error);
        }
    }
    let staged = staging.finish().await?;
    if staged.n_bytes != upload.n_bytes {
        let missing = format!("{} of {} bytes", staged.n_bytes, upload.n_bytes);
        return Err(Error::UploadIncomplete { missing });
    }
    for announced in [upload.sha256, sha256].into_iter().flatten() {
        if announced != staged.sha256 {
            let what = format!("the whole has SHA-256 {}, not {announced}", staged.sha256);
            return Err(Error::UploadMismatch { what });
        }
    }
    Ok(staged)
}

/// The pieces that make the whole, in order.
async fn wanted(store: &Store, upload: &Upload) -> Result<Vec<Wanted>> {
    match upload.protocol {
        Protocol::Tus => wanted_by_rows(store, upload).await,
        Protocol::Parts => wanted_by_number(store, upload).await,
    }
}

async fn wanted_by_rows(store: &Store, upload: &Upload) -> Result<Vec<Wanted>> {
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        (i64, String),
        "select n_bytes, name from upload_pieces where upload_id = $1 order by first_byte",
        upload.id
    )?;
    rows.into_iter()
        .zip(1..)
        .map(|((n_bytes, name), number)| {
            let n_bytes = u64::try_from(n_bytes)
                .map_err(|_| Error::Inconsistent { table: "upload_pieces", column: "n_bytes" })?;
            Ok(Wanted { name: PieceName::named(upload.id, name), n_bytes, number })
        })
        .collect()
}

/// All parts; none may be missing.
async fn wanted_by_number(store: &Store, upload: &Upload) -> Result<Vec<Wanted>> {
    let arrived = super::parts::parts(store, upload).await?;
    let is_there = |number| arrived.binary_search_by_key(&number, |part| part.number).is_ok();
    let missing: Vec<u32> = (1..=n_parts(upload)).filter(|number| !is_there(*number)).collect();
    if !missing.is_empty() {
        return Err(Error::UploadIncomplete { missing: named("part", &missing) });
    }
    let wanted = arrived.into_iter().map(|part| Wanted {
        name: PieceName::part(upload.id, part.number),
        n_bytes: part.n_bytes,
        number: part.number,
    });
    Ok(wanted.collect())
}

async fn copy(
    store: &Store,
    wanted: &[Wanted],
    expected: &[ExpectedPart],
    staging: &mut Staging,
    lease: &mut Lease,
) -> Result<()> {
    let mut wrong = Vec::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    for piece in wanted {
        let gone = || Error::UploadIncomplete { missing: named("part", &[piece.number]) };
        let mut open = store.blobs().open_piece(&piece.name).await?.ok_or_else(gone)?;
        // Replaced by one of another length since it was looked for.
        if open.reader.n_bytes != piece.n_bytes {
            return Err(gone());
        }
        let mut hasher = Hasher::default();
        loop {
            let n_read = open.reader.read(&mut buffer).await.map_err(|error| {
                Error::ObjectStore { operation: "give a whole piece", source: error.into() }
            })?;
            if n_read == 0 {
                break;
            }
            hasher.update(&buffer[..n_read]);
            staging.write(&buffer[..n_read]).await?;
            lease.beat().await?;
        }
        let sha256 = hasher.finish();
        let mut said = expected.iter().filter(|part| part.number == piece.number);
        if !said.all(|part| is_as_said(part, &sha256, open.etag.as_deref())) {
            wrong.push(piece.number);
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Error::UploadMismatch {
        what: format!("{} differ from what was said", named("part", &wrong)),
    })
}

/// An `ETag` is the object store's, or the SHA-256 where the API took the part.
fn is_as_said(part: &ExpectedPart, sha256: &Sha256, etag: Option<&str>) -> bool {
    let is_etag = |said: &String| etag == Some(said) || *said == sha256.to_string();
    part.sha256.is_none_or(|said| said == *sha256) && part.etag.as_ref().is_none_or(is_etag)
}

/// `part 1, 2, 3 …`: a few of many.
fn named(word: &str, numbers: &[u32]) -> String {
    const MAX_SHOWN: usize = 20;
    let shown: Vec<String> = numbers.iter().take(MAX_SHOWN).map(u32::to_string).collect();
    let more = if numbers.len() > MAX_SHOWN { " …" } else { "" };
    format!("{word} {}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_known_by_either_tag() {
        let sha256 = Sha256::of(b"x");
        let said = |etag: Option<&str>, sha256| ExpectedPart {
            number: 1,
            etag: etag.map(str::to_owned),
            sha256,
        };
        let text = sha256.to_string();
        assert!(is_as_said(&said(None, None), &sha256, None));
        assert!(is_as_said(&said(Some(&text), None), &sha256, None));
        assert!(is_as_said(&said(Some("m"), Some(sha256)), &sha256, Some("m")));
        assert!(!is_as_said(&said(Some("m"), None), &sha256, Some("n")));
        assert!(!is_as_said(&said(None, Some(Sha256::of(b"y"))), &sha256, Some("m")));
    }

    #[test]
    fn many_numbers_are_cut_short() {
        assert_eq!(named("part", &[1, 3]), "part 1, 3");
        let many: Vec<u32> = (1..=30).collect();
        assert!(named("part", &many).ends_with("19, 20 …"));
    }
}
