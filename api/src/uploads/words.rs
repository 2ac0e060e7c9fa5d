//! What an uploader says of a recording, by the same rules whichever way it comes.

use store::uploads::Words;

use crate::error::Result;
use crate::file_name;
use crate::tracks::{VisibilityBody, fields, form};

/// Words as they came.
#[derive(Debug, Default)]
pub(crate) struct RawWords {
    pub(crate) file_name: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) artist: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) visibility: VisibilityBody,
}

impl RawWords {
    /// The words by the rules.
    pub(crate) fn checked(self) -> Result<Words> {
        let text = |field, value: Option<String>| match value {
            Some(value) => fields::text(field, &value),
            None => Ok(None),
        };
        Ok(Words {
            file_name: self.file_name.as_deref().and_then(file_name::cleaned),
            content_type: self.content_type.as_deref().and_then(form::content_type),
            title: text("title", self.title)?,
            artist: text("artist", self.artist)?,
            tags: fields::tags("tags", self.tags.iter().map(String::as_str))?,
            visibility: self.visibility.into(),
        })
    }
}
