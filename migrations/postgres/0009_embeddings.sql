-- Where a model of the operator puts the recording, as matching reads it. Null where no model takes part in matching.
alter table descriptors add column embedding bytea;
