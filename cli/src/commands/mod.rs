//! One file a command.

pub(crate) mod admin;
pub(crate) mod analyze;
pub(crate) mod compare;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod migrate;
pub(crate) mod playlist;
pub(crate) mod rescore;
pub(crate) mod serve;
pub(crate) mod train;
pub(crate) mod work;
