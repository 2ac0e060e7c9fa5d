-- What is too long for the report of the same analysis: curves, segments, fingerprint. In a table of its own, so that reading reports stays
-- cheap. Deflated JSON (docs/formats.md); it goes with its report and changes as little.
create table report_details (
    track_id blob not null,
    analysis_version integer not null,
    owner_id blob not null constraint report_details_owner_id_fkey references users (id),
    bytes blob not null,
    created_at_us integer not null,
    constraint report_details_pkey primary key (track_id, analysis_version),
    constraint report_details_report_fkey foreign key (track_id, analysis_version)
        references reports (track_id, analysis_version) on delete cascade
) strict;

create trigger report_details_immutable before update on report_details
begin
    select raise(abort, 'report details are immutable');
end;
