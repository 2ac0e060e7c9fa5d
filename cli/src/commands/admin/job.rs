//! `consort admin job`.

use anyhow::{Context, Result, bail, ensure};
use store::jobs::{self, Job, JobFilter, JobKind, JobState, Retry, Round};
use store::{JobId, Store};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::user::named;
use crate::output;
use crate::table::Table;

/// Rows that are read at once.
const PAGE: u32 = 200;

#[derive(clap::Subcommand)]
pub(crate) enum Action {
    /// List the jobs of all users, newest first.
    List {
        #[command(flatten)]
        which: Which,
        /// Jobs at most.
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: usize,
    },
    /// Show a job, and what it had counted each time before it was queued again.
    Show {
        /// Its id, as the list shows it.
        id: JobId,
    },
    /// Queue a job again that is failed or dead, or all of some kind.
    Retry {
        /// Its id, as the list shows it.
        #[arg(required_unless_present = "state", conflicts_with_all = ["state", "kind", "user", "code", "since", "before"])]
        id: Option<JobId>,
        #[command(flatten)]
        which: Which,
        /// Jobs at most.
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
    },
    /// Cancel a job.
    Cancel {
        /// Its id, as the list shows it.
        id: JobId,
    },
}

#[derive(clap::Args)]
pub(crate) struct Which {
    /// Only jobs in this state; `dead` are those that were given up.
    #[arg(long)]
    state: Option<JobState>,
    /// Only jobs of this kind.
    #[arg(long)]
    kind: Option<JobKind>,
    /// Only jobs of this user, by login or id.
    #[arg(long)]
    user: Option<String>,
    /// Only jobs that ended, or were tried again last, for this reason.
    #[arg(long)]
    code: Option<String>,
    /// Only jobs that were queued then or later, such as 2026-01-02T03:04:05Z.
    #[arg(long, value_name = "TIME", value_parser = super::time)]
    since: Option<OffsetDateTime>,
    /// Only jobs that were queued before.
    #[arg(long, value_name = "TIME", value_parser = super::time)]
    before: Option<OffsetDateTime>,
}

impl Which {
    async fn filter(self, store: &Store) -> Result<JobFilter> {
        let owner = match &self.user {
            Some(user) => Some(named(store, user).await?.id),
            None => None,
        };
        let Self { state, kind, code, since, before, .. } = self;
        Ok(JobFilter { state, kind, owner, error_code: code, since, before })
    }
}

pub(super) async fn run(store: &Store, action: Action) -> Result<()> {
    match action {
        Action::List { which, limit } => list(store, which.filter(store).await?, limit).await,
        Action::Show { id } => show(store, id).await,
        Action::Retry { id: Some(id), .. } => retry(store, id).await,
        Action::Retry { id: None, which, limit } => {
            let filter = which.filter(store).await?;
            let is_ended = matches!(filter.state, Some(JobState::Dead | JobState::Failed));
            ensure!(is_ended, "only jobs that are dead or failed are tried again");
            let retried = jobs::retry_many(store, &filter, limit).await?;
            let more = if retried.has_more { ", and there are more" } else { "" };
            output::line(&format!("{} jobs wait for a worker again{more}", retried.n_queued))?;
            Ok(())
        }
        Action::Cancel { id } => {
            let job = jobs::cancel_any(store, id).await?.context("there is no such job")?;
            match job.state {
                JobState::Cancelled => output::line("it is cancelled")?,
                JobState::Queued | JobState::Running => output::line("its worker is told")?,
                ended => bail!("the job has already ended as {ended}"),
            }
            Ok(())
        }
    }
}

async fn list(store: &Store, filter: JobFilter, limit: usize) -> Result<()> {
    let mut table = Table::new(["id", "user", "kind", "state", "attempts", "queued", "error"]);
    let (mut after, mut left) = (None, limit);
    while left > 0 {
        let n = u32::try_from(left).unwrap_or(PAGE).min(PAGE);
        let page = jobs::list_all(store, &filter, after, n).await?;
        after = page.items.last().map(|job| job.id);
        left -= page.items.len();
        for job in page.items {
            table.row([
                job.id.to_string(),
                job.owner_id.to_string(),
                job.kind.to_string(),
                job.state.to_string(),
                job.attempts.to_string(),
                super::minute(job.created_at),
                reason(job.error_code, job.error_detail),
            ]);
        }
        if !page.has_more {
            break;
        }
    }
    table.lines().iter().try_for_each(|line| output::line(line))?;
    Ok(())
}

/// A code and what it says.
fn reason(code: Option<String>, detail: Option<String>) -> String {
    [code, detail].into_iter().flatten().collect::<Vec<_>>().join(": ")
}

async fn show(store: &Store, id: JobId) -> Result<()> {
    let job = jobs::find(store, id).await?.context("there is no such job")?;
    let mut table = Table::new(["", "now"]);
    for (name, value) in lines(&job) {
        table.row([name, &*value]);
    }
    table.lines().iter().try_for_each(|line| output::line(line))?;
    let rounds = jobs::rounds(store, id).await?;
    if rounds.is_empty() {
        return Ok(());
    }
    let mut table =
        Table::new(["before", "state", "attempts", "crashes", "lost", "retries", "error"]);
    for round in rounds {
        let Round { state, attempts, crashes, lost, retries, error_code, error_detail, .. } = round;
        let counts = [attempts, crashes, lost, retries].map(|n| n.to_string());
        let mut row = vec![super::minute(round.finished_at), state.to_string()];
        row.extend(counts);
        row.push(reason(error_code, error_detail));
        table.row(row);
    }
    output::line("")?;
    table.lines().iter().try_for_each(|line| output::line(line))?;
    Ok(())
}

fn lines(job: &Job) -> Vec<(&'static str, String)> {
    let time = |time: Option<OffsetDateTime>| {
        time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default()
    };
    let id = |id: Option<String>| id.unwrap_or_default();
    vec![
        ("id", job.id.to_string()),
        ("user", job.owner_id.to_string()),
        ("kind", job.kind.to_string()),
        ("track", id(job.track_id.map(|id| id.to_string()))),
        ("run", id(job.run_id.map(|id| id.to_string()))),
        ("state", job.state.to_string()),
        ("error", reason(job.error_code.clone(), job.error_detail.clone())),
        ("attempts", job.attempts.to_string()),
        ("crashes", job.crashes.to_string()),
        ("lost", job.lost.to_string()),
        ("retries", job.retries.to_string()),
        ("worker", job.worker.clone().unwrap_or_default()),
        ("queued", time(Some(job.created_at))),
        ("due", time(Some(job.run_at))),
        ("started", time(job.started_at)),
        ("ended", time(job.finished_at)),
    ]
}

async fn retry(store: &Store, id: JobId) -> Result<()> {
    match jobs::retry(store, id).await?.context("there is no such job")? {
        Retry::Queued(_) => output::line("it waits for a worker again")?,
        Retry::NotFailed(state) => bail!("the job did not fail: it is {state}"),
        Retry::Pointless => {
            bail!("its track is gone, a newer job did the same, or it is a step of a run")
        }
    }
    Ok(())
}
