//! The way in: reads the parameters, looks at the key, lets a method answer.

use axum::Router;
use axum::extract::{self, Request};
use axum::response::Response;
use axum::routing::get;
use serde_json::{Map, Value};

use super::answer::{Form, answer};
use super::failure::Failure;
use super::key;
use super::methods::{self, Access, Keyed, METHODS, Method};
use super::parameters::Parameters;
use crate::state::State;

/// Each method under its name, and under the name with `.view`, which old clients add.
pub(crate) fn router() -> Router<State> {
    METHODS.iter().fold(Router::new(), |router, method| {
        let handler = move |extract::State(state): extract::State<State>, request: Request| {
            respond(state, method, request)
        };
        let path = format!("/rest/{}", method.name);
        let handlers = get(handler).post(handler);
        router.route(&path, handlers.clone()).route(&format!("{path}.view"), handlers)
    })
}

#[tracing::instrument(name = "api.subsonic", skip_all, fields(method = method.name))]
async fn respond(state: State, method: &'static Method, request: Request) -> Response {
    let mut parameters = Parameters::of(request.uri());
    let read = parameters.read(request, state.config.body_timeout()).await;
    let result = match read {
        Ok(()) => perform(&state, method, &parameters).await,
        Err(error) => Err(error.into()),
    };
    answer(Form::of(&parameters), result)
}

async fn perform(
    state: &State,
    method: &Method,
    parameters: &Parameters,
) -> Result<Map<String, Value>, Failure> {
    let (scopes, keyed) = match method.access {
        Access::Open => return Ok(methods::extensions()),
        Access::Key(scopes, keyed) => (scopes, keyed),
    };
    let caller = key::identity(state, parameters).await?;
    for scope in scopes {
        caller.check(*scope)?;
    }
    let (store, owner) = (&state.store, caller.user_id);
    match keyed {
        Keyed::Ping => Ok(Map::new()),
        Keyed::TokenInfo => methods::token_info(store, &caller).await,
        Keyed::SimilarTracks => methods::similar_tracks(store, owner, parameters).await,
        Keyed::Path => methods::path(store, owner, parameters).await,
    }
}
