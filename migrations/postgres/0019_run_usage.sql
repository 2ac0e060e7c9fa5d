-- What a run took, on its own row: attempts at its steps are added by the transactions that end them. A run may have as many jobs as there are
-- tracks, and whoever follows it reads it again and again.
alter table runs add column attempts bigint not null default 0;
alter table runs add column first_started_at_us bigint;
alter table runs add column run_us bigint not null default 0;
alter table runs add column cpu_us bigint not null default 0;
alter table runs add column n_bytes bigint not null default 0;
alter table runs add column audio_us bigint;
-- Billionths of whatever the price of a CPU second is in; null while there is no price.
alter table runs add column cost_nanos bigint;
alter table runs add column stages text;

-- Runs of before: what their jobs say. Stages are left out, because jobs have those of their last attempts only.
update runs set
    attempts = sums.attempts, first_started_at_us = sums.first_started_at_us, run_us = sums.run_us, cpu_us = sums.cpu_us,
    n_bytes = sums.n_bytes, audio_us = sums.audio_us, cost_nanos = sums.cost_nanos
from (
    select run_id, cast(sum(case when finished_at_us is null then 0 else attempts end) as bigint) as attempts,
           min(first_started_at_us) as first_started_at_us, cast(sum(run_us) as bigint) as run_us,
           cast(sum(cpu_us) as bigint) as cpu_us, cast(sum(n_bytes) as bigint) as n_bytes,
           cast(sum(audio_us) as bigint) as audio_us, cast(sum(cost_nanos) as bigint) as cost_nanos
    from consort_jobs where run_id is not null group by run_id
) as sums
where sums.run_id = runs.id;
