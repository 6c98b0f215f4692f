//! A toy Asterisk with people around it: what the engine is tried against without a telephone.
//!
//! ```text
//! people ──► world ◄── REST requests (method, path, query, body)
//!   who       toy       ──► replies, some of them later
//!   calls     Asterisk  ──► websocket events, as JSON text
//!             phones    ──► what every caller and phone saw
//! ```
//!
//! [`world`] is pure: time and seed come in as values, and the same requests give the same replies and events. It is modelled
//! at the level of ARI's wire, so whatever drives it goes through the real driver's translation. [`people`] call and
//! answer as people do, drawn by lot from a seed. [`faults`] are what a network does to a wire. [`check`] reads what people saw
//! and says what must never be seen. [`face`] puts a world behind HTTP and a websocket in real time, where a real ARI client
//! does not notice; [`demo`] is a little company to show.
//!
//! Where the world and a real Asterisk differ, the world is wrong: its claims were taken from Asterisk 22.10.1.

pub mod check;
pub mod demo;
pub mod face;
pub mod faults;
pub mod narrator;
pub mod people;
pub mod run;
pub mod world;

pub use world::{Answer, Config, Reply, SocketId, Ticket, World};
