//! Settings: the built-in file, then the user's file, then `CONSORT__…` variables.
//!
//! Each layer may set what the one below it set; a key that no layer below knows is refused by its name.

mod layer;
mod redact;

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use serde::Deserialize;
use toml::Table;

pub(crate) use layer::environment;
use redact::redacted;

const DEFAULTS: &str = include_str!("../../../config/default.toml");

/// Every setting.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) api: api::Config,
    pub(crate) store: store::Config,
    pub(crate) worker: worker::Config,
    pub(crate) log: crate::telemetry::Config,
}

/// The settings and the text that they were made from.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) config: Config,
    merged: Table,
}

/// The settings are wrong: the message names the key.
#[derive(Debug, thiserror::Error)]
#[error("the configuration is wrong: {0}")]
pub(crate) struct ConfigError(pub(crate) String);

/// Loads and checks all layers. `variables` are names and values of the environment.
pub(crate) fn load(file: Option<&Path>, variables: &[(String, String)]) -> Result<Settings> {
    let mut merged = parse("config/default.toml", DEFAULTS)?;
    if let Some(path) = file {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the configuration file {}", path.display()))?;
        layer::put_over(&mut merged, parse(&path.display().to_string(), &text)?);
    }
    let over = layer::from_variables(variables, &merged).map_err(ConfigError)?;
    layer::put_over(&mut merged, over);
    Settings::new(merged)
}

impl Settings {
    fn new(merged: Table) -> Result<Self> {
        let mut config: Config = serde_path_to_error::deserialize(merged.clone())
            .map_err(|error| ConfigError(redact::explain(&error)))?;
        config.api.validate().map_err(|error| ConfigError(format!("api.{error}")))?;
        // What users may bring is a setting of the API, also where others fetch it.
        config.worker.imports = worker::Imports {
            fetch: config.api.imports.clone(),
            max_bytes: config.api.max_upload_bytes,
            quota: config.api.quota.into(),
            ..worker::Imports::default()
        };
        Ok(Self { config, merged })
    }

    /// These settings with `over` put over them.
    pub(crate) fn with(&self, over: Table) -> Result<Self> {
        let mut merged = self.merged.clone();
        layer::put_over(&mut merged, over);
        Self::new(merged)
    }

    /// All settings as TOML, without secrets.
    pub(crate) fn to_toml(&self) -> Result<String> {
        Ok(toml::to_string_pretty(&redacted(&self.merged))?)
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        redacted(&self.merged).fmt(formatter)
    }
}

fn parse(name: &str, text: &str) -> Result<Table> {
    text.parse().map_err(|error: toml::de::Error| {
        anyhow!(ConfigError(format!("{name}: {}", error.message())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), value.to_owned())]
    }

    fn message(variables: &[(String, String)]) -> String {
        format!("{:#}", load(None, variables).expect_err("these settings must be refused"))
    }

    #[test]
    fn accepts_the_built_in_file() {
        load(None, &[]).expect("the built-in settings are complete");
    }

    #[test]
    fn takes_a_variable_over_the_built_in_value() {
        let settings = load(None, &variable("CONSORT__WORKER__CONCURRENCY", "7")).unwrap();
        assert_eq!(settings.config.worker.concurrency, 7);
    }

    #[test]
    fn refuses_an_unknown_key_by_its_name() {
        let message = message(&variable("CONSORT__WORKER__CONCURENCY", "7"));
        assert!(message.contains("worker.concurency"), "{message}");
    }

    #[test]
    fn refuses_a_bad_value_by_its_key() {
        let message = message(&variable("CONSORT__WORKER__CONCURRENCY", "many"));
        assert!(message.contains("worker.concurrency"), "{message}");
    }

    #[test]
    fn refuses_a_value_outside_its_range_by_its_key() {
        let message = message(&variable("CONSORT__API__AUTH__ACCESS_TOKEN_S", "86400"));
        assert!(message.contains("api.auth.access_token_s is 86400"), "{message}");
    }

    #[test]
    fn refuses_a_collector_that_cannot_be_asked() {
        for url in ["https://collector.example/v1/traces", "127.0.0.1:4318", "grpc://a"] {
            let message = message(&variable("CONSORT__LOG__TRACES__ENDPOINT", url));
            assert!(message.contains("log.traces.endpoint"), "{message}");
        }
        for share in ["-0.1", "1.5", "nan"] {
            let message = message(&variable("CONSORT__LOG__TRACES__SAMPLE_RATIO", share));
            assert!(message.contains("log.traces.sample_ratio"), "{message}");
        }
    }

    #[test]
    fn never_prints_a_secret() {
        let url = "postgres://someone:hunter2@127.0.0.1/consort";
        let settings = load(None, &variable("CONSORT__STORE__DATABASE__URL", url)).unwrap();
        let printed = settings.to_toml().unwrap();
        assert!(!printed.contains("hunter2"), "{printed}");
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
