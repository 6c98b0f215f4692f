//! What callers hear, in their language.

use super::{
    super::{
        Act, Plan, StepId,
        plan::{Announcement, Part, Script},
        say::{Currency, Manner},
    },
    *,
};

fn of(steps: &str) -> Checked {
    plan(&format!(
        "exchange: test\ntimezone: UTC\nlanguages: [en, nb, de]\nnumbers: {{101: {{flow: a}}}}\n\
         flows: {{a: [{{language: \"{{{{ caller.name }}}}\"}}, {{set: {{account: \"0815\"}}}}, {steps}]}}"
    ))
}

fn announcement(plan: &Plan) -> &Announcement {
    let Act::Play(it) = &plan.step(StepId(2)).act else { panic!("{plan:?}") };
    it
}

/// What is heard in a language, values as their manner and expression.
fn heard(plan: &Plan, language: usize) -> String {
    let part = |part: &Part| match part {
        Part::Media(media) => media.to_string(),
        Part::Value(saying) => {
            format!("{:?} {} in {}", saying.manner, saying.value.written(&plan.variables), saying.language)
        }
    };
    let parts = match announcement(plan).script(language).expect("a script") {
        Script::Fixed(media) => media.iter().map(ToString::to_string).collect::<Vec<_>>(),
        Script::Filled(parts) => parts.iter().map(part).collect(),
    };
    parts.join(" | ")
}

fn warnings(steps: &str) -> Vec<String> {
    of(steps).warnings.iter().map(|fault| fault.message.clone()).collect()
}

#[test]
fn a_text_is_said_in_the_language_of_the_caller_and_in_the_first_where_it_is_missing() {
    let checked = of("{say: {nb: Velkommen, en: Welcome}}");
    let told = ["sound:Welcome", "sound:Velkommen", "sound:Welcome"];
    assert_eq!([0, 1, 2].map(|language| heard(&checked.plan, language)), told);
    let warnings: Vec<_> = checked.warnings.iter().map(|fault| fault.message.as_str()).collect();
    assert_eq!(warnings, ["this text is missing in `de`: callers hear it in `en`"]);
}

#[test]
fn a_text_in_one_language_is_doubtful_where_the_plan_has_several() {
    assert_eq!(warnings("{say: Welcome}"), ["this text is said in `en` only"]);
    assert!(warnings("{say: {en: Hi, nb: Hei, de: Hallo}}").is_empty());
    assert!(warnings("{say: {nb: \"For norsk, tast to.\"}}").is_empty(), "it is meant to be in that language");
    assert!(warnings("{play: [welcome.wav, sound:beep, {say: \"{{ call.seconds }}\"}]}").is_empty());
}

#[test]
fn values_in_a_text_are_said_as_what_they_are() {
    let checked = of(
        "{say: {en: \"Since {{ time.date }}, {{ time.clock }} ({{ time.weekday }}) for {{ call.seconds }} \
         seconds {{ account|digits }}.\", nb: \"{{ caller.number }}\", de: \"{{ 'Hallo' }} {{ account|int|digits }}\"}}",
    );
    let expected = [
        "sound:Since | Date time.date in en | Time time.clock in en | Weekday time.weekday in en | sound:for | \
         Number call.seconds in en | sound:seconds | Digits account in en",
        "Digits caller.number in nb",
        "sound:Hallo | Digits int(account) in de",
    ];
    assert_eq!([0, 1, 2].map(|language| heard(&checked.plan, language)), expected);
}

#[test]
fn a_value_alone_is_said_in_every_language() {
    for (say, expected) in [
        ("{number: \"{{ call.seconds }}\"}", "Number call.seconds"),
        ("{number: 5}", "Number 5"),
        ("{digits: \"0815\"}", "Digits \"0815\""),
        ("{date: 2027-05-17}", "Date \"2027-05-17\""),
        ("{time: \"{{ time.clock }}\"}", "Time time.clock"),
        ("{money: {amount: 12.50, currency: NOK}}", "Money(Nok) \"12.50\""),
    ] {
        let checked = of(&format!("{{say: {say}}}"));
        for (place, code) in ["en", "nb", "de"].into_iter().enumerate() {
            assert_eq!(heard(&checked.plan, place), format!("{expected} in {code}"));
        }
        assert!(checked.warnings.is_empty(), "{}", checked.warnings);
    }
    let Part::Value(saying) = (match announcement(&of("{say: {money: {amount: 1, currency: EUR}}}").plan).script(0) {
        Some(Script::Filled(parts)) => parts[0].clone(),
        other => panic!("{other:?}"),
    }) else {
        panic!("a value")
    };
    assert_eq!(saying.manner, Manner::Money(Currency::Eur));
}

#[test]
fn an_amount_in_a_text_is_said_in_every_language_that_can() {
    let codes = ["en", "nb", "de", "es", "fr", "ru"];
    let text = format!(
        "exchange: test\nlanguages: [{}]\nnumbers: {{101: {{flow: a}}}}\n\
         flows: {{a: [{{language: \"{{{{ caller.name }}}}\"}}, {{set: {{owed: \"12.50\"}}}}, \
         {{say: \"{{{{ owed|money('NOK') }}}}, {{{{ call.seconds|money('EUR') }}}}\"}}]}}",
        codes.join(", ")
    );
    let plan = plan(&text).plan;
    for (place, code) in codes.into_iter().enumerate() {
        assert_eq!(heard(&plan, place), format!("Money(Nok) owed in {code} | Money(Eur) call.seconds in {code}"));
    }
}

#[test]
fn sounds_that_are_the_same_in_every_language_are_kept_once() {
    let checked = of("{play: [sound:beep, jingle.wav]}");
    assert_eq!(
        *announcement(&checked.plan),
        Announcement::from(announcement(&checked.plan).fixed(2).expect("fixed").clone())
    );
}

#[test]
fn a_language_in_which_nobody_is_spoken_to_is_doubtful() {
    let told = |step: &str| {
        let text = format!(
            "exchange: test\nlanguages: [en, nb, de]\nnumbers: {{101: {{flow: a}}}}\nflows: {{a: [{step}, hangup]}}"
        );
        plan(&text).warnings.to_string()
    };
    let lost = told("{language: nb}");
    assert!(lost.contains("no caller is ever spoken to in `de`") && !lost.contains("`nb`"), "{lost}");
    assert_eq!(told("{language: \"{{ caller.name }}\"}"), "");
}

#[test]
fn a_plan_names_one_language_several_or_none() {
    let languages = |line: &str| {
        let text = format!("exchange: test\n{line}\nnumbers: {{101: {{flow: a}}}}\nflows: {{a: hangup}}");
        let languages = plan(&text).plan.languages;
        (languages.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), languages.are_told())
    };
    assert_eq!(languages("timezone: UTC"), ("en".into(), false));
    assert_eq!(languages("language: nb"), ("nb".into(), true));
    assert_eq!(languages("languages: [pt-br, en]"), ("pt-br en".into(), true));
}

/// What is said to those who wait in the queue of a plan of these languages.
fn said(languages: &str, announce: &str) -> std::sync::Arc<crate::dialplan::Announce> {
    let text = format!(
        "exchange: test\n{languages}numbers: {{101: {{flow: a}}}}\noperators: {{anna: {{dial: PJSIP/anna}}}}\n\
         queues: {{q: {{operators: [anna], announce: {announce}}}}}\nflows: {{a: {{queue: q}}}}"
    );
    plan(&text).plan.queues["q"].announce.clone().expect("something is said")
}

#[test]
fn those_who_wait_are_told_their_place_and_how_long_it_will_be_in_their_language() {
    let announce = said("languages: [en, nb]\n", "{position: true, wait: true, first: 5s}");
    let told = |it: &Announcement, language: usize| it.fixed(language).expect("fixed")[0].to_string();
    let seconds = std::time::Duration::from_secs;
    assert_eq!((announce.first, announce.every, announce.periodic.is_none()), (seconds(5), seconds(45), true));
    assert_eq!(
        [0, 1].map(|language| told(&announce.places[0], language)),
        ["sound:You are next in line.", "sound:Du er neste i køen."]
    );
    assert_eq!(told(&announce.places[19], 0), "sound:You are number twenty in line.");
    assert_eq!(
        (announce.waits[3].0, told(&announce.waits[3].1, 1).as_str()),
        (seconds(240), "sound:Ventetiden er omtrent fire minutter.")
    );
}

#[test]
fn of_several_periodic_sounds_each_is_heard_by_itself() {
    let announce = said("", "{periodic: {play: [sound:beep, {say: Thank you.}], every: 30s}}");
    let periodic = announce.periodic.as_ref().expect("they are periodic");
    let each: Vec<String> = periodic.play.iter().map(|it| format!("{:?}", it.fixed(0).expect("fixed"))).collect();
    assert_eq!(each, ["[sound:beep]", "[sound:Thank you.]"]);
    assert!(!announce.tells());
}
