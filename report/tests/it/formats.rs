//! The written form: every version ever written still reads, and the committed schema is the code's.

use crate::golden;
use crate::samples::{known, source};
use report::{Error, Report, SCHEMA};
use serde_json::Value;

const V1: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/formats/report/v1.json"));
/// Version 1 as it was first written; every field that came later is missing.
const V1_FIRST: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/formats/report/v1.first.json"));

#[test]
fn version_1_reads_without_loss() {
    let report = Report::from_json(V1).unwrap();
    // Also equal as a value: no field of the file was passed over in reading.
    let read: Value = serde_json::from_str(V1).unwrap();
    assert_eq!(serde_json::to_value(&report).unwrap(), read);
    assert_eq!(report, Report::new(&known(0.0), source()));
}

#[test]
fn version_1_reads_without_the_fields_that_came_later() {
    let first = Report::from_json(V1_FIRST).unwrap();
    assert_eq!(first.loudness.replay_gain_db, None);
    let now = Report::new(&known(0.0), source());
    assert_eq!(first.loudness.integrated_lufs, now.loudness.integrated_lufs);
}

#[test]
fn passes_over_fields_of_a_newer_minor_version() {
    let mut value: Value = serde_json::from_str(V1).unwrap();
    value["danceability"] = 0.5.into();
    value["tempo"]["swing"] = 0.5.into();
    assert_eq!(Report::from_json(&value.to_string()).unwrap(), Report::from_json(V1).unwrap());
}

#[test]
fn refuses_another_schema() {
    let other = V1.replace(SCHEMA, "consort.report/2");
    assert!(matches!(
        Report::from_json(&other),
        Err(Error::UnknownSchema { found, .. }) if found == "consort.report/2"
    ));
    assert!(matches!(Report::from_json("{}"), Err(Error::Json(_))));
}

#[test]
fn the_committed_schema_is_current() {
    let schema = serde_json::to_string_pretty(&report::schema()).unwrap() + "\n";
    golden::check(&[("report/schema/report.v1.json", schema.as_bytes())]);
}
