//! `consort admin user`.

use anyhow::{Context, Result, ensure};
use secrecy::{ExposeSecret, SecretString};
use store::users::{self, NewLogin, NewUser, User};
use store::{LoginName, Quota, Role, Store, logins};

use super::quota;
use crate::output;
use crate::table::Table;

/// Rows that are read at once.
const PAGE: u32 = 200;

#[derive(clap::Subcommand)]
pub(crate) enum Action {
    /// Make a user and print a one-time password, which the first login must change.
    Create {
        /// The name to come in with.
        login: LoginName,
        /// What to call the user; the login unless told.
        #[arg(long)]
        name: Option<String>,
        /// `user`, or `admin` for whoever may do what concerns all users.
        #[arg(long, default_value = "user")]
        role: Role,
    },
    /// List all users, newest first.
    List,
    /// Delete a user with recordings, tokens, profile and all else.
    Delete {
        /// By login or id.
        user: String,
    },
    /// Change what a user may do.
    Role {
        /// By login or id.
        user: String,
        /// `user` or `admin`.
        role: Role,
    },
    /// Show what a user keeps and may keep, after changing what is given.
    Quota(quota::Arguments),
    /// Give a user another one-time password and print it; all sessions end.
    Password {
        /// By login or id.
        user: String,
    },
}

pub(super) async fn run(store: &Store, allowed: Quota, action: Action) -> Result<()> {
    // Before anything else is made: the first user of an installation is its operator.
    users::operator(store).await?;
    match action {
        Action::Create { login, name, role } => create(store, login, name, role).await,
        Action::List => list(store).await,
        Action::Delete { user } => {
            let user = named(store, &user).await?;
            ensure!(!user.is_operator, "the operator cannot be deleted");
            ensure!(users::delete(store, user.id).await?, "somebody else deleted the user");
            Ok(())
        }
        Action::Role { user, role } => {
            let user = named(store, &user).await?;
            ensure!(
                !user.is_operator || role == Role::Admin,
                "the operator stays an administrator"
            );
            ensure!(
                user.is_operator || users::set_role(store, user.id, role).await?,
                "somebody deleted the user"
            );
            Ok(())
        }
        Action::Quota(arguments) => quota::run(store, allowed, arguments).await,
        Action::Password { user } => password(store, &user).await,
    }
}

/// The user with this login or id.
pub(super) async fn named(store: &Store, text: &str) -> Result<User> {
    if let Ok(login) = text.parse()
        && let Some(user) = users::find(store, &login).await?
    {
        return Ok(user);
    }
    let by_id = match text.parse() {
        Ok(id) => users::get(store, id).await?,
        Err(_) => None,
    };
    by_id.with_context(|| format!("there is no user {text}"))
}

async fn create(store: &Store, login: LoginName, name: Option<String>, role: Role) -> Result<()> {
    let (password, password_hash) = one_time()?;
    let name = name.unwrap_or_else(|| login.to_string());
    let shown = login.to_string();
    let login = Some(NewLogin { login, password_hash, is_one_time: true });
    let user = users::create_with(store, NewUser { name, role, login }).await?;
    ensure!(user.is_some(), "somebody has the login {shown}");
    output::line(password.expose_secret())?;
    Ok(())
}

async fn list(store: &Store) -> Result<()> {
    let mut table = Table::new(["id", "login", "name", "role"]);
    let mut after = None;
    loop {
        let page = users::list(store, after, PAGE).await?;
        after = page.items.last().map(|user| user.id);
        for user in page.items {
            let login = user.login.map_or(String::new(), |login| login.to_string());
            let role = user.role.as_str().to_owned();
            table.row([user.id.to_string(), login, user.name, role]);
        }
        if !page.has_more {
            break;
        }
    }
    table.lines().iter().try_for_each(|line| output::line(line))?;
    Ok(())
}

async fn password(store: &Store, user: &str) -> Result<()> {
    let user = named(store, user).await?;
    let (password, password_hash) = one_time()?;
    ensure!(
        logins::reset(store, user.id, password_hash).await?,
        "the user comes in by tokens only"
    );
    output::line(password.expose_secret())?;
    Ok(())
}

/// Gives the operator the login `admin`, once in the life of an installation; its one-time password.
pub(crate) async fn first_admin(store: &Store) -> Result<Option<SecretString>> {
    let operator = users::operator(store).await?;
    if logins::of_user(store, operator.id).await?.is_some() {
        return Ok(None);
    }
    let (password, password_hash) = one_time()?;
    let login = "admin".parse().expect("these are letters");
    let new = NewLogin { login, password_hash, is_one_time: true };
    // Of several processes that start at once, one gives it.
    let is_given = logins::add(store, operator.id, new).await?;
    Ok(is_given.then_some(password))
}

/// A password that somebody will change, and its hash.
fn one_time() -> Result<(SecretString, SecretString)> {
    let password = api::one_time_password()?;
    let hash = api::hash_password(&password)?;
    Ok((password, hash))
}
