//! All that is known of one recording.

use crate::formats::FormatError;
use crate::{Details, Report, Tags};

/// All that is known of one recording.
#[derive(Debug, Clone, Copy)]
pub struct Recording<'a> {
    /// The report.
    pub report: &'a Report,
    /// The details beside it, if they were kept.
    pub details: Option<&'a Details>,
    /// What the file says about itself.
    pub tags: &'a Tags,
}

impl<'a> Recording<'a> {
    /// The details.
    ///
    /// # Errors
    ///
    /// [`FormatError::NoDetails`] if there are none.
    pub fn details(&self) -> Result<&'a Details, FormatError> {
        self.details.ok_or(FormatError::NoDetails)
    }

    /// Artist and title, whatever is there of them, for headings.
    pub(crate) fn heading(&self) -> String {
        let parts = [&self.tags.artist, &self.tags.title];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" – ")
    }
}
