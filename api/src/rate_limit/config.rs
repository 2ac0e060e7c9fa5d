//! Settings of the limits.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::Quota;
use serde::Deserialize;

use crate::config::InvalidConfig;

/// How many requests are answered to one caller.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// For each token of a program, and each user of a session or a gateway.
    pub token: Rate,
    /// For each address, before it is known who asks. IPv6 counts by /64.
    pub address: Rate,
    /// For logins and registrations of each address.
    pub login: Rate,
}

/// A rate that may be exceeded for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Requests a minute in the long run; 0 for no limit.
    pub per_min: u32,
    /// Requests at once after a rest.
    pub burst: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            token: Rate { per_min: 30_000, burst: 1000 },
            address: Rate { per_min: 60_000, burst: 2000 },
            login: Rate { per_min: 30, burst: 60 },
        }
    }
}

impl Config {
    pub(crate) fn validate(&self) -> Result<(), InvalidConfig> {
        for (key, Rate { per_min, burst }) in [
            ("rate_limit.token.burst", self.token),
            ("rate_limit.address.burst", self.address),
            ("rate_limit.login.burst", self.login),
        ] {
            if per_min > 0 && !(1..=Rate::MAX_BURST).contains(&burst) {
                return Err(InvalidConfig { key, value: burst.into(), rule: "1..=1000000" });
            }
        }
        Ok(())
    }
}

impl Rate {
    /// No limit.
    pub const OFF: Self = Self { per_min: 0, burst: 0 };

    const MAX_BURST: u32 = 1_000_000;

    /// The same in the words of `governor`; `None` for no limit.
    pub(super) fn quota(self) -> Option<Quota> {
        let burst = NonZeroU32::new(self.burst)?;
        let interval = Duration::from_mins(1).checked_div(self.per_min)?;
        Some(Quota::with_period(interval)?.allow_burst(burst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_a_limit_of_each_kind() {
        let config = Config::default();
        assert_eq!(config.validate(), Ok(()));
        for rate in [config.token, config.address, config.login] {
            assert!(rate.quota().is_some());
        }
        let quota = config.token.quota().unwrap();
        assert_eq!(quota.replenish_interval(), Duration::from_millis(2));
        assert_eq!(quota.burst_size().get(), 1000);
    }

    #[test]
    fn a_rate_of_nothing_is_no_limit_and_a_burst_of_nothing_a_mistake() {
        assert_eq!(Rate::OFF.quota(), None);
        let config = Config { login: Rate { per_min: 1, burst: 0 }, ..Config::default() };
        assert_eq!(config.validate().unwrap_err().key, "rate_limit.login.burst");
        let config = Config { login: Rate::OFF, ..Config::default() };
        assert_eq!(config.validate(), Ok(()));
    }
}
