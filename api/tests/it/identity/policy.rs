//! A row for every operation, written by hand: the document and the service are held against it, so that a mistake that is in both is found.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use store::tokens::Scope;

use Need::{Key, Known, Open, Scopes, Session};

/// What an operation takes of whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing: these are the doors.
    Open,
    /// To be known, whatever they may do.
    Known,
    /// A session.
    Session,
    /// The token of a program, whatever it allows.
    Key,
    /// All of these scopes; [`Scope::Admin`] takes the role too.
    Scopes(&'static [Scope]),
}

const TRACKS_READ: Need = Scopes(&[Scope::TracksRead]);
const TRACKS_WRITE: Need = Scopes(&[Scope::TracksWrite]);
const MATCHES_READ: Need = Scopes(&[Scope::MatchesRead]);
const MATCHES_AND_TRACKS_READ: Need = Scopes(&[Scope::MatchesRead, Scope::TracksRead]);
const PROFILES_READ: Need = Scopes(&[Scope::ProfilesRead]);
const PROFILES_WRITE: Need = Scopes(&[Scope::ProfilesWrite]);
const JOBS_READ: Need = Scopes(&[Scope::JobsRead]);
const JOBS_WRITE: Need = Scopes(&[Scope::JobsWrite]);
const RUNS_READ: Need = Scopes(&[Scope::RunsRead]);
const RUNS_WRITE: Need = Scopes(&[Scope::RunsWrite]);
const EVENTS_READ: Need = Scopes(&[Scope::EventsRead]);
const ADMIN: Need = Scopes(&[Scope::Admin]);

/// Every operation with what it takes, as `docs/security.md` and `docs/http-api.md` have it.
pub(super) const POLICY: [(&str, Need); 88] = [
    ("GET /healthz", Open),
    ("GET /metrics", Open),
    ("GET /problems", Open),
    ("GET /problems/{code}", Open),
    ("GET /readyz", Open),
    ("GET /rest/findSonicPath", MATCHES_AND_TRACKS_READ),
    ("POST /rest/findSonicPath", MATCHES_AND_TRACKS_READ),
    ("GET /rest/getOpenSubsonicExtensions", Open),
    ("POST /rest/getOpenSubsonicExtensions", Open),
    ("GET /rest/getSonicSimilarTracks", MATCHES_AND_TRACKS_READ),
    ("POST /rest/getSonicSimilarTracks", MATCHES_AND_TRACKS_READ),
    ("GET /rest/ping", Key),
    ("POST /rest/ping", Key),
    ("GET /rest/tokenInfo", Key),
    ("POST /rest/tokenInfo", Key),
    ("GET /v1/admin/audit", ADMIN),
    ("GET /v1/admin/audit/verify", ADMIN),
    ("GET /v1/admin/jobs", ADMIN),
    ("POST /v1/admin/jobs/retry", ADMIN),
    ("GET /v1/admin/jobs/{id}", ADMIN),
    ("POST /v1/admin/jobs/{id}/cancel", ADMIN),
    ("POST /v1/admin/jobs/{id}/retry", ADMIN),
    ("GET /v1/admin/maintenance", ADMIN),
    ("PUT /v1/admin/maintenance", ADMIN),
    ("GET /v1/admin/tokens", ADMIN),
    ("POST /v1/admin/tokens", ADMIN),
    ("DELETE /v1/admin/tokens/{id}", ADMIN),
    ("GET /v1/admin/users", ADMIN),
    ("POST /v1/admin/users", ADMIN),
    ("DELETE /v1/admin/users/{id}", ADMIN),
    ("GET /v1/admin/users/{id}", ADMIN),
    ("PATCH /v1/admin/users/{id}", ADMIN),
    ("POST /v1/admin/users/{id}/password", ADMIN),
    ("GET /v1/analytics/failures", JOBS_READ),
    ("GET /v1/analytics/latency", JOBS_READ),
    ("GET /v1/analytics/queue", JOBS_READ),
    ("GET /v1/analytics/throughput", JOBS_READ),
    ("GET /v1/audio-analysis/{id}", TRACKS_READ),
    ("GET /v1/audio-features", TRACKS_READ),
    ("GET /v1/audio-features/{id}", TRACKS_READ),
    ("POST /v1/auth/login", Open),
    ("POST /v1/auth/logout", Session),
    ("GET /v1/auth/me", Known),
    ("PUT /v1/auth/password", Session),
    ("POST /v1/auth/refresh", Open),
    ("POST /v1/auth/register", Open),
    ("GET /v1/compare", MATCHES_READ),
    ("GET /v1/events", EVENTS_READ),
    ("POST /v1/imports", TRACKS_WRITE),
    ("GET /v1/jobs", JOBS_READ),
    ("GET /v1/jobs/{id}", JOBS_READ),
    ("POST /v1/jobs/{id}/cancel", JOBS_WRITE),
    ("POST /v1/playlists/more-like", MATCHES_READ),
    ("POST /v1/playlists/path", MATCHES_READ),
    ("GET /v1/profiles/me", PROFILES_READ),
    ("PUT /v1/profiles/me", PROFILES_WRITE),
    ("PUT /v1/profiles/me/answers/{id}", PROFILES_WRITE),
    ("GET /v1/profiles/me/connections", PROFILES_READ),
    ("GET /v1/profiles/me/matches", MATCHES_READ),
    ("GET /v1/profiles/{id}", PROFILES_READ),
    ("GET /v1/reports", TRACKS_READ),
    ("GET /v1/runs", RUNS_READ),
    ("POST /v1/runs", RUNS_WRITE),
    ("GET /v1/runs/{id}", RUNS_READ),
    ("POST /v1/runs/{id}/cancel", RUNS_WRITE),
    ("POST /v1/search", MATCHES_READ),
    ("GET /v1/tracks", TRACKS_READ),
    ("POST /v1/tracks", TRACKS_WRITE),
    ("POST /v1/tracks/batch", TRACKS_WRITE),
    ("DELETE /v1/tracks/{id}", TRACKS_WRITE),
    ("GET /v1/tracks/{id}", TRACKS_READ),
    ("PATCH /v1/tracks/{id}", TRACKS_WRITE),
    ("GET /v1/tracks/{id}/audio", TRACKS_READ),
    ("GET /v1/tracks/{id}/duplicates", TRACKS_READ),
    ("GET /v1/tracks/{id}/matches", MATCHES_READ),
    ("GET /v1/tracks/{id}/report", TRACKS_READ),
    ("POST /v1/uploads", TRACKS_WRITE),
    ("OPTIONS /v1/uploads/tus", TRACKS_WRITE),
    ("POST /v1/uploads/tus", TRACKS_WRITE),
    ("DELETE /v1/uploads/tus/{id}", TRACKS_WRITE),
    ("HEAD /v1/uploads/tus/{id}", TRACKS_WRITE),
    ("PATCH /v1/uploads/tus/{id}", TRACKS_WRITE),
    ("POST /v1/uploads/tus/{id}", TRACKS_WRITE),
    ("DELETE /v1/uploads/{id}", TRACKS_WRITE),
    ("GET /v1/uploads/{id}", TRACKS_WRITE),
    ("POST /v1/uploads/{id}/complete", TRACKS_WRITE),
    ("POST /v1/uploads/{id}/parts", TRACKS_WRITE),
    ("PUT /v1/uploads/{id}/parts/{number}", TRACKS_WRITE),
];

impl Need {
    pub(super) fn scopes(self) -> &'static [Scope] {
        match self {
            Scopes(scopes) => scopes,
            Open | Known | Session | Key => &[],
        }
    }

    /// What the document says of an operation with this need.
    fn security(self, name: &str) -> Value {
        let scopes: Vec<&str> = self.scopes().iter().map(|scope| scope.as_str()).collect();
        match self {
            Open => json!([{}]),
            _ if name.contains(" /rest/") => json!([{ "api_key": scopes }]),
            Known | Session | Key | Scopes(_) => json!([{ "token": scopes }]),
        }
    }
}

#[test]
fn every_operation_has_one_row_and_the_document_says_the_same() {
    let document = api::openapi();
    assert_eq!(document["security"], Value::Null, "each operation speaks for itself");
    let mut named = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{} {path}", method.to_uppercase());
            let rows: Vec<Need> =
                POLICY.iter().filter(|(row, _)| *row == name).map(|(_, need)| *need).collect();
            let [need] = rows[..] else { panic!("{name} has {} rows in POLICY", rows.len()) };
            let said = match &operation["security"] {
                Value::Null => json!([{}]),
                said => said.clone(),
            };
            assert_eq!(said, need.security(&name), "{name}");
            named.insert(name);
        }
    }
    for (name, _) in POLICY {
        assert!(named.contains(name), "{name} has a row in POLICY and is no operation");
    }
}
