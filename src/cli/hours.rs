//! `sentral hours`: what applies at a moment, in words.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use clap::Args;

use super::plan_of;
use crate::{
    clock::Clock,
    dialplan::{
        Hours, Plan,
        hours::{Rule, Standing},
        moment::{self, Moment, When},
    },
    domain::Time,
    yaml::{quoted, suggest},
};

/// Which hours, and when.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// The plan
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// The hours of this name alone [default: all that the plan has]
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// The moment, by the clock of the hours: 2027-05-17T09:00 [default: now]
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    at: Option<Moment>,
}

/// A moment on the command line.
pub(super) fn moment(text: &str) -> Result<Moment, String> {
    Moment::parse(text).map_err(|wrong| format!("{}: write {}", wrong.message, wrong.remedy))
}

/// Tells it.
pub(super) fn run(options: &Options) -> anyhow::Result<()> {
    let plan = plan_of(&options.plan)?;
    let at = options.at.unwrap_or_else(|| Moment::Everywhere(Clock::new().now()));
    let told = tell(&options.plan, &plan, options.name.as_deref(), at)?;
    // Who closed the pipe has read enough.
    let _closed = io::stdout().write_all(told.as_bytes());
    Ok(())
}

fn tell(path: &Path, plan: &Plan, name: Option<&str>, at: Moment) -> anyhow::Result<String> {
    let path = path.display();
    anyhow::ensure!(!plan.hours.is_empty(), "{path} has no hours: whoever calls finds it open");
    if let Some(name) = name
        && !plan.hours.contains_key(name)
    {
        let names = plan.hours.keys().map(|name| &**name);
        let remedy = suggest::instead(name, names, "hours of this plan");
        anyhow::bail!("{path} has no hours {}; {remedy}", quoted(name));
    }
    let asked = plan.hours.iter().filter(|(known, _)| name.is_none_or(|name| name == &***known));
    Ok(asked.map(|(name, hours)| of(name, hours, at)).collect())
}

/// How some hours stand at a moment: a few lines, each with its end.
fn of(name: &str, hours: &Hours, at: Moment) -> String {
    let zone = hours.zone();
    let place = moment::place(zone);
    match at.at(zone) {
        When::Once(at) => standing(name, hours, at, &format!("({place})")),
        When::Twice(first, second) => {
            let note = format!("{name}: the clock in {place} is put back, and shows this time twice\n");
            let each = |at| standing(name, hours, at, &format!("({place}, {})", moment::offset(at, zone)));
            note + &each(first) + &each(second)
        }
        When::Never { from, to, taken } => {
            let (from, to) = (from.strftime("%H:%M"), to.strftime("%H:%M"));
            format!(
                "{name}: this time does not come in {place}, where the clock is put forward from {from} to {to}; taken as {}\n",
                moment::told(taken, zone),
            ) + &standing(name, hours, taken, &format!("({place})"))
        }
    }
}

fn standing(name: &str, hours: &Hours, at: Time, place: &str) -> String {
    let Standing { open, since, until, rule } = hours.explain(at);
    let zone = hours.zone();
    let told = |at| moment::told(at, zone);
    let state = if open { "open" } else { "closed" };
    let since = since.map_or_else(|| "for more than a year".into(), |at| format!("since {}", told(at)));
    let until = until.map_or_else(|| "for more than a year to come".into(), |at| format!("until {}", told(at)));
    let why = match rule {
        Rule::Week(line) => format!("by the weekly line {}", quoted(&line)),
        Rule::Closed(day) => format!("all day, by the closed day {}", quoted(&day)),
        Rule::Special { line, .. } => format!("by the special day {}", quoted(&line)),
        Rule::NoTime(lines) => {
            let lines: Vec<_> = lines.iter().map(|line| quoted(line)).collect();
            format!("no weekly line has this time: {}", lines.join(", "))
        }
    };
    format!("{name}: {state} on {} {place}\n  {since}, {until}\n  {why}\n", told(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        let text = "exchange: x\ntimezone: Europe/Oslo\nnumbers: {\"101\": {flow: a}}\nhours:\n  \
                    office: {open: [Mo-Th 08:00-16:00, Fr 08:00-15:00], closed: [05-17, 12-24..12-26]}\n  \
                    night: {open: Sa 22:00-02:40}\n  watch: {open: 00:00-24:00, timezone: Asia/Tokyo}\n\
                    flows: {a: [{hangup: busy}]}\n";
        crate::dialplan::parse("plan.yaml", text.as_bytes()).expect("a plan").plan
    }

    fn told(name: Option<&str>, at: &str) -> String {
        tell(Path::new("plan.yaml"), &plan(), name, moment(at).expect("a moment")).expect("told")
    }

    #[test]
    fn it_is_told_whether_it_is_open_since_when_and_until_when_and_by_which_rule() {
        assert_eq!(
            told(Some("office"), "2027-05-19T09:00"),
            "office: open on We 2027-05-19 09:00 (Europe/Oslo)\n  since We 2027-05-19 08:00, until We 2027-05-19 16:00\n  \
             by the weekly line `Mo-Th 08:00-16:00`\n"
        );
        assert_eq!(
            told(Some("office"), "2027-05-17T09:00"),
            "office: closed on Mo 2027-05-17 09:00 (Europe/Oslo)\n  since Fr 2027-05-14 15:00, until Tu 2027-05-18 08:00\n  \
             all day, by the closed day `05-17`\n"
        );
        assert_eq!(
            told(Some("office"), "2027-05-21T15:00"),
            "office: closed on Fr 2027-05-21 15:00 (Europe/Oslo)\n  since Fr 2027-05-21 15:00, until Mo 2027-05-24 08:00\n  \
             no weekly line has this time: `Mo-Th 08:00-16:00`, `Fr 08:00-15:00`\n"
        );
        assert!(told(Some("office"), "2027-12-25T09:00").contains("by the closed day `12-24..12-26`"));
    }

    #[test]
    fn each_is_asked_by_its_own_clock() {
        let all = told(None, "2027-05-17T09:00");
        assert!(all.contains("night: closed on Mo 2027-05-17 09:00 (Europe/Oslo)"), "{all}");
        assert!(
            all.contains("watch: open on Mo 2027-05-17 09:00 (Asia/Tokyo)\n  for more than a year, for more"),
            "{all}"
        );
        let everywhere = told(Some("watch"), "2027-05-17T09:00+02:00");
        assert!(everywhere.contains("on Mo 2027-05-17 16:00 (Asia/Tokyo)"), "{everywhere}");
    }

    #[test]
    fn a_time_that_comes_twice_or_never_is_told_as_such() {
        let twice = told(Some("night"), "2026-10-25T02:39");
        assert_eq!(
            twice,
            "night: the clock in Europe/Oslo is put back, and shows this time twice\n\
             night: open on Su 2026-10-25 02:39 (Europe/Oslo, +02:00)\n  \
             since Sa 2026-10-24 22:00, until Su 2026-10-25 02:40\n  by the weekly line `Sa 22:00-02:40`\n\
             night: open on Su 2026-10-25 02:39 (Europe/Oslo, +01:00)\n  \
             since Su 2026-10-25 02:00, until Su 2026-10-25 02:40\n  by the weekly line `Sa 22:00-02:40`\n"
        );
        let never = told(Some("night"), "2027-03-28T02:30");
        assert!(
            never.starts_with(
                "night: this time does not come in Europe/Oslo, where the clock is put forward from 02:00 to \
                 03:00; taken as Su 2027-03-28 03:30\nnight: closed on Su 2027-03-28 03:30 (Europe/Oslo)\n  \
                 since Su 2027-03-28 03:00"
            ),
            "{never}"
        );
    }

    #[test]
    fn hours_that_are_not_there_are_told() {
        let refused =
            |name| tell(Path::new("p.yaml"), &plan(), Some(name), moment("2027-05-17T09:00").expect("a moment"));
        let told = refused("offise").expect_err("no such hours").to_string();
        assert_eq!(told, "p.yaml has no hours `offise`; did you mean `office`?");
        let told = refused("x").expect_err("no such hours").to_string();
        assert!(told.ends_with("hours of this plan: `office`, `night`, `watch`"), "{told}");
    }
}
