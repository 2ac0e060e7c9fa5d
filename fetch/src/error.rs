//! Why nothing came.

use crate::rules::Refusal;

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why nothing came. Neither the address nor anything that came is part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The address is not one to fetch from.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A redirect leads where nothing is fetched from.
    #[error("it leads on to where nothing is fetched from: {0}")]
    RedirectRefused(Refusal),
    /// A redirect that leads nowhere.
    #[error("it leads on, but does not say where")]
    RedirectMalformed,
    /// More redirects than are followed.
    #[error("it leads on more than {limit} times")]
    TooManyRedirects {
        /// The limit.
        limit: u32,
    },
    /// Nobody has the name, or somebody whose address is not public: which of the two is not told, or this would tell who is near.
    #[error("the name does not lead to public addresses")]
    NotPublic,
    /// The host did not answer, or not as who it should be.
    #[error("the host could not be reached, or its certificate is not good")]
    Unreachable,
    /// What came is not HTTP, or ended before its end.
    #[error("the answer broke off, or is not HTTP")]
    BrokeOff,
    /// The host said nothing for too long.
    #[error("the host fell silent")]
    Stalled,
    /// All of it took too long.
    #[error("it took too long in all")]
    TooSlow,
    /// Another status than 200.
    #[error("the host answered with the status {0}")]
    Status(u16),
    /// Compressed for the way; nothing is unpacked here.
    #[error("the answer is encoded though nobody asked for it")]
    Encoded,
    /// More bytes than wanted.
    #[error("it has more than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
}

impl Error {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::RedirectRefused(_) | Self::RedirectMalformed => "redirect_refused",
            Self::TooManyRedirects { .. } => "too_many_redirects",
            Self::NotPublic => "host_not_public",
            Self::Unreachable => "host_unreachable",
            Self::BrokeOff => "remote_broke_off",
            Self::Stalled => "remote_stalled",
            Self::TooSlow => "remote_too_slow",
            Self::Status(_) => "remote_status",
            Self::Encoded => "remote_encoded",
            Self::TooLarge { .. } => "upload_too_large",
        }
    }

    /// True where another try may give something else.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::NotPublic | Self::Unreachable | Self::BrokeOff | Self::Stalled => true,
            Self::Status(status) => matches!(status, 408 | 425 | 429 | 500..=599),
            _ => false,
        }
    }
}
