//! Expressions and variables of a plan: what each is, and whether it fits where it stands.

use std::{collections::BTreeMap, ops::Range};

use indexmap::IndexMap;

use crate::{
    dialplan::{
        expr::{Expr, Fact, Scope, Slot, Trouble, Type, Value, expression, template},
        national::National,
        plan::{Languages, PRIORITY, Plan},
        raw::{Body, RawAct, RawPlan, RawSet, Text},
    },
    domain::Name,
    yaml::{At, Fault, Span, Wrong, quoted},
};

/// What names mean in this plan, its variables with them.
pub(super) fn scope(raw: &RawPlan, faults: &mut Vec<Fault>) -> Scope {
    let mut scope = Scope {
        queues: raw.queues.iter().map(|queue| queue.name.value.clone()).collect(),
        operators: raw.operators.iter().map(|operator| operator.name.value.clone()).collect(),
        hours: raw.hours.iter().map(|hours| hours.name.value.clone()).collect(),
        lists: raw.lists.iter().map(|list| list.name.value.clone()).collect(),
        languages: Languages::named(raw.languages.iter().map(|at| at.value.clone()).collect())
            .iter()
            .cloned()
            .collect(),
        national: National::of(raw),
        variables: BTreeMap::new(),
    };
    let (sets, recorded) = all_sets(raw);
    for name in &recorded {
        // A message's id is a text, whatever else the variable is set to.
        let slot = Slot(scope.variables.len());
        scope.variables.entry(name.value.clone()).or_insert((slot, Some(Type::Text)));
    }
    for set in &sets {
        let slot = Slot(scope.variables.len());
        scope.variables.entry(set.name.value.clone()).or_insert((slot, None));
    }
    find_types(&sets, &mut scope);
    tell_unknown(&sets, &mut scope, faults);
    tell_conflicts(&sets, &recorded, &scope, faults);
    faults.extend(wrong_priority(&sets, &scope));
    scope
}

/// What each variable is, in the order of their slots.
pub(super) fn variables(scope: &Scope) -> IndexMap<Name, Type> {
    let mut variables: Vec<_> = scope.variables.iter().collect();
    variables.sort_by_key(|(_, (slot, _))| *slot);
    variables.into_iter().map(|(name, (_, kind))| (name.clone(), kind.unwrap_or(Type::Text))).collect()
}

/// Every place where a variable gets a value, and every one where it becomes a message's id.
fn all_sets(raw: &RawPlan) -> (Vec<&RawSet>, Vec<&At<Name>>) {
    let mut bodies: Vec<&Body> = raw.flows.iter().map(|flow| &flow.body).collect();
    bodies.extend(raw.queues.iter().flat_map(|queue| queue.bodies()));
    let (mut sets, mut recorded) = (Vec::new(), Vec::new());
    while let Some(body) = bodies.pop() {
        for step in &body.steps {
            if let RawAct::Set(found) = &step.act {
                sets.extend(found);
            }
            if let RawAct::Record(record) = &step.act {
                recorded.extend(&record.into);
            }
            if let RawAct::Ask(ask) = &step.act {
                sets.extend(&ask.into);
            }
            if let RawAct::LookUp(lookup) = &step.act {
                sets.extend(lookup.takes.iter().map(|take| &take.set));
            }
            let inside = step.act.branches();
            bodies.extend(inside.bodies.into_iter().chain(inside.again));
        }
    }
    // As they are typed: what is told first is what stands first.
    sets.sort_by_key(|set| set.name.span.start);
    (sets, recorded)
}

/// A variable is what its first value is that can be told. One value may need another variable, so it is gone round until
/// nothing new is found.
fn find_types(sets: &[&RawSet], scope: &mut Scope) {
    loop {
        let mut found = false;
        for set in sets {
            let Some((slot, None)) = scope.variables.get(&set.name.value).copied() else { continue };
            let kind = match set.value.as_ref().map(|text| assigned(text, scope)) {
                Some(Ok(expr)) => Some(expr.kind()),
                Some(Err(Trouble::Later)) => of_itself(set, slot, scope),
                Some(Err(Trouble::Wrong(_, _))) | None => None,
            };
            if kind.is_some() {
                scope.variables.insert(set.name.value.clone(), (slot, kind));
                found = true;
            }
        }
        if !found {
            return;
        }
    }
}

/// What a variable is that is made of itself, as in `{{ tries + 1 }}`: the one kind with which that makes sense.
fn of_itself(set: &RawSet, slot: Slot, scope: &mut Scope) -> Option<Type> {
    let text = set.value.as_ref()?;
    let name = &set.name.value;
    let mut fits = Vec::new();
    for kind in [Type::Text, Type::Number, Type::Truth] {
        scope.variables.insert(name.clone(), (slot, Some(kind)));
        fits.extend(assigned(text, scope).ok().filter(|expr| expr.kind() == kind).map(|expr| expr.kind()));
    }
    scope.variables.insert(name.clone(), (slot, None));
    if let [kind] = fits.as_slice() { Some(*kind) } else { None }
}

/// Variables that are only made of one another, or of what is wrong.
fn tell_unknown(sets: &[&RawSet], scope: &mut Scope, faults: &mut Vec<Fault>) {
    let lost: Vec<Name> =
        scope.variables.iter().filter(|(_, (_, kind))| kind.is_none()).map(|(name, _)| name.clone()).collect();
    for name in lost {
        let mine = sets.iter().filter(|set| set.name.value == name);
        let troubles: Vec<_> =
            mine.filter_map(|set| Some((set, assigned(set.value.as_ref()?, scope).err()?))).collect();
        if let Some((set, _)) = troubles.iter().find(|(_, trouble)| *trouble == Trouble::Later) {
            let message = format!("it cannot be told what {} is: its values come from itself", quoted(&name));
            let fault = Fault::error(&set.name.span, message);
            faults.push(fault.remedy(format!("set it to a first value before: `set: {{{name}: 0}}`")));
        }
        if let Some((_, kind)) = scope.variables.get_mut(&name) {
            *kind = Some(Type::Text);
        }
    }
}

/// A priority that is no number puts nobody before anybody.
fn wrong_priority(sets: &[&RawSet], scope: &Scope) -> Option<Fault> {
    let (_, kind) = scope.variables.get(PRIORITY)?;
    if kind.is_none_or(|kind| kind == Type::Number) {
        return None;
    }
    let set = sets.iter().find(|set| *set.name.value == *PRIORITY)?;
    let message = "`priority` is a number: callers of a greater one are served first";
    Some(Fault::error(&set.name.span, message).remedy("write `set: {priority: 10}`, or give the variable another name"))
}

fn tell_conflicts(sets: &[&RawSet], recorded: &[&At<Name>], scope: &Scope, faults: &mut Vec<Fault>) {
    let mut first: BTreeMap<&Name, &Span> = recorded.iter().map(|name| (&name.value, &name.span)).collect();
    for set in sets {
        let (Some(text), Some((_, Some(kind)))) = (&set.value, scope.variables.get(&set.name.value)) else { continue };
        let Ok(expr) = assigned(text, scope) else { continue };
        let before = *first.entry(&set.name.value).or_insert(&set.name.span);
        if expr.kind() != *kind {
            let name = quoted(&set.name.value);
            let message = format!("{name} is {} here, and {} elsewhere", expr.kind().word(), kind.word());
            let fault = Fault::error(&text.span, message).related(before, "set here, too");
            faults.push(fault.remedy("a variable is of one kind: give one of the two another name"));
        }
    }
}

/// What a variable is set to: a whole number, a yes or no, or a text with values in it.
pub(super) fn assigned(text: &Text, scope: &Scope) -> Result<Expr, Trouble> {
    match literal(&text.value) {
        Some(value) => Ok(Expr::Value(value)),
        None => template(&text.value, scope),
    }
}

/// A word as JSON: a whole number, a yes or no, or a text.
pub(crate) fn as_json(word: &str) -> serde_json::Value {
    match literal(word) {
        Some(Value::Number(number)) => number.into(),
        Some(Value::Truth(truth)) => truth.into(),
        Some(Value::Text(_)) | None => word.into(),
    }
}

/// A word that is a number or a truth as it stands. A number with a zero in front is a text: it is somebody's digits.
fn literal(word: &str) -> Option<Value> {
    match word {
        "true" => return Some(Value::Truth(true)),
        "false" => return Some(Value::Truth(false)),
        _ => {}
    }
    let digits = word.strip_prefix('-').unwrap_or(word);
    let plain = digits == "0" || !digits.starts_with('0');
    let number = plain && !digits.is_empty() && digits.len() <= 18 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if number { word.parse().ok().map(Value::Number) } else { None }
}

/// Who speaks of the time of day needs to know whose. Told once, at the first step that does.
pub(super) fn lost_time(plan: &Plan, spans: &[Span]) -> Option<Fault> {
    let speaks =
        |part: &Expr| matches!(part, Expr::Fact(Fact::TimeDate | Fact::TimeClock | Fact::TimeHour | Fact::TimeWeekday));
    let first = plan.steps.iter().zip(spans).find(|(step, _)| {
        let mut spoken = false;
        step.act.shape().expressions.into_iter().for_each(|expr| expr.walk(&mut |part| spoken |= speaks(part)));
        spoken
    });
    let (_, span) = first?;
    let fault = Fault::error(span, "the time of day is of no time zone");
    Some(fault.remedy("add `timezone: Europe/Oslo` at the top of the plan"))
}

/// The value of a case, as what the switch looks at.
pub(super) fn case(word: &str, kind: Type) -> Result<Value, Wrong> {
    let value = match kind {
        Type::Text => Some(Value::Text(word.into())),
        Type::Number | Type::Truth => literal(word).filter(|value| value.kind() == kind),
    };
    value.ok_or_else(|| {
        let message = format!("{} is not {}, as what is switched on is", quoted(word), kind.word());
        let remedy = match kind {
            Type::Truth => "cases are `true` and `false`",
            Type::Number | Type::Text => "cases are whole numbers",
        };
        Wrong::new(message, remedy)
    })
}

/// An expression that must be of this kind. What is wrong with it is told.
pub(super) fn read(text: &Text, kind: Option<Type>, scope: &Scope, faults: &mut Vec<Fault>) -> Option<Expr> {
    let expr = match expression(&text.value, scope) {
        Ok(expr) => expr,
        Err(trouble) => {
            tell(text, trouble, faults);
            return None;
        }
    };
    if let Some(kind) = kind.filter(|kind| expr.kind() != *kind) {
        let message = format!("this should be {}, and it is {}", kind.word(), expr.kind().word());
        let remedy = "compare it with something: `== \"...\"`, `> 0`";
        tell(text, Trouble::Wrong(Wrong::new(message, remedy), 0..text.value.len()), faults);
        return None;
    }
    Some(expr)
}

/// Tells what is wrong with a text, at its place in the plan.
pub(super) fn tell(text: &Text, trouble: Trouble, faults: &mut Vec<Fault>) {
    let Trouble::Wrong(why, at) = trouble else { return };
    faults.push(Fault::error(&place(text, &at), why.message).remedy(why.remedy));
}

/// Where a part of a text stands in the plan; the whole of it where that cannot be told (a text over several lines, or with
/// signs in it that YAML writes in another way).
fn place(text: &Text, part: &Range<usize>) -> Span {
    let quotes = match text.span.len().checked_sub(text.value.len()) {
        Some(0) => 0,
        Some(2) => 1,
        Some(_) | None => return text.span.clone(),
    };
    let start = text.span.start + quotes;
    start + part.start..start + part.end.max(part.start + 1)
}
