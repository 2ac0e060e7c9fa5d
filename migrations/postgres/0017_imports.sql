-- Recordings that are fetched from an address, each by the job of the same id. An address may be a secret: it goes with the job's success, and else with the
-- sweep, a while after the job has ended, so that a dead one can be tried again until then.
create table imports (
    -- No foreign key: the sweep finds what jobs that are gone leave.
    job_id uuid not null constraint imports_pkey primary key,
    owner_id uuid not null constraint imports_owner_id_fkey references users (id) on delete cascade,
    url text not null,
    file_name text,
    title text,
    artist text,
    tags text not null,
    visibility text not null constraint imports_visibility_check check (visibility in ('private', 'listed')),
    created_at_us bigint not null
);

create index imports_owner_id_idx on imports (owner_id);

-- Imports are claimed apart from what keeps a core busy.
create index consort_jobs_due_imports_idx on consort_jobs (run_at_us, id) where state = 'queued' and kind = 'import_track';
