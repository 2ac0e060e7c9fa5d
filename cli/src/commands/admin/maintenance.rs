//! `consort admin maintenance`.

use anyhow::Result;
use store::{Maintenance, Store, maintenance};

use crate::output;

#[derive(clap::Subcommand)]
pub(crate) enum Action {
    /// Change nothing from now on, in all processes; reading goes on.
    On {
        /// Why, as whoever is refused is told.
        #[arg(long)]
        reason: Option<String>,
    },
    /// End it.
    Off,
    /// Tell whether it is on.
    Status,
}

pub(super) async fn run(store: &Store, action: Action) -> Result<()> {
    let now = match action {
        Action::On { reason } => maintenance::begin(store, reason).await?,
        Action::Off => maintenance::end(store).await?,
        Action::Status => maintenance::get(store).await?,
    };
    output::line(&told(now))?;
    Ok(())
}

fn told(now: Maintenance) -> String {
    let Maintenance { is_on, reason, changed_at } = now;
    let since = changed_at.map(|time| format!(" since {}", super::minute(time)));
    let reason = reason.map(|reason| format!(": {reason}"));
    let word = if is_on { "on" } else { "off" };
    [Some(word.to_owned()), since, reason].into_iter().flatten().collect()
}
