//! The audit log: its chain, and what breaks it.

use std::collections::HashSet;
use std::net::IpAddr;
use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use store::audit::{self, Action, ActorKind, AuditFilter, FaultKind, NewEntry, Outcome};
use store::testing::{BlobKind, DatabaseKind, TestStore};
use store::tokens::NewToken;
use store::{Actor, QueueConfig, Scope, Store, UserId, jobs, tokens};

on_both_databases! {
    an_entry_says_who_did_what_and_where_from,
    entries_are_listed_by_page_and_filter,
    the_database_refuses_changes,
    what_was_tampered_with_is_found,
    an_end_that_was_cut_off_is_found,
    a_part_of_the_log_is_looked_at_by_itself,
    addresses_are_forgotten_and_the_chain_holds,
    what_is_rolled_back_is_not_told,
}

const ADDRESS: &str = "203.0.113.9";

fn actor(user: UserId) -> Actor {
    Actor {
        kind: ActorKind::Session,
        user_id: Some(user),
        credential_id: None,
        request_id: Some("a-request".to_owned()),
        address: Some(ADDRESS.parse::<IpAddr>().unwrap()),
    }
}

async fn issue(store: &Store, owner_id: UserId) -> tokens::Token {
    let name = "canary-name".to_owned();
    let new = NewToken { owner_id, name, scopes: vec![Scope::TracksRead], expires_at: None };
    tokens::issue(store, new).await.unwrap().0
}

/// Issues so many tokens by somebody at [`ADDRESS`]. The operator's making was the first entry.
async fn filled(test: &TestStore, n: usize) -> Store {
    let store = test.store.by(actor(test.owner));
    for _ in 0..n {
        issue(&store, test.owner).await;
    }
    store
}

async fn entries(store: &Store) -> Vec<audit::Entry> {
    audit::oldest_first(store, 0, 10_000).await.unwrap()
}

async fn fault(test: &TestStore) -> Option<(i64, FaultKind)> {
    let verified = audit::verify(&test.store, 0, 1_000_000).await.unwrap();
    verified.fault.map(|fault| (fault.seq, fault.kind))
}

/// Runs statements behind the store's back, without the triggers if they are in the way.
async fn behind_the_back(test: &TestStore, sql: &str) -> Result<(), sqlx::Error> {
    let url = test.config.database.url.expose_secret();
    let sql = AssertSqlSafe(sql.to_owned());
    if url.starts_with("sqlite:") {
        SqliteConnection::connect(url).await?.execute(sql).await.map(|_| ())
    } else {
        PgConnection::connect(url).await?.execute(sql).await.map(|_| ())
    }
}

async fn tamper(test: &TestStore, sql: &str) {
    let is_sqlite = test.config.database.url.expose_secret().starts_with("sqlite:");
    let sql = if is_sqlite {
        format!(
            "drop trigger if exists audit_entries_no_update; drop trigger if exists audit_entries_no_delete;
             drop trigger if exists audit_addresses_no_update; {sql}"
        )
    } else {
        format!("set session_replication_role = replica; {sql}")
    };
    behind_the_back(test, &sql).await.unwrap();
}

async fn an_entry_says_who_did_what_and_where_from(test: TestStore) {
    let store = filled(&test, 0).await;
    let token = issue(&store, test.owner).await;
    let all = entries(&store).await;
    let [made, issued] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(
        (made.seq, made.action, made.actor_kind),
        (1, Action::UserCreated, ActorKind::Service)
    );
    assert_eq!((made.subject_id, made.address.as_ref()), (Some(test.owner.into()), None));
    assert_eq!(
        (issued.seq, issued.action, issued.outcome),
        (2, Action::TokenIssued, Outcome::Done)
    );
    assert_eq!((issued.actor_kind, issued.actor_id), (ActorKind::Session, Some(test.owner)));
    assert_eq!((issued.subject_id, issued.at), (Some(token.id.into()), test.store.now()));
    assert_eq!(issued.request_id.as_deref(), Some("a-request"));
    assert_eq!(issued.address.as_deref(), Some(ADDRESS));
    assert_eq!(issued.details, json!({ "scopes": ["tracks:read"], "user_id": test.owner }));
    assert!(!format!("{all:?}").contains("canary"));
    let verified = audit::verify(&store, 0, 100).await.unwrap();
    assert_eq!((verified.fault, verified.n_entries, verified.n_addresses), (None, 2, 1));
    assert_eq!(verified.last, audit::head(&store).await.unwrap());
    assert_eq!(verified.last.sha256, issued.sha256);
}

async fn entries_are_listed_by_page_and_filter(test: TestStore) {
    let store = filled(&test, 3).await;
    let refused = NewEntry::new(Action::LoginFailed);
    audit::refused(&test.store, refused).await.unwrap();
    let page = audit::list(&store, AuditFilter::default(), None, 2).await.unwrap();
    assert_eq!(page.items.iter().map(|it| it.seq).collect::<Vec<_>>(), [5, 4]);
    assert!(page.has_more);
    let page = audit::list(&store, AuditFilter::default(), Some(4), 10).await.unwrap();
    assert_eq!(page.items.iter().map(|it| it.seq).collect::<Vec<_>>(), [3, 2, 1]);
    let found = async |filter| {
        let page = audit::list(&store, filter, None, 10).await.unwrap();
        page.items.iter().map(|it| it.seq).collect::<Vec<_>>()
    };
    let all = AuditFilter::default();
    assert_eq!(found(AuditFilter { actor: Some(test.owner), ..all }).await, [4, 3, 2]);
    assert_eq!(found(AuditFilter { action: Some(Action::LoginFailed), ..all }).await, [5]);
    let subject = Some(test.owner.into());
    assert_eq!(found(AuditFilter { subject, ..all }).await, [1]);
    let now = test.store.now();
    assert_eq!(found(AuditFilter { before: Some(now), ..all }).await, [0; 0]);
    assert_eq!(found(AuditFilter { since: Some(now), ..all }).await, [5, 4, 3, 2, 1]);
}

async fn the_database_refuses_changes(test: TestStore) {
    filled(&test, 1).await;
    for sql in [
        "update audit_entries set details = '{}'",
        "delete from audit_entries",
        "update audit_addresses set address = '192.0.2.1'",
        "delete from audit_head",
    ] {
        assert!(behind_the_back(&test, sql).await.is_err(), "{sql}");
    }
    let only_there = match test.config.database.url.expose_secret() {
        url if url.starts_with("sqlite:") => {
            "insert or replace into audit_entries (seq, at_us, actor_kind, action, outcome, details, sha256)
             values (1, 0, 'service', 'user.created', 'done', '{}', zeroblob(32))"
        }
        _ => "truncate audit_entries",
    };
    assert!(behind_the_back(&test, only_there).await.is_err(), "{only_there}");
    assert_eq!(fault(&test).await, None);
}

async fn what_was_tampered_with_is_found(test: TestStore) {
    filled(&test, 8).await;
    assert_eq!(fault(&test).await, None);
    let check = async |there: &str, back: &str, expected: (i64, FaultKind)| {
        tamper(&test, there).await;
        assert_eq!(fault(&test).await, Some(expected), "{there}");
        tamper(&test, back).await;
        assert_eq!(fault(&test).await, None, "{back}");
    };
    // Each column that says something.
    for column in ["details", "action", "actor_kind", "request_id", "outcome"] {
        let (there, back) = match column {
            "details" => ("'{}'", None),
            "action" => ("'token.revoked'", Some("'token.issued'")),
            "actor_kind" => ("'token'", Some("'session'")),
            "outcome" => ("'refused'", Some("'done'")),
            _ => ("null", Some("'a-request'")),
        };
        let kept = format!("create table kept as select seq, {column} as it from audit_entries;");
        let there = format!("{kept} update audit_entries set {column} = {there} where seq = 4");
        let back = match back {
            Some(back) => back.to_owned(),
            None => "(select it from kept where seq = 4)".to_owned(),
        };
        let back =
            format!("update audit_entries set {column} = {back} where seq = 4; drop table kept");
        check(&there, &back, (4, FaultKind::Changed)).await;
    }
    for column in ["at_us", "seq"] {
        let there = format!("update audit_entries set {column} = {column} + 1000 where seq = 9");
        let expected = if column == "seq" { FaultKind::Truncated } else { FaultKind::Changed };
        let back =
            format!("update audit_entries set {column} = {column} - 1000 where seq in (9, 1009)");
        check(&there, &back, (9, expected)).await;
    }
    for column in ["actor_id", "subject_id", "address_sha256", "credential_id"] {
        let kept = format!("create table kept as select seq, {column} as it from audit_entries;");
        let other = if column == "credential_id" { "subject_id" } else { "null" };
        let there = format!("{kept} update audit_entries set {column} = {other} where seq = 3");
        let back = format!(
            "update audit_entries set {column} = (select it from kept where seq = 3) where seq = 3; drop table kept"
        );
        check(&there, &back, (3, FaultKind::Changed)).await;
    }
    // Two that stand in each other's place.
    let swap = "update audit_entries set seq = -1 where seq = 5; update audit_entries set seq = 5 where seq = 6;
                update audit_entries set seq = 6 where seq = -1";
    check(swap, swap, (5, FaultKind::Changed)).await;
    // One that says another address.
    check(
        "update audit_addresses set address = '192.0.2.1' where seq = 7",
        &format!("update audit_addresses set address = '{ADDRESS}' where seq = 7"),
        (7, FaultKind::AddressChanged),
    )
    .await;
    // One that is gone, for good.
    tamper(&test, "delete from audit_entries where seq = 4").await;
    assert_eq!(fault(&test).await, Some((4, FaultKind::Missing)));
    // What is changed after that is found by a look that begins later.
    let later = audit::verify(&test.store, 5, 100).await.unwrap();
    assert_eq!((later.fault, later.n_entries), (None, 4));
}

async fn an_end_that_was_cut_off_is_found(test: TestStore) {
    filled(&test, 4).await;
    let anchor = audit::head(&test.store).await.unwrap();
    tamper(
        &test,
        "delete from audit_entries where seq > 3; delete from audit_addresses where seq > 3",
    )
    .await;
    assert_eq!(fault(&test).await, Some((4, FaultKind::Truncated)));
    // With the head's number put back its hash is still that of what is gone.
    tamper(&test, "update audit_head set seq = 3").await;
    assert_eq!(fault(&test).await, Some((3, FaultKind::HeadDiffers)));
    // Whoever writes everything anew leaves a log that is whole, and that only what was kept elsewhere tells apart.
    tamper(
        &test,
        "update audit_head set sha256 = (select sha256 from audit_entries where seq = 3)",
    )
    .await;
    assert_eq!(fault(&test).await, None);
    filled(&test, 2).await;
    let rewritten = audit::oldest_first(&test.store, anchor.seq - 1, 1).await.unwrap();
    assert_eq!(rewritten[0].seq, anchor.seq);
    assert_ne!(rewritten[0].sha256, anchor.sha256);
}

async fn a_part_of_the_log_is_looked_at_by_itself(test: TestStore) {
    let store = filled(&test, 9).await;
    let part = audit::verify(&store, 0, 4).await.unwrap();
    assert_eq!((part.n_entries, part.last.seq, part.has_more), (4, 4, true));
    let part = audit::verify(&store, 4, 6).await.unwrap();
    assert_eq!((part.n_entries, part.last.seq, part.has_more, part.fault), (6, 10, false, None));
    let nothing = audit::verify(&store, 10, 6).await.unwrap();
    assert_eq!((nothing.n_entries, nothing.fault), (0, None));
    let beyond = audit::verify(&store, 11, 6).await.unwrap();
    assert_eq!(beyond.fault.map(|fault| fault.kind), Some(FaultKind::Missing));
}

async fn addresses_are_forgotten_and_the_chain_holds(test: TestStore) {
    let store = filled(&test, 3).await;
    test.advance(Duration::from_hours(24 * 90));
    jobs::sweep(&store).await.unwrap();
    assert_eq!(audit::verify(&store, 0, 100).await.unwrap().n_addresses, 3);
    // By whole days of 24 hours since 1970: the day of the entries has to be over.
    test.advance(Duration::from_hours(24));
    for _ in 0..2 {
        jobs::sweep(&test.store).await.unwrap();
    }
    let verified = audit::verify(&store, 0, 100).await.unwrap();
    assert_eq!((verified.fault, verified.n_entries), (None, 5));
    assert_eq!((verified.n_addresses, verified.n_forgotten), (0, 3));
    let all = entries(&store).await;
    assert!(all.iter().all(|entry| entry.address.is_none()));
    assert_eq!(all[4].action, Action::AddressesForgotten);
    assert_eq!(all[4].details, json!({ "n_addresses": 3 }));
    // The same address left another hash each time: nobody can tell that it was the same.
    let hashes: HashSet<_> = all.iter().filter_map(|entry| entry.address_sha256).collect();
    assert_eq!(hashes.len(), 3);
}

async fn what_is_rolled_back_is_not_told(test: TestStore) {
    let store = filled(&test, 1).await;
    // The user does not exist: the token cannot be written.
    let new = NewToken {
        owner_id: UserId::from_u128(7),
        name: "x".to_owned(),
        scopes: vec![Scope::Admin],
        expires_at: None,
    };
    assert!(tokens::issue(&store, new).await.is_err());
    issue(&store, test.owner).await;
    let verified = audit::verify(&store, 0, 100).await.unwrap();
    assert_eq!((verified.fault, verified.n_entries), (None, 3));
}

/// Fifty at once by two processes: tokens, tracks that go, users who come and go.
async fn many_at_once_make_one_chain(database: DatabaseKind) {
    const N: u8 = 50;
    let queue = QueueConfig::default();
    let test = TestStore::with_system_clock(database, BlobKind::Local, queue).await;
    let stores = [test.store.clone(), test.reopen().await];
    let mut tracks = Vec::new();
    for i in 0..N {
        tracks.push(test.upload(&[i]).await.track.id);
    }
    let (mut tasks, owner) = (Vec::new(), test.owner);
    for (i, track) in tracks.into_iter().enumerate() {
        let store = stores[i % 2].by(actor(owner));
        tasks.push(tokio::spawn(async move {
            match i % 3 {
                0 => assert!(store::tracks::delete(&store, owner, track).await.unwrap()),
                1 => {
                    issue(&store, owner).await;
                }
                _ => {
                    store::users::create(&store, "somebody").await.unwrap();
                }
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let verified = audit::verify(&test.store, 0, 1000).await.unwrap();
    assert_eq!((verified.fault, verified.n_entries), (None, u64::from(N) + 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_make_one_chain_on_sqlite() {
    many_at_once_make_one_chain(DatabaseKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_make_one_chain_on_postgres() {
    many_at_once_make_one_chain(DatabaseKind::Postgres).await;
}
