-- What a job took, on its own row: the sums of all its attempts, and the stages of the last one.
alter table consort_jobs add column first_started_at_us integer;
alter table consort_jobs add column run_us integer not null default 0;
alter table consort_jobs add column cpu_us integer not null default 0;
alter table consort_jobs add column n_bytes integer not null default 0;
alter table consort_jobs add column audio_us integer;
-- Billionths of whatever the price of a CPU second is in; null while there is no price.
alter table consort_jobs add column cost_nanos integer;
alter table consort_jobs add column stages text;
-- The span that queued it, as W3C writes it.
alter table consort_jobs add column trace_parent text;

-- What waits and runs, by owner and kind, without looking at what has ended.
create index consort_jobs_live_idx on consort_jobs (owner_id, kind, state, run_at_us) where state in ('queued', 'running');

-- How jobs and attempts ended, counted in the transaction that ends them, so that nobody has to scan jobs to know. The rows of a user go with the
-- user; those of all users, under the highest id, which nobody has, stay. Those are split by shard, so that workers that end jobs at the same time seldom wait for
-- each other.
create table job_tallies (
    owner_id blob not null,
    -- Days since 1970 (UTC); -1 is all days together.
    day integer not null,
    kind text not null,
    outcome text not null,
    -- Why, as a stable code; empty where there is nothing to say.
    code text not null,
    shard integer not null,
    n integer not null,
    run_us integer not null,
    cpu_us integer not null,
    n_bytes integer not null,
    audio_us integer not null,
    cost_nanos integer not null,
    constraint job_tallies_pkey primary key (owner_id, day, kind, outcome, code, shard)
) strict, without rowid;

-- How long jobs waited and ran: a histogram with fixed buckets (docs/monitoring.md), from which percentiles come.
create table job_times (
    owner_id blob not null,
    day integer not null,
    kind text not null,
    measure text not null constraint job_times_measure_check check (measure in ('wait', 'run')),
    bucket integer not null,
    shard integer not null,
    n integer not null,
    sum_us integer not null,
    constraint job_times_pkey primary key (owner_id, day, kind, measure, bucket, shard)
) strict, without rowid;
