-- What happened, in order, for whoever watches. A watcher asks for what comes after the last number that it saw, so numbers must appear in
-- order: the single writer sees to that. Names only ids: what an event speaks of may be deleted, the event may not.
create table events (
    seq integer not null constraint events_pkey primary key autoincrement,
    owner_id blob not null,
    kind text not null,
    track_id blob,
    job_id blob,
    data text not null,
    created_at_us integer not null
) strict;

create index events_owner_id_seq_idx on events (owner_id, seq);

create trigger events_no_update before update on events
begin
    select raise(abort, 'events are append-only');
end;

create trigger events_no_delete before delete on events
begin
    select raise(abort, 'events are append-only');
end;
