-- What a job took, on its own row: the sums of all its attempts, and the stages of the last one.
alter table consort_jobs add column first_started_at_us bigint;
alter table consort_jobs add column run_us bigint not null default 0;
alter table consort_jobs add column cpu_us bigint not null default 0;
alter table consort_jobs add column n_bytes bigint not null default 0;
alter table consort_jobs add column audio_us bigint;
-- Billionths of whatever the price of a CPU second is in; null while there is no price.
alter table consort_jobs add column cost_nanos bigint;
alter table consort_jobs add column stages text;
-- The span that queued it, as W3C writes it.
alter table consort_jobs add column trace_parent text;

-- What waits and runs, by owner and kind, without looking at what has ended.
create index consort_jobs_live_idx on consort_jobs (owner_id, kind, state, run_at_us) where state in ('queued', 'running');

-- How jobs and attempts ended, counted in the transaction that ends them, so that nobody has to scan jobs to know. The rows of a user go with the
-- user; those of all users, under the highest id, which nobody has, stay. Those are split by shard, so that workers that end jobs at the same time seldom wait for
-- each other.
create table job_tallies (
    owner_id uuid not null,
    -- Days since 1970 (UTC); -1 is all days together.
    day bigint not null,
    kind text not null,
    outcome text not null,
    -- Why, as a stable code; empty where there is nothing to say.
    code text not null,
    shard bigint not null,
    n bigint not null,
    run_us bigint not null,
    cpu_us bigint not null,
    n_bytes bigint not null,
    audio_us bigint not null,
    cost_nanos bigint not null,
    constraint job_tallies_pkey primary key (owner_id, day, kind, outcome, code, shard)
);

-- How long jobs waited and ran: a histogram with fixed buckets (docs/monitoring.md), from which percentiles come.
create table job_times (
    owner_id uuid not null,
    day bigint not null,
    kind text not null,
    measure text not null constraint job_times_measure_check check (measure in ('wait', 'run')),
    bucket bigint not null,
    shard bigint not null,
    n bigint not null,
    sum_us bigint not null,
    constraint job_times_pkey primary key (owner_id, day, kind, measure, bucket, shard)
);
