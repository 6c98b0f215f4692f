//! Sentral: an external call-routing engine for Asterisk.

pub mod api;
pub mod app;
pub mod ari;
pub mod cli;
pub mod clock;
pub mod dialplan;
pub mod domain;
pub mod engine;
pub mod metrics;
pub mod runtime;
pub mod settings;
pub mod sim;
