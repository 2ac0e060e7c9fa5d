-- Counts how often the score of a pair, or what is said of it, has changed, so that whoever keeps a copy knows whether it is the newest.
alter table matches add column version bigint not null default 1;
