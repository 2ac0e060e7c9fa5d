//! Reading uploads.

use super::row::{Row, Upload, upload_columns};
use crate::db::fetch_optional;
use crate::{Result, Store, UploadId, UserId};

/// An upload of this owner that is neither given up nor expired.
///
/// # Errors
///
/// When the database fails.
pub async fn get(store: &Store, owner: UserId, id: UploadId) -> Result<Option<Upload>> {
    let now = store.now_us();
    let mut reader = store.reader().await?;
    fetch_optional!(
        reader,
        Row,
        concat!(
            "select ",
            upload_columns!(),
            " from uploads where id = $1 and owner_id = $2 and state <> 'aborted' and expires_at_us > $3"
        ),
        id,
        owner,
        now
    )?
    .map(|row| row.at(now))
    .transpose()
}
