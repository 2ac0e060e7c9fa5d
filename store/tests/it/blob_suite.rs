//! What every blob store must do. Run on a folder, on an S3 server in this process, and, by
//! `cargo xtask s3-conformance`, on one that is stricter than most.

use std::io::Read;

use store::{Blobs, ByteRange, Clock, Error, Sha256, Staged};
use time::Duration;
use tokio::io::AsyncReadExt;

const MIB: usize = 1024 * 1024;
/// The size of a part (`s3_staging.rs`): what is larger goes up in several.
const PART: usize = 8 * MIB;

/// Names every test of the suite for the macro that makes tests of them.
macro_rules! blob_suite {
    ($with:ident) => {
        $with! {
            gives_back_what_it_took_whatever_the_size,
            gives_ranges,
            gives_ranges_of_several_parts,
            stops_at_the_limit_as_bytes_arrive,
            committing_twice_is_the_same_as_once,
            what_is_dropped_or_aborted_leaves_nothing,
            deleting_twice_is_the_same_as_once,
            knows_nothing_of_blobs_that_it_never_took,
            gives_a_file_at_its_beginning,
            sweeps_only_what_is_old,
            takes_uploads_side_by_side,
            answers_a_ping,
        }
    };
}
pub(crate) use blob_suite;

/// Bytes that differ by seed and do not repeat (`SplitMix64`).
fn bytes(seed: u64, n_bytes: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x2545_f491_4f6c_dd1d);
    let mut bytes = Vec::with_capacity(n_bytes + 8);
    while bytes.len() < n_bytes {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend_from_slice(&(z ^ (z >> 31)).to_le_bytes());
    }
    bytes.truncate(n_bytes);
    bytes
}

async fn stage(blobs: &Blobs, bytes: &[u8]) -> Staged {
    let mut staging = blobs.stage(u64::MAX).await.unwrap();
    // Odd pieces, as they come from a network.
    for piece in bytes.chunks(65_521) {
        staging.write(piece).await.unwrap();
    }
    staging.finish().await.unwrap()
}

async fn put(blobs: &Blobs, bytes: &[u8]) -> Sha256 {
    let staged = stage(blobs, bytes).await;
    let sha256 = staged.sha256;
    blobs.commit(staged).await.unwrap();
    sha256
}

async fn read(blobs: &Blobs, sha256: &Sha256, range: Option<ByteRange>) -> Vec<u8> {
    let mut reader = blobs.open(sha256, range).await.unwrap().unwrap();
    let mut read = Vec::new();
    reader.read_to_end(&mut read).await.unwrap();
    assert_eq!(read.len() as u64, reader.n_bytes);
    read
}

pub(crate) async fn gives_back_what_it_took_whatever_the_size(blobs: Blobs) {
    for n_bytes in [0, 1, 100_000, PART - 1, PART, PART + 1, 2 * PART, 20 * MIB + 7] {
        let content = bytes(1, n_bytes);
        let staged = stage(&blobs, &content).await;
        assert_eq!(staged.n_bytes, n_bytes as u64);
        assert_eq!(staged.sha256, Sha256::of(&content));
        let sha256 = staged.sha256;
        blobs.commit(staged).await.unwrap();
        assert_eq!(blobs.n_bytes(&sha256).await.unwrap(), Some(n_bytes as u64));
        assert!(read(&blobs, &sha256, None).await == content, "{n_bytes} bytes differ");
        blobs.verify(&sha256).await.unwrap();
    }
}

async fn check_ranges(blobs: &Blobs, n_bytes: u64) {
    let content = bytes(2, usize::try_from(n_bytes).unwrap());
    let sha256 = put(blobs, &content).await;
    let ends = [(0, 1), (0, n_bytes), (n_bytes - 1, n_bytes), (7, 99), (n_bytes / 2, u64::MAX)];
    for (start, end) in ends {
        let part = read(blobs, &sha256, Some(ByteRange { start, end })).await;
        let (from, to) =
            (usize::try_from(start).unwrap(), usize::try_from(end.min(n_bytes)).unwrap());
        assert!(part == content[from..to], "{start}..{end} differs");
    }
    for (start, end) in [(n_bytes, n_bytes + 1), (5, 5), (9, 3)] {
        let error = blobs.open(&sha256, Some(ByteRange { start, end })).await.unwrap_err();
        assert!(
            matches!(error, Error::RangeNotSatisfiable { n_bytes_total } if n_bytes_total == n_bytes)
        );
    }
}

pub(crate) async fn gives_ranges(blobs: Blobs) {
    check_ranges(&blobs, 1000).await;
}

pub(crate) async fn gives_ranges_of_several_parts(blobs: Blobs) {
    check_ranges(&blobs, 17 * MIB as u64).await;
}

pub(crate) async fn stops_at_the_limit_as_bytes_arrive(blobs: Blobs) {
    for limit in [3 * MIB, 2 * PART] {
        let mut staging = blobs.stage(limit as u64).await.unwrap();
        let piece = bytes(3, MIB);
        for _ in 0..limit / MIB {
            staging.write(&piece).await.unwrap();
        }
        let error = staging.write(&[0]).await.unwrap_err();
        assert!(matches!(error, Error::TooLarge { limit: l } if l == limit as u64));
        staging.abort().await;
    }
    assert_nothing_staged(&blobs).await;
}

pub(crate) async fn committing_twice_is_the_same_as_once(blobs: Blobs) {
    for n_bytes in [5000, PART + 5000] {
        let content = bytes(4, n_bytes);
        let (first, second) = (stage(&blobs, &content).await, stage(&blobs, &content).await);
        let sha256 = first.sha256;
        blobs.commit(first).await.unwrap();
        blobs.commit(second).await.unwrap();
        assert!(read(&blobs, &sha256, None).await == content);
    }
    assert_nothing_staged(&blobs).await;
}

pub(crate) async fn what_is_dropped_or_aborted_leaves_nothing(blobs: Blobs) {
    for n_bytes in [5000, PART + 5000] {
        let content = bytes(5, n_bytes);
        let mut staging = blobs.stage(u64::MAX).await.unwrap();
        staging.write(&content).await.unwrap();
        staging.abort().await;
        let staged = stage(&blobs, &content).await;
        assert!(!blobs.exists(&staged.sha256).await.unwrap());
    }
    let after = Clock::System.now() + Duration::hours(1);
    // Dropped objects of a bucket go in the background; what had not gone by then, the sweep takes.
    blobs.sweep_staging(after).await.unwrap();
    assert_nothing_staged(&blobs).await;
}

pub(crate) async fn deleting_twice_is_the_same_as_once(blobs: Blobs) {
    let sha256 = put(&blobs, &bytes(6, 100)).await;
    assert!(blobs.exists(&sha256).await.unwrap());
    for _ in 0..2 {
        blobs.delete(&sha256).await.unwrap();
        assert!(!blobs.exists(&sha256).await.unwrap());
    }
}

pub(crate) async fn knows_nothing_of_blobs_that_it_never_took(blobs: Blobs) {
    let unknown = Sha256::of(&bytes(7, 10));
    assert!(blobs.open(&unknown, None).await.unwrap().is_none());
    assert!(blobs.open(&unknown, Some(ByteRange { start: 0, end: 1 })).await.unwrap().is_none());
    assert_eq!(blobs.n_bytes(&unknown).await.unwrap(), None);
    for error in [
        blobs.fetch_to_file(&unknown).await.unwrap_err(),
        blobs.verify(&unknown).await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::BlobMissing(sha256) if sha256 == unknown));
    }
}

pub(crate) async fn gives_a_file_at_its_beginning(blobs: Blobs) {
    for n_bytes in [0, 3 * MIB, PART + 1] {
        let content = bytes(8, n_bytes);
        let sha256 = put(&blobs, &content).await;
        let mut file = blobs.fetch_to_file(&sha256).await.unwrap();
        let mut read = Vec::new();
        file.read_to_end(&mut read).unwrap();
        assert!(read == content);
    }
}

pub(crate) async fn sweeps_only_what_is_old(blobs: Blobs) {
    let now = Clock::System.now();
    let content = bytes(9, PART + 1);
    let staged = stage(&blobs, &content).await;
    assert_eq!(blobs.sweep_staging(now - Duration::hours(1)).await.unwrap(), 0);
    let sha256 = staged.sha256;
    blobs.commit(staged).await.unwrap();

    let forgotten = stage(&blobs, &content).await;
    assert_eq!(blobs.sweep_staging(now + Duration::hours(1)).await.unwrap(), 1);
    assert_nothing_staged(&blobs).await;
    drop(forgotten);
    // What has its name is no upload any more.
    assert!(read(&blobs, &sha256, None).await == content);
}

pub(crate) async fn takes_uploads_side_by_side(blobs: Blobs) {
    let tasks: Vec<_> = (0..6_u64)
        .map(|i| {
            let blobs = blobs.clone();
            // Two of each content, so that pairs race for one name.
            tokio::spawn(async move { put(&blobs, &bytes(100 + i / 2, PART + 1000)).await })
        })
        .collect();
    for task in tasks {
        blobs.verify(&task.await.unwrap()).await.unwrap();
    }
    assert_nothing_staged(&blobs).await;
}

pub(crate) async fn answers_a_ping(blobs: Blobs) {
    blobs.ping().await.unwrap();
}

async fn assert_nothing_staged(blobs: &Blobs) {
    let after = Clock::System.now() + Duration::hours(1);
    assert_eq!(blobs.sweep_staging(after).await.unwrap(), 0);
}
