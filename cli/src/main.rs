//! `consort`: listens to audio and says what goes together.

mod client;
mod commands;
mod config;
mod media_files;
mod offline;
mod output;
mod service;
mod shutdown;
mod table;
mod telemetry;
mod traces;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Counts every allocation, so that the analysis child can leave in good order at its cap.
#[global_allocator]
static ALLOCATOR: worker::child::CappedAllocator = worker::child::CappedAllocator;

const EXIT_CODES: &str = "\
Exit codes:
  0   all is well
  1   something failed; `analyze` and `compare`: some recordings gave no report
  2   the command line is wrong
  78  the configuration is wrong";

#[derive(Parser)]
#[command(name = "consort", version, about = "Listens to audio and says what goes together", after_help = EXIT_CODES)]
struct Cli {
    /// A TOML file over the built-in settings; `CONSORT__…` variables go over both.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Send recordings through the whole service and show what comes out.
    Demo(commands::demo::Arguments),
    /// Run the HTTP API, and workers with it.
    Serve(commands::serve::Arguments),
    /// Run workers only.
    Work,
    /// Analyse files without a database.
    Analyze(commands::analyze::Arguments),
    /// Score two files against each other without a database.
    Compare(commands::compare::Arguments),
    /// Make a list of files without a database: a path from one to another, or more like these.
    #[command(subcommand)]
    Playlist(commands::playlist::Playlist),
    /// Train a model on recordings and ratings of your own.
    #[command(subcommand)]
    Train(commands::train::Model),
    /// Score the catalogue again: after an upgrade, or to find out what would change.
    Rescore(commands::rescore::Arguments),
    /// Bring the database to the newest schema.
    Migrate,
    /// Look at the settings.
    #[command(subcommand)]
    Config(commands::config::Action),
    /// Work on the service from its own machine.
    #[command(subcommand)]
    Admin(commands::admin::Action),
}

fn main() -> ExitCode {
    // Before anything else: the child takes away its own rights and then reads untrusted bytes.
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == worker::child::SUBCOMMAND) {
        return worker::child::main(arguments);
    }
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => output::failure(&error),
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let settings = config::load(cli.config.as_deref(), &config::environment())?;
    let settings = match cli.command {
        Command::Demo(_) => commands::demo::quiet(&settings)?,
        _ => settings,
    };
    let _telemetry = telemetry::install(&settings.config.log)?;
    match cli.command {
        Command::Demo(arguments) => service::block_on(commands::demo::run(settings, arguments)),
        Command::Serve(arguments) => {
            service::block_on(commands::serve::run(settings.config, arguments))
        }
        Command::Work => service::block_on(commands::work::run(settings.config)),
        Command::Analyze(arguments) => {
            service::block_on(commands::analyze::run(settings.config, arguments))
        }
        Command::Compare(arguments) => {
            service::block_on(commands::compare::run(settings.config, arguments))
        }
        Command::Playlist(playlist) => {
            service::block_on(commands::playlist::run(settings.config, playlist))
        }
        Command::Train(model) => service::block_on(commands::train::run(settings.config, model)),
        Command::Rescore(arguments) => {
            service::block_on(commands::rescore::run(settings.config, arguments))
        }
        Command::Migrate => service::block_on(commands::migrate::run(settings.config)),
        Command::Config(action) => service::block_on(commands::config::run(&settings, &action)),
        Command::Admin(action) => service::block_on(commands::admin::run(settings.config, action)),
    }
}
