//! What a track has to be to come into a list, as JSON.

use std::collections::BTreeMap;

use matching::playlist::Wanted;
use matching::{Weighting, key_of};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::error::{Error, Result};
use crate::purpose::PurposeBody;
use crate::tracks::fields;
use crate::weights;

/// A range of tempi, both ends included.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BpmRange)]
pub(super) struct BpmBody {
    /// The slowest, beats per minute.
    #[schema(example = 118.0)]
    min: f32,
    /// The fastest.
    #[schema(example = 130.0)]
    max: f32,
}

/// What a track has to be to come into the list; what is left out does not matter.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ListFilter)]
pub(super) struct FilterBody {
    /// Its tempo. A track without one does not pass.
    bpm: Option<BpmBody>,
    /// Its key must be one of these: names with sharps or Camelot codes. A track without one does not pass.
    #[schema(min_items = 1, max_items = 24, example = json!(["11A", "F# minor"]))]
    keys: Option<Vec<String>>,
    /// It must have all of these.
    #[serde(default)]
    #[schema(required = false, max_items = 64)]
    tags: Vec<String>,
}

impl FilterBody {
    pub(super) fn wanted(&self) -> Result<Wanted> {
        let bpm = match &self.bpm {
            None => None,
            Some(BpmBody { min, max }) if *min > 0.0 && min <= max && max.is_finite() => {
                Some(*min..=*max)
            }
            Some(_) => return Err(Error::invalid("filter.bpm", "must be above 0, min up to max")),
        };
        let keys = self.keys.as_deref().map(keys).transpose()?;
        let tags = fields::tags("filter.tags", self.tags.iter().map(String::as_str))?;
        Ok(Wanted { bpm, keys, tags })
    }
}

fn keys(names: &[String]) -> Result<u32> {
    let wrong =
        || Error::invalid("filter.keys", "must be keys such as F# minor or 11A, spelt with sharps");
    let keys = names
        .iter()
        .try_fold(0, |keys, name| Ok::<_, Error>(keys | 1 << key_of(name).ok_or_else(wrong)?))?;
    if keys == 0 { Err(wrong()) } else { Ok(keys) }
}

/// What tracks are compared by.
#[derive(Debug)]
pub(super) struct By {
    pub(super) weighting: Weighting,
    pub(super) wanted: Wanted,
}

impl By {
    pub(super) fn new(
        purpose: PurposeBody,
        weights: Option<&BTreeMap<String, f64>>,
        filter: &FilterBody,
    ) -> Result<Self> {
        let weighting = weights::from_body(purpose.into(), weights)?;
        Ok(Self { weighting, wanted: filter.wanted()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Wanted> {
        serde_json::from_str::<FilterBody>(json).unwrap().wanted()
    }

    #[test]
    fn reads_tempi_keys_and_tags() {
        let wanted = read(
            r#"{"bpm": {"min": 100, "max": 120}, "keys": ["8A", "a minor", "C major"], "tags": ["Jazz"]}"#,
        )
        .unwrap();
        assert_eq!(wanted.bpm, Some(100.0..=120.0));
        assert_eq!(wanted.keys, Some(1 << 21 | 1));
        assert_eq!(wanted.tags, ["jazz"]);
        assert_eq!(read("{}").unwrap(), Wanted::default());
    }

    #[test]
    fn refuses_what_nothing_can_pass() {
        for json in [
            r#"{"bpm": {"min": 120, "max": 100}}"#,
            r#"{"bpm": {"min": 0, "max": 100}}"#,
            r#"{"bpm": {"min": 1, "max": 1e39}}"#,
            r#"{"keys": []}"#,
            r#"{"keys": ["H major"]}"#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }
}
