//! The names of formats in a query.

use report::formats::Format;
use serde::Deserialize;
use utoipa::ToSchema;

macro_rules! formats {
    ($($(#[doc = $doc:literal])+ $variant:ident,)+) => {
        /// A shape in which a report can be given.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
        #[serde(rename_all = "kebab-case")]
        #[schema(as = ReportFormat)]
        pub(crate) enum FormatBody {
            /// The report as it was written.
            #[default]
            Json,
            $($(#[doc = $doc])+ $variant,)+
        }

        impl From<FormatBody> for Format {
            fn from(format: FormatBody) -> Self {
                match format {
                    FormatBody::Json => Self::Json,
                    $(FormatBody::$variant => Self::$variant,)+
                }
            }
        }
    };
}

formats! {
    /// The details beside the report as they were written.
    Details,
    /// Spotify's audio features.
    SpotifyFeatures,
    /// Spotify's audio analysis.
    SpotifyAnalysis,
    /// Essentia's and AcousticBrainz's low-level JSON.
    Essentia,
    /// JSON Annotated Music Specification.
    Jams,
    /// Beats, one a line.
    Beats,
    /// One row below the names of its columns.
    Csv,
    /// Peaks of the waveform, audiowaveform's binary form.
    WaveformDat,
    /// Peaks of the waveform, audiowaveform's JSON.
    WaveformJson,
    /// Picture of the waveform with beats and sections.
    SvgWaveform,
    /// Picture of the mel bands.
    SvgSpectrogram,
    /// Picture of the pitch classes.
    SvgChroma,
    /// Picture of the loudness.
    SvgLoudness,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_its_name() {
        for format in Format::ALL {
            let name = serde_json::Value::from(format.as_str());
            let body: FormatBody = serde_json::from_value(name).unwrap();
            assert_eq!(Format::from(body), *format);
        }
    }
}
