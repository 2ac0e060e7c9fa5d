//! The row of an import.

use crate::db::fetch_optional;
use crate::uploads::Words;
use crate::{Error, JobId, Result, Store, UserId};

/// What a job is to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The job.
    pub job_id: JobId,
    /// Whose it is.
    pub owner_id: UserId,
    /// Where the recording is. May be a secret: not for logs.
    pub url: String,
    /// What is said of the recording; a content type is not.
    pub words: Words,
}

#[derive(sqlx::FromRow)]
struct Row {
    owner_id: UserId,
    url: String,
    file_name: Option<String>,
    title: Option<String>,
    artist: Option<String>,
    tags: String,
    visibility: String,
}

/// What a job is to fetch; `None` if it has done so, or ended long ago.
///
/// # Errors
///
/// When the database fails.
pub async fn get(store: &Store, job_id: JobId) -> Result<Option<Import>> {
    let inconsistent = |column| Error::Inconsistent { table: "imports", column };
    let mut reader = store.reader().await?;
    let row = fetch_optional!(
        reader,
        Row,
        "select owner_id, url, file_name, title, artist, tags, visibility from imports where job_id = $1",
        job_id
    )?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Import {
        job_id,
        owner_id: row.owner_id,
        url: row.url,
        words: Words {
            file_name: row.file_name,
            content_type: None,
            title: row.title,
            artist: row.artist,
            tags: serde_json::from_str(&row.tags).map_err(|_| inconsistent("tags"))?,
            visibility: row.visibility.parse().map_err(|_| inconsistent("visibility"))?,
        },
    }))
}
