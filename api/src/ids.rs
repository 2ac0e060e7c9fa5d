//! Many objects in one request: `?ids=a,b,c`.

use serde::{Deserialize, Deserializer, de};
use store::TrackId;

use crate::error::{Error, Result};

/// Most ids of one request.
pub(crate) const MAX_IDS: usize = 100;

/// Ids between commas, each once, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ids(Vec<TrackId>);

impl Ids {
    /// The ids.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyIds`] above [`MAX_IDS`].
    pub(crate) fn checked(self) -> Result<Vec<TrackId>> {
        if self.0.len() > MAX_IDS { Err(Error::TooManyIds) } else { Ok(self.0) }
    }
}

impl<'de> Deserialize<'de> for Ids {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut ids = Vec::new();
        for id in text.split(',') {
            let id = id.trim().parse().map_err(|error| {
                de::Error::custom(format!("ids are separated by commas, and {error}"))
            })?;
            // Nobody reads so many that looking through them takes time: a query is some kilobytes long.
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(Self(ids))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Ids> {
        serde_json::from_value(text.into()).ok()
    }

    fn id(n: usize) -> TrackId {
        TrackId::from_u128(n as u128)
    }

    #[test]
    fn ids_stand_between_commas_each_once() {
        let text = format!("{}, {},{}", id(2), id(1), id(2));
        assert_eq!(read(&text), Some(Ids(vec![id(2), id(1)])));
        for bad in ["", ",", "x", &format!("{},", id(1)), &format!("{} {}", id(1), id(2))] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn there_are_a_hundred_at_most() {
        let ids = |n: usize| read(&(0..n).map(|n| id(n).to_string()).collect::<Vec<_>>().join(","));
        assert_eq!(ids(MAX_IDS).unwrap().checked().unwrap().len(), MAX_IDS);
        assert!(matches!(ids(MAX_IDS + 1).unwrap().checked(), Err(Error::TooManyIds)));
        // One id many times is one.
        let one = vec![id(1).to_string(); 300].join(",");
        assert_eq!(read(&one).unwrap().checked().unwrap(), [id(1)]);
    }
}
