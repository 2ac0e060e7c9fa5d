//! What a change must pass besides its tests.

use anyhow::Result;

use crate::process::{cargo, say};

/// The version that the rules in `deny.toml` were written for.
const CARGO_DENY_VERSION: &str = "0.20.2";

/// Format, lints, documentation, then the dependency rules.
pub(crate) fn all() -> Result<()> {
    cargo(&["fmt", "--all", "--check"]).run()?;
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]).run()?;
    cargo(&["doc", "--workspace", "--no-deps", "--document-private-items"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()?;
    dependencies()
}

fn dependencies() -> Result<()> {
    if !cargo(&["deny", "--version"]).succeeds() {
        say("cargo-deny is missing: installing it");
        cargo(&["install", "cargo-deny", "--locked", "--version", CARGO_DENY_VERSION]).run()?;
    }
    cargo(&["deny", "--workspace", "check", "bans", "licenses", "sources"]).run()
}
