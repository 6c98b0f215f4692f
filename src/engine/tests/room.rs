//! Where callers wait with music: in rooms of a few each, from which they come and in which they are found.

use std::{collections::BTreeMap, time::Duration};

use super::{
    bench::{Bench, DIRECT, NODE, holding, plan, queue},
    found::left,
};
use crate::{
    dialplan::Strategy,
    domain::{BridgeId, ChannelId},
    engine::{BridgeKind, Command, Failure, Held, HeldBridge, Limits},
};

const SECOND: Duration = Duration::from_secs(1);

/// As many as are in one room of a line that is as long as it is for its rooms, and stays so.
const FEW: usize = 32;

fn sales() -> crate::dialplan::Plan {
    plan(vec![queue("sales", &["anna"], Strategy::Linear)])
}

/// Anna talks, so many wait; where each of them does.
fn a_line_of(bench: &mut Bench, callers: usize) -> BTreeMap<ChannelId, BridgeId> {
    bench.two_talk("anna");
    for _ in 0..callers {
        bench.caller_arrives(DIRECT);
        bench.passes(SECOND / 10);
    }
    parked(bench)
}

/// Who was put where, each into a bridge that is there by then.
fn parked(bench: &Bench) -> BTreeMap<ChannelId, BridgeId> {
    let mut there = vec![BridgeId::new(NODE, "sentral-w-sales")];
    let mut rooms = BTreeMap::new();
    for command in &bench.asked {
        match command {
            Command::MakeBridge { bridge, kind: BridgeKind::Waiting } => {
                assert!(!there.contains(bridge), "{bridge:?} is made twice");
                there.push(bridge.clone());
            }
            Command::Park { channel, bridge } => {
                assert!(there.contains(bridge), "{bridge:?} is not there yet");
                assert_eq!(rooms.insert(channel.clone(), bridge.clone()), None, "{channel:?} is put somewhere twice");
            }
            _ => {}
        }
    }
    rooms
}

/// Who was put where.
fn parks(bench: &Bench) -> impl Iterator<Item = (ChannelId, BridgeId)> + '_ {
    bench.asked.iter().filter_map(|command| match command {
        Command::Park { channel, bridge } => Some((channel.clone(), bridge.clone())),
        _ => None,
    })
}

fn in_each(rooms: &BTreeMap<ChannelId, BridgeId>) -> BTreeMap<&BridgeId, Vec<&ChannelId>> {
    let mut each: BTreeMap<&BridgeId, Vec<&ChannelId>> = BTreeMap::new();
    for (channel, room) in rooms {
        each.entry(room).or_default().push(channel);
    }
    each
}

/// What Asterisk holds when they wait there.
fn held(bench: &Bench, rooms: &BTreeMap<ChannelId, BridgeId>) -> Held {
    Held {
        channels: rooms.keys().map(|channel| left(bench, channel)).collect(),
        bridges: in_each(rooms).into_iter().map(|(room, callers)| holding(&room.id, &callers)).collect(),
    }
}

#[test]
fn a_short_line_waits_in_one_room() {
    let mut bench = Bench::new(sales());
    let rooms = a_line_of(&mut bench, 16);
    assert_eq!(rooms.len(), 16);
    assert_eq!(in_each(&rooms).len(), 1);
}

#[test]
fn a_long_line_waits_in_many_rooms_of_a_few_each() {
    let mut bench = Bench::new(sales());
    let rooms = a_line_of(&mut bench, 400);
    assert_eq!(rooms.len(), 400);
    let most = in_each(&rooms).values().map(Vec::len).max();
    assert!(most.is_some_and(|most| most <= FEW), "{most:?} in one room");
}

#[test]
fn a_line_that_stays_long_does_not_fill_a_room() {
    // Whatever else is numbered between two who come.
    for others in [0, 1, 3, 7] {
        let mut bench = Bench::new(sales());
        let mut rooms = a_line_of(&mut bench, 120);
        for _ in 0..400 {
            // The first in line leaves, and another one comes.
            let first = bench.waiting()[0].clone();
            bench.hangs_up(&first);
            rooms.remove(&first);
            bench.asked.clear();
            for _ in 0..others {
                bench.engine.count();
            }
            bench.caller_arrives(DIRECT);
            bench.passes(SECOND / 10);
            rooms.extend(parks(&bench));
            let most = in_each(&rooms).values().map(Vec::len).max();
            assert!(most.is_some_and(|most| most <= FEW), "{most:?} in one room, with {others} between");
        }
        assert_eq!(rooms.len(), 120);
    }
}

#[test]
fn who_is_parked_once_more_is_put_into_the_same_room() {
    let mut bench = Bench::new(sales());
    let rooms = a_line_of(&mut bench, 40);
    let last = bench.waiting().pop().expect("forty wait");
    let park = bench.take("to park", |command| matches!(command, Command::Park { channel, .. } if *channel == last));
    bench.fails(park, Failure::OutcomeUnknown);
    bench.asked.clear();
    // Others come meanwhile.
    bench.caller_arrives(DIRECT);
    bench.caller_arrives(DIRECT);

    bench.passes(2 * SECOND);

    let again = parks(&bench).find(|(channel, _)| *channel == last);
    assert_eq!(again.map(|(_, room)| room), Some(rooms[&last].clone()));
}

#[test]
fn everybody_is_taken_out_of_the_room_in_which_he_is() {
    let mut bench = Bench::new(sales());
    let rooms = a_line_of(&mut bench, 40);
    assert!(in_each(&rooms).len() > 2);
    bench.asked.clear();
    // The line grows shorter, and would have fewer rooms if it came now.
    let (leaving, staying): (Vec<_>, Vec<_>) = rooms.keys().enumerate().partition(|(n, _)| n % 4 != 0);
    for (_, channel) in leaving {
        bench.hangs_up(channel);
    }
    bench.asked.clear();
    for (_, channel) in staying {
        let call = bench.engine.caller_of(channel).expect("he waits");
        bench.engine.unpark(call);
        let out = bench.engine.poll_command();
        let room = rooms[channel].clone();
        assert_eq!(out, Some(Command::Unpark { channel: channel.clone(), bridge: room }));
    }
}

#[test]
fn who_is_found_in_a_room_stays_there() {
    let mut bench = Bench::new(sales());
    let rooms = a_line_of(&mut bench, 40);
    let held = held(&bench, &rooms);
    for mut bench in [bench, Bench::born(8, sales(), Limits::default())] {
        bench.asked.clear();
        bench.now = bench.now + 60 * SECOND;
        bench.node_down();
        bench.node_up(held.clone());

        assert_eq!(bench.waiting().len(), rooms.len());
        let moved: Vec<_> = bench.asked.iter().filter(|it| matches!(it, Command::Park { .. })).collect();
        assert!(moved.is_empty(), "{moved:?}");
        let made = |it: &&Command| matches!(it, Command::MakeBridge { kind: BridgeKind::Waiting, .. });
        assert_eq!(bench.asked.iter().find(made), None);
    }
}

#[test]
fn a_room_that_was_lost_with_its_node_is_made_again() {
    let mut bench = Bench::new(sales());
    let rooms = a_line_of(&mut bench, 40);
    let held = held(&bench, &rooms);
    let lost = rooms.values().max().expect("a room").clone();
    bench.asked.clear();
    bench.node_down();

    bench.node_up(Held { bridges: held.bridges.into_iter().filter(|held| held.bridge != lost).collect(), ..held });

    let again = parked(&bench);
    assert!(!again.is_empty());
    assert_eq!(again.len(), rooms.values().filter(|room| **room == lost).count());
}

#[test]
fn rooms_of_unknown_queues_go_and_those_of_known_ones_stay() {
    let mut bench = Bench::born(8, sales(), Limits::default());
    bench.asked.clear();
    let names = ["w-sales", "w7-sales", "w07-sales", "w-gone", "w3-gone", "wx-sales", "w", "00000001-t4"];
    let bridges: Vec<HeldBridge> = names.iter().map(|name| holding(&format!("sentral-{name}"), &[])).collect();

    bench.node_up(Held { channels: vec![], bridges });

    let dropped: Vec<_> = bench.asked.iter().map(|command| format!("{command:?}")).collect();
    let drops = |name: &str| dropped.iter().any(|it| it.contains("DropBridge") && it.contains(&format!("-{name}@")));
    assert!(drops("w07-sales") && drops("w-gone") && drops("w3-gone"), "{dropped:?}");
    assert_eq!(dropped.len(), 3, "{dropped:?}");
}

#[test]
fn no_room_is_left_by_an_engine_that_stops() {
    let mut bench = Bench::new(sales());
    let rooms = a_line_of(&mut bench, 40);
    bench.asked.clear();
    bench.engine.farewell();
    let dropped: Vec<_> = std::iter::from_fn(|| bench.engine.poll_command()).collect();
    for room in in_each(&rooms).into_keys() {
        assert!(dropped.contains(&Command::DropBridge { bridge: room.clone() }), "{room:?} stays");
    }
}
