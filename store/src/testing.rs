//! Throw-away stores of every shape, for tests.
//!
//! A store lives in a folder of its own, and on PostgreSQL in a database of its own, that go when it does.
