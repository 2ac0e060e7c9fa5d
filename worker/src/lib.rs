//! Jobs: what happens when. The only bridge from tokio to CPU work, and the analysis child process.

mod account;
mod catalogues;
pub mod child;
mod compute;
mod config;
mod context;
mod difference;
mod dispatch;
mod embedding;
mod error;
mod imports;
mod jobs;
mod kept;
mod models;
mod run;

pub use child::sha256_hex;
pub use compute::{Panicked, compute};
pub use config::{ChildConfig, Config, MediaLimits, Program};
pub use embedding::embedding;
pub use error::{Error, Result};
pub use imports::Imports;
pub use models::{ModelRefused, Models, ModelsConfig};
pub use run::run;
