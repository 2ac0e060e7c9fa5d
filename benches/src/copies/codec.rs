//! Files that another program encodes.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::sounds::Pcm;

/// The program: <https://ffmpeg.org>. It is called and never a part of this project.
const PROGRAM: &str = "ffmpeg";

/// A lossy format at a low rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// MP3 of 64 kbit/s.
    Mp3,
    /// Vorbis of about 64 kbit/s.
    Vorbis,
    /// Opus of 48 kbit/s.
    Opus,
}

impl Codec {
    /// Extension of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Mp3 => "mp3",
            Self::Vorbis => "ogg",
            Self::Opus => "opus",
        }
    }

    fn encoder(self) -> &'static str {
        match self {
            Self::Mp3 => "libmp3lame",
            Self::Vorbis => "libvorbis",
            Self::Opus => "libopus",
        }
    }

    fn quality(self) -> [&'static str; 2] {
        match self {
            Self::Mp3 => ["-b:a", "64k"],
            // Quality and not rate: not every rate of samples has 64 kbit/s.
            Self::Vorbis => ["-q:a", "0"],
            Self::Opus => ["-b:a", "48k"],
        }
    }

    /// Whether the program is here and can write the format.
    pub fn is_available(self) -> bool {
        let output = Command::new(PROGRAM).args(["-hide_banner", "-encoders"]).output();
        output.is_ok_and(|output| {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            text.split_whitespace().any(|word| word == self.encoder())
        })
    }

    /// Writes a recording to `path`.
    ///
    /// # Errors
    ///
    /// When the program cannot be started or refuses.
    pub fn write(self, pcm: &Pcm, path: &Path) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let input = folder.path().join("input.wav");
        std::fs::write(&input, pcm.to_wav())?;
        let output = Command::new(PROGRAM)
            .args(["-hide_banner", "-loglevel", "error", "-y", "-bitexact", "-i"])
            .arg(&input)
            .args(["-map_metadata", "-1", "-c:a", self.encoder()])
            .args(self.quality())
            .arg(path)
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start {PROGRAM}"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{PROGRAM} refused {}: {said}", path.display());
        Ok(())
    }
}
