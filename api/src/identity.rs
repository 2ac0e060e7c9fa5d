//! Who asks, and what they may.

use std::marker::PhantomData;

use axum::extract::{self, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use store::UserId;
use store::tokens::{self, Identity, Scope};

use crate::error::{Error, Result};
use crate::state::State;

/// Longer tokens are not looked up.
const MAX_TOKEN_BYTES: usize = 256;

/// Lets nobody past `/v1` without a valid token, whether the path exists or not.
pub(crate) async fn authenticate(
    extract::State(state): extract::State<State>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    if path == "/v1" || path.starts_with("/v1/") {
        match identity(&state, request.headers()).await {
            Ok(identity) => request.extensions_mut().insert(identity),
            Err(error) => return error.into_response(),
        };
    }
    next.run(request).await
}

async fn identity(state: &State, headers: &HeaderMap) -> Result<Identity> {
    if !headers.contains_key(header::AUTHORIZATION) {
        return Err(Error::Unauthorized { is_token_given: false });
    }
    let invalid = Error::Unauthorized { is_token_given: true };
    let Some(token) = bearer(headers) else { return Err(invalid) };
    tokens::authenticate(&state.store, token).await?.ok_or(invalid)
}

/// The token of `Authorization: Bearer`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    let is_plausible =
        scheme.eq_ignore_ascii_case("bearer") && (1..=MAX_TOKEN_BYTES).contains(&token.len());
    is_plausible.then_some(token)
}

/// A scope as a type, so that a handler's signature says what it needs.
pub(crate) trait Permission: Send + Sync + 'static {
    /// The scope.
    const SCOPE: Scope;
}

macro_rules! permissions {
    ($($scope:ident)*) => {
        $(
            /// Permission of the same name.
            pub(crate) struct $scope;

            impl Permission for $scope {
                const SCOPE: Scope = Scope::$scope;
            }
        )*
    };
}

permissions! {
    TracksRead TracksWrite MatchesRead ProfilesRead ProfilesWrite JobsRead JobsWrite RunsRead RunsWrite EventsRead
}

/// The authenticated caller, who has the permission `P`.
pub(crate) struct Caller<P> {
    /// Whose objects these are.
    pub(crate) user_id: UserId,
    permission: PhantomData<P>,
}

impl<P: Permission, S: Sync> FromRequestParts<S> for Caller<P> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let identity = parts
            .extensions
            .get::<Identity>()
            .ok_or(Error::Unauthorized { is_token_given: false })?;
        if !identity.allows(P::SCOPE) {
            return Err(Error::MissingScope(P::SCOPE));
        }
        Ok(Self { user_id: identity.user_id, permission: PhantomData })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn check(values: &[&str], expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        assert_eq!(bearer(&headers), expected, "{values:?}");
    }

    #[test]
    fn finds_the_token() {
        check(&["Bearer abc"], Some("abc"));
        check(&["bearer  abc "], Some("abc"));
        check(&["Basic abc"], None);
        check(&["Bearer"], None);
        check(&["Bearer "], None);
        check(&["abc"], None);
        check(&[], None);
        check(&["Bearer a", "Bearer b"], None);
        check(&[&format!("Bearer {}", "x".repeat(257))], None);
    }
}
