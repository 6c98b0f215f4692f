//! One who reads lines of `queue_log`.

use std::collections::BTreeMap;

/// Reads lines as programs do that make reports of them: one visit of a caller after the other, each with one end.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) visits: BTreeMap<String, Stage>,
    pub(super) answered: u32,
    /// Of those, within twenty seconds.
    pub(super) in_time: u32,
    pub(super) abandoned: u32,
    pub(super) left: u32,
    pub(super) completed: u32,
    pub(super) held: u64,
    pub(super) talked: u64,
    pub(super) missed: u32,
    /// Whether a visit may end that did not begin.
    pub(super) in_any_order: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Waits,
    /// With this operator, after so long.
    Talks(String, u64),
    Over,
}

impl Reader {
    pub(super) fn read(&mut self, line: &str) {
        let fields: Vec<&str> = line.split('|').collect();
        let [epoch, call, queue, agent, event, data @ ..] = fields.as_slice() else { panic!("too few fields: {line}") };
        assert!(epoch.parse::<u64>().is_ok() && !call.is_empty() && !queue.is_empty() && !agent.is_empty(), "{line}");
        let number = |at: usize| data[at].parse::<u64>().unwrap_or_else(|_| panic!("field {at} is no number: {line}"));
        let has = |count: usize| assert_eq!(data.len(), count, "so many fields of data: {line}");
        let was = self.visits.get(*call).filter(|_| !self.in_any_order).cloned();
        // Of a visit that began in another life nothing is known.
        let waits = || assert!(matches!(was, None | Some(Stage::Waits)), "{was:?} before {line}");
        let of_nobody = || assert_eq!(*agent, "NONE", "{line}");
        match *event {
            "QUEUESTART" | "CONFIGRELOAD" => assert!(*call == "NONE" && *queue == "NONE" && data == [""], "{line}"),
            "DID" => {
                has(1);
                of_nobody()
            }
            "ENTERQUEUE" => {
                assert!(matches!(was, None | Some(Stage::Over)), "{was:?} before {line}");
                has(3);
                of_nobody();
                assert!(number(2) >= 1, "{line}");
                self.visits.insert((*call).to_owned(), Stage::Waits);
            }
            "FULL" => assert!(matches!(was, None | Some(Stage::Over)) && data.len() == 3, "{was:?} before {line}"),
            "RINGNOANSWER" | "RINGCANCELED" => {
                waits();
                has(1);
                let _millis = number(0);
                self.missed += u32::from(*event == "RINGNOANSWER");
            }
            "CONNECT" => {
                waits();
                has(3);
                let (held, rang) = (number(0), number(2));
                assert!(rang <= held + 1, "{line}");
                self.answered += 1;
                self.in_time += u32::from(held <= 20);
                self.held += held;
                self.visits.insert((*call).to_owned(), Stage::Talks((*agent).to_owned(), held));
            }
            "COMPLETECALLER" | "COMPLETEAGENT" | "BLINDTRANSFER" | "ATTENDEDTRANSFER" => {
                let before = match *event {
                    "BLINDTRANSFER" => 2,
                    "ATTENDEDTRANSFER" => 3,
                    _ => 0,
                };
                has(before + 3);
                let (held, talked, _came_to) = (number(before), number(before + 1), number(before + 2));
                if let Some(was) = was {
                    assert_eq!(was, Stage::Talks((*agent).to_owned(), held), "before {line}");
                }
                self.completed += 1;
                self.talked += talked;
                self.visits.insert((*call).to_owned(), Stage::Over);
            }
            "ABANDON" | "EXITWITHTIMEOUT" | "EXITEMPTY" | "JOINEMPTY" | "EXITWITHKEY" | "WITHDRAW" => {
                waits();
                of_nobody();
                let key = usize::from(*event == "EXITWITHKEY");
                has(key + 3 + usize::from(*event == "WITHDRAW"));
                let (position, _came_to, _waited) = (number(key), number(key + 1), number(key + 2));
                assert!(position >= 1, "{line}");
                let which = if *event == "ABANDON" { &mut self.abandoned } else { &mut self.left };
                *which += 1;
                self.visits.insert((*call).to_owned(), Stage::Over);
            }
            _ => {
                has(1);
                read_of_operator(line, event, [*call, *queue, *agent, data[0]]);
            }
        }
    }
}

/// A line of an operator who comes or goes.
fn read_of_operator(line: &str, event: &str, [call, queue, agent, data]: [&str; 4]) {
    let right = match event {
        "PAUSEALL" | "UNPAUSEALL" => call == "NONE" && queue == "NONE",
        "PAUSE" | "UNPAUSE" => call == "NONE" && queue != "NONE",
        "ADDMEMBER" => call == "MANAGER" && queue != "NONE" && matches!(data, "" | "PAUSED"),
        "REMOVEMEMBER" => call == "MANAGER" && queue != "NONE" && data.is_empty(),
        _ => panic!("no reader knows this: {line}"),
    };
    assert!(right && agent != "NONE", "{line}");
}
