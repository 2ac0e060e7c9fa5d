-- What the decoded sound is, so that copies of it are found without reading reports: signal.pcm_hash of the report. Null in reports that were
-- written before, which are not found by it: reports never change.
alter table reports add column pcm_hash bytea;

create index reports_pcm_hash_idx on reports (owner_id, pcm_hash, track_id) where pcm_hash is not null;

-- Some words of each fingerprint: recordings that share several are candidates for being the same one, and only their fingerprints are
-- compared (docs/formats.md). They go with their report.
create table fingerprint_keys (
    track_id uuid not null,
    analysis_version bigint not null,
    owner_id uuid not null constraint fingerprint_keys_owner_id_fkey references users (id),
    key bigint not null,
    constraint fingerprint_keys_pkey primary key (track_id, analysis_version, key),
    constraint fingerprint_keys_report_fkey foreign key (track_id, analysis_version)
        references reports (track_id, analysis_version) on delete cascade
);

create index fingerprint_keys_key_idx on fingerprint_keys (owner_id, analysis_version, key, track_id);
