-- How far something has come is told only for the moment: events of these kinds, and no others, are removed after a while.
drop trigger events_no_delete;

create trigger events_no_delete before delete on events
when old.kind not in ('job.started','job.step','run.step')
begin
    select raise(abort, 'events are append-only');
end;

-- There are far more events that stay: those that go are found without looking at them.
create index events_steps_idx on events (created_at_us) where kind in ('job.started','job.step','run.step');
