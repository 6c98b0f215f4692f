//! The queue, proved: on days drawn by lot the engine is compared, after everything that happens, with a reference that is
//! obviously right. It is slow, knows no index and keeps nothing that follows from something else.
//!
//! `plan` draws plans and says what they mean, `reference` says who may be rung for whom, `happened` takes what happens, `compare`
//! judges the engine, `day` draws what happens. Both sides are told the same. The reference is told as well whom the engine rings,
//! and says each time whether that was the one who comes next: where a lot decides, whether he is among those it may fall on.
//!
//! Operators of other queues (`also`), those who may talk with several (`capacity`) and those who talked to a caller before (`sticky`)
//! are among what is drawn.
//!
//! A few days are played with every `cargo test`; as many as are wanted, with `SENTRAL_MODEL_DAYS=10000`, from the seed
//! `SENTRAL_MODEL_SEED` on. What fails says its seed, the plan and what happened; it becomes a test with a name of its own.
//!
//! One difference is known, at seed 106755, and not settled. The last line of a trunk is free again since its operator did not take the
//! call; that pauses him, so nobody of the queue is there; and another one at the trunk is assigned to the same caller. The
//! engine rings that one. The reference pauses first, and sends the caller where `when_unstaffed` says.

mod compare;
mod day;
mod happened;
mod plan;
mod reference;

/// The days of every `cargo test`.
const DAYS: u64 = 150;

/// A number out of the environment.
fn wanted(name: &str, otherwise: u64) -> u64 {
    let said = std::env::var(name).ok();
    said.map_or(otherwise, |said| said.parse().unwrap_or_else(|_| panic!("{name} is a number, and not {said}")))
}

#[test]
fn on_any_day_the_engine_rings_whom_the_reference_rings() {
    let (first, days) = (wanted("SENTRAL_MODEL_SEED", 0), wanted("SENTRAL_MODEL_DAYS", DAYS));
    let (mut all, mut differ) = (day::Sum::default(), Vec::new());
    for seed in first..first + days {
        match day::play(seed) {
            Ok(sum) => all.add(&sum),
            Err(how) => differ.push((seed, how)),
        }
    }
    println!("{days} days from seed {first}: {all:?}");
    if let Some((_, how)) = differ.first() {
        let seeds: Vec<u64> = differ.iter().map(|(seed, _)| *seed).collect();
        panic!("{} of {days} days differ, of the seeds {seeds:?}: {how}", seeds.len());
    }
    // Otherwise nothing was proved.
    let many = usize::try_from(days).expect("not that many");
    assert!(all.offers > 10 * many && all.talks > 5 * many && all.ambiguous * 20 <= many, "{all:?}");
}
