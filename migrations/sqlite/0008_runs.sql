-- Which kinds there are is the code's to say: no table is made anew for a new one. A job may be about a tile of a run instead of a track.
create table consort_jobs_new (
    id blob not null constraint consort_jobs_pkey primary key,
    owner_id blob not null constraint consort_jobs_owner_id_fkey references users (id),
    kind text not null,
    -- No foreign keys: the record of what was done outlives what it was done to.
    track_id blob,
    run_id blob,
    tile integer,
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

insert into consort_jobs_new (
    id, owner_id, kind, track_id, state, priority, attempts, crashes, lost, retries, fence, progress, run_at_us,
    lease_until_us, worker, cancel_requested, error_code, error_detail, trace_id, created_at_us, started_at_us, finished_at_us
) select
    id, owner_id, kind, track_id, state, priority, attempts, crashes, lost, retries, fence, progress, run_at_us,
    lease_until_us, worker, cancel_requested, error_code, error_detail, trace_id, created_at_us, started_at_us, finished_at_us
from consort_jobs;

drop table consort_jobs;
alter table consort_jobs_new rename to consort_jobs;

-- The claim reads this in order; finished jobs, which become many, are not in it.
create index consort_jobs_due_idx on consort_jobs (priority desc, run_at_us, id) where state = 'queued';
create index consort_jobs_lease_idx on consort_jobs (lease_until_us) where state = 'running';
create index consort_jobs_owner_id_id_idx on consort_jobs (owner_id, id);
create index consort_jobs_track_id_idx on consort_jobs (track_id);

-- A track waits for one analysis and one matching at most.
create unique index consort_jobs_live_key on consort_jobs (track_id, kind) where state in ('queued', 'running');

-- A step of a run waits once at most.
create unique index consort_jobs_live_run_key on consort_jobs (run_id, kind, tile) where run_id is not null and state in ('queued', 'running');

-- One batch re-scoring of an owner's catalogue. Its results are staged under a generation of their own, which becomes visible at once when all
-- of it is there.
create table runs (
    id blob not null constraint runs_pkey primary key,
    owner_id blob not null constraint runs_owner_id_fkey references users (id) on delete cascade,
    state text not null constraint runs_state_check
        check (state in ('queued', 'analyzing', 'scoring', 'switching', 'cancelling', 'succeeded', 'failed', 'cancelled')),
    scope text not null constraint runs_scope_check check (scope in ('all', 'changed')),
    purpose text,
    reanalyze integer not null,
    dry_run integer not null,
    -- 0 until it is planned, and for ever when there is nothing to do.
    generation integer not null,
    -- Number of the last event that the tiles know of.
    seq integer not null,
    n_tracks integer not null,
    n_stale integer not null,
    n_analyses integer not null,
    n_tiles integer not null,
    n_tiles_done integer not null,
    n_lists_written integer not null,
    n_matches_written integer not null,
    diff text,
    error_code text,
    error_detail text,
    trace_id text,
    created_at_us integer not null,
    scoring_at_us integer,
    finished_at_us integer,
    constraint runs_finished_check check ((state in ('succeeded', 'failed', 'cancelled')) = (finished_at_us is not null))
) strict, without rowid;

create index runs_owner_id_id_idx on runs (owner_id, id);
create unique index runs_live_key on runs (owner_id) where finished_at_us is null;

-- A part of a run: some tracks, alike ones together, against the whole catalogue.
create table run_tiles (
    run_id blob not null constraint run_tiles_run_id_fkey references runs (id) on delete cascade,
    tile integer not null,
    -- Their ids, 16 bytes each.
    tracks blob not null,
    is_done integer not null,
    constraint run_tiles_pkey primary key (run_id, tile)
) strict, without rowid;

-- Which generation of matches an owner sees, and what it was made of: when nothing of that has changed there is nothing to re-score.
create table match_generations (
    owner_id blob not null constraint match_generations_pkey primary key
        constraint match_generations_owner_id_fkey references users (id) on delete cascade,
    visible integer not null,
    seq integer not null,
    descriptor_version integer not null,
    weights_version integer not null,
    n_heads integer not null
) strict, without rowid;

-- The best matches of each track for each purpose: one row in place of one for each match, since they are read, compared and replaced
-- together. Seen is that of the highest generation that is not above the owner's visible one.
drop table match_heads;
create table match_lists (
    track_id blob not null constraint match_lists_track_id_fkey references tracks (id) on delete cascade,
    purpose text not null,
    generation integer not null,
    owner_id blob not null constraint match_lists_owner_id_fkey references users (id),
    -- Best first (docs/formats.md).
    entries blob not null,
    n_entries integer not null,
    -- The score of the last; null when there is none.
    floor real,
    -- One that was in it has gone, and who comes next is not known yet.
    is_short integer not null,
    descriptor_version integer not null,
    weights_version integer not null,
    constraint match_lists_pkey primary key (track_id, purpose, generation)
) strict, without rowid;

create index match_lists_generation_idx on match_lists (owner_id, generation, purpose, track_id);
create index match_lists_short_idx on match_lists (owner_id, track_id) where is_short;

-- A scored pair for one purpose, with its parts, so that it can say why. Stored once for both directions: scores are symmetric. It lives while a
-- list of one of the two names the other. Seen is that of the highest generation that is not above the owner's visible one.
drop table matches;
create table matches (
    a_id blob not null constraint matches_a_id_fkey references tracks (id) on delete cascade,
    b_id blob not null constraint matches_b_id_fkey references tracks (id) on delete cascade,
    purpose text not null,
    generation integer not null,
    a_owner_id blob not null constraint matches_a_owner_id_fkey references users (id),
    b_owner_id blob not null constraint matches_b_owner_id_fkey references users (id),
    score real not null,
    parts text not null,
    reason text not null,
    descriptor_version integer not null,
    weights_version integer not null,
    first_scored_at_us integer not null,
    scored_at_us integer not null,
    constraint matches_pkey primary key (a_id, b_id, purpose, generation),
    constraint matches_order_check check (a_id < b_id)
) strict, without rowid;

create index matches_b_id_idx on matches (b_id);
create index matches_generation_idx on matches (a_owner_id, generation, purpose, a_id, b_id);

-- Lists and matches of before are made anew, by a run for each owner that a worker begins by itself.
insert into runs (id, owner_id, state, scope, reanalyze, dry_run, generation, seq, n_tracks, n_stale, n_analyses, n_tiles, n_tiles_done,
                  n_lists_written, n_matches_written, created_at_us)
select randomblob(16), owner_id, 'queued', 'all', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, cast(strftime('%s', 'now') as integer) * 1000000
from (select distinct owner_id from descriptors) as owners;
