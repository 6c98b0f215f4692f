//! What the engine must do, in the words of the trade. The bench stands for Asterisk: a test says what happens there, and
//! takes the commands one by one; whatever it does not take must not have been asked.

#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for one thing among many")]

mod accept;
mod ahead;
mod announce;
mod any_key;
mod ask;
mod away;
mod bench;
mod by_extension;
mod by_hand;
mod chaos;
mod charge;
mod choice;
mod closing;
mod cost;
mod device;
mod dial;
mod dial_again;
mod early;
mod early_dial;
mod faults;
mod flow_asked;
mod follow;
mod found;
mod full;
mod hand_over;
mod hand_over_again;
mod inside;
mod leave;
mod line;
mod logic;
mod lookup;
mod menu;
mod messages;
mod nodes;
mod numbers;
mod order;
mod pause;
mod prompts;
mod queue_log;
mod races;
mod records;
mod reload;
mod reserve;
mod route;
mod some_plans;
mod speech;
mod statistics;
mod steer;
mod strategies;
mod table;
mod terms;
mod transfers;
