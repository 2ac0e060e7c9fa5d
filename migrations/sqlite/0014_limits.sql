-- What a user may keep; null is what the installation allows.
alter table users add column quota_bytes integer;
alter table users add column quota_tracks integer;
alter table users add column quota_minutes integer;

-- Everything that is counted against a quota, so that counting reads the index only.
create index tracks_usage_idx on tracks (owner_id, n_bytes, duration_s);

-- Answers that are given again when a request comes again under the same key.
create table idempotency_keys (
    owner_id blob not null constraint idempotency_keys_owner_id_fkey references users (id) on delete cascade,
    key text not null,
    -- Whoever is at it, and until when that is believed; no other may write the answer.
    holder blob not null,
    held_until_us integer not null,
    -- What was asked for, and what was answered; null while somebody is at it.
    fingerprint blob,
    status integer,
    headers text,
    body blob,
    expires_at_us integer not null,
    constraint idempotency_keys_pkey primary key (owner_id, key)
) strict, without rowid;

create index idempotency_keys_expires_at_us_idx on idempotency_keys (expires_at_us);
