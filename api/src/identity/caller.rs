//! What a handler's signature says about who may call it.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use store::{Scope, SessionId, UserId};

use super::{Credential, Identity};
use crate::error::{Error, Result};

/// A scope as a type.
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
    TracksRead TracksWrite MatchesRead ProfilesRead ProfilesWrite JobsRead JobsWrite RunsRead RunsWrite EventsRead Admin
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
        let identity = identity(parts)?;
        identity.check(P::SCOPE)?;
        Ok(Self { user_id: identity.user_id, permission: PhantomData })
    }
}

/// Anybody who is known, whatever they may do.
impl<S: Sync> FromRequestParts<S> for Identity {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        identity(parts).cloned()
    }
}

/// Somebody who came in with a password, be it a one-time one.
pub(crate) struct SignedIn {
    /// The user.
    pub(crate) user_id: UserId,
    /// The session.
    pub(crate) session_id: SessionId,
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let Identity { user_id, credential, .. } = identity(parts)?;
        match credential {
            Credential::Session { id, .. } => Ok(Self { user_id: *user_id, session_id: *id }),
            Credential::Token { .. } | Credential::Foreign => Err(Error::SessionNeeded),
        }
    }
}

fn identity(parts: &Parts) -> Result<&Identity> {
    parts.extensions.get().ok_or(Error::Unauthorized { is_token_given: false })
}
