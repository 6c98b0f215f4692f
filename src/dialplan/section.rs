//! What to write where a plan names something of which it has none at all.

use crate::yaml::quoted;

/// A section of a plan, and the shortest one that says something.
const EXAMPLES: [(&str, &str); 6] = [
    ("hours", "hours: {office: {open: [Mo-Fr 08:00-16:00]}}"),
    ("lists", "lists: {vip: [\"+47 900 00 000\"]}"),
    ("operators", "operators: {anna: {dial: PJSIP/anna}}"),
    ("pauses", "pauses: {lunch: {for: 45m}}"),
    ("queues", "queues: {sales: {operators: [anna]}}"),
    ("trunks", "trunks: {provider: {dial: \"PJSIP/{number}@provider\"}}"),
];

/// What to do about a section that is not there.
pub(super) fn none_yet(section: &str) -> String {
    let example = EXAMPLES.iter().find(|(name, _)| *name == section);
    let add = example.map(|(_, example)| format!(": add such a section, as {}", quoted(example)));
    format!("this plan has no {section} yet{}", add.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_a_section_of_a_plan() {
        for (section, example) in EXAMPLES {
            let rest = if section == "operators" { "" } else { "operators: {anna: {dial: PJSIP/anna}}\n" };
            let plan = format!(
                "exchange: test\ntimezone: UTC\nnumbers: {{\"101\": {{flow: a}}}}\n{example}\n{rest}flows: {{a: answer}}\n"
            );
            assert!(super::super::parse("plan.yaml", plan.as_bytes()).is_ok(), "{plan}");
            assert!(none_yet(section).contains(example), "{section}");
        }
        assert_eq!(none_yet("flows"), "this plan has no flows yet");
    }
}
