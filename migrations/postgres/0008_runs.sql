-- Which kinds there are is the code's to say: no table is made anew for a new one. A job may be about a tile of a run instead of a track.
alter table consort_jobs drop constraint consort_jobs_kind_check;
alter table consort_jobs add column run_id uuid;
alter table consort_jobs add column tile bigint;

-- A step of a run waits once at most.
create unique index consort_jobs_live_run_key on consort_jobs (run_id, kind, tile) where run_id is not null and state in ('queued', 'running');

-- One batch re-scoring of an owner's catalogue. Its results are staged under a generation of their own, which becomes visible at once when all
-- of it is there.
create table runs (
    id uuid not null constraint runs_pkey primary key,
    owner_id uuid not null constraint runs_owner_id_fkey references users (id) on delete cascade,
    state text not null constraint runs_state_check
        check (state in ('queued', 'analyzing', 'scoring', 'switching', 'cancelling', 'succeeded', 'failed', 'cancelled')),
    scope text not null constraint runs_scope_check check (scope in ('all', 'changed')),
    purpose text,
    reanalyze boolean not null,
    dry_run boolean not null,
    -- 0 until it is planned, and for ever when there is nothing to do.
    generation bigint not null,
    -- Number of the last event that the tiles know of.
    seq bigint not null,
    n_tracks bigint not null,
    n_stale bigint not null,
    n_analyses bigint not null,
    n_tiles bigint not null,
    n_tiles_done bigint not null,
    n_lists_written bigint not null,
    n_matches_written bigint not null,
    diff text,
    error_code text,
    error_detail text,
    trace_id text,
    created_at_us bigint not null,
    scoring_at_us bigint,
    finished_at_us bigint,
    constraint runs_finished_check check ((state in ('succeeded', 'failed', 'cancelled')) = (finished_at_us is not null))
);

create index runs_owner_id_id_idx on runs (owner_id, id);
create unique index runs_live_key on runs (owner_id) where finished_at_us is null;

-- A part of a run: some tracks, alike ones together, against the whole catalogue.
create table run_tiles (
    run_id uuid not null constraint run_tiles_run_id_fkey references runs (id) on delete cascade,
    tile bigint not null,
    -- Their ids, 16 bytes each.
    tracks bytea not null,
    is_done boolean not null,
    constraint run_tiles_pkey primary key (run_id, tile)
);

-- Which generation of matches an owner sees, and what it was made of: when nothing of that has changed there is nothing to re-score.
create table match_generations (
    owner_id uuid not null constraint match_generations_pkey primary key
        constraint match_generations_owner_id_fkey references users (id) on delete cascade,
    visible bigint not null,
    seq bigint not null,
    descriptor_version bigint not null,
    weights_version bigint not null,
    n_heads bigint not null
);

-- The best matches of each track for each purpose: one row in place of one for each match, since they are read, compared and replaced
-- together. Seen is that of the highest generation that is not above the owner's visible one.
drop table match_heads;
create table match_lists (
    track_id uuid not null constraint match_lists_track_id_fkey references tracks (id) on delete cascade,
    purpose text not null,
    generation bigint not null,
    owner_id uuid not null constraint match_lists_owner_id_fkey references users (id),
    -- Best first (docs/formats.md).
    entries bytea not null,
    n_entries bigint not null,
    -- The score of the last; null when there is none.
    floor double precision,
    -- One that was in it has gone, and who comes next is not known yet.
    is_short boolean not null,
    descriptor_version bigint not null,
    weights_version bigint not null,
    constraint match_lists_pkey primary key (track_id, purpose, generation)
);

create index match_lists_generation_idx on match_lists (owner_id, generation, purpose, track_id);
create index match_lists_short_idx on match_lists (owner_id, track_id) where is_short;

-- A scored pair for one purpose, with its parts, so that it can say why. Stored once for both directions: scores are symmetric. It lives while a
-- list of one of the two names the other. Seen is that of the highest generation that is not above the owner's visible one.
drop table matches;
create table matches (
    a_id uuid not null constraint matches_a_id_fkey references tracks (id) on delete cascade,
    b_id uuid not null constraint matches_b_id_fkey references tracks (id) on delete cascade,
    purpose text not null,
    generation bigint not null,
    a_owner_id uuid not null constraint matches_a_owner_id_fkey references users (id),
    b_owner_id uuid not null constraint matches_b_owner_id_fkey references users (id),
    score double precision not null,
    parts text not null,
    reason text not null,
    descriptor_version bigint not null,
    weights_version bigint not null,
    first_scored_at_us bigint not null,
    scored_at_us bigint not null,
    constraint matches_pkey primary key (a_id, b_id, purpose, generation),
    constraint matches_order_check check (a_id < b_id)
);

create index matches_b_id_idx on matches (b_id);
create index matches_generation_idx on matches (a_owner_id, generation, purpose, a_id, b_id);

-- Lists and matches of before are made anew, by a run for each owner that a worker begins by itself.
insert into runs (id, owner_id, state, scope, reanalyze, dry_run, generation, seq, n_tracks, n_stale, n_analyses, n_tiles, n_tiles_done,
                  n_lists_written, n_matches_written, created_at_us)
select gen_random_uuid(), owner_id, 'queued', 'all', false, false, 0, 0, 0, 0, 0, 0, 0, 0, 0, (extract(epoch from clock_timestamp()) * 1000000)::bigint
from (select distinct owner_id from descriptors) as owners;
