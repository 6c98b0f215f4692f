use std::fs;

use tokio::sync::mpsc::Receiver;

use super::{super::Ask, *};
use crate::{dialplan, domain::Name, yaml::Fault};

/// Reads plans that are made of a word and of these files.
struct Words(Vec<PathBuf>);

impl Source for Words {
    fn load(&self, path: &Path) -> Result<Loaded, Faults> {
        load_word(path)
    }

    fn files(&self) -> Vec<PathBuf> {
        self.0.clone()
    }
}

/// A plan is what is in the file, or one that has nothing but its name: the word there. A broken one says "broken".
fn load_word(path: &Path) -> Result<Loaded, Faults> {
    let faults = |what: String| Faults::one("office.yaml", Fault::whole(what));
    let word = fs::read_to_string(path).map_err(|error| faults(error.to_string()))?;
    if word.contains("broken") {
        return Err(faults(format!("{word} is no plan")));
    }
    let plan = match dialplan::parse("office.yaml", word.as_bytes()) {
        Ok(checked) => checked.plan,
        Err(_) => Plan::nothing(Name::new(&word)),
    };
    Ok(Loaded { plan: Arc::new(plan), remarks: String::new() })
}

/// A reloader at work on a file that says "first".
struct Bench {
    folder: tempfile::TempDir,
    asks: Receiver<Ask>,
    hang_up: mpsc::Sender<()>,
    told: Told,
    _stop: tokio_util::sync::DropGuard,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("office.yaml");
        fs::write(&path, "first").expect("a file");
        let (sender, asks) = mpsc::channel(8);
        let metrics = Arc::new(Metrics::new(Vec::new()).expect("metrics"));
        let files = vec![folder.path().join("welcome.wav"), folder.path().join("prompts/menu.wav")];
        fs::create_dir(folder.path().join("prompts")).expect("a folder");
        let content = fingerprint(&path, &files);
        let clock = Arc::new(Clock::new());
        let standing = Arc::new(Standing::new(Some(&path), clock.now()));
        let told = Told { metrics, standing, clock };
        let in_force = (content, load_word(&path).expect("a plan").plan);
        let reloader = Reloader::new(path, in_force, Arc::new(Words(files)), Desk { asks: sender }, told.clone());
        let (hang_up, asked) = mpsc::channel(1);
        let stop = CancellationToken::new();
        tokio::spawn(reloader.run(asked, stop.clone()));
        Self { folder, asks, hang_up, told, _stop: stop.drop_guard() }
    }

    /// A deployment: a new file takes the old one's place at once.
    fn put(&self, word: &str) {
        let new = self.folder.path().join("new");
        fs::write(&new, word).expect("a file");
        fs::rename(new, self.folder.path().join("office.yaml")).expect("renamed");
    }

    async fn asks(&self) {
        self.hang_up.send(()).await.expect("the reloader runs");
    }

    /// The next plan that comes into force.
    async fn in_force(&mut self) -> String {
        match self.asks.recv().await.expect("the reloader runs") {
            Ask::Plan(plan) => {
                assert!(plan.is_looked_over(), "the thread of the calls would look it over");
                plan.exchange.to_string()
            }
            other @ (Ask::Snapshot(_)
            | Ask::Alive(_)
            | Ask::Hours { .. }
            | Ask::Duty { .. }
            | Ask::Queue(..)
            | Ask::ExplainCall(..)
            | Ask::ExplainOperator(..)
            | Ask::Steer { .. }
            | Ask::CancelCallback(..)
            | Ask::Drain) => panic!("{other:?}"),
        }
    }

    /// Waits until this is what changed at last.
    async fn told_of(&self, changed: &[&str]) {
        let told = async {
            while self.told.standing.view().changed != changed {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let told = tokio::time::timeout(Duration::from_secs(10), told).await;
        assert!(told.is_ok(), "{:?} and not {changed:?}", self.told.standing.view().changed);
    }

    fn counted(&self, result: &str) -> String {
        let text = self.told.metrics.text(None).expect("text");
        let name = format!("sentral_plan_reloads_total{{result=\"{result}\"}} ");
        text.lines().find_map(|line| line.strip_prefix(&name)).expect("the series").to_owned()
    }
}

#[tokio::test]
async fn a_plan_that_changed_comes_into_force_by_itself() {
    let mut bench = Bench::new();
    // The watch may not be set yet when the file changes: a question goes before it in the same queue.
    bench.asks().await;
    assert_eq!(bench.in_force().await, "first", "asked for, so read although it is the same");
    bench.put("second");
    assert_eq!(bench.in_force().await, "second");
    assert_eq!(bench.counted("loaded"), "2");
}

#[tokio::test]
async fn a_broken_plan_is_refused_and_counted_and_the_next_good_one_comes_into_force() {
    let mut bench = Bench::new();
    bench.put("broken");
    // One question waits at most, so when the third is taken the first is answered.
    for _ in 0..3 {
        bench.asks().await;
    }
    let refused = bench.told.standing.view().refused.expect("told to who asks how things stand");
    assert_eq!(refused.faults, ["office.yaml: broken is no plan"]);
    bench.put("third");
    bench.asks().await;
    assert_eq!(bench.in_force().await, "third", "and nothing before it");
    // The next question is taken when this one was answered.
    bench.asks().await;
    bench.asks().await;
    assert!(bench.told.standing.view().refused.is_none(), "the file is the plan that is in force");
    let refused: u64 = bench.counted("refused").parse().expect("a number");
    assert!(refused >= 1, "the refusal is counted");
}

#[tokio::test]
async fn what_a_plan_changed_is_told_to_who_asks_how_it_stands() {
    let plan = |channels| {
        let number = format!("\"+47 800 12 345\": {{channels: {channels}, flow: welcome}}");
        format!("exchange: office\nnumbers: {{{number}}}\nflows: {{welcome: hangup}}\n")
    };
    let mut bench = Bench::new();
    bench.asks().await;
    assert_eq!(bench.in_force().await, "first", "the watch is set");
    for (channels, changed) in [
        (30, vec!["the plan: exchange office added", "number +47 800 12 345 added", "flow welcome added"]),
        (40, vec!["number +47 800 12 345: channels 30 -> 40"]),
    ] {
        bench.put(&plan(channels));
        assert_eq!(bench.in_force().await, "office");
        bench.told_of(&changed).await;
    }
    bench.asks().await;
    assert_eq!(bench.in_force().await, "office");
    bench.told_of(&[]).await;
}

#[test]
fn a_file_that_was_only_touched_is_no_new_plan() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("office.yaml");
    fs::write(&path, "first").expect("a file");
    let seen = fingerprint(&path, &[]);
    let words = &Words(Vec::new());
    fs::write(&path, "first").expect("a file");
    assert!(read(&path, words, seen, Why::Changed).is_none());
    assert!(read(&path, words, seen, Why::Asked).is_some_and(|(_, plan)| plan.is_ok()));
    fs::write(&path, "second").expect("a file");
    assert!(read(&path, words, seen, Why::Changed).is_some_and(|(now, plan)| now != seen && plan.is_ok()));
    fs::remove_file(&path).expect("removed");
    assert!(read(&path, words, seen, Why::Changed).is_some_and(|(now, plan)| now.is_none() && plan.is_err()));
}

/// Whether the plan's watch is rung within some time.
async fn rings(changed: &Notify) -> bool {
    tokio::time::timeout(4 * QUIET, changed.notified()).await.is_ok()
}

#[tokio::test]
async fn who_only_reads_the_plan_rings_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("office.yaml");
    fs::write(&path, "first").expect("a file");
    let changed = Arc::new(Notify::new());
    let _watch = watch(&path, &changed).expect("a watch");
    fingerprint(&path, &[]).expect("a content");
    assert!(!rings(&changed).await, "a look at the plan asks for the next one");
    fs::write(&path, "second").expect("a file");
    assert!(rings(&changed).await);
}

#[tokio::test]
async fn a_prompt_that_changes_or_comes_is_a_new_plan() {
    let mut bench = Bench::new();
    bench.asks().await;
    assert_eq!(bench.in_force().await, "first", "the watch is set");
    for file in ["welcome.wav", "prompts/menu.wav"] {
        for content in ["one", "two"] {
            fs::write(bench.folder.path().join(file), content).expect("a file");
            let plan = tokio::time::timeout(Duration::from_secs(10), bench.in_force()).await;
            assert_eq!(plan.as_deref(), Ok("first"), "{file} {content}");
        }
    }
    // A folder that goes and comes back.
    fs::remove_dir_all(bench.folder.path().join("prompts")).expect("removed");
    let plan = tokio::time::timeout(Duration::from_secs(10), bench.in_force()).await;
    assert_eq!(plan.as_deref(), Ok("first"), "a prompt that is gone is for the plan to tell");
    fs::create_dir(bench.folder.path().join("prompts")).expect("a folder");
    tokio::time::sleep(2 * QUIET).await;
    fs::write(bench.folder.path().join("prompts/menu.wav"), "three").expect("a file");
    let plan = tokio::time::timeout(Duration::from_secs(10), bench.in_force()).await;
    assert_eq!(plan.as_deref(), Ok("first"), "and one that comes back, too");
    fs::write(bench.folder.path().join("prompts/another.wav"), "one").expect("a file");
    let quiet = tokio::time::timeout(4 * QUIET, bench.asks.recv()).await;
    assert!(quiet.is_err(), "a file that is not of the plan is no new plan: {quiet:?}");
}
