-- One unit of queued work, and the truth about it: what apalis carries is only a wake-up. The counters are apart because they mean different
-- things (docs/queue.md): starts, deaths of the analysis, deaths of the worker, failures of input and output. The fence is the number of the
-- lease: a statement that ends a job names it, so that a worker that lost its lease changes nothing.
create table consort_jobs (
    id blob not null constraint consort_jobs_pkey primary key,
    owner_id blob not null constraint consort_jobs_owner_id_fkey references users (id),
    kind text not null constraint consort_jobs_kind_check check (kind in ('analyze_track', 'match_track')),
    -- No foreign key: the record of what was done outlives what it was done to.
    track_id blob,
    state text not null constraint consort_jobs_state_check
        check (state in ('queued', 'running', 'succeeded', 'failed', 'dead', 'cancelled')),
    priority integer not null,
    attempts integer not null,
    crashes integer not null,
    lost integer not null,
    retries integer not null,
    fence integer not null,
    progress real not null,
    run_at_us integer not null,
    lease_until_us integer,
    worker text,
    cancel_requested boolean not null,
    error_code text,
    error_detail text,
    trace_id text,
    created_at_us integer not null,
    started_at_us integer,
    finished_at_us integer,
    constraint consort_jobs_lease_check check ((state = 'running') = (lease_until_us is not null)),
    constraint consort_jobs_finished_check check ((state in ('queued', 'running')) = (finished_at_us is null))
) without rowid;

-- The claim reads this in order; finished jobs, which become many, are not in it.
create index consort_jobs_due_idx on consort_jobs (priority desc, run_at_us, id) where state = 'queued';
create index consort_jobs_lease_idx on consort_jobs (lease_until_us) where state = 'running';
create index consort_jobs_owner_id_id_idx on consort_jobs (owner_id, id);
create index consort_jobs_track_id_idx on consort_jobs (track_id);

-- A track waits for one analysis and one matching at most.
create unique index consort_jobs_live_key on consort_jobs (track_id, kind) where state in ('queued', 'running');
