//! Any bytes are a plan whose every step is there, or are told as mistakes that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sentral::dialplan;

fuzz_target!(|text: &[u8]| {
    match dialplan::parse("any.yaml", text) {
        Ok(checked) => {
            let plan = checked.plan;
            for step in &plan.steps {
                plan.ahead(step).into_iter().for_each(|id| assert!(plan.steps.get(id.0 as usize).is_some()));
            }
            drop(dialplan::drawing::mermaid(&dialplan::drawing::chart(&plan)));
        }
        Err(faults) => assert!(!faults.render(false).is_empty()),
    }
});
