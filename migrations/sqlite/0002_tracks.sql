-- Bytes in the blob store, by content. The row comes before the bytes and goes after them, so that every object has a row and the sweep
-- needs no listing. `claims` counts the uploads that are about to refer to it, which keeps it from being removed as unreferenced;
-- `claimed_until_us` ends the claims of uploads that died. No owner: what is stored once may belong to many, and who may read it is decided
-- by tracks alone.
create table blobs (
    sha256 blob not null constraint blobs_pkey primary key,
    n_bytes integer not null,
    claims integer not null,
    claimed_until_us integer not null,
    created_at_us integer not null
) strict, without rowid;

-- One uploaded recording of one owner. The same bytes from the same owner are the same track.
create table tracks (
    id blob not null constraint tracks_pkey primary key,
    owner_id blob not null constraint tracks_owner_id_fkey references users (id),
    blob_sha256 blob not null constraint tracks_blob_sha256_fkey references blobs (sha256),
    n_bytes integer not null,
    file_name text,
    content_type text,
    title text,
    artist text,
    tags text not null,
    state text not null constraint tracks_state_check check (state in ('queued', 'analyzing', 'analyzed', 'failed')),
    error_code text,
    error_detail text,
    media text,
    duration_s real,
    created_at_us integer not null,
    updated_at_us integer not null,
    version integer not null,
    constraint tracks_owner_id_blob_sha256_key unique (owner_id, blob_sha256)
) strict, without rowid;

create index tracks_blob_sha256_idx on tracks (blob_sha256);
create index tracks_owner_id_id_idx on tracks (owner_id, id);

-- The result of one analysis version for one track, word for word as it was made. Never changed: whoever quoted it must find it again.
create table reports (
    track_id blob not null constraint reports_track_id_fkey references tracks (id) on delete cascade,
    analysis_version integer not null,
    owner_id blob not null constraint reports_owner_id_fkey references users (id),
    json text not null,
    stages text not null,
    created_at_us integer not null,
    constraint reports_track_id_analysis_version_key unique (track_id, analysis_version)
) strict;

create trigger reports_immutable before update on reports
begin
    select raise(abort, 'reports are immutable');
end;

-- What matching reads of a track. Beside the report, not in it: it has a version of its own and can be made again.
create table descriptors (
    track_id blob not null constraint descriptors_track_id_fkey references tracks (id) on delete cascade,
    descriptor_version integer not null,
    owner_id blob not null constraint descriptors_owner_id_fkey references users (id),
    analysis_version integer not null,
    bytes blob not null,
    created_at_us integer not null,
    constraint descriptors_pkey primary key (track_id, descriptor_version)
) strict, without rowid;
