//! A client in TypeScript: its types generated from the document by openapi-typescript, checked by the compiler, run by Node.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{needed, sources, unless_installed};
use crate::process::{Step, program};

/// What npm needs beside what it installs, and what is compiled.
const FILES: [&str; 5] =
    ["package.json", "package-lock.json", ".npmrc", "tsconfig.json", "client_smoke.ts"];

/// A folder with what `package-lock.json` pins.
pub(super) struct TypeScript {
    folder: PathBuf,
}

impl TypeScript {
    pub(super) fn install(folder: &Path) -> Result<Self> {
        needed("node")?;
        needed("npm")?;
        let from = |name: &str| sources().join("typescript").join(name);
        unless_installed(folder, &FILES.map(from), || {
            for name in FILES {
                fs::copy(from(name), folder.join(name))?;
            }
            program("npm").args(["ci", "--prefix"]).args([folder]).run()
        })?;
        Ok(Self { folder: folder.to_owned() })
    }

    fn tool(&self, name: &str) -> Step {
        program(self.folder.join("node_modules/.bin").join(name))
    }

    /// Generates the types from the document that the service gives, checks the client against them, and uses it.
    pub(super) fn client(&self, url: &str) -> Vec<Step> {
        let types = self.folder.join("consort.d.ts");
        let generate = self
            .tool("openapi-typescript")
            // What has a value unless told need not be told.
            .args([&format!("{url}/openapi.json"), "--default-non-nullable", "false", "--output"])
            .args([types]);
        let compile = self.tool("tsc").args(["--project"]).args([&self.folder]);
        let run = program("node").args([self.folder.join("built/client_smoke.js")]);
        vec![generate, compile, run]
    }
}
