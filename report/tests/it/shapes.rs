//! The shapes of other programs, byte for byte, and what of them is known when nothing is.

use crate::golden;
use crate::samples::{known, source, unknown};
use report::formats::{Format, FormatError, Recording};
use report::{Details, Report, Tags};
use serde_json::Value;

fn tags() -> Tags {
    Tags {
        title: Some("Air, \"on\" <the> G & string".to_owned()),
        artist: Some("Nobody".to_owned()),
        album: Some("Made up".to_owned()),
        track_number: Some(3),
        isrc: Some("QZABC2600001".to_owned()),
        ..Tags::default()
    }
}

fn rendered(format: Format, analysis: &dsp::Analysis) -> Vec<u8> {
    let (report, details) = (Report::new(analysis, source()), Details::new(analysis));
    let tags = tags();
    format.render(&Recording { report: &report, details: Some(&details), tags: &tags }).unwrap()
}

fn json(format: Format, analysis: &dsp::Analysis) -> Value {
    serde_json::from_slice(&rendered(format, analysis)).unwrap()
}

#[test]
fn every_format_is_what_is_committed() {
    let analysis = known(0.0);
    // Our own two have fixtures of their own.
    let foreign = |format: &&Format| !matches!(format, Format::Json | Format::Details);
    let files: Vec<(String, Vec<u8>)> = Format::ALL
        .iter()
        .filter(foreign)
        .map(|format| {
            let path = format!("fixtures/formats/shapes/v1.{}", format.extension());
            (path, rendered(*format, &analysis))
        })
        .collect();
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    golden::check(&files);
    let ends =
        |format: &&Format| format.is_text() && !rendered(**format, &analysis).ends_with(b"\n");
    assert_eq!(Format::ALL.iter().find(ends), None);
}

#[test]
fn silence_has_a_shape_too() {
    for &format in Format::ALL {
        let bytes = rendered(format, &unknown(dsp::Reason::Silence));
        if format.is_text() {
            let text = String::from_utf8(bytes).unwrap();
            assert!(!text.contains("NaN") && !text.contains("inf,"), "{format}: {text}");
        }
    }
    let features = json(Format::SpotifyFeatures, &unknown(dsp::Reason::Silence));
    assert_eq!((&features["key"], &features["tempo"]), (&Value::from(-1), &Value::Null));
    assert!(rendered(Format::Beats, &unknown(dsp::Reason::Silence)).is_empty());
    let analysis = json(Format::SpotifyAnalysis, &unknown(dsp::Reason::Silence));
    for list in ["bars", "beats", "tatums", "sections"] {
        assert_eq!(analysis[list], Value::Array(Vec::new()), "{list}");
    }
    assert_eq!(analysis["track"]["time_signature"], Value::Null);
}

#[test]
fn bars_tatums_and_sections_follow_the_report() {
    let mut analysis = known(0.0);
    let shape = json(Format::SpotifyAnalysis, &analysis);
    let length = |list: &str| shape[list].as_array().unwrap().len();
    // 40 beats, of which every fourth from the second on begins a bar, in 4 parts each.
    assert_eq!((length("beats"), length("bars"), length("tatums")), (40, 10, 160));
    assert_eq!(shape["bars"][0]["start"], shape["beats"][1]["start"]);
    assert_eq!(shape["track"]["time_signature"], 4);
    // Points of the curve at 5, 10 and 15 s; F sharp minor up to 14.13 s, then G minor.
    let of = |name: &str| (0..3).map(|i| shape["sections"][i][name].clone()).collect::<Vec<_>>();
    assert_eq!(of("tempo"), [125.75, 126.13, 126.0]);
    assert_eq!(of("key"), [6, 6, 7]);
    assert_eq!(of("mode"), [0, 0, 0]);
    if let Ok(rhythm) = &mut analysis.rhythm {
        rhythm.meter = Err(dsp::Reason::NoMeter);
    }
    let shape = json(Format::SpotifyAnalysis, &analysis);
    assert_eq!(
        (&shape["track"]["time_signature"], &shape["bars"]),
        (&Value::Null, &Value::Array(vec![]))
    );
    let beats = String::from_utf8(rendered(Format::Beats, &analysis)).unwrap();
    assert!(beats.lines().count() == 40 && !beats.contains('\t'));
}

#[test]
fn formats_that_need_details_say_so() {
    let report = Report::new(&known(0.0), source());
    let recording = Recording { report: &report, details: None, tags: &tags() };
    for &format in Format::ALL {
        let expected = format.needs_details().then_some(FormatError::NoDetails);
        assert_eq!(format.render(&recording).err(), expected, "{format}");
    }
}

#[test]
fn spotify_names_are_complete() {
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    // Sorted; Web API reference, "AudioFeaturesObject".
    let features = "acousticness analysis_url danceability duration_ms energy id instrumentalness key liveness \
        loudness mode speechiness tempo time_signature track_href type uri valence";
    assert_eq!(names(&json(Format::SpotifyFeatures, &known(0.0))).join(" "), features);
    let analysis = json(Format::SpotifyAnalysis, &known(0.0));
    assert_eq!(names(&analysis).join(" "), "bars beats meta sections segments tatums track");
    let meta = "analysis_time analyzer_version detailed_status input_process platform status_code timestamp";
    assert_eq!(names(&analysis["meta"]).join(" "), meta);
    let track = "analysis_channels analysis_sample_rate code_version codestring duration echoprint_version \
        echoprintstring end_of_fade_in key key_confidence loudness mode mode_confidence num_samples offset_seconds \
        rhythm_version rhythmstring sample_md5 start_of_fade_out synch_version synchstring tempo tempo_confidence \
        time_signature time_signature_confidence window_seconds";
    assert_eq!(names(&analysis["track"]).join(" "), track);
    assert_eq!(names(&analysis["beats"][0]).join(" "), "confidence duration start");
}

#[test]
fn the_waveform_is_laid_out_as_audiowaveform_says() {
    let bytes = rendered(Format::WaveformDat, &known(0.0));
    let number = |at: usize| i32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let header: Vec<i32> = (0..6).map(|field| number(4 * field)).collect();
    assert_eq!(header, [2, 1, 44_100, 512, 1723, 1]);
    assert_eq!(bytes.len(), 24 + 2 * 1723);
    let data: Vec<i64> = bytes[24..].iter().map(|&byte| byte.cast_signed().into()).collect();
    let json = json(Format::WaveformJson, &known(0.0));
    assert_eq!(json["data"], Value::from(data));
    assert_eq!(json["length"], 1723);
}
