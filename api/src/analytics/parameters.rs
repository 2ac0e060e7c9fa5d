//! Whose figures, and of which days.

use serde::Deserialize;
use store::analytics::DayQuery;
use store::{Scope, Store, UserId, users};
use time::macros::format_description;
use time::{Date, Duration};
use utoipa::IntoParams;

use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::jobs::KindBody;

/// Most days of an answer.
const MAX_DAYS: i64 = 366;
/// Days if the client does not say.
const DEFAULT_DAYS: i64 = 30;

/// Which figures.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// The first day (UTC), such as `2026-01-31`; unless told, 29 days before the last.
    #[param(format = Date)]
    from: Option<String>,
    /// The last day (UTC), today unless told; 366 days at most.
    #[param(format = Date)]
    to: Option<String>,
    /// Only jobs of this kind.
    #[param(inline)]
    kind: Option<KindBody>,
    /// Only jobs of this user, for administrators.
    #[param(value_type = Option<String>)]
    user: Option<UserId>,
}

impl Parameters {
    pub(super) async fn query(self, identity: &Identity, store: &Store) -> Result<DayQuery> {
        let to = day("to", self.to.as_deref())?.unwrap_or_else(|| store.now().date());
        let first = || to.checked_sub(Duration::days(DEFAULT_DAYS - 1)).unwrap_or(Date::MIN);
        let from = day("from", self.from.as_deref())?.unwrap_or_else(first);
        let n_days = (to - from).whole_days() + 1;
        if !(1..=MAX_DAYS).contains(&n_days) {
            return Err(Error::invalid("from", format!("must be within {MAX_DAYS} days to `to`")));
        }
        let user = whose(identity, store, self.user).await?;
        Ok(DayQuery { user, from, to, kind: self.kind.map(Into::into) })
    }
}

/// Whose figures are asked for; `None` is all users.
pub(super) async fn whose(
    identity: &Identity,
    store: &Store,
    user: Option<UserId>,
) -> Result<Option<UserId>> {
    match user {
        None if identity.check(Scope::Admin).is_ok() => Ok(None),
        None => Ok(Some(identity.user_id)),
        Some(user) if user == identity.user_id => Ok(Some(user)),
        Some(user) => {
            identity.check(Scope::Admin)?;
            users::get(store, user).await?.ok_or(Error::NotFound)?;
            Ok(Some(user))
        }
    }
}

fn day(name: &'static str, text: Option<&str>) -> Result<Option<Date>> {
    let format = format_description!("[year]-[month]-[day]");
    let day = text.map(|text| Date::parse(text, format)).transpose();
    day.map_err(|_| Error::invalid(name, "must be a day such as 2026-01-31"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_the_standard_has_it() {
        assert_eq!(day("from", None).unwrap(), None);
        assert!(day("from", Some("2024-02-29")).unwrap().is_some());
        for wrong in ["", "2023-02-29", "2024-2-9", "2024-02-29T00:00:00Z", "today", "+12024-01-01"]
        {
            assert!(day("from", Some(wrong)).is_err(), "{wrong}");
        }
    }
}
