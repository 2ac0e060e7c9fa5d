//! Which generation is read, and which is written.

use super::lists::visible_in;
use crate::db::{Tx, fetch_optional};
use crate::{Result, UserId};

/// What a change of matches sees and where it is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sight {
    /// Rows up to this generation are seen, the highest of each.
    pub(crate) generation: i64,
    /// New rows are of this generation.
    pub(crate) target: i64,
    /// The rows are those of a run that are not visible yet.
    pub(crate) is_staged: bool,
    /// Rows of a run that is under way may rest on what is visible.
    is_leaned_on: bool,
}

impl Sight {
    /// What everybody sees. Its numbers come with [`of`](Self::of).
    pub(crate) const VISIBLE: Self =
        Self { generation: 0, target: 0, is_staged: false, is_leaned_on: false };

    /// What everybody will see when the run with this generation has switched.
    pub(crate) fn staged(generation: i64) -> Self {
        Self { generation, target: generation, is_staged: true, is_leaned_on: false }
    }

    /// With the owner's numbers.
    pub(crate) async fn of(self, tx: &mut Tx, owner: UserId) -> Result<Self> {
        if self.is_staged {
            return Ok(self);
        }
        let generation = visible_in(tx, owner).await?;
        let run = fetch_optional!(
            tx,
            (i64,),
            "select generation from runs where owner_id = $1 and finished_at_us is null",
            owner
        )?;
        let is_leaned_on = run.is_some_and(|(generation,)| generation > 0);
        Ok(Self { generation, target: generation, is_staged: false, is_leaned_on })
    }

    /// The generation of a list that takes the place of one of `old`. What is visible is changed where it is; what is staged
    /// covers it.
    pub(crate) fn write_to(&self, old: Option<i64>) -> i64 {
        old.filter(|_| !self.is_staged).unwrap_or(self.target)
    }

    /// The generations from which a pair may be removed that no list names any more. While a run is under way its lists
    /// may name it still; the run looks for such pairs at its end.
    pub(crate) fn removable(&self) -> Option<(i64, i64)> {
        match (self.is_staged, self.is_leaned_on) {
            (true, _) => Some((self.target, self.target)),
            (false, true) => None,
            (false, false) => Some((0, self.generation)),
        }
    }
}
