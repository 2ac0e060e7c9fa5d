-- What happened, in order, for whoever watches. A watcher asks for what comes after the last number that it saw, so numbers must appear in
-- order: a lock is held from the insertion to the commit. Names only ids: what an event speaks of may be deleted, the event may not.
create table events (
    seq bigint generated always as identity constraint events_pkey primary key,
    owner_id uuid not null,
    kind text not null,
    track_id uuid,
    job_id uuid,
    data text not null,
    created_at_us bigint not null
);

create index events_owner_id_seq_idx on events (owner_id, seq);

create trigger events_append_only before update or delete or truncate on events
    for each statement execute function refuse_change();
