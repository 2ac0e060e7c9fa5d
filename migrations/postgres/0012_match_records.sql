-- Counts how often the score of a pair, or what is said of it, has changed, so that whoever keeps a copy knows whether it is the newest.
alter table matches add column version bigint not null default 1;

-- A generation is also made of the score that a match needs.
alter table match_generations add column least_score double precision not null default 0;
