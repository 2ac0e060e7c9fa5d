-- How far something has come is told only for the moment: events of these kinds, and no others, are removed after a while.
drop trigger events_append_only on events;

create trigger events_append_only before update or truncate on events
    for each statement execute function refuse_change();

create trigger events_no_delete before delete on events
    for each row when (old.kind not in ('job.started','job.step','run.step')) execute function refuse_change();

-- There are far more events that stay: those that go are found without looking at them.
create index events_steps_idx on events (created_at_us) where kind in ('job.started','job.step','run.step');
