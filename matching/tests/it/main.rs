//! Tests of matching from outside.
