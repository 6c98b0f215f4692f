//! From text to an expression whose types fit.

use std::{ops::Range, sync::Arc};

use minijinja::machinery::{
    self,
    ast::{self, BinOpKind, CallArg, CompareOpKind, UnaryOpKind},
};

use super::{Arithmetic, Comparison, Expr, Function, Scope, Type, Value, scope::Meant};
use crate::yaml::{Wrong, quoted, suggest};

/// The longest expression or template, in bytes.
const LONGEST: usize = 1024;

/// Why a text is no expression that can be used.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::dialplan) enum Trouble {
    /// A mistake, and the bytes of the text that it is about.
    Wrong(Wrong, Range<usize>),
    /// It uses a variable of which it is not known yet what it is.
    Later,
}

pub(super) type Made<T> = Result<T, Trouble>;

/// Reads an expression: `caller.number in lists.vip`.
///
/// # Errors
/// What is wrong with it, or that it cannot be told yet.
pub(in crate::dialplan) fn expression(text: &str, scope: &Scope) -> Made<Expr> {
    short(text)?;
    let braces = text.trim();
    if braces.starts_with("{{") {
        let inner = braces.trim_start_matches("{{").trim_end_matches("}}").trim();
        let remedy = format!("here stands an expression, without the braces: {}", quoted(inner));
        return Err(wrong("braces are for texts", remedy, 0..text.len()));
    }
    let parsed = machinery::parse_expr(text).map_err(|error| not_read(text, &error))?;
    Reader { scope }.expr(&parsed)
}

/// Reads a text with expressions in double braces: `Hello {{ caller.name }}`. A text that is one expression and nothing else
/// keeps its type.
///
/// # Errors
/// What is wrong with it, or that it cannot be told yet.
pub(in crate::dialplan) fn template(text: &str, scope: &Scope) -> Made<Expr> {
    if !text.contains("{{") && !text.contains("{%") && !text.contains("{#") {
        return Ok(Expr::Value(Value::Text(text.into())));
    }
    short(text)?;
    let parsed = machinery::parse(text, "", Default::default()).map_err(|error| not_read(text, &error))?;
    let ast::Stmt::Template(template) = &parsed else { return Err(only_values(text)) };
    let reader = Reader { scope };
    let mut parts = Vec::new();
    for part in &template.children {
        parts.push(match part {
            ast::Stmt::EmitRaw(raw) => Expr::Value(Value::Text(raw.raw.into())),
            ast::Stmt::EmitExpr(emit) => reader.expr(&emit.expr)?,
            ast::Stmt::Template(_)
            | ast::Stmt::ForLoop(_)
            | ast::Stmt::IfCond(_)
            | ast::Stmt::WithBlock(_)
            | ast::Stmt::Set(_)
            | ast::Stmt::SetBlock(_)
            | ast::Stmt::AutoEscape(_)
            | ast::Stmt::FilterBlock(_)
            | ast::Stmt::Do(_) => return Err(only_values(text)),
        });
    }
    Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::Join(parts) })
}

pub(super) fn short(text: &str) -> Made<()> {
    if text.len() <= LONGEST {
        return Ok(());
    }
    let message = format!("an expression of {} bytes is too long", text.len());
    Err(wrong(message, format!("{LONGEST} at most: compute parts of it with `set` first"), 0..text.len()))
}

pub(super) fn only_values(text: &str) -> Trouble {
    let at = text.find("{%").or_else(|| text.find("{#")).unwrap_or(0);
    let message = "only values stand in a text";
    wrong(message, "write `{{ ... }}`; what depends on something goes into a step `if`", at..text.len())
}

pub(super) fn wrong(message: impl Into<String>, remedy: impl Into<String>, at: Range<usize>) -> Trouble {
    Trouble::Wrong(Wrong::new(message, remedy), at)
}

const EXAMPLES: &str = "as in `caller.number == \"+4790000000\"`, `queues.sales.waiting < 5 and not caller.withheld`";

/// A time of day that stands without quotes: `08:00`.
fn bare_time(text: &str) -> Option<&str> {
    let bare = text.split(['"', '\'']).step_by(2).flat_map(str::split_whitespace);
    let is_number = |digits: &str| (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    bare.map(|word| word.trim_matches(['(', ')']))
        .find(|word| word.split_once(':').is_some_and(|(hour, minute)| is_number(hour) && is_number(minute)))
}

pub(super) fn not_read(text: &str, error: &minijinja::Error) -> Trouble {
    let at = error.range().filter(|range| range.end <= text.len()).unwrap_or(0..text.len());
    let told = error.detail().unwrap_or("it cannot be read");
    if text.trim().is_empty() {
        return wrong("there is no expression here", EXAMPLES, at);
    }
    if told.contains("recursion") {
        let remedy = "take brackets out, or compute parts of it with `set` first";
        return wrong("brackets stand in one another too deep", remedy, at);
    }
    if let Some(time) = bare_time(text) {
        let remedy = format!("a time of day stands in quotes: \"{time}\"");
        return wrong(format!("this is no expression: {told}"), remedy, at);
    }
    let remedy = if text.contains("&&") || text.contains("||") || text.contains('!') && !text.contains("!=") {
        "write `and`, `or`, `not`"
    } else if told.contains("assignment") || text.contains('=') && !text.contains("==") {
        "two values are compared with `==`"
    } else {
        EXAMPLES
    };
    wrong(format!("this is no expression: {told}"), remedy, at)
}

pub(super) fn at(expr: &ast::Expr<'_>) -> Range<usize> {
    let span = expr.span();
    let (start, end) = (span.start_offset as usize, span.end_offset as usize);
    start..end.max(start)
}

pub(super) struct Reader<'s> {
    pub(super) scope: &'s Scope,
}

impl Reader<'_> {
    pub(super) fn expr(&self, expr: &ast::Expr<'_>) -> Made<Expr> {
        match expr {
            ast::Expr::Var(_) | ast::Expr::GetAttr(_) => self.path(expr),
            ast::Expr::Const(constant) => self.constant(&constant.value, expr),
            ast::Expr::UnaryOp(op) => match op.op {
                UnaryOpKind::Not => Ok(Expr::Not(self.of(Type::Truth, &op.expr)?)),
                UnaryOpKind::Neg => {
                    let nothing = Box::new(Expr::Value(Value::Number(0)));
                    Ok(Expr::Arithmetic(Arithmetic::Minus, nothing, self.of(Type::Number, &op.expr)?))
                }
            },
            ast::Expr::BinOp(op) => self.binary(op.op, &op.left, &op.right, expr),
            ast::Expr::Compare(compare) => self.chain(compare, expr),
            ast::Expr::IfExpr(choice) => self.choice(choice, expr),
            ast::Expr::Filter(filter) => {
                let of = filter.expr.as_ref().ok_or_else(|| unknown(expr))?;
                self.function(filter.name, of, &filter.args, expr)
            }
            ast::Expr::Call(call) => {
                let ast::Expr::Var(name) = &call.expr else { return Err(unknown(expr)) };
                let Some((CallArg::Pos(of), rest)) = call.args.split_first() else { return Err(unknown(expr)) };
                self.function(name.id, of, rest, expr)
            }
            ast::Expr::Slice(_)
            | ast::Expr::Test(_)
            | ast::Expr::GetItem(_)
            | ast::Expr::List(_)
            | ast::Expr::Tuple(_)
            | ast::Expr::Map(_) => Err(unknown(expr)),
        }
    }

    /// An expression that must be of this type.
    fn of(&self, kind: Type, expr: &ast::Expr<'_>) -> Made<Box<Expr>> {
        let made = self.expr(expr)?;
        if made.kind() == kind {
            return Ok(Box::new(made));
        }
        let message = format!("this should be {}, and it is {}", kind.word(), made.kind().word());
        let remedy = match (kind, made.kind()) {
            (Type::Truth, Type::Text) => "compare it with something: `== \"...\"`",
            (Type::Truth, Type::Number) => "compare it with something: `> 0`",
            (Type::Number, Type::Text) => "a text of digits becomes a number with `|int`",
            (Type::Text | Type::Number | Type::Truth, _) => "see docs/dialplan.md for what each value is",
        };
        Err(wrong(message, remedy, at(expr)))
    }

    fn path(&self, expr: &ast::Expr<'_>) -> Made<Expr> {
        let names = names(expr).ok_or_else(|| unknown(expr))?;
        match self.scope.path(&names) {
            Ok(Meant::Expr(made)) => Ok(made),
            Ok(Meant::Later) => Err(Trouble::Later),
            Err(why) => Err(Trouble::Wrong(why, at(expr))),
        }
    }

    fn constant(&self, value: &minijinja::Value, expr: &ast::Expr<'_>) -> Made<Expr> {
        if let Some(text) = value.as_str() {
            return Ok(Expr::Value(Value::Text(Arc::from(text))));
        }
        let number = if value.is_integer() { i64::try_from(value.clone()).ok() } else { None };
        if let Some(number) = number {
            return Ok(Expr::Value(Value::Number(number)));
        }
        if let Ok(truth) = bool::try_from(value.clone()) {
            return Ok(Expr::Value(Value::Truth(truth)));
        }
        Err(wrong("this is no value of a plan", "texts in quotes, whole numbers, `true` and `false` are", at(expr)))
    }

    fn binary(&self, op: BinOpKind, left: &ast::Expr<'_>, right: &ast::Expr<'_>, whole: &ast::Expr<'_>) -> Made<Expr> {
        let numbers = |how| Ok(Expr::Arithmetic(how, self.of(Type::Number, left)?, self.of(Type::Number, right)?));
        match op {
            BinOpKind::ScAnd => Ok(Expr::And(self.of(Type::Truth, left)?, self.of(Type::Truth, right)?)),
            BinOpKind::ScOr => Ok(Expr::Or(self.of(Type::Truth, left)?, self.of(Type::Truth, right)?)),
            BinOpKind::Add => numbers(Arithmetic::Plus).map_err(|trouble| self.joins_texts(trouble, left)),
            BinOpKind::Sub => numbers(Arithmetic::Minus),
            BinOpKind::Mul => numbers(Arithmetic::Times),
            BinOpKind::FloorDiv => numbers(Arithmetic::Through),
            BinOpKind::Rem => numbers(Arithmetic::Rest),
            BinOpKind::Concat => Ok(Expr::Join(vec![self.expr(left)?, self.expr(right)?])),
            BinOpKind::Eq => self.compare(Comparison::Equal, left, right),
            BinOpKind::Ne => self.compare(Comparison::Different, left, right),
            BinOpKind::Lt => self.compare(Comparison::Less, left, right),
            BinOpKind::Lte => self.compare(Comparison::AtMost, left, right),
            BinOpKind::Gt => self.compare(Comparison::More, left, right),
            BinOpKind::Gte => self.compare(Comparison::AtLeast, left, right),
            BinOpKind::In => self.among(left, right),
            BinOpKind::Div => Err(wrong("`/` would give parts of a number", "write `//`: it rounds down", at(whole))),
            BinOpKind::Pow => Err(unknown(whole)),
        }
    }

    /// Somebody who adds texts means to write them one behind the other.
    fn joins_texts(&self, trouble: Trouble, left: &ast::Expr<'_>) -> Trouble {
        match (trouble, self.expr(left).map(|left| left.kind())) {
            (Trouble::Wrong(why, at), Ok(Type::Text)) => {
                let remedy = "texts are written one behind the other with `~`".into();
                Trouble::Wrong(Wrong { remedy, ..why }, at)
            }
            (trouble, _) => trouble,
        }
    }

    /// `a < b <= c` is `a < b and b <= c`.
    fn chain(&self, compare: &ast::Compare<'_>, whole: &ast::Expr<'_>) -> Made<Expr> {
        let mut left = &compare.expr;
        let mut all: Option<Expr> = None;
        for next in &compare.ops {
            let one = match next.op {
                CompareOpKind::Eq => self.compare(Comparison::Equal, left, &next.expr),
                CompareOpKind::Ne => self.compare(Comparison::Different, left, &next.expr),
                CompareOpKind::Lt => self.compare(Comparison::Less, left, &next.expr),
                CompareOpKind::Lte => self.compare(Comparison::AtMost, left, &next.expr),
                CompareOpKind::Gt => self.compare(Comparison::More, left, &next.expr),
                CompareOpKind::Gte => self.compare(Comparison::AtLeast, left, &next.expr),
                CompareOpKind::In => self.among(left, &next.expr),
                CompareOpKind::NotIn => Ok(Expr::Not(Box::new(self.among(left, &next.expr)?))),
            }?;
            all = Some(match all {
                Some(all) => Expr::And(Box::new(all), Box::new(one)),
                None => one,
            });
            left = &next.expr;
        }
        all.ok_or_else(|| unknown(whole))
    }

    fn compare(&self, how: Comparison, left: &ast::Expr<'_>, right: &ast::Expr<'_>) -> Made<Expr> {
        let made = (self.expr(left)?, self.expr(right)?);
        if made.0.kind() != made.1.kind() {
            let message =
                format!("{} is compared with {}: they are never the same", made.0.kind().word(), made.1.kind().word());
            let remedy = if made.1.kind() == Type::Number {
                "a text of digits stands in quotes, or becomes a number with `|int`"
            } else {
                "a text stands in quotes, a number without, and a yes or no needs no comparison"
            };
            return Err(wrong(message, remedy, at(right)));
        }
        self.may_be(how, &made.0, &made.1, at(right))?;
        self.may_be(how.turned(), &made.1, &made.0, at(left))?;
        Ok(Expr::Compare(how, Box::new(made.0), Box::new(made.1)))
    }

    /// `x in lists.vip`, `x in ["a", "b"]`, `"part" in text`.
    fn among(&self, one: &ast::Expr<'_>, all: &ast::Expr<'_>) -> Made<Expr> {
        if let Some(list) = names(all).and_then(|names| self.scope.list(&names)) {
            let list = list.map_err(|why| Trouble::Wrong(why, at(all)))?;
            return Ok(Expr::Listed(self.of(Type::Text, one)?, list));
        }
        let items = match all {
            ast::Expr::List(list) => &list.items,
            ast::Expr::Tuple(tuple) => &tuple.items,
            ast::Expr::Var(_)
            | ast::Expr::Const(_)
            | ast::Expr::Slice(_)
            | ast::Expr::UnaryOp(_)
            | ast::Expr::BinOp(_)
            | ast::Expr::Compare(_)
            | ast::Expr::IfExpr(_)
            | ast::Expr::Filter(_)
            | ast::Expr::Test(_)
            | ast::Expr::GetAttr(_)
            | ast::Expr::GetItem(_)
            | ast::Expr::Call(_)
            | ast::Expr::Map(_) => return Ok(Expr::Within(self.of(Type::Text, one)?, self.of(Type::Text, all)?)),
        };
        let made = self.expr(one)?;
        let mut among = Vec::new();
        for item in items {
            let each = self.of(made.kind(), item)?;
            self.may_be(Comparison::Equal, &made, &each, at(item))?;
            among.push(*each);
        }
        Ok(Expr::Among(Box::new(made), among))
    }

    fn choice(&self, choice: &ast::IfExpr<'_>, whole: &ast::Expr<'_>) -> Made<Expr> {
        let when = self.of(Type::Truth, &choice.test_expr)?;
        let then = self.expr(&choice.true_expr)?;
        let Some(otherwise) = &choice.false_expr else {
            return Err(wrong("it is not said what it is otherwise", "add `else ...`", at(whole)));
        };
        let otherwise = self.of(then.kind(), otherwise)?;
        Ok(Expr::If(when, Box::new(then), otherwise))
    }

    fn function(&self, name: &str, of: &ast::Expr<'_>, args: &[CallArg<'_>], whole: &ast::Expr<'_>) -> Made<Expr> {
        let Some((_, function)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
            let remedy = suggest::instead(name, FUNCTIONS.iter().map(|(name, _)| *name), "there are");
            return Err(wrong(format!("there is no function {}", quoted(name)), remedy, at(whole)));
        };
        let of = self.of(Type::Text, of)?;
        let with = match args {
            [] => None,
            [CallArg::Pos(part)] => {
                let with = self.of(Type::Text, part)?;
                if let Some(why) = self.scope.never_part(*function, &of, &with) {
                    return Err(Trouble::Wrong(why, at(part)));
                }
                Some(with)
            }
            [_, ..] => return Err(takes(name, whole)),
        };
        let two = matches!(function, Function::StartsWith | Function::EndsWith);
        if two != with.is_some() {
            return Err(takes(name, whole));
        }
        Ok(Expr::Call(*function, of, with))
    }

    /// Whether it makes a difference to compare the two: `other` may be a value that stands there and that `expr` never is.
    fn may_be(&self, how: Comparison, expr: &Expr, other: &Expr, at: Range<usize>) -> Made<()> {
        self.scope.never(how, expr, other).map_or(Ok(()), |why| Err(Trouble::Wrong(why, at)))
    }
}

const FUNCTIONS: &[(&str, Function)] = &[
    ("lower", Function::Lower),
    ("upper", Function::Upper),
    ("length", Function::Length),
    ("int", Function::Int),
    ("starts_with", Function::StartsWith),
    ("ends_with", Function::EndsWith),
];

fn takes(name: &str, whole: &ast::Expr<'_>) -> Trouble {
    let example = match name {
        "starts_with" | "ends_with" => format!("{name}(caller.number, \"+47\")"),
        _ => format!("{name}(caller.name)"),
    };
    wrong(format!("{} does not take these", quoted(name)), format!("write {}", quoted(&example)), at(whole))
}

/// `a.b.c` as its names.
fn names<'e>(expr: &'e ast::Expr<'e>) -> Option<Vec<&'e str>> {
    match expr {
        ast::Expr::Var(var) => Some(vec![var.id]),
        ast::Expr::GetAttr(attr) => {
            let mut names = names(&attr.expr)?;
            names.push(attr.name);
            Some(names)
        }
        ast::Expr::Const(_)
        | ast::Expr::Slice(_)
        | ast::Expr::UnaryOp(_)
        | ast::Expr::BinOp(_)
        | ast::Expr::Compare(_)
        | ast::Expr::IfExpr(_)
        | ast::Expr::Filter(_)
        | ast::Expr::Test(_)
        | ast::Expr::GetItem(_)
        | ast::Expr::Call(_)
        | ast::Expr::List(_)
        | ast::Expr::Tuple(_)
        | ast::Expr::Map(_) => None,
    }
}

fn unknown(expr: &ast::Expr<'_>) -> Trouble {
    let remedy = "values, `and`, `or`, `not`, comparisons, `in`, + - * // %, `~` and functions of texts can";
    wrong("this cannot stand in an expression of a plan", remedy, at(expr))
}
