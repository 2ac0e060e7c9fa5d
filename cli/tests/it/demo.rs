//! The first command of the README.

use crate::service::{Shape, consort, recordings};

#[tokio::test]
async fn shows_every_fixture_its_matches_and_people_and_ends_well() {
    let shape = Shape::embedded();
    let output = consort(&shape.variables).args(["demo", "--exit"]).output().await.unwrap();
    let (table, log) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{table}\n{log}");
    // One row for each of the two made-up people.
    for person in ["Ada", "Ben"] {
        let rows: Vec<_> = table.lines().filter(|line| line.starts_with(person)).collect();
        assert_eq!(rows.len(), 1, "rows of {person}:\n{table}");
        assert!(rows[0].contains("which you look for"), "{}", rows[0]);
    }
    for recording in recordings() {
        let name = recording.file_name().unwrap().to_str().unwrap();
        // One row of values, one row for each of the two purposes that are shown.
        let rows = table.lines().filter(|line| line.starts_with(name)).count();
        assert_eq!(rows, 3, "rows of {name}:\n{table}");
    }
}
