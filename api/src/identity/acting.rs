//! In whose name something is written.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use store::audit::{Actor, ActorKind};
use store::{Store, SubjectId};

use super::{Credential, Identity, Peer};
use crate::error::{Error, Result};
use crate::request::Ids;
use crate::state::State;

/// The store in the name of whoever asks: what is done through it names them in the audit log.
pub(crate) struct Acting(pub(crate) Store);

impl FromRequestParts<State> for Acting {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self> {
        Ok(Self(state.store.by(actor(parts, state))))
    }
}

/// Who asks, and where from.
pub(crate) fn actor(parts: &Parts, state: &State) -> Actor {
    let (kind, user_id, credential_id) = match parts.extensions.get::<Identity>() {
        None => (ActorKind::Anonymous, None, None),
        Some(Identity { user_id, credential, .. }) => {
            let (kind, id) = match credential {
                Credential::Token { id, .. } => (ActorKind::Token, Some(SubjectId::from(*id))),
                Credential::Session { id, .. } => (ActorKind::Session, Some((*id).into())),
                Credential::Foreign => (ActorKind::Foreign, None),
            };
            (kind, Some(*user_id), id)
        }
    };
    let peer = parts.extensions.get::<Peer>();
    Actor {
        kind,
        user_id,
        credential_id,
        request_id: parts.extensions.get::<Ids>().map(|ids| ids.request_id.clone()),
        address: peer.map(|peer| state.config.proxies.client(peer.0.ip(), &parts.headers)),
    }
}
