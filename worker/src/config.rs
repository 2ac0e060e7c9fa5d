//! Settings of the worker and of the analysis child.

use std::ffi::OsString;
use std::path::PathBuf;
use std::thread::available_parallelism;

use serde::{Deserialize, Serialize};

use crate::child::EmotionConfig;
#[cfg(debug_assertions)]
use crate::child::Fault;
use crate::{Error, Imports, ModelsConfig};

/// There are no more parts of an analysis that can go on side by side.
const MAX_AUTOMATIC_THREADS: usize = 4;

/// Settings of the worker.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Jobs that run at once; 0 means one per core.
    pub concurrency: usize,
    /// Best matches kept for each track and purpose.
    pub matches_per_track: u32,
    /// The score that a match of two tracks needs, 0 to 1.
    pub least_track_score: f64,
    /// Tracks that one job of a run scores.
    pub tracks_per_tile: u32,
    /// Memory for the catalogues of all owners that are kept between jobs, in bytes; one that is larger is kept alone.
    pub max_catalogue_bytes: u64,
    /// How long a catalogue that nobody uses is kept, in seconds.
    pub catalogue_idle_s: u64,
    /// Best matches kept for each profile.
    pub matches_per_profile: u32,
    /// The score that a match of two profiles needs, 0 to 1.
    pub least_profile_score: f64,
    /// How long running jobs may go on after a stop was asked for, in seconds.
    pub drain_s: u64,
    /// Pause between two repairs of the queue (expired leases, lost wake-ups), in seconds.
    pub sweep_s: u64,
    /// What a second of CPU time costs, in whatever unit; 0: nobody asks.
    pub price_per_cpu_s: f64,
    /// Limits of the process that reads media.
    pub child: ChildConfig,
    /// What is imported from addresses; a setting of the API.
    #[serde(skip)]
    pub imports: Imports,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            concurrency: 0,
            matches_per_track: 20,
            least_track_score: 0.0,
            tracks_per_tile: 256,
            max_catalogue_bytes: 1 << 30,
            catalogue_idle_s: 600,
            matches_per_profile: 50,
            least_profile_score: 0.0,
            drain_s: 20,
            sweep_s: 5,
            price_per_cpu_s: 0.0,
            child: ChildConfig::default(),
            imports: Imports::default(),
        }
    }
}

impl Config {
    /// Jobs that run at once, with 0 resolved to the number of cores.
    pub fn n_slots(&self) -> usize {
        if self.concurrency == 0 {
            available_parallelism().map_or(1, usize::from)
        } else {
            self.concurrency
        }
    }

    /// The same settings for `n_slots` jobs at once, with an automatic number of threads made definite.
    #[must_use]
    pub fn shared_by(&self, n_slots: usize) -> Self {
        let mut config = self.clone();
        if config.child.n_threads == 0 {
            let n_cores = available_parallelism().map_or(1, usize::from);
            config.child.n_threads = (n_cores / n_slots.max(1)).clamp(1, MAX_AUTOMATIC_THREADS);
        }
        config
    }

    /// Checks every value.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] with the key, the value and the rule.
    pub fn validate(&self) -> Result<(), Error> {
        within("worker.concurrency", self.concurrency as u64, 0, 1024)?;
        within("worker.matches_per_track", u64::from(self.matches_per_track), 1, 1000)?;
        within("worker.tracks_per_tile", u64::from(self.tracks_per_tile), 1, 10_000)?;
        within("worker.max_catalogue_bytes", self.max_catalogue_bytes, 0, 1 << 40)?;
        within("worker.catalogue_idle_s", self.catalogue_idle_s, 1, 86_400)?;
        within("worker.matches_per_profile", u64::from(self.matches_per_profile), 1, 1000)?;
        share("worker.least_track_score", self.least_track_score)?;
        share("worker.least_profile_score", self.least_profile_score)?;
        within("worker.drain_s", self.drain_s, 0, 3600)?;
        within("worker.sweep_s", self.sweep_s, 1, 3600)?;
        if !(0.0..=1e6).contains(&self.price_per_cpu_s) {
            let (key, value) = ("worker.price_per_cpu_s", self.price_per_cpu_s.to_string());
            return Err(Error::Setting { key, value, rule: "0..=1000000".to_owned() });
        }
        self.child.validate()
    }
}

/// Limits of the process that reads media.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChildConfig {
    /// Heap of the child, in bytes; above it the recording fails as `resource_limit`.
    pub max_memory_bytes: u64,
    /// CPU time of the child, in seconds.
    pub max_cpu_s: u64,
    /// Time on the clock from start to end of the child, in seconds.
    pub max_wall_s: u64,
    /// How much nicer than its worker the child is, 0 to 19.
    pub nice: u8,
    /// Threads that share the work on one recording; 0 means as many as there are cores for each job.
    pub n_threads: usize,
    /// What the decoder accepts.
    pub limits: MediaLimits,
    /// Models that the operator brings.
    pub models: ModelsConfig,
    /// What makes the emotion.
    pub emotion: EmotionConfig,
    /// Program of the child; not a setting.
    #[serde(skip)]
    pub program: Program,
    /// Misbehaviour ordered by a test; absent from release builds.
    #[cfg(debug_assertions)]
    pub fault: Option<Fault>,
}

impl Default for ChildConfig {
    fn default() -> Self {
        Self {
            max_memory_bytes: 1 << 30,
            max_cpu_s: 120,
            max_wall_s: 600,
            nice: 10,
            n_threads: 0,
            limits: MediaLimits::default(),
            models: ModelsConfig::default(),
            emotion: EmotionConfig::default(),
            program: Program::default(),
            #[cfg(debug_assertions)]
            fault: None,
        }
    }
}

impl ChildConfig {
    /// Checks every value.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] with the key, the value and the rule.
    pub fn validate(&self) -> Result<(), Error> {
        within("worker.child.max_memory_bytes", self.max_memory_bytes, 16 << 20, 1 << 40)?;
        within("worker.child.max_cpu_s", self.max_cpu_s, 1, 86_400)?;
        within("worker.child.max_wall_s", self.max_wall_s, 1, 86_400)?;
        within("worker.child.nice", u64::from(self.nice), 0, 19)?;
        within("worker.child.n_threads", self.n_threads as u64, 0, 16)?;
        self.models.validate()?;
        self.limits.validate()
    }
}

/// The program that is started as the child. The request is added as its last argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Path of the executable.
    pub path: PathBuf,
    /// Arguments before the request.
    pub arguments: Vec<OsString>,
}

impl Default for Program {
    /// The running executable, also after an upgrade has replaced its file.
    fn default() -> Self {
        Self { path: "/proc/self/exe".into(), arguments: vec![crate::child::SUBCOMMAND.into()] }
    }
}

/// What the decoder accepts; counted while decoding, never read from a header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MediaLimits {
    /// Bytes of the file.
    pub max_bytes: u64,
    /// Length of the decoded sound, in seconds.
    pub max_duration_s: f64,
    /// Channels.
    pub max_channels: u32,
    /// Lowest sample rate, in Hz.
    pub min_rate_hz: u32,
    /// Highest sample rate, in Hz.
    pub max_rate_hz: u32,
    /// Bytes of one embedded picture.
    pub max_picture_bytes: u64,
    /// Bytes of all text tags.
    pub max_tag_bytes: u64,
}

impl Default for MediaLimits {
    fn default() -> Self {
        let limits = decode::Limits::default();
        Self {
            max_bytes: limits.max_bytes,
            max_duration_s: limits.max_duration_s,
            max_channels: limits.max_channels,
            min_rate_hz: limits.min_rate_hz,
            max_rate_hz: limits.max_rate_hz,
            max_picture_bytes: limits.max_picture_bytes,
            max_tag_bytes: limits.max_tag_bytes,
        }
    }
}

impl MediaLimits {
    fn validate(&self) -> Result<(), Error> {
        within("worker.child.limits.max_bytes", self.max_bytes, 1, 1 << 40)?;
        within("worker.child.limits.max_channels", u64::from(self.max_channels), 1, 8)?;
        within("worker.child.limits.min_rate_hz", u64::from(self.min_rate_hz), 4_000, 384_000)?;
        let (lowest, highest) = (u64::from(self.min_rate_hz), u64::from(self.max_rate_hz));
        within("worker.child.limits.max_rate_hz", highest, lowest, 384_000)?;
        within("worker.child.limits.max_picture_bytes", self.max_picture_bytes, 0, 1 << 30)?;
        within("worker.child.limits.max_tag_bytes", self.max_tag_bytes, 0, 1 << 30)?;
        if self.max_duration_s.is_finite() && self.max_duration_s > 0.0 {
            Ok(())
        } else {
            let (value, rule) = (self.max_duration_s.to_string(), "above 0".to_owned());
            Err(Error::Setting { key: "worker.child.limits.max_duration_s", value, rule })
        }
    }

    pub(crate) fn to_decode(&self) -> decode::Limits {
        decode::Limits {
            max_bytes: self.max_bytes,
            max_duration_s: self.max_duration_s,
            max_channels: self.max_channels,
            min_rate_hz: self.min_rate_hz,
            max_rate_hz: self.max_rate_hz,
            max_picture_bytes: self.max_picture_bytes,
            max_tag_bytes: self.max_tag_bytes,
        }
    }
}

pub(crate) fn within(key: &'static str, value: u64, min: u64, max: u64) -> Result<(), Error> {
    if (min..=max).contains(&value) {
        Ok(())
    } else {
        Err(Error::Setting { key, value: value.to_string(), rule: format!("{min}..={max}") })
    }
}

/// Refuses what is not within 0 and 1, NaN among it.
fn share(key: &'static str, value: f64) -> Result<(), Error> {
    if (0.0..=1.0).contains(&value) {
        Ok(())
    } else {
        Err(Error::Setting { key, value: value.to_string(), rule: "0..=1".to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid() {
        Config::default().validate().unwrap();
        assert!(Config::default().n_slots() >= 1);
    }

    #[test]
    fn a_bad_value_is_refused_with_its_key() {
        let check = |text: &str, key: &str| {
            let config: Config = serde_json::from_str(text).unwrap();
            let error = config.validate().unwrap_err().to_string();
            assert!(error.contains(key), "{error}");
        };
        check(r#"{"matches_per_track":0}"#, "worker.matches_per_track");
        check(r#"{"matches_per_profile":0}"#, "worker.matches_per_profile");
        check(r#"{"price_per_cpu_s":-1.0}"#, "worker.price_per_cpu_s");
        check(r#"{"child":{"max_memory_bytes":1}}"#, "worker.child.max_memory_bytes");
        check(r#"{"child":{"max_cpu_s":0}}"#, "worker.child.max_cpu_s");
        check(r#"{"child":{"nice":20}}"#, "worker.child.nice");
        check(r#"{"child":{"n_threads":17}}"#, "worker.child.n_threads");
        check(r#"{"child":{"limits":{"max_channels":9}}}"#, "worker.child.limits.max_channels");
        check(r#"{"child":{"limits":{"max_rate_hz":3000}}}"#, "worker.child.limits.max_rate_hz");
        check(r#"{"child":{"limits":{"max_duration_s":0}}}"#, "max_duration_s");
    }

    #[test]
    fn cores_are_divided_among_the_jobs() {
        let config = Config::default();
        assert_eq!(config.shared_by(1000).child.n_threads, 1);
        assert!((1..=MAX_AUTOMATIC_THREADS).contains(&config.shared_by(1).child.n_threads));
        let mut config = config;
        config.child.n_threads = 3;
        assert_eq!(config.shared_by(1000).child.n_threads, 3);
    }

    #[test]
    fn an_unknown_key_and_the_program_are_refused() {
        assert!(serde_json::from_str::<Config>(r#"{"n":1}"#).is_err());
        assert!(serde_json::from_str::<Config>(r#"{"child":{"program":"/bin/sh"}}"#).is_err());
    }
}
