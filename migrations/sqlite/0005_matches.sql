-- A scored pair for one purpose, with its parts, so that it can say why. Stored once for both directions: scores are symmetric.
create table matches (
    purpose text not null,
    a_id blob not null constraint matches_a_id_fkey references tracks (id) on delete cascade,
    b_id blob not null constraint matches_b_id_fkey references tracks (id) on delete cascade,
    a_owner_id blob not null constraint matches_a_owner_id_fkey references users (id),
    b_owner_id blob not null constraint matches_b_owner_id_fkey references users (id),
    score real not null,
    parts text not null,
    reason text not null,
    descriptor_version integer not null,
    weights_version integer not null,
    scored_at_us integer not null,
    constraint matches_pkey primary key (purpose, a_id, b_id),
    constraint matches_order_check check (a_id < b_id)
) strict, without rowid;

create index matches_a_id_idx on matches (a_id);
create index matches_b_id_idx on matches (b_id);

-- The best matches of each track. A match lives while a head points to it: that keeps the number of matches proportional to the number of
-- tracks and not to its square.
create table match_heads (
    track_id blob not null constraint match_heads_track_id_fkey references tracks (id) on delete cascade,
    purpose text not null,
    other_id blob not null constraint match_heads_other_id_fkey references tracks (id) on delete cascade,
    owner_id blob not null constraint match_heads_owner_id_fkey references users (id),
    score real not null,
    constraint match_heads_pkey primary key (track_id, purpose, other_id)
) strict, without rowid;

create index match_heads_other_id_idx on match_heads (other_id);
create index match_heads_best_idx on match_heads (track_id, purpose, score desc, other_id);
