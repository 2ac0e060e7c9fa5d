//! The HTTP API: JSON shapes, identity, errors and the OpenAPI document. The only crate that knows
//! HTTP; it knows no SQL and no audio.
//!
//! One resource is one file, or one folder with a file per endpoint: path, bodies, handler and OpenAPI
//! description together. `router` lists them. Around every handler lie, from the outside in:
//!
//! | layer | does |
//! | --- | --- |
//! | `request` | ids, span, log line, metrics, body of an error, in Spotify's shape on its paths |
//! | `security_headers` | what browsers may do with an answer |
//! | `cors` | lets pages of configured origins in |
//! | `linger` | lets a refused client finish its sentence |
//! | `rate_limit::by_address` | refuses addresses that ask too often |
//! | `detach` | runs handlers to their end, catches panics, limits time |
//! | `identity` | lets nobody past `/v1` without a token, but to where one is got; `/rest` asks for its key itself |
//! | `rate_limit::by_caller` | refuses callers who ask too often |
//! | `admin::note` | writes down who may not what concerns all users |
//! | `maintenance` | refuses what would change something during maintenance |
//!
//! What is absent on purpose: no handler reads a clock, an environment variable or a file; no request
//! body is held in memory but JSON of at most 64 KiB; no file name of a client becomes part of a path.

mod admin;
mod analytics;
mod auth;
mod body;
mod compare;
mod compute;
mod config;
mod cors;
mod detach;
mod docs;
mod error;
mod etag;
mod events;
mod examples;
mod extract;
mod failure;
mod file_name;
mod health;
mod idempotency;
mod identity;
mod ids;
mod imports;
mod item;
mod job_metrics;
mod jobs;
mod linger;
mod lists;
mod maintenance;
mod metrics;
mod mix;
mod multipart;
mod oidc;
mod openapi;
mod pagination;
mod part;
mod problem;
mod problems;
mod profiles;
mod proxies;
mod purpose;
mod quota;
mod range;
mod rate_limit;
mod request;
mod router;
mod runs;
mod security_headers;
mod serve;
mod spotify;
mod stall;
mod state;
mod subsonic;
mod tracks;
mod uploads;
mod user;
mod weights;

pub use auth::{Config as AuthConfig, Registration, hash_password, one_time_password};
pub use config::{Config, InvalidConfig};
pub use cors::{Config as CorsConfig, InvalidOrigin, Origin};
pub use error::Error;
pub use fetch::Config as ImportsConfig;
pub use metrics::install as install_metrics;
pub use oidc::{Algorithm as OidcAlgorithm, Config as OidcConfig};
pub use problem::{CODES, Code, Problem};
pub use proxies::{ClientHeader, Proxies};
pub use quota::Config as QuotaConfig;
pub use rate_limit::{Config as RateLimitConfig, Rate};
pub use router::{openapi, router};
pub use serve::serve;
pub use state::State;
