//! What a dialplan wants with `AGI(agi://host:4573/PATH)`.

use std::sync::Arc;

use tracing::debug;

use super::{
    choice::{self, Question},
    wire::{Environment, Path},
};
use crate::{
    domain::{Caller, Name},
    engine::Enters,
};

/// What is said to a dialplan that wants something else.
const PATHS: &str = "there are `/` (the number that was dialled), `/flow/NAME` (a flow of the plan)";

/// The word in `AGI(agi://...,internal)` for a telephone of the house, as in `Stasis()`.
const INTERNAL: &str = "internal";

/// What a session is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A call comes in.
    Call(Enters),
    /// The dialplan keeps the call, and asks something.
    Answer(Question),
}

impl Wanted {
    /// Whether the engine has somebody in its hands until the session ends: in a call, or in a queue's line. All else is answered at
    /// once, and says nothing of the caller.
    pub(super) fn holds(&self) -> bool {
        match self {
            Self::Call(_) | Self::Answer(Question::Select(_)) => true,
            Self::Answer(Question::Answered(_) | Question::Release(..) | Question::Route(_)) => false,
        }
    }
}

/// What a session is for; or why there is no such thing, in words for who wrote the dialplan.
pub(super) fn wanted(environment: &Environment) -> Result<Wanted, String> {
    let path = Path::read(&environment.script).map_err(|bad| bad.to_string())?;
    if let Some(question) = Question::read(&path)? {
        return Ok(Wanted::Answer(question));
    }
    if !path.parameters.is_empty() {
        let keys: Vec<&str> = path.parameters.iter().map(|(key, _)| key.as_str()).collect();
        debug!(?keys, "a dialplan gives parameters along, which are not read");
    }
    let segments: Vec<&str> = path.segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        [] => Ok(Wanted::Call(Enters::Number(dialled(environment)))),
        ["flow", flow] => {
            let dialled = dialled(environment);
            Ok(Wanted::Call(Enters::Flow { flow: Name::new(flow), dialled }))
        }
        _ => {
            let questions = choice::PATHS.map(|word| format!("`/{word}`")).join(", ");
            Err(format!("there is no /{}: {PATHS}, {questions}", path.segments.join("/")))
        }
    }
}

/// The extension where the caller stands, where that is a number, or else what his channel says that he dialled.
pub(super) fn dialled(environment: &Environment) -> Arc<str> {
    let is_number = |text: &&str| text.starts_with(|c: char| c.is_ascii_digit() || "+*#".contains(c));
    let (extension, dnid) = (environment.extension.as_deref(), environment.dnid.as_deref());
    extension.filter(is_number).or(dnid).or(extension).unwrap_or_default().into()
}

/// Who calls.
pub(super) fn caller(environment: &Environment) -> Caller {
    let (number, name) = (environment.caller.as_deref(), environment.caller_name.as_deref());
    let caller = Caller::from_wire(number.unwrap_or_default(), name.unwrap_or_default(), environment.presentation());
    let is_internal = environment.arguments.iter().any(|argument| argument == INTERNAL);
    if is_internal { caller.at_phone(&environment.channel) } else { caller }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(script: &str, extension: &str, dnid: Option<&str>) -> Result<Wanted, String> {
        wanted(&Environment {
            script: script.into(),
            extension: Some(extension.into()),
            dnid: dnid.map(Into::into),
            ..Environment::default()
        })
    }

    #[test]
    fn a_path_says_what_is_wanted() {
        assert_eq!(asks("", "+4780012345", Some("100")), Ok(Wanted::Call(Enters::from("+4780012345"))));
        assert_eq!(asks("/", "s", Some("100")), Ok(Wanted::Call(Enters::from("100"))));
        assert_eq!(asks("", "s", None), Ok(Wanted::Call(Enters::from("s"))));
        let flow = Enters::Flow { flow: Name::new("after hours"), dialled: "100".into() };
        assert_eq!(asks("flow/after%20hours?x=1", "100", None), Ok(Wanted::Call(flow)));
    }

    #[test]
    fn who_wants_what_there_is_not_is_told_what_there_is() {
        for script in ["flow", "flow/a/b", "menu", "flow/%zz"] {
            let told = asks(script, "100", None).expect_err(script);
            assert!(told.contains("/flow/NAME") || told.contains("hexadecimal"), "{told}");
        }
    }

    #[test]
    fn a_caller_is_who_asterisk_says_he_is() {
        let environment = |presentation, arguments: &[&str]| Environment {
            channel: "PJSIP/anna-0000002a".into(),
            caller: Some("+4790000000".into()),
            presentation: Some(presentation),
            arguments: arguments.iter().map(|word| (*word).to_owned()).collect(),
            ..Environment::default()
        };
        assert_eq!(caller(&environment(0, &[])).number(), Some("+4790000000"));
        assert!(caller(&environment(0x23, &[])).is_withheld());
        assert_eq!(caller(&environment(0, &["internal"])).phone.as_deref(), Some("PJSIP/anna"));
        assert_eq!(caller(&environment(0, &["x"])).phone, None);
    }
}
