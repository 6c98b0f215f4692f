//! Sentral: an external call-routing engine for Asterisk.
//!
//! Asterisk keeps SIP and media; Sentral decides. This is the map of the house; `docs/architecture.md` has a picture of how
//! an event flows through it.
//!
//! # Floors
//!
//! A floor uses only what is above it here; `tidy.rs` holds the exact table and a test that keeps it.
//!
//! | floor | what it is | what it never does |
//! | --- | --- | --- |
//! | [`domain`] | the words: time, numbers, digits, causes, ids | decide |
//! | [`yaml`] | YAML as people write it: every word with its place, every mistake with its remedy | know what is read through it |
//! | [`dialplan`] | the plan: as typed, checked, as meant | guess what was meant |
//! | [`prompts`] | a plan's sounds: made of files and texts when it is read, and handed to Asterisk | work while a caller waits |
//! | [`engine`] | events in, commands and notices out: calls, menus, queues, operators | wait, read a clock, open a socket, draw by a lot without a seed |
//! | [`clock`] | the only reader of the system's clocks | run backwards |
//! | [`ari`] | the driver for Asterisk: events over a websocket, commands over HTTP | decide |
//! | [`agi`] | the driver for callers whose dialplan asks by FastAGI | decide; let one session wait for another |
//! | [`store`] | what outlives a call: messages that callers left, hours that somebody overrode | work while a caller waits for anything else |
//! | [`hooks`] | the driver for other servers: what a plan looks up and notifies | decide; speak with whom the settings do not allow |
//! | [`sim`] | a toy Asterisk and people around it, for tests and the demo | know the engine's mind: it speaks ARI as Asterisk does |
//! | [`scenario`] | one call played through: tests of a plan, and what a call would meet in words | know what a plan means |
//! | [`metrics`] | numbers for Prometheus, from notices and snapshots | ask a driver; take a label from a caller |
//! | [`queue_log`] | the log that readers of app_queue's know, from notices | ask a driver; let anybody wait for the disk |
//! | [`settings`] | what the process runs with | print a secret |
//! | [`runtime`] | the one task that owns the engine; reload; readiness; milestones in the log | hold a command back |
//! | [`api`] | metrics, health, how things stand and what is changed by hand, over HTTP | decide |
//! | [`app`] | everything put together, started and stopped | |
//! | [`cli`] | the command line | |
//!
//! # Rules
//!
//! - **The engine is pure.** The same events at the same times give the same commands; what it needs comes in as a value.
//! - **One task owns it.** Deciding costs microseconds and Asterisk's work milliseconds, so there is no lock to wait for and
//!   no order to guess.
//! - **Commands before everything else.** After each event all commands leave, then notices go to those who watch.
//! - **Notices are for those who watch.** Metrics, logs and the demo read them; nothing else feeds those.
//! - **Every queue has a limit**, and what happens at the limit is said where it is.
//! - **A bug ends one call**, is counted and logged; a panic, anywhere but in a session of `agi`, ends the process, and the next one finds
//!   the calls in Asterisk.
//!
//! # Deliberately absent
//!
//! A second task that knows calls, an actor for each call, a lock around the engine, a repetition of what may have
//! happened where twice is worse than a doubt, a subscription to all of Asterisk's events, and `unsafe`.

pub mod agi;
pub mod api;
pub mod app;
pub mod ari;
pub mod cli;
pub mod clock;
pub mod dialplan;
pub mod domain;
pub mod engine;
pub mod hooks;
pub mod metrics;
pub mod prompts;
pub mod queue_log;
pub mod runtime;
pub mod scenario;
pub mod settings;
pub mod sim;
pub mod store;
#[cfg(test)]
mod tidy;
pub mod yaml;
