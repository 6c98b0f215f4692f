//! What Asterisk really sends, and what nothing can break out of. Exchanges of 22.10.1 unless they say otherwise.

use std::time::Duration;

use proptest::prelude::*;

use super::{
    asterisk,
    command::{BUFFER, Command, Unsayable},
    environment::{Environment, Fault, Reading},
    lines::Lines,
    path::Path,
    reply::{Done, Garbled, Replies, Reply, Said},
};

const ENVIRONMENT: &[u8] = b"agi_network: yes\n\
agi_network_script: flow/a%20b?x=1&to=+47\n\
agi_request: agi://127.0.0.1:4573/flow/a%20b?x=1&to=+47\n\
agi_channel: Local/agi@lab-00000000;2\n\
agi_language: en\n\
agi_type: Local\n\
agi_uniqueid: 1795650958.1\n\
agi_version: 22.10.1+dfsg+~cs6.17.60671434-1\n\
agi_callerid: +4790000000\n\
agi_calleridname: K\xc3\xa5re \"K\" (x)\n\
agi_callingpres: 0\n\
agi_callingani2: 0\n\
agi_callington: 0\n\
agi_callingtns: 0\n\
agi_dnid: unknown\n\
agi_rdnis: unknown\n\
agi_context: lab\n\
agi_extension: agi\n\
agi_priority: 4\n\
agi_enhanced: 0.0\n\
agi_accountcode: \n\
agi_threadid: 140417849730752\n\
agi_arg_1: internal\n\
agi_arg_2: two\n\
\n";

fn environment(bytes: &[u8]) -> Result<Option<Environment>, Fault> {
    let (mut lines, mut reading) = (Lines::default(), Reading::default());
    lines.push(bytes);
    while let Ok(Some(line)) = lines.next() {
        if let Some(environment) = reading.take(&line)? {
            return Ok(Some(environment));
        }
    }
    Ok(None)
}

#[test]
fn an_environment_as_asterisk_sends_it() {
    let told = Environment {
        script: "flow/a%20b?x=1&to=+47".into(),
        channel: "Local/agi@lab-00000000;2".into(),
        unique_id: "1795650958.1".into(),
        caller: Some("+4790000000".into()),
        caller_name: Some("Kåre \"K\" (x)".into()),
        presentation: Some(0),
        extension: Some("agi".into()),
        dnid: None,
        arguments: vec!["internal".into(), "two".into()],
    };
    assert_eq!(environment(ENVIRONMENT), Ok(Some(told)));
    assert_eq!(environment(&ENVIRONMENT[..ENVIRONMENT.len() - 1]), Ok(None), "it is not over before the empty line");
}

#[test]
fn an_environment_that_cannot_be_asterisks_is_refused() {
    let with = |more: &str| environment(&[more.as_bytes(), ENVIRONMENT].concat());
    assert_eq!(with("agi_extension: 100\n"), Err(Fault::Twice("agi_extension")));
    assert_eq!(with("GET / HTTP/1.1\n"), Err(Fault::NoField));
    assert_eq!(with("agi_arg_x: 1\n"), Err(Fault::NoField));
    assert_eq!(environment(b"agi_channel: x\n\n"), Err(Fault::Missing("agi_uniqueid")));
    assert_eq!(environment(&b"a:\n".repeat(257)), Err(Fault::Endless));
    assert_eq!(
        environment(
            &[b"a:".to_vec(), vec![b'x'; 60_000], b"\nb:".to_vec(), vec![b'x'; 60_000], b"\n".to_vec()].concat()
        ),
        Err(Fault::Endless)
    );
    assert!(with("agi_of_tomorrow: 1\nagi_network_protocol: 7\n").is_ok(), "a newer Asterisk may say more");
}

#[test]
fn the_presentation_is_that_of_the_number() {
    let word = |octets| Environment { presentation: octets, ..Environment::default() }.presentation();
    assert_eq!(
        [Some(0), Some(3), Some(0x23), Some(0x43), None].map(word),
        ["allowed", "allowed", "prohib", "unavailable", ""]
    );
}

#[test]
fn a_path_is_read_with_its_escapes() {
    let path = Path::read("flow/a%20b?x=1&to=+47&flag&x=2&%C3%A5=%E5").expect("a path");
    assert_eq!(path.segments, ["flow", "a b"]);
    let parameters: Vec<(&str, &str)> = path.parameters.iter().map(|(key, value)| (&**key, &**value)).collect();
    assert_eq!(parameters, [("x", "1"), ("to", "+47"), ("flag", ""), ("x", "2"), ("å", "å")]);
    for root in ["", "/", "//"] {
        assert_eq!(Path::read(root), Ok(Path::default()), "{root}");
    }
    for bad in ["%", "%4", "%zz", "flow/%+1", "x?%"] {
        assert!(Path::read(bad).is_err(), "{bad}");
    }
}

fn said(text: &str) -> Result<Vec<Said>, Garbled> {
    let mut replies = Replies::default();
    text.lines().filter_map(|line| replies.take(line).transpose()).collect()
}

fn done(result: &str, value: Option<&str>, ended_at: Option<u64>) -> Said {
    Said::Reply(Reply::Done(Done { result: result.into(), value: value.map(Into::into), ended_at }))
}

#[test]
fn replies_as_asterisk_sends_them() {
    for (line, meant) in [
        ("200 result=0", done("0", None, None)),
        ("200 result=6", done("6", None, None)),
        ("200 result=-1", done("-1", None, None)),
        ("200 result=1 (/var/spool/asterisk)", done("1", Some("/var/spool/asterisk"), None)),
        ("200 result=1 ()", done("1", Some(""), None)),
        (r#"200 result=1 (a "q" \ (b) ) é , $ {x} ;)"#, done("1", Some(r#"a "q" \ (b) ) é , $ {x} ;"#), None)),
        ("200 result= (timeout)", done("", Some("timeout"), None)),
        ("200 result=", done("", None, None)),
        ("200 result=42", done("42", None, None)),
        ("200 result=*0", done("*0", None, None)),
        ("200 result=0 endpos=11360", done("0", None, Some(11360))),
        ("200 result=53 endpos=9600", done("53", None, Some(9600))),
        ("200 result=-1 endpos=0", done("-1", None, Some(0))),
        ("200 result=0 (timeout) endpos=0", done("0", Some("timeout"), Some(0))),
        ("200 result=-1 (hangup) endpos=0", done("-1", Some("hangup"), Some(0))),
        ("200 result=-1 (writefile)", done("-1", Some("writefile"), None)),
        ("200 result=1 (speech) endpos=80 results=1 score0=9 text0=\"a\"", done("1", Some("speech"), Some(80))),
        ("510 Invalid or unknown command", Said::Reply(Reply::Unknown)),
        ("511 Command Not Permitted on a dead channel or intercept routine", Said::Reply(Reply::Dead)),
        ("520 Invalid command syntax.  Proper usage not available.", Said::Reply(Reply::Misused)),
        ("HANGUP", Said::HungUp),
    ] {
        assert_eq!(said(line), Ok(vec![meant]), "{line}");
    }
}

#[test]
fn a_hang_up_comes_wherever_it_likes() {
    let heard = said("HANGUP\n200 result=1 (x)\nHANGUP\n511 Command Not Permitted\nHANGUP\nHANGUP");
    let dead = Said::Reply(Reply::Dead);
    assert_eq!(
        heard,
        Ok(vec![Said::HungUp, done("1", Some("x"), None), Said::HungUp, dead, Said::HungUp, Said::HungUp])
    );
}

#[test]
fn a_reply_of_several_lines_is_one() {
    let usage = "520-Invalid command syntax.  Proper usage follows:\nUsage: WAIT FOR DIGIT <timeout>\n200 result=0\n\n520 End of proper usage.\n200 result=0";
    assert_eq!(said(usage), Ok(vec![Said::Reply(Reply::Misused), done("0", None, None)]));
    let value = said("200 result=1 (one\ntwo\n\nthree)\nHANGUP");
    assert_eq!(value, Ok(vec![done("1", Some("one\ntwo\n\nthree"), None), Said::HungUp]));
    let value = said("200 result=1 (a) b\nc) d\n(e) endpos=7\nHANGUP");
    assert_eq!(value, Ok(vec![done("1", Some("a) b\nc) d\n(e"), Some(7)), Said::HungUp]));
    let lines = "\n".repeat(60_000);
    assert_eq!(said(&format!("200 result=1 ({lines})")), Ok(vec![done("1", Some(&lines), None)]));
}

#[test]
fn what_asterisk_does_not_say_is_told_apart() {
    for line in ["", "2", "200", "200 ", "200 ok", "200 result=x", "hangup", "HTTP/1.1 200 OK", "å00 result=0"] {
        assert!(matches!(said(&format!("{line}\n")), Err(Garbled::NoReply(_))), "{line:?}");
    }
    assert_eq!(said(&("520-Usage\n".to_owned() + &"x".repeat(70_000) + "\n")), Err(Garbled::Endless));
    assert_eq!(said(&("200 result=1 (x\n".to_owned() + &"x".repeat(70_000) + "\n")), Err(Garbled::Endless));
}

/// The words that Asterisk reads, when it reads one command and nothing else.
fn read(command: &Command) -> Result<Vec<String>, Unsayable> {
    let line = command.line()?;
    let (words, rest) = asterisk::read(line.as_bytes(), BUFFER).expect("a whole command");
    assert!(rest.is_empty(), "{rest:?}");
    Ok(words.into_iter().map(|word| String::from_utf8(word).expect("as it was written")).collect())
}

fn set(value: &str) -> Command {
    Command::SetVariable { name: "X".into(), value: value.into() }
}

#[test]
fn commands_are_written_as_asterisk_reads_them() {
    let seconds = Duration::from_secs;
    let record = |beep, silence| {
        let (file, keys, at_most) = ("/a b/c".into(), "#".into(), seconds(3));
        Command::RecordFile { file, keys, at_most, beep, silence }
    };
    for (command, line) in [
        (Command::Noop, "NOOP"),
        (Command::ChannelStatus, "CHANNEL STATUS"),
        (Command::Exec { application: "Answer", options: ",i".into() }, r#"EXEC Answer ",i""#),
        (Command::GetVariable("ASTSPOOLDIR".into()), r#"GET VARIABLE "ASTSPOOLDIR""#),
        (set(r#"a "b" \c"#), r#"SET VARIABLE "X" "a \"b\" \\c""#),
        (set(""), r#"SET VARIABLE "X" """#),
        (
            Command::StreamFile { file: "hello-world".into(), keys: "12", from: 80 },
            r#"STREAM FILE "hello-world" "12" 80"#,
        ),
        (Command::WaitForDigit(seconds(1)), "WAIT FOR DIGIT 1000"),
        (record(true, 2), r##"RECORD FILE "/a b/c" wav "#" 3000 BEEP s=2"##),
        (record(false, 0), r##"RECORD FILE "/a b/c" wav "#" 3000"##),
        (Command::SetMusic(Some("jazz".into())), r#"SET MUSIC ON "jazz""#),
        (Command::SetMusic(None), "SET MUSIC OFF"),
        (Command::HangUp(17), r#"EXEC Hangup "17""#),
        (Command::Verbose { message: "why".into(), level: 1 }, r#"VERBOSE "why" 1"#),
    ] {
        assert_eq!(command.line().as_deref(), Ok(format!("{line}\n").as_str()));
    }
}

#[test]
fn what_no_line_can_carry_is_refused_and_never_cut() {
    for value in ["a\nHANGUP", "\n", "a\0b"] {
        assert_eq!(set(value).line(), Err(Unsayable::Broken), "{value:?}");
    }
    let frame = set("").line().expect("a line").len();
    let longest = "x".repeat(BUFFER - 1 - frame);
    assert_eq!(read(&set(&longest)), Ok(vec!["SET".into(), "VARIABLE".into(), "X".into(), longest.clone()]));
    assert_eq!(set(&(longest + "x")).line(), Err(Unsayable::TooLong));
}

proptest! {
    #[test]
    fn no_value_leaves_its_place(value in any::<String>(), name in any::<String>()) {
        let command = Command::SetVariable { name: name.clone(), value: value.clone() };
        match read(&command) {
            Ok(words) => prop_assert_eq!(words, ["SET", "VARIABLE", &name, &value]),
            Err(Unsayable::Broken) => prop_assert!([name, value].iter().any(|text| text.contains(['\n', '\0']))),
            Err(Unsayable::TooLong) => prop_assert!(value.len() + name.len() > 900),
        }
    }

    #[test]
    fn quotes_and_backslashes_are_what_they_were(value in r#"["\\ ab]{0,40}"#) {
        prop_assert_eq!(read(&set(&value)).expect("a line").pop(), Some(value));
    }

    #[test]
    fn whatever_comes_is_heard_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..2000), cut in 1..50_usize) {
        super::super::hear(&bytes, cut);
    }
}
