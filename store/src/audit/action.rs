//! What entries tell of.

use crate::text_enum::text_enum;

text_enum! {
    /// What was done, or refused. The words are stable.
    pub enum Action {
        /// Somebody came in with a password.
        LoginSucceeded = "login.succeeded",
        /// A name or a password was wrong.
        LoginFailed = "login.failed",
        /// A user got a name and a password to come in with.
        LoginGiven = "login.given",
        /// Somebody left.
        SessionEnded = "session.ended",
        /// A refresh token came twice: its session was ended.
        SessionReused = "session.reused",
        /// Somebody changed the own password.
        PasswordChanged = "password.changed",
        /// Somebody who was in gave a wrong current password.
        PasswordRefused = "password.refused",
        /// A user got a one-time password.
        PasswordReset = "password.reset",
        /// A user was made.
        UserCreated = "user.created",
        /// A user was made because somebody else vouched for it.
        UserIntroduced = "user.introduced",
        /// A user was deleted.
        UserDeleted = "user.deleted",
        /// What a user may do was changed.
        UserRoleChanged = "user.role_changed",
        /// What a user may keep was changed.
        UserQuotaChanged = "user.quota_changed",
        /// A token of a program was made.
        TokenIssued = "token.issued",
        /// A token of a program was revoked.
        TokenRevoked = "token.revoked",
        /// A process signs with a new key.
        KeyPublished = "key.published",
        /// An administrator queued a job again.
        JobRetried = "job.retried",
        /// An administrator asked to end a job.
        JobCancelled = "job.cancelled",
        /// A run was started.
        RunStarted = "run.started",
        /// Somebody asked to end a run.
        RunCancelled = "run.cancelled",
        /// A track was deleted.
        TrackDeleted = "track.deleted",
        /// Maintenance began, or got another reason.
        MaintenanceOn = "maintenance.on",
        /// Maintenance ended.
        MaintenanceOff = "maintenance.off",
        /// Somebody may not do what they asked of `/v1/admin`.
        AdminRefused = "admin.refused",
        /// Addresses in this log became too old to be kept.
        AddressesForgotten = "addresses.forgotten",
    }
}

text_enum! {
    /// What became of it.
    pub enum Outcome {
        /// It was done.
        Done = "done",
        /// It was refused.
        Refused = "refused",
    }
}
