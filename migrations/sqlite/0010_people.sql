-- Whether others may be told of a track: 'private' unless its owner lists it. And how much it counts in the owner's profile.
alter table tracks add column visibility text not null default 'private'
    constraint tracks_visibility_check check (visibility in ('private', 'listed'));
alter table tracks add column weight real not null default 1
    constraint tracks_weight_check check (weight >= 0 and weight <= 10);

-- What a user says and shows as a person. One for each user, made with the user; others know nothing of it unless it is discoverable.
-- `version` counts what the owner changed, `revision` everything that matching reads. Coordinates come rounded to a tenth of a degree.
create table profiles (
    user_id blob not null constraint profiles_pkey primary key
        constraint profiles_user_id_fkey references users (id) on delete cascade,
    name text,
    discoverable integer not null,
    latitude_deg real,
    longitude_deg real,
    radius_km real,
    place_rule text constraint profiles_place_rule_check check (place_rule in ('soft', 'hard')),
    slots integer,
    slots_rule text constraint profiles_slots_rule_check check (slots_rule in ('soft', 'hard')),
    version integer not null,
    revision integer not null,
    -- The revision that was matched last, and the number of the last event when a new one was. It grows, so that whoever was matched
    -- meanwhile learns that somebody has changed.
    matched_revision integer not null,
    epoch integer not null,
    -- What the recordings say, made by matching: empty until it has run. The medoids are in a table of their own.
    n_tracks integer not null,
    size real not null,
    mood_method integer,
    valence_mean real,
    valence_std real,
    arousal_mean real,
    arousal_std real,
    tension_mean real,
    tension_std real,
    created_at_us integer not null,
    updated_at_us integer not null,
    constraint profiles_place_check check (
        (latitude_deg is null) = (place_rule is null) and (longitude_deg is null) = (place_rule is null)
        and (radius_km is null) = (place_rule is null)),
    constraint profiles_slots_check check ((slots is null) = (slots_rule is null))
) strict, without rowid;

create index profiles_discoverable_idx on profiles (user_id) where discoverable;
create index profiles_epoch_idx on profiles (epoch);

insert into profiles (user_id, discoverable, version, revision, matched_revision, epoch, n_tracks, size, created_at_us, updated_at_us)
select id, 0, 1, 1, 0, 0, 0, 0, created_at_us, created_at_us from users;

-- The words of a profile. Those of the kind 'heard' are taken from its listed tracks by matching, with the share that carries each.
create table profile_tags (
    user_id blob not null constraint profile_tags_user_id_fkey references users (id) on delete cascade,
    kind text not null constraint profile_tags_kind_check
        check (kind in ('plays', 'seeks', 'genres', 'influences', 'dislikes', 'heard')),
    tag text not null,
    weight real not null,
    constraint profile_tags_pkey primary key (user_id, kind, tag)
) strict, without rowid;

-- The few listed tracks that stand for all of a profile's, so that comparing two people does not grow with their tracks.
create table profile_medoids (
    user_id blob not null constraint profile_medoids_user_id_fkey references users (id) on delete cascade,
    track_id blob not null constraint profile_medoids_track_id_fkey references tracks (id) on delete cascade,
    weight real not null,
    constraint profile_medoids_pkey primary key (user_id, track_id)
) strict, without rowid;

create index profile_medoids_track_id_idx on profile_medoids (track_id);

-- Two people scored. Stored once, the smaller id first; what each of the two reads is apart, because a sentence says "you".
create table profile_matches (
    a_id blob not null constraint profile_matches_a_id_fkey references users (id) on delete cascade,
    b_id blob not null constraint profile_matches_b_id_fkey references users (id) on delete cascade,
    score real not null,
    a_view text not null,
    b_view text not null,
    -- The tracks of both that are most alike: named only while they are listed.
    a_track_id blob constraint profile_matches_a_track_id_fkey references tracks (id) on delete set null,
    b_track_id blob constraint profile_matches_b_track_id_fkey references tracks (id) on delete set null,
    descriptor_version integer not null,
    weights_version integer not null,
    first_scored_at_us integer not null,
    scored_at_us integer not null,
    version integer not null,
    constraint profile_matches_pkey primary key (a_id, b_id),
    constraint profile_matches_order_check check (a_id < b_id)
) strict, without rowid;

create index profile_matches_b_id_idx on profile_matches (b_id);
create index profile_matches_a_track_id_idx on profile_matches (a_track_id);
create index profile_matches_b_track_id_idx on profile_matches (b_track_id);

-- The best matches of each profile. A match lives while a head points to it.
create table profile_heads (
    user_id blob not null constraint profile_heads_user_id_fkey references users (id) on delete cascade,
    other_id blob not null constraint profile_heads_other_id_fkey references users (id) on delete cascade,
    score real not null,
    constraint profile_heads_pkey primary key (user_id, other_id)
) strict, without rowid;

create index profile_heads_other_id_idx on profile_heads (other_id);
create index profile_heads_best_idx on profile_heads (user_id, score desc, other_id);

-- What people said to being offered each other.
create table profile_answers (
    user_id blob not null constraint profile_answers_user_id_fkey references users (id) on delete cascade,
    other_id blob not null constraint profile_answers_other_id_fkey references users (id) on delete cascade,
    answer text not null constraint profile_answers_answer_check check (answer in ('accept', 'decline', 'later')),
    answered_at_us integer not null,
    constraint profile_answers_pkey primary key (user_id, other_id)
) strict, without rowid;

create index profile_answers_other_id_idx on profile_answers (other_id);

-- Two people who both said yes.
create table connections (
    a_id blob not null constraint connections_a_id_fkey references users (id) on delete cascade,
    b_id blob not null constraint connections_b_id_fkey references users (id) on delete cascade,
    made_at_us integer not null,
    constraint connections_pkey primary key (a_id, b_id),
    constraint connections_order_check check (a_id < b_id)
) strict, without rowid;

create index connections_b_id_idx on connections (b_id);
