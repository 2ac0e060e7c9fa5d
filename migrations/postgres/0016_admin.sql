-- What a job had counted when an administrator queued it again: its counters begin anew then, and nothing is forgotten.
create table job_rounds (
    job_id uuid not null constraint job_rounds_job_id_fkey references consort_jobs (id) on delete cascade,
    -- 1 for the first time that it was tried.
    round bigint not null,
    state text not null constraint job_rounds_state_check check (state in ('failed', 'dead')),
    attempts bigint not null,
    crashes bigint not null,
    lost bigint not null,
    retries bigint not null,
    error_code text,
    error_detail text,
    started_at_us bigint,
    finished_at_us bigint not null,
    retried_at_us bigint not null,
    constraint job_rounds_pkey primary key (job_id, round)
);

-- Dead letters are few among many jobs that went well.
create index consort_jobs_failed_idx on consort_jobs (id) where state in ('failed', 'dead');

-- While it is on, nothing is changed but what docs/security.md lists. Every writing transaction reads it when it begins.
create table maintenance (
    id bigint not null constraint maintenance_pkey primary key constraint maintenance_id_check check (id = 1),
    is_on boolean not null,
    reason text,
    changed_at_us bigint
);

insert into maintenance (id, is_on) values (1, false);

-- Who did what that somebody may have to account for. Each entry has a hash over itself and the hash before it, so that a changed, missing or moved
-- one is found. Ids only: what is personal lies apart and is forgotten after a while.
create table audit_entries (
    -- Not an identity: those leave gaps behind transactions that were rolled back, and a gap is a missing entry.
    seq bigint not null constraint audit_entries_pkey primary key,
    at_us bigint not null,
    actor_kind text not null,
    -- The user, and the session or token that was shown.
    actor_id uuid,
    credential_id uuid,
    action text not null,
    outcome text not null constraint audit_entries_outcome_check check (outcome in ('done', 'refused')),
    -- The user, token, session, job, run, track or key that it was done to.
    subject_id uuid,
    request_id text,
    -- SHA-256 of the salt and the address in audit_addresses.
    address_sha256 bytea,
    details text not null,
    sha256 bytea not null
);

-- Where actions came from. What is deleted here leaves a hash behind that nobody can guess the address from, because its salt is gone.
create table audit_addresses (
    seq bigint not null constraint audit_addresses_pkey primary key,
    at_us bigint not null,
    salt bytea not null,
    address text not null
);

create index audit_addresses_at_us_idx on audit_addresses (at_us);

-- The newest entry's number and hash: who appends holds this row, and an end that was cut off is missed.
create table audit_head (
    id bigint not null constraint audit_head_pkey primary key constraint audit_head_id_check check (id = 1),
    seq bigint not null,
    sha256 bytea not null
);

insert into audit_head (id, seq, sha256) values (1, 0, decode(repeat('00', 32), 'hex'));

create trigger audit_entries_append_only before update or delete or truncate on audit_entries
    for each statement execute function refuse_change();

create trigger audit_addresses_no_update before update or truncate on audit_addresses
    for each statement execute function refuse_change();

create trigger audit_head_no_delete before delete or truncate on audit_head
    for each statement execute function refuse_change();
