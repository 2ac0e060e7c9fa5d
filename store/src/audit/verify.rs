//! Whether the chain is whole.

use super::entry::{Row, hash_of_address, select_entries};
use crate::db::{Reader, fetch_all, fetch_one, fetch_optional};
use crate::text_enum::text_enum;
use crate::{Result, Sha256, Store};

/// Entries that are read at once.
const PAGE: i64 = 1000;
/// The hash before the first entry.
const BEGINNING: [u8; 32] = [0; 32];

text_enum! {
    /// What is wrong with an entry.
    pub enum FaultKind {
        /// It is not what it was, or stands where another one stood.
        Changed = "changed",
        /// There is none with this number, though there are later ones.
        Missing = "missing",
        /// The log once went on: there is none with this number and none after it.
        Truncated = "truncated",
        /// It is the last one, and the head names another hash, or an earlier entry.
        HeadDiffers = "head_differs",
        /// Its address is another than at first.
        AddressChanged = "address_changed",
    }
}

/// The first thing that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The number of the entry.
    pub seq: i64,
    /// What is wrong with it.
    pub kind: FaultKind,
}

/// How the log ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The number of the last entry; 0 if there is none.
    pub seq: i64,
    /// Its hash.
    pub sha256: Sha256,
}

/// What a look at a part of the chain has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Entries that are as they were written.
    pub n_entries: u64,
    /// Addresses that are as they were written.
    pub n_addresses: u64,
    /// Addresses that are forgotten.
    pub n_forgotten: u64,
    /// The first fault; after one nothing more is looked at.
    pub fault: Option<Fault>,
    /// The last entry that is as it was written.
    pub last: Head,
    /// Whether entries follow that have not been looked at.
    pub has_more: bool,
}

/// How the log ends, as the head says. Kept elsewhere, it shows later whether the log was rewritten.
///
/// # Errors
///
/// When the database fails.
pub async fn head(store: &Store) -> Result<Head> {
    let mut reader = store.reader().await?;
    let (seq, sha256, _) = ends(&mut reader).await?;
    Ok(Head { seq, sha256: Sha256::from_column(&sha256, "audit_head", "sha256")? })
}

/// Looks at `limit` entries after number `after` at most: each against the one before it, the last against the head. Entries that are appended meanwhile are left for
/// another time.
///
/// # Errors
///
/// When the database fails.
pub async fn verify(store: &Store, after: i64, limit: u64) -> Result<Verified> {
    let mut reader = store.reader().await?;
    let (head_seq, head_sha256, last_seq) = ends(&mut reader).await?;
    let before = match after {
        ..=0 => Some(BEGINNING.to_vec()),
        seq => fetch_optional!(
            reader,
            (Vec<u8>,),
            "select sha256 from audit_entries where seq = $1",
            seq
        )?
        .map(|(sha256,)| sha256),
    };
    drop(reader);
    let mut walk = Walk::new(after.max(0));
    let Some(before) = before else { return Ok(walk.ended(FaultKind::Missing, after)) };
    walk.before = before;
    while walk.seen.n_entries < limit {
        let left = i64::try_from(limit - walk.seen.n_entries).unwrap_or(PAGE).min(PAGE);
        // A reader for each page: nobody waits for the whole walk.
        let mut reader = store.reader().await?;
        let rows = fetch_all!(
            reader,
            Row,
            select_entries!("where e.seq > $1 and e.seq <= $2 order by e.seq limit $3"),
            walk.seq,
            head_seq,
            left
        )?;
        drop(reader);
        if rows.is_empty() {
            return Ok(walk.at_the_end(head_seq, &head_sha256, last_seq));
        }
        for row in &rows {
            if let Some(kind) = walk.fault(row) {
                let seq = if kind == FaultKind::Missing { walk.seq + 1 } else { row.seq };
                return Ok(walk.ended(kind, seq));
            }
            walk.take(row);
        }
    }
    if walk.seq == head_seq {
        return Ok(walk.at_the_end(head_seq, &head_sha256, last_seq));
    }
    walk.seen.has_more = true;
    Ok(walk.seen)
}

/// What the head says, and the number of the last entry that there is, of one moment.
async fn ends(reader: &mut Reader) -> Result<(i64, Vec<u8>, i64)> {
    fetch_one!(
        reader,
        (i64, Vec<u8>, i64),
        "select seq, sha256, (select coalesce(max(seq), 0) from audit_entries) from audit_head"
    )
}

/// Where a look at the chain has come to.
struct Walk {
    seq: i64,
    before: Vec<u8>,
    seen: Verified,
}

impl Walk {
    fn new(seq: i64) -> Self {
        let last = Head { seq, sha256: Sha256::from(BEGINNING) };
        let seen = Verified {
            n_entries: 0,
            n_addresses: 0,
            n_forgotten: 0,
            fault: None,
            last,
            has_more: false,
        };
        Self { seq, before: Vec::new(), seen }
    }

    /// What is wrong with the next entry.
    fn fault(&self, row: &Row) -> Option<FaultKind> {
        if row.seq != self.seq + 1 {
            return Some(FaultKind::Missing);
        }
        if row.hash_after(&self.before).as_bytes().as_slice() != row.sha256 {
            return Some(FaultKind::Changed);
        }
        let (Some(salt), Some(address)) = (&row.salt, &row.address) else { return None };
        let hash = hash_of_address(salt, address);
        let is_same = row.address_sha256.as_deref() == Some(hash.as_bytes().as_slice());
        (!is_same).then_some(FaultKind::AddressChanged)
    }

    fn take(&mut self, row: &Row) {
        self.seq = row.seq;
        self.before.clone_from(&row.sha256);
        self.seen.n_entries += 1;
        match (&row.address_sha256, &row.address) {
            (Some(_), Some(_)) => self.seen.n_addresses += 1,
            (Some(_), None) => self.seen.n_forgotten += 1,
            (None, _) => {}
        }
        self.seen.last = Head { seq: self.seq, sha256: self.hash() };
    }

    fn hash(&self) -> Sha256 {
        <[u8; 32]>::try_from(self.before.as_slice()).unwrap_or(BEGINNING).into()
    }

    fn at_the_end(mut self, head_seq: i64, head_sha256: &[u8], last_seq: i64) -> Verified {
        self.seen.last = Head { seq: self.seq, sha256: self.hash() };
        if self.seq < head_seq {
            return self.ended(FaultKind::Truncated, self.seq + 1);
        }
        if self.seq != head_seq || self.before != head_sha256 || last_seq > head_seq {
            return self.ended(FaultKind::HeadDiffers, self.seq);
        }
        self.seen
    }

    fn ended(&self, kind: FaultKind, seq: i64) -> Verified {
        Verified { fault: Some(Fault { seq, kind }), ..self.seen }
    }
}
