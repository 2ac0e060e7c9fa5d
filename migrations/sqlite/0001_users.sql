-- Who owns what. One operator at first; every row that a user brought names its owner from the beginning, because adding owners later would
-- mean guessing them.
create table users (
    id blob not null constraint users_pkey primary key,
    role text not null constraint users_role_check check (role in ('operator', 'member')),
    name text not null,
    created_at_us integer not null
) strict, without rowid;

create unique index users_operator_key on users (role) where role = 'operator';

-- Keys to the API. Only the hash of the secret is here: whoever reads the table can open nothing.
create table tokens (
    id blob not null constraint tokens_pkey primary key,
    owner_id blob not null constraint tokens_owner_id_fkey references users (id) on delete cascade,
    name text not null,
    sha256 blob not null constraint tokens_sha256_key unique,
    scopes text not null,
    expires_at_us integer,
    created_at_us integer not null
) strict, without rowid;

create index tokens_owner_id_idx on tokens (owner_id);
