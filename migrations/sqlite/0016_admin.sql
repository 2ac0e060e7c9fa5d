-- What a job had counted when an administrator queued it again: its counters begin anew then, and nothing is forgotten.
create table job_rounds (
    job_id blob not null constraint job_rounds_job_id_fkey references consort_jobs (id) on delete cascade,
    -- 1 for the first time that it was tried.
    round integer not null,
    state text not null constraint job_rounds_state_check check (state in ('failed', 'dead')),
    attempts integer not null,
    crashes integer not null,
    lost integer not null,
    retries integer not null,
    error_code text,
    error_detail text,
    started_at_us integer,
    finished_at_us integer not null,
    retried_at_us integer not null,
    constraint job_rounds_pkey primary key (job_id, round)
) strict, without rowid;

-- Dead letters are few among many jobs that went well.
create index consort_jobs_failed_idx on consort_jobs (id) where state in ('failed', 'dead');

-- While it is on, nothing is changed but what docs/security.md lists. Every writing transaction reads it when it begins.
create table maintenance (
    id integer not null constraint maintenance_pkey primary key constraint maintenance_id_check check (id = 1),
    is_on integer not null,
    reason text,
    changed_at_us integer
) strict;

insert into maintenance (id, is_on) values (1, 0);

-- Who did what that somebody may have to account for. Each entry has a hash over itself and the hash before it, so that a changed, missing or moved
-- one is found. Ids only: what is personal lies apart and is forgotten after a while.
create table audit_entries (
    seq integer not null constraint audit_entries_pkey primary key,
    at_us integer not null,
    actor_kind text not null,
    -- The user, and the session or token that was shown.
    actor_id blob,
    credential_id blob,
    action text not null,
    outcome text not null constraint audit_entries_outcome_check check (outcome in ('done', 'refused')),
    -- The user, token, session, job, run, track or key that it was done to.
    subject_id blob,
    request_id text,
    -- SHA-256 of the salt and the address in audit_addresses.
    address_sha256 blob,
    details text not null,
    sha256 blob not null
) strict;

-- Where actions came from. What is deleted here leaves a hash behind that nobody can guess the address from, because its salt is gone.
create table audit_addresses (
    seq integer not null constraint audit_addresses_pkey primary key,
    at_us integer not null,
    salt blob not null,
    address text not null
) strict;

create index audit_addresses_at_us_idx on audit_addresses (at_us);

-- The newest entry's number and hash: who appends holds this row, and an end that was cut off is missed.
create table audit_head (
    id integer not null constraint audit_head_pkey primary key constraint audit_head_id_check check (id = 1),
    seq integer not null,
    sha256 blob not null
) strict;

insert into audit_head (id, seq, sha256) values (1, 0, zeroblob(32));

create trigger audit_entries_no_update before update on audit_entries
begin
    select raise(abort, 'audit_entries are append-only');
end;

create trigger audit_entries_no_delete before delete on audit_entries
begin
    select raise(abort, 'audit_entries are append-only');
end;

-- "insert or replace" would remove the row in its place without a word to the trigger above.
create trigger audit_entries_no_replace before insert on audit_entries
when exists (select 1 from audit_entries where seq = new.seq)
begin
    select raise(abort, 'audit_entries are append-only');
end;

create trigger audit_addresses_no_update before update on audit_addresses
begin
    select raise(abort, 'audit_addresses cannot be changed');
end;

create trigger audit_head_no_delete before delete on audit_head
begin
    select raise(abort, 'audit_head cannot be removed');
end;
