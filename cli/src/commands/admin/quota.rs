//! `consort admin user quota`.

use std::str::FromStr;

use anyhow::{Context, Result, ensure};
use store::quotas::{self, QuotaPatch};
use store::{Quota, Store};

use super::user::named;
use crate::output;
use crate::table::Table;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// By login or id.
    user: String,
    /// Bytes of recordings, or `default` for what the installation allows.
    #[arg(long, value_name = "N")]
    bytes: Option<Limit>,
    /// Recordings, or `default`.
    #[arg(long, value_name = "N")]
    tracks: Option<Limit>,
    /// Minutes of sound, or `default`.
    #[arg(long, value_name = "N")]
    minutes: Option<Limit>,
}

/// A limit of one user's own, or that of the installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Limit(Option<u64>);

impl FromStr for Limit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "default" => Ok(Self(None)),
            digits => digits.parse().map(Some).map(Self).map_err(|_| "a number or `default`"),
        }
    }
}

pub(super) async fn run(store: &Store, allowed: Quota, arguments: Arguments) -> Result<()> {
    let user = named(store, &arguments.user).await?;
    let given = |limit: Option<Limit>| limit.map(|limit| limit.0);
    let patch = QuotaPatch {
        n_bytes: given(arguments.bytes),
        n_tracks: given(arguments.tracks),
        n_minutes: given(arguments.minutes),
    };
    if patch != QuotaPatch::default() {
        ensure!(quotas::set(store, user.id, patch).await?, "somebody deleted the user");
    }
    let room = quotas::get(store, user.id, allowed).await?.context("somebody deleted the user")?;
    let (kept, quota) = (room.usage, room.quota);
    let limit = |limit: Option<u64>| limit.map_or("none".to_owned(), |n| n.to_string());
    let mut table = Table::new(["", "used", "limit"]);
    table.row(["bytes".to_owned(), kept.n_bytes.to_string(), limit(quota.n_bytes)]);
    table.row(["tracks".to_owned(), kept.n_tracks.to_string(), limit(quota.n_tracks)]);
    let minutes = format!("{:.1}", kept.duration_s / 60.0);
    table.row(["minutes".to_owned(), minutes, limit(quota.n_minutes)]);
    table.lines().iter().try_for_each(|line| output::line(line))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_number_or_that_of_the_installation() {
        assert_eq!("0".parse(), Ok(Limit(Some(0))));
        assert_eq!("default".parse(), Ok(Limit(None)));
        for text in ["", "-1", "1e9", "none"] {
            assert!(text.parse::<Limit>().is_err(), "{text}");
        }
    }
}
