-- Who may do what only administrators may. The operator is one from the beginning; `role` still says which user this installation's own work
-- belongs to.
alter table users add column is_admin integer not null default 0;
update users set is_admin = 1 where role = 'operator';

-- How users come in with a name and a password. A user without one comes in with tokens only, or by a foreign identity. The hash is a PHC
-- string of Argon2id, which tells its own parameters.
create table logins (
    user_id blob not null constraint logins_pkey primary key
        constraint logins_user_id_fkey references users (id) on delete cascade,
    login text not null constraint logins_login_key unique,
    password_hash text not null,
    -- Set by somebody else: good for nothing but choosing another.
    is_one_time integer not null,
    created_at_us integer not null,
    changed_at_us integer not null
) strict, without rowid;

-- One for each time that somebody came in, ended by logging out. It has one refresh token at a time; whoever shows an earlier one of
-- the same session has a copy, and the session ends. Hashes only.
create table sessions (
    id blob not null constraint sessions_pkey primary key,
    user_id blob not null constraint sessions_user_id_fkey references users (id) on delete cascade,
    family_sha256 blob not null,
    refresh_sha256 blob not null,
    created_at_us integer not null,
    refreshed_at_us integer not null,
    expires_at_us integer not null
) strict, without rowid;

create index sessions_user_id_idx on sessions (user_id);
create index sessions_expires_at_us_idx on sessions (expires_at_us);

-- What access tokens are verified with. The private halves never leave the memory of the process that made them: whoever reads the table
-- can sign nothing.
create table signing_keys (
    id blob not null constraint signing_keys_pkey primary key,
    public_key blob not null,
    created_at_us integer not null,
    -- Nothing that it signed is good any more from then on.
    expires_at_us integer not null
) strict, without rowid;

-- Users who come in by somebody else's word: an OpenID provider or a gateway. Made when they are first seen.
create table foreign_identities (
    issuer text not null,
    subject text not null,
    user_id blob not null constraint foreign_identities_user_id_fkey references users (id) on delete cascade,
    created_at_us integer not null,
    constraint foreign_identities_pkey primary key (issuer, subject)
) strict, without rowid;

create index foreign_identities_user_id_idx on foreign_identities (user_id);

-- When a token was last used, to the minute.
alter table tokens add column last_used_at_us integer;
