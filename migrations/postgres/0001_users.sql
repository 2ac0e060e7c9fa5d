-- The queue keeps the metadata of its messages in hstore. Trusted since PostgreSQL 13: the owner of the database may create it.
create extension if not exists hstore;

-- Who owns what. One operator at first; every row that a user brought names its owner from the beginning, because adding owners later would
-- mean guessing them.
create table users (
    id uuid not null constraint users_pkey primary key,
    role text not null constraint users_role_check check (role in ('operator', 'member')),
    name text not null,
    created_at_us bigint not null
);

create unique index users_operator_key on users (role) where role = 'operator';

-- Keys to the API. Only the hash of the secret is here: whoever reads the table can open nothing.
create table tokens (
    id uuid not null constraint tokens_pkey primary key,
    owner_id uuid not null constraint tokens_owner_id_fkey references users (id) on delete cascade,
    name text not null,
    sha256 bytea not null constraint tokens_sha256_key unique,
    scopes text not null,
    expires_at_us bigint,
    created_at_us bigint not null
);

create index tokens_owner_id_idx on tokens (owner_id);
