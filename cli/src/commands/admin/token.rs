//! `consort admin token`.

use anyhow::{Context, Result, ensure};
use secrecy::ExposeSecret;
use store::tokens::{self, NewToken};
use store::{Scope, Store, TokenId, users};
use time::{Duration, OffsetDateTime};

use super::user;
use crate::output;
use crate::table::Table;

/// Rows that are read at once.
const PAGE: u32 = 200;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    new: New,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Make a token and print it, once.
    Create(New),
    /// List the tokens of all users, newest first.
    List,
    /// End a token at once.
    Revoke {
        /// Its id, as the list shows it.
        id: TokenId,
    },
}

#[derive(clap::Args)]
struct New {
    /// What the token is for, as lists show it.
    #[arg(long, default_value = "command line")]
    name: String,
    /// What the token may do; repeat it for more. `admin` may do everything.
    #[arg(long = "scope", value_name = "SCOPE", default_value = "admin")]
    scopes: Vec<Scope>,
    /// Days until it ends.
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(i64).range(1..=3650))]
    days: i64,
    /// Whose rows it opens, by login or id; the operator's unless told.
    #[arg(long, value_name = "USER")]
    user: Option<String>,
}

pub(super) async fn run(store: &Store, arguments: Arguments) -> Result<()> {
    match arguments.action.unwrap_or(Action::Create(arguments.new)) {
        Action::Create(new) => create(store, new).await,
        Action::List => list(store).await,
        Action::Revoke { id } => {
            ensure!(tokens::revoke(store, id).await?, "there is no token {id}");
            Ok(())
        }
    }
}

async fn create(store: &Store, new: New) -> Result<()> {
    let owner = match &new.user {
        Some(user) => user::named(store, user).await?,
        None => users::operator(store).await?,
    };
    let new = NewToken {
        owner_id: owner.id,
        name: new.name,
        scopes: new.scopes,
        expires_at: Some(store.now() + Duration::days(new.days)),
    };
    let (_, secret) = tokens::issue(store, new).await.context("cannot make the token")?;
    output::line(secret.expose_secret())?;
    Ok(())
}

async fn list(store: &Store) -> Result<()> {
    let mut table = Table::new(["id", "user", "name", "scopes", "until", "last used"]);
    let mut after = None;
    loop {
        let page = tokens::list(store, after, PAGE).await?;
        after = page.items.last().map(|token| token.id);
        for token in page.items {
            let scopes: Vec<_> = token.scopes.iter().map(|scope| scope.as_str()).collect();
            table.row([
                token.id.to_string(),
                token.owner_id.to_string(),
                token.name,
                scopes.join(" "),
                token.expires_at.map_or("for ever".to_owned(), day),
                token.last_used_at.map_or("never".to_owned(), super::minute),
            ]);
        }
        if !page.has_more {
            break;
        }
    }
    table.lines().iter().try_for_each(|line| output::line(line))?;
    Ok(())
}

fn day(time: OffsetDateTime) -> String {
    time.date().to_string()
}
