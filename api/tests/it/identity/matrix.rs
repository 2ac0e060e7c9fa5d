//! Every operation, asked by every kind of caller.

use api::{Config, ImportsConfig};
use axum::http::{Method, StatusCode};
use store::testing::DatabaseKind;
use store::tokens::Scope;
use store::{Role, users};

use super::operation::{Dialect, NOBODIES, Operation, closed, operations, send};
use super::policy::Need;
use super::things::{Profile, named};
use crate::app::{App, token};
use crate::world::{PASSWORD, login, request, user};

on_both_databases! {
    the_doors_are_open_and_no_wider,
    without_a_valid_token_nothing_is_answered,
    who_is_deleted_is_answered_nothing,
    the_owner_is_let_in_everywhere,
    each_operation_takes_the_scopes_of_the_policy_and_no_others,
    what_takes_no_scope_takes_any_token_or_a_session,
    what_concerns_all_takes_the_role_too,
}

/// With everything switched on.
async fn app(database: DatabaseKind) -> App {
    let imports = ImportsConfig { enabled: true, ..ImportsConfig::default() };
    App::over(database, Config { imports, ..Config::default() }).await
}

async fn the_doors_are_open_and_no_wider(database: DatabaseKind) {
    let app = app(database).await;
    for operation in operations().into_iter().filter(|it| it.need == Need::Open) {
        let (name, path) = (operation.name(), &operation.path);
        let answer = send(&app, &operation, None, NOBODIES).await;
        if !path.starts_with("/v1/") {
            assert_eq!(operation.code(&answer), "ok", "{name}");
            continue;
        }
        assert_eq!(answer.code(), "invalid_field", "{name}");
        // By another spelling or method nobody gets further than by any other path.
        for path in [path.replace("auth", "%61uth"), format!("{path}/")] {
            let answer = app.send(request(Method::POST, &path, None, None)).await;
            assert_eq!(answer.code(), "unauthorized", "{path}");
        }
        let answer = app.send(request(Method::GET, path, None, None)).await;
        assert_eq!(answer.code(), "method_not_allowed", "{path}");
    }
}

async fn without_a_valid_token_nothing_is_answered(database: DatabaseKind) {
    let app = app(database).await;
    let unknown = format!("cst_{}", "x".repeat(43));
    for operation in closed() {
        let name = operation.name();
        let answer = send(&app, &operation, None, NOBODIES).await;
        assert_eq!(operation.code(&answer), "unauthorized", "{name}");
        let is_challenged = operation.dialect != Dialect::Subsonic;
        if is_challenged {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}");
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"consort\"", "{name}");
        }
        for token in [unknown.as_str(), "x", "cst_", "null"] {
            let answer = send(&app, &operation, Some(token), NOBODIES).await;
            assert_eq!(operation.code(&answer), "unauthorized", "{name} with {token}");
            if is_challenged {
                assert!(answer.header("www-authenticate").contains("invalid_token"), "{name}");
            }
        }
    }
    assert_eq!(app.n_blob_files(), 0);
}

async fn who_is_deleted_is_answered_nothing(database: DatabaseKind) {
    let app = app(database).await;
    let ana = user(&app.store, "ana", Role::Admin).await;
    let session = login(&app.router, "ana", PASSWORD).await.access;
    let program = token(&app.store, ana.id, &[Scope::Admin]).await;
    for token in [&session, &program] {
        let me = app.send(request(Method::GET, "/v1/auth/me", Some(token), None)).await;
        assert_eq!(me.json()["user"]["id"], ana.id.to_string());
    }
    assert!(users::delete(&app.store, ana.id).await.unwrap());
    for operation in closed() {
        for token in [&session, &program] {
            let answer = send(&app, &operation, Some(token), NOBODIES).await;
            assert_eq!(operation.code(&answer), "unauthorized", "{}", operation.name());
        }
    }
    assert_eq!(app.n_blob_files(), 0);
}

/// With what the operation names: it succeeds, or the thing is not yet where that could be done to it (409).
async fn the_owner_is_let_in_everywhere(database: DatabaseKind) {
    let app = app(database).await;
    user(&app.store, "ana", Role::User).await;
    for operation in closed() {
        let name = operation.name();
        let ids = named(&app, &operation, Profile::Shown).await;
        let token = if operation.need == Need::Session {
            login(&app.router, "ana", PASSWORD).await.access
        } else {
            app.token.clone()
        };
        let answer = send(&app, &operation, Some(&token), ids.each_ref().map(String::as_str)).await;
        let is_too_early = answer.status == StatusCode::CONFLICT;
        let is_let_in = is_too_early || operation.code(&answer) == "ok";
        assert!(is_let_in, "{name}: {} {:?}", answer.status, answer.body);
    }
}

async fn each_operation_takes_the_scopes_of_the_policy_and_no_others(database: DatabaseKind) {
    let app = app(database).await;
    for operation in operations().into_iter().filter(|it| !it.need.scopes().is_empty()) {
        let name = operation.name();
        let needed = operation.need.scopes();
        for missing in needed {
            let is_other = |scope: &&Scope| *scope != missing && **scope != Scope::Admin;
            let others: Vec<Scope> = Scope::ALL.iter().filter(is_other).copied().collect();
            let token = app.token_with(&others).await;
            let answer = send(&app, &operation, Some(&token), NOBODIES).await;
            assert_eq!(operation.code(&answer), "missing_scope", "{name} without {missing}");
            if operation.dialect != Dialect::Subsonic {
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}");
                let challenge = format!("scope=\"{missing}\"");
                assert!(answer.header("www-authenticate").ends_with(&challenge), "{name}");
            }
        }
        let token = app.token_with(needed).await;
        let answer = send(&app, &operation, Some(&token), NOBODIES).await;
        if operation.names_something() {
            assert_eq!(operation.code(&answer), "not_found", "{name}");
        } else {
            assert_eq!(answer.status, operation.success(), "{name}");
        }
    }
}

async fn what_takes_no_scope_takes_any_token_or_a_session(database: DatabaseKind) {
    let app = app(database).await;
    for scope in Scope::ALL {
        let token = app.token_with(&[*scope]).await;
        for operation in closed() {
            let expected = match operation.need {
                Need::Known | Need::Key => "ok",
                Need::Session => "session_needed",
                Need::Open | Need::Scopes(_) => continue,
            };
            let answer = send(&app, &operation, Some(&token), NOBODIES).await;
            assert_eq!(operation.code(&answer), expected, "{} with {scope}", operation.name());
        }
    }
}

async fn what_concerns_all_takes_the_role_too(database: DatabaseKind) {
    let app = app(database).await;
    let ana = user(&app.store, "ana", Role::User).await;
    let session = login(&app.router, "ana", PASSWORD).await.access;
    let program = token(&app.store, ana.id, &[Scope::Admin]).await;
    let mut n_refused = 0;
    for operation in closed().filter(|it| it.path.starts_with("/v1/admin/")) {
        let name = operation.name();
        let ids = named(&app, &operation, Profile::Shown).await;
        for token in [&session, &program] {
            let ids = ids.each_ref().map(String::as_str);
            let answer = send(&app, &operation, Some(token), ids).await;
            assert_eq!(operation.code(&answer), "admin_needed", "{name}");
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}");
        }
        n_refused += 1;
    }
    assert_eq!(n_refused, closed().filter(Operation::is_for_administrators).count());
    // With the role the same tokens are let in.
    assert!(users::set_role(&app.store, ana.id, Role::Admin).await.unwrap());
    for token in [&session, &program] {
        let asked = request(Method::GET, "/v1/admin/users", Some(token), None);
        assert_eq!(app.send(asked).await.status, StatusCode::OK);
    }
}
