//! Who acts.

use std::net::IpAddr;

use crate::text_enum::text_enum;
use crate::{SubjectId, UserId};

text_enum! {
    /// How somebody who acts was known.
    pub enum ActorKind {
        /// By the access token of a session.
        Session = "session",
        /// By the token of a program.
        Token = "token",
        /// By somebody else's word: a gateway or another issuer.
        Foreign = "foreign",
        /// Not at all: whoever comes in.
        Anonymous = "anonymous",
        /// As somebody on the machine itself.
        CommandLine = "command_line",
        /// The service by itself.
        Service = "service",
    }
}

/// Who acts through a [`crate::Store`], as the audit log names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// How they are known.
    pub kind: ActorKind,
    /// The user.
    pub user_id: Option<UserId>,
    /// The session or token that was shown.
    pub credential_id: Option<SubjectId>,
    /// The request that they act by.
    pub request_id: Option<String>,
    /// Where it came from.
    pub address: Option<IpAddr>,
}

impl Actor {
    /// Somebody on the machine itself.
    pub fn command_line() -> Self {
        Self { kind: ActorKind::CommandLine, ..Self::default() }
    }
}

/// The service by itself.
impl Default for Actor {
    fn default() -> Self {
        Self {
            kind: ActorKind::Service,
            user_id: None,
            credential_id: None,
            request_id: None,
            address: None,
        }
    }
}
