//! `consort demo`: recordings through the whole service, on a store that lasts as long as the command.

mod people;
mod table;
mod watch;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use futures::stream::{self, StreamExt, TryStreamExt};
use secrecy::{ExposeSecret, SecretString};
use store::tokens::NewToken;
use store::{Scope, Store, UserId};
use tokio::net::TcpListener;

use self::people::Person;
use crate::client::{Client, Uploaded};
use crate::config::Settings;
use crate::{media_files, output, service, shutdown};

/// The recordings that come with the source.
const FIXTURES: &str = "fixtures/audio";

const CONCURRENT_UPLOADS: usize = 4;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Recordings, or folders of them; without any, the ones that come with the source.
    #[arg(value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// End after the tables instead of serving on.
    #[arg(long)]
    exit: bool,
}

/// The settings with a log of nothing but trouble: the demo is there to show tables.
pub(crate) fn quiet(settings: &Settings) -> Result<Settings> {
    settings.with(toml::toml! { [log] filter = "warn" })
}

/// One recording on its way.
struct Recording {
    name: String,
    outcome: Uploaded,
}

pub(crate) async fn run(settings: Settings, arguments: Arguments) -> Result<ExitCode> {
    let files = recordings(arguments.paths)?;
    let folder = tempfile::Builder::new()
        .prefix("consort-demo-")
        .tempdir()
        .context("cannot make a folder")?;
    let config = settings.with(embedded_in(folder.path()))?.config;
    let config = service::with_models(config).await?;
    let shutdown = shutdown::on_signal()?;

    let listener = listen(config.api.listen).await?;
    let base = format!("http://{}", listener.local_addr()?);
    let store = service::open_store(&config).await?;
    let token = token(&store).await?;
    let client = Client::new(base.clone(), token.clone())?;
    let people = people::made_up(&store, &base).await?;
    let server = tokio::spawn(service::serve(store, config, listener, true, shutdown.clone()));

    let shown = tokio::select! {
        shown = show(&client, &people, &files) => shown,
        () = shutdown.cancelled() => Ok(ExitCode::SUCCESS),
    };
    if shown.is_ok() && !arguments.exit && !shutdown.is_cancelled() {
        invite(&base, &token)?;
        shutdown.cancelled().await;
    }
    shutdown.cancel();
    server.await.context("the service panicked")??;
    shown
}

/// Uploads, waits and prints.
async fn show(client: &Client, people: &[Person], files: &[PathBuf]) -> Result<ExitCode> {
    let bar = output::progress(files.len(), "uploading");
    let recordings: Vec<Recording> = stream::iter(files)
        .map(|path| {
            let bar = &bar;
            async move {
                let outcome = client.upload(path).await?;
                bar.inc(1);
                anyhow::Ok(Recording { name: display_name(path), outcome })
            }
        })
        .buffered(CONCURRENT_UPLOADS)
        .try_collect()
        .await?;
    bar.finish_and_clear();
    let tracks: Vec<&str> = recordings
        .iter()
        .filter_map(|recording| match &recording.outcome {
            Uploaded::Track(id) => Some(id.as_str()),
            Uploaded::Refused { .. } => None,
        })
        .collect();
    watch::until_matched(client, &tracks).await?;
    let n_failed = table::print(client, &recordings).await?;
    people::show(people, files).await?;
    Ok(if n_failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn recordings(paths: Vec<PathBuf>) -> Result<Vec<PathBuf>> {
    let paths = if paths.is_empty() { vec![fixtures()?] } else { paths };
    let files = media_files::find(&paths)?;
    ensure!(!files.is_empty(), "there are no recordings in {}", paths[0].display());
    Ok(files.into_iter().map(|file| file.path).collect())
}

/// From the top of the source tree, or from where this program was built.
fn fixtures() -> Result<PathBuf> {
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(FIXTURES);
    [PathBuf::from(FIXTURES), built_in]
        .into_iter()
        .find(|path| path.is_dir())
        .context("the recordings of the source are not on this machine: name some of your own")
}

/// The embedded shape, whatever the user's settings say.
fn embedded_in(folder: &Path) -> toml::Table {
    let blobs = folder.join("blobs").display().to_string();
    let url = format!("sqlite:{}", folder.join("consort.db").display());
    toml::toml! {
        [store]
        database = { url = url }
        blobs = { kind = "local", path = blobs }
    }
}

/// The configured address, or any free port when something answers there already.
async fn listen(address: SocketAddr) -> Result<TcpListener> {
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(_) => {
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("cannot listen on loopback")
        }
    }
}

async fn token(store: &Store) -> Result<SecretString> {
    token_of(store, store::users::operator(store).await?.id).await
}

async fn token_of(store: &Store, owner_id: UserId) -> Result<SecretString> {
    let new = NewToken {
        owner_id,
        name: "demo".to_owned(),
        scopes: vec![Scope::Admin],
        expires_at: None,
    };
    Ok(store::tokens::issue(store, new).await?.1)
}

fn display_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn invite(base: &str, token: &SecretString) -> Result<()> {
    let token = token.expose_secret();
    output::line("")?;
    output::line(&format!(
        "The service stays up at {base} until Ctrl-C; its API is shown at {base}/docs"
    ))?;
    output::line("Upload a recording of your own:")?;
    output::line("")?;
    output::line(&format!(
        "  curl -H 'Authorization: Bearer {token}' -F file=@recording.mp3 {base}/v1/tracks"
    ))?;
    Ok(())
}
