-- Uploads that come in pieces, so that one that breaks off goes on: as parts of a size that is fixed beforehand, each put under its number
-- (`parts`), or as bytes from an offset on (`tus`). The pieces lie in the blob store under the id of the upload until its last byte is
-- there; what is here lets any process go on.
create table uploads (
    id uuid not null constraint uploads_pkey primary key,
    owner_id uuid not null constraint uploads_owner_id_fkey references users (id) on delete cascade,
    protocol text not null constraint uploads_protocol_check check (protocol in ('parts', 'tus')),
    -- As announced: what arrives has to have as many.
    n_bytes bigint not null,
    -- Bytes of every part but the last; 0 for `tus`.
    part_bytes bigint not null,
    file_name text,
    content_type text,
    title text,
    artist text,
    tags text not null,
    visibility text not null constraint uploads_visibility_check check (visibility in ('private', 'listed')),
    -- Of the whole, if it was announced.
    sha256 bytea,
    -- What a client of `tus` wrote beside it, word for word.
    metadata text,
    -- Bytes that are safe, and the pieces that they lie in; both 0 for `parts`, where the blob store knows.
    offset_bytes bigint not null,
    n_pieces bigint not null,
    state text not null constraint uploads_state_check check (state in ('open', 'done', 'aborted')),
    -- While this lies ahead, somebody is putting the pieces together.
    completing_until_us bigint not null,
    track_id uuid constraint uploads_track_id_fkey references tracks (id) on delete set null,
    created_at_us bigint not null,
    expires_at_us bigint not null
);

create index uploads_owner_id_idx on uploads (owner_id, state);
create index uploads_track_id_idx on uploads (track_id);
create index uploads_expires_at_us_idx on uploads (expires_at_us);

-- The pieces of an upload by `tus`, each from one request, named so that no two requests ever write the same object.
create table upload_pieces (
    upload_id uuid not null constraint upload_pieces_upload_id_fkey references uploads (id) on delete cascade,
    first_byte bigint not null,
    n_bytes bigint not null,
    name text not null,
    constraint upload_pieces_pkey primary key (upload_id, first_byte)
);
