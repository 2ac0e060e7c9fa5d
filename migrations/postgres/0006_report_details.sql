-- What is too long for the report of the same analysis: curves, segments, fingerprint. In a table of its own, so that reading reports stays
-- cheap. Deflated JSON (docs/formats.md); it goes with its report and changes as little.
create table report_details (
    track_id uuid not null,
    analysis_version bigint not null,
    owner_id uuid not null constraint report_details_owner_id_fkey references users (id),
    bytes bytea not null,
    created_at_us bigint not null,
    constraint report_details_pkey primary key (track_id, analysis_version),
    constraint report_details_report_fkey foreign key (track_id, analysis_version)
        references reports (track_id, analysis_version) on delete cascade
);

-- They are deflated already.
alter table report_details alter column bytes set storage external;

create trigger report_details_immutable before update on report_details
    for each row execute function refuse_change();
