//! Who asks, and what they may.

mod acting;
mod bearer;
mod caller;
mod gateway;
mod uses;

use axum::extract::{self, Request};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use store::{Role, Scope, SessionId, TokenId, UserId, sessions, tokens};

use crate::auth::OPEN_PATHS;
use crate::error::{Error, Result};
use crate::state::State;

pub(crate) use acting::{Acting, actor};
pub(crate) use caller::{
    Admin, Caller, EventsRead, JobsRead, JobsWrite, MatchesRead, ProfilesRead, ProfilesWrite,
    RunsRead, RunsWrite, SignedIn, TracksRead, TracksWrite,
};
pub(crate) use gateway::Peer;
pub(crate) use uses::Uses;

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// The user.
    pub(crate) user_id: UserId,
    /// What the user may do.
    pub(crate) role: Role,
    /// How we know.
    pub(crate) credential: Credential,
}

/// How we know who asks.
#[derive(Debug, Clone)]
pub(crate) enum Credential {
    /// The token of a program.
    Token {
        /// The token.
        id: TokenId,
        /// What it allows.
        scopes: Vec<Scope>,
    },
    /// The access token of a session.
    Session {
        /// The session.
        id: SessionId,
        /// The password is good for nothing but choosing another.
        is_one_time: bool,
    },
    /// Somebody else's word.
    Foreign,
}

impl Identity {
    /// What the credential allows.
    pub(crate) fn scopes(&self) -> Vec<Scope> {
        match &self.credential {
            Credential::Token { scopes, .. } => scopes.clone(),
            Credential::Session { is_one_time: true, .. } => Vec::new(),
            Credential::Session { .. } | Credential::Foreign => {
                let is_allowed = |scope: &Scope| *scope != Scope::Admin || self.role == Role::Admin;
                Scope::ALL.iter().copied().filter(is_allowed).collect()
            }
        }
    }

    /// Whether this may be done. What concerns all users takes both: a credential that allows it and the role.
    pub(crate) fn check(&self, scope: Scope) -> Result<()> {
        match &self.credential {
            Credential::Session { is_one_time: true, .. } => {
                return Err(Error::PasswordChangeRequired);
            }
            Credential::Token { scopes, .. }
                if !scopes.contains(&scope) && !scopes.contains(&Scope::Admin) =>
            {
                return Err(Error::MissingScope(scope));
            }
            _ => {}
        }
        if scope == Scope::Admin && self.role != Role::Admin {
            return Err(Error::AdminNeeded);
        }
        Ok(())
    }
}

/// Lets nobody past `/v1` who does not say who they are, whether the path exists or not; but to where that is found out.
///
/// Asked once, when a request begins: what begins while a token is good, such as a long upload, may end after.
pub(crate) async fn authenticate(
    extract::State(state): extract::State<State>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let is_closed = path == "/v1" || path.starts_with("/v1/");
    if is_closed && !OPEN_PATHS.contains(&path) {
        let peer = request.extensions().get().copied();
        match identity(&state, peer, request.headers()).await {
            Ok(identity) => request.extensions_mut().insert(identity),
            Err(error) => return error.into_response(),
        };
    }
    next.run(request).await
}

async fn identity(state: &State, peer: Option<Peer>, headers: &HeaderMap) -> Result<Identity> {
    if !headers.contains_key(header::AUTHORIZATION) {
        let foreigner = gateway::foreigner(state, peer, headers).await?;
        return foreigner.ok_or(Error::Unauthorized { is_token_given: false });
    }
    let invalid = Error::Unauthorized { is_token_given: true };
    let Some(token) = bearer::token(headers) else { return Err(invalid) };
    let identity = if bearer::is_signed(token) {
        match of_session(state, token).await? {
            Some(identity) => Some(identity),
            None => of_issuer(state, token).await?,
        }
    } else {
        of_program(state, token).await?
    };
    identity.ok_or(invalid)
}

async fn of_session(state: &State, token: &str) -> Result<Option<Identity>> {
    let Some(id) = state.keys.verify(&state.store, token).await? else { return Ok(None) };
    let signed_in = sessions::authenticate(&state.store, id).await?;
    Ok(signed_in.map(|signed_in| Identity {
        user_id: signed_in.user_id,
        role: signed_in.role,
        credential: Credential::Session { id, is_one_time: signed_in.is_one_time },
    }))
}

async fn of_issuer(state: &State, token: &str) -> Result<Option<Identity>> {
    let found = state.issuers.user(&state.store, token).await?;
    let credential = Credential::Foreign;
    Ok(found.map(|it| Identity { user_id: it.user_id, role: it.role, credential }))
}

/// Whose secret this is, if it is the token of a program.
pub(crate) async fn of_program(state: &State, token: &str) -> Result<Option<Identity>> {
    let Some(found) = tokens::authenticate(&state.store, token).await? else { return Ok(None) };
    state.uses.note(&state.store, &found);
    Ok(Some(Identity {
        user_id: found.user_id,
        role: found.role,
        credential: Credential::Token { id: found.token_id, scopes: found.scopes },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(role: Role, credential: Credential) -> Identity {
        Identity { user_id: UserId::from_u128(1), role, credential }
    }

    fn session(is_one_time: bool) -> Credential {
        Credential::Session { id: SessionId::from_u128(2), is_one_time }
    }

    #[test]
    fn what_concerns_all_users_takes_the_scope_and_the_role() {
        let token = |scopes: &[Scope]| Credential::Token {
            id: TokenId::from_u128(3),
            scopes: scopes.to_vec(),
        };
        let check = |role, credential| identity(role, credential).check(Scope::Admin);
        assert!(check(Role::Admin, token(&[Scope::Admin])).is_ok());
        assert!(check(Role::Admin, session(false)).is_ok());
        assert!(check(Role::Admin, Credential::Foreign).is_ok());
        for (role, credential) in [
            (Role::User, token(&[Scope::Admin])),
            (Role::User, session(false)),
            (Role::User, Credential::Foreign),
            (Role::Admin, token(&[Scope::TracksWrite])),
            (Role::Admin, session(true)),
        ] {
            assert!(check(role, credential.clone()).is_err(), "{role} {credential:?}");
        }
    }

    #[test]
    fn a_session_allows_everything_of_its_own_but_with_a_one_time_password_nothing() {
        for scope in Scope::ALL.iter().copied().filter(|scope| *scope != Scope::Admin) {
            assert!(identity(Role::User, session(false)).check(scope).is_ok());
            assert!(matches!(
                identity(Role::Admin, session(true)).check(scope),
                Err(Error::PasswordChangeRequired)
            ));
        }
        assert_eq!(identity(Role::Admin, session(false)).scopes(), Scope::ALL);
        assert!(!identity(Role::User, session(false)).scopes().contains(&Scope::Admin));
        assert!(identity(Role::Admin, session(true)).scopes().is_empty());
    }
}
