//! Operators over HTTP.

use super::*;

#[tokio::test]
async fn operators_are_paused_signed_out_and_shown_so() {
    let bench = Bench::new(&[TOKEN]);
    let token = format!("Authorization: Bearer {TOKEN}\r\n");
    let asks = async |path: &str| {
        let head = "HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close";
        bench.sends(&format!("POST /api/v1/operators/{path} {head}\r\n{token}\r\n")).await
    };
    let paused = asks("anna/pause?reason=lunch&for=30m").await;
    assert_eq!(status(&paused), "200", "{paused}");
    assert!(paused.contains(r#""state":"paused""#), "{paused}");
    assert!(paused.contains(r#""duty":{"duty":"paused","reason":"lunch","until":""#), "{paused}");
    let all = bench.gets("/api/v1/operators", &token).await;
    assert!(all.contains(r#"{"operators":[{"operator":"anna","#) && all.contains(r#""state":"paused""#), "{all}");
    for (path, code, says) in [
        ("anna/resume", "200", r#""state":"ready""#),
        ("anna/sign_out", "200", r#""state":"signed_out""#),
        ("anna/pause", "409", r#""code":"signed_out""#),
        ("anna/sign_in", "200", r#""duty":{"duty":"on","#),
        ("anna/wrap_up?end", "409", r#""code":"no_wrap_up""#),
        ("anna/wrap_up?extend=soon", "400", "is not a duration"),
        ("anna/wrap_up?extend=1m&end", "400", "send ?end to end his wrap-up"),
        ("anna/wrap_up", "400", "send ?end to end his wrap-up"),
        ("anna/pause?reason=nap", "400", r#""code":"no_such_reason""#),
        ("anna/pause?reason=Lunch+Time", "400", "cannot be a name"),
        ("anna/pause?for=25h", "400", "is out of range"),
        ("anna/pause?because=lunch", "400", "unknown field `because`"),
        ("anna/resume?now=1", "400", "send nothing behind the path"),
        ("nobody/sign_in", "404", r#""code":"no_such_operator""#),
        ("anna/asleep", "404", "nothing at this path"),
    ] {
        let answer = asks(path).await;
        assert_eq!(status(&answer), code, "{path}: {answer}");
        assert!(answer.contains(says), "{path}: {answer}");
    }
    let refused =
        bench.sends("POST /api/v1/operators/anna/pause HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    assert_eq!(status(&refused), "401", "{refused}");
    assert_eq!(status(&bench.gets("/api/v1/operators/anna/pause", &token).await), "405");
}

#[tokio::test]
async fn an_operator_is_signed_in_at_a_desk_and_shown_there() {
    let text = "exchange: x\noperators: {anna: {dial: PJSIP/anna}}\nextensions: {205: {dial: PJSIP/desk, desk: true}}\n\
                numbers: {101: {flow: a}}\nflows: {a: [{dial: anna}]}\n";
    let plan = dialplan::parse("plan.yaml", text.as_bytes()).unwrap_or_else(|faults| panic!("{faults}")).plan;
    let token = Token { name: "api".into(), secret: SecretString::from(TOKEN), roles: Role::ALL.into() };
    let bench = Bench::of(plan, [token].into());
    let asks = async |path: &str| {
        let head = "HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close";
        bench.sends(&format!("POST /api/v1/operators/{path} {head}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n")).await
    };
    for (path, code, says) in [
        ("anna/sign_in?desk=205", "200", r#""desk":"205""#),
        ("anna/sign_in", "200", r#""desk":"205""#),
        ("anna/sign_in?desk=206", "400", r#""code":"no_such_desk""#),
        ("anna/sign_in?desk=lobby", "400", "lobby"),
        ("anna/sign_in?at=205", "400", "send `desk`, or nothing"),
        ("anna/sign_out", "200", r#""desk":null"#),
        ("nobody/sign_in?desk=205", "404", r#""code":"no_such_operator""#),
    ] {
        let answer = asks(path).await;
        assert_eq!(status(&answer), code, "{path}: {answer}");
        assert!(answer.contains(says), "{path}: {answer}");
    }
}
