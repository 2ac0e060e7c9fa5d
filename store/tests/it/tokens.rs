//! Tokens and users.

use std::time::Duration;

use secrecy::ExposeSecret;
use store::testing::TestStore;
use store::tokens::{self, NewToken};
use store::{Scope, users};

on_both_databases! {
    opens_with_its_secret_only,
    ends_at_its_time,
    there_is_one_operator,
}

fn new(test: &TestStore) -> NewToken {
    NewToken {
        owner_id: test.owner,
        name: "laptop".into(),
        scopes: vec![Scope::TracksRead, Scope::TracksWrite],
        expires_at: None,
    }
}

async fn opens_with_its_secret_only(test: TestStore) {
    let (token, secret) = tokens::issue(&test.store, new(&test)).await.unwrap();
    let secret = secret.expose_secret();
    let identity = tokens::authenticate(&test.store, secret).await.unwrap().unwrap();
    assert_eq!((identity.user_id, identity.token_id), (test.owner, token.id));
    assert!(identity.allows(Scope::TracksWrite));
    assert!(!identity.allows(Scope::JobsRead));

    let mut other = secret.to_owned();
    let last = if other.pop() == Some('a') { 'b' } else { 'a' };
    other.push(last);
    for wrong in [other.as_str(), "", "cst_", &secret[1..], &format!("{secret}0")] {
        assert_eq!(tokens::authenticate(&test.store, wrong).await.unwrap(), None);
    }
}

async fn ends_at_its_time(test: TestStore) {
    let expires_at = Some(test.store.now() + Duration::from_mins(1));
    let (_, secret) =
        tokens::issue(&test.store, NewToken { expires_at, ..new(&test) }).await.unwrap();
    let secret = secret.expose_secret();
    test.advance(Duration::from_secs(59));
    assert!(tokens::authenticate(&test.store, secret).await.unwrap().is_some());
    test.advance(Duration::from_secs(1));
    assert!(tokens::authenticate(&test.store, secret).await.unwrap().is_none());
}

async fn there_is_one_operator(test: TestStore) {
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let store = test.store.clone();
            tokio::spawn(async move { users::operator(&store).await.unwrap().id })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), test.owner);
    }
}
