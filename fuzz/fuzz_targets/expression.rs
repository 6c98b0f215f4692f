//! Any text that stands as a condition or as a value is told, or gives a value of the kind that it was checked for, whatever
//! the call is like.
#![no_main]

use indexmap::IndexMap;
use libfuzzer_sys::fuzz_target;
use sentral::{
    dialplan::{
        self,
        expr::{Fact, Facts, Slot, Type, Value},
    },
    domain::Name,
};

/// A call about which everything is as extreme as its kind allows.
struct Extremes<'p>(&'p IndexMap<Name, Type>);

fn extreme(kind: Type) -> Value {
    match kind {
        Type::Text => Value::Text("\u{1f4de} \"; {{".into()),
        Type::Number => Value::Number(i64::MIN),
        Type::Truth => Value::Truth(true),
    }
}

impl Facts for Extremes<'_> {
    fn fact(&self, fact: &Fact) -> Value {
        extreme(fact.kind())
    }

    fn listed(&self, _list: &Name, number: &str) -> bool {
        number.is_empty()
    }

    fn variable(&self, slot: Slot) -> Value {
        self.0.get_index(slot.0).map_or(Value::Number(0), |(_, kind)| extreme(*kind))
    }
}

fuzz_target!(|text: &str| {
    // In a double-quoted word of YAML nothing but these has a meaning.
    let quoted: String =
        text.chars().flat_map(|c| if c == '"' || c == '\\' { vec!['\\', c] } else { vec![c] }).collect();
    let plan = format!(
        "exchange: any\nnumbers: {{101: {{flow: welcome}}}}\nlists: {{vip: [101]}}\nflows:\n  welcome:\n    - set: {{v: \"{quoted}\"}}\n    \
         - if: {{when: \"{quoted}\", then: hangup}}\n"
    );
    let Ok(checked) = dialplan::parse("any.yaml", plan.as_bytes()) else { return };
    let plan = checked.plan;
    for step in &plan.steps {
        for expr in step.act.shape().expressions {
            assert_eq!(expr.value(&Extremes(&plan.variables)).kind(), expr.kind());
            assert!(!expr.written(&plan.variables).is_empty());
        }
    }
});
