-- What a run took, on its own row: attempts at its steps are added by the transactions that end them. A run may have as many jobs as there are
-- tracks, and whoever follows it reads it again and again.
alter table runs add column attempts integer not null default 0;
alter table runs add column first_started_at_us integer;
alter table runs add column run_us integer not null default 0;
alter table runs add column cpu_us integer not null default 0;
alter table runs add column n_bytes integer not null default 0;
alter table runs add column audio_us integer;
-- Billionths of whatever the price of a CPU second is in; null while there is no price.
alter table runs add column cost_nanos integer;
alter table runs add column stages text;

-- Runs of before: what their jobs say. Stages are left out, because jobs have those of their last attempts only.
update runs set
    attempts = sums.attempts, first_started_at_us = sums.first_started_at_us, run_us = sums.run_us, cpu_us = sums.cpu_us,
    n_bytes = sums.n_bytes, audio_us = sums.audio_us, cost_nanos = sums.cost_nanos
from (
    select run_id, sum(case when finished_at_us is null then 0 else attempts end) as attempts,
           min(first_started_at_us) as first_started_at_us, sum(run_us) as run_us, sum(cpu_us) as cpu_us, sum(n_bytes) as n_bytes,
           sum(audio_us) as audio_us, sum(cost_nanos) as cost_nanos
    from consort_jobs where run_id is not null group by run_id
) as sums
where sums.run_id = runs.id;
