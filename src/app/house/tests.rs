//! A house, opened and asked.

use super::*;

#[test]
fn two_lives_of_the_same_moment_choose_different_ids() {
    let now = Time::from_micros(1_795_628_258_000_000);
    let boots: std::collections::BTreeSet<u32> = (0..8).map(|_| setup(now, Limits::default(), None).boot).collect();
    assert_eq!(boots.len(), 8);
    assert_eq!(setup(now, Limits::default(), None).born, now);
}

/// A house with a door for FastAGI, and a node at an address where nobody is, or none.
fn with_a_door(node: Option<&str>) -> (House, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = crate::dialplan::parse("demo.yaml", crate::sim::demo::PLAN.as_bytes()).expect("a plan").plan;
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let second = Duration::from_secs(1);
    let options = agi::Options { listen: any, allow: Vec::new(), sessions: 1, silence: second, longest_prompt: second };
    let node = node.map(|url| settings::Node {
        name: "pbx".into(),
        url: url.into(),
        user: "sentral".into(),
        password: "pw".into(),
        app: "sentral".into(),
        lanes: 1,
    });
    let opening = Opening {
        plan: Arc::new(plan),
        plan_file: None,
        limits: Limits::default(),
        listen: any,
        tokens: Vec::new(),
        public_url: None,
        prompts: Shelf::default(),
        prompts_ahead: false,
        hooks: hooks::Options::default(),
        agi: Some(settings::Agi { options, node: node.as_ref().map(|_| 0) }),
        nodes: node.into_iter().collect(),
        state: None,
        records_keep: second,
        database: None,
        queue_log: None,
        voicemail: store::Options { folder: folder.path().into(), keep: second, messages: 1, bytes: 1 },
        narrator: None,
    };
    (House::open(opening).expect("it opens"), folder)
}

/// What `/readyz` says, when it says so.
async fn says(house: &House, is_it: impl Fn(u16, &str) -> bool) -> String {
    let asks = async {
        loop {
            let answer = reqwest::get(format!("http://{}/readyz", house.address)).await.expect("an answer");
            let (status, text) = (answer.status().as_u16(), answer.text().await.expect("a text"));
            if is_it(status, &text) {
                return text;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), asks).await.expect("in time")
}

#[tokio::test]
async fn a_door_alone_is_ready_and_beside_a_node_that_is_away_it_is_not() {
    let (alone, _folder) = with_a_door(None);
    says(&alone, |status, _| status == 200).await;
    alone.close().await;

    let (beside, _folder) = with_a_door(Some("http://127.0.0.1:1/ari"));
    let why = says(&beside, |status, text| status == 503 && !text.contains("not connected yet")).await;
    assert!(why.contains("node pbx: ") && !why.contains("agi"), "{why}");
    beside.close().await;
}
