use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tempfile::TempDir;

use super::{wav::Wav, *};
use crate::{
    dialplan::{Act, Plan},
    domain::Media,
};

/// A folder with a plan that plays something.
struct Office {
    folder: TempDir,
    /// What says texts: a second of silence, whatever the text is. It writes down what it is asked.
    say: Vec<String>,
}

impl Office {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("head"), &Wav::of_samples(&[0; 16_000]).bytes()[..]).expect("a file");
        let script = folder.path().join("say");
        let text = format!("#!/bin/sh\necho \"$1 $(cat)\" >>{0}/said\ncat {0}/head\n", folder.path().display());
        fs::write(&script, text).expect("a script");
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("its mode");
        Self { folder, say: vec![script.display().to_string(), "{language}".into()] }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn has(&self, name: &str, bytes: &[u8]) {
        fs::create_dir_all(self.path(name).parent().expect("a folder")).expect("a folder");
        fs::write(self.path(name), bytes).expect("a file");
    }

    /// A plan that plays this; gives its path.
    fn plays(&self, media: &str) -> PathBuf {
        let text =
            format!("exchange: a\nlanguage: nb\nnumbers: {{101: {{flow: a}}}}\nflows: {{a: {{play: {media}}}}}\n");
        self.has("plan.yaml", text.as_bytes());
        self.path("plan.yaml")
    }

    fn options(&self) -> Options {
        let way = Way::Http("http://10.0.0.1:8080".into());
        Options { way, say: self.say.clone(), cache: Some(self.path("cache")) }
    }

    fn library(&self) -> Library {
        Library::new(self.options())
    }

    /// What is wrong with a plan that plays this.
    fn fault(&self, media: &str) -> String {
        self.library().load(&self.plays(media)).map(|_| ()).expect_err(media).to_string()
    }

    fn said(&self) -> String {
        fs::read_to_string(self.path("said")).unwrap_or_default()
    }
}

fn tone(samples: usize) -> Wav {
    let wave = (0..samples).map(|n| if n / 10 % 2 == 0 { 8_000_i16 } else { -8_000 });
    Wav::of_samples(&wave.flat_map(i16::to_le_bytes).collect::<Vec<u8>>())
}

fn media(plan: &Plan) -> Vec<Media> {
    let Act::Play(announcement) = &plan.steps[0].act else { panic!("{plan:?}") };
    announcement.fixed(0).expect("the same for every call").to_vec()
}

fn sox(arguments: &[&str], folder: &Path) {
    let done = Command::new("sox").args(arguments).current_dir(folder).status().expect("sox is installed");
    assert!(done.success(), "{arguments:?}");
}

#[test]
fn a_file_in_the_telephone_s_form_is_served_as_it_is() {
    let office = Office::new();
    office.has("welcome.wav", tone(4_000).bytes());
    let library = office.library();
    let plan = library.load(&office.plays("[welcome.wav, sound:beep, welcome.wav]")).expect("a plan").plan;
    let media = media(&plan);
    assert_eq!(media[0].length(), Some(Duration::from_millis(500)));
    assert_eq!((media[1].length(), Media::length_of(&media)), (None, None));
    assert_eq!(media[0], media[2]);
    let uri = media[0].to_string();
    let name = uri.strip_prefix("sound:http://10.0.0.1:8080/prompts/").expect("an address").trim_end_matches(".wav");
    assert_eq!(library.shelf().find(name).as_ref(), Some(tone(4_000).bytes()));
    // Asterisk cuts the path of what it fetched to the length of the URL.
    assert!(uri.len() > "sound:/var/cache/asterisk/bucket-XXXXXX.wav".len());
    assert_eq!(library.files(), [office.path("welcome.wav")]);
}

#[test]
fn a_plan_is_made_of_the_files_of_its_lists_too_whether_they_are_there_or_not() {
    let office = Office::new();
    office.has("vip.txt", b"+4790000000");
    let lists = "lists: {vip: {file: vip.txt}, blocked: {file: gone/blocked.txt}, wrong: {file: ../x}}";
    let plan = office.plays("sound:beep");
    let text = fs::read_to_string(&plan).expect("the plan");
    office.has("plan.yaml", format!("{lists}\n{text}").as_bytes());
    let library = office.library();
    library.load(&plan).expect_err("a file is missing, and another one is not beside the plan");
    assert_eq!(library.files(), ["gone/blocked.txt", "vip.txt"].map(|name| office.path(name)));
}

#[test]
fn any_other_sound_is_converted_once_and_kept() {
    let office = Office::new();
    office.has("a.wav", tone(8_000).bytes());
    let stereo = ["a.wav", "-r", "44100", "-c", "2", "cd.flac"];
    for arguments in [&stereo[..], &["a.wav", "b.mp3"], &["a.wav", "-r", "16000", "c.wav"], &["a.wav", "d.gsm"]] {
        sox(arguments, office.folder.path());
    }
    let plan = office.plays("[cd.flac, b.mp3, c.wav, d.gsm]");
    let first = media(&office.library().load(&plan).expect("a plan").plan);
    for media in &first {
        let length = media.length().expect("a length").as_secs_f64();
        assert!((0.95..1.2).contains(&length), "{length} seconds of one");
    }
    let kept = || fs::read_dir(office.path("cache")).expect("a folder").count();
    assert_eq!(kept(), 4);
    // The second time nothing is converted: what is kept is believed.
    for entry in fs::read_dir(office.path("cache")).expect("a folder") {
        fs::write(entry.expect("an entry").path(), &tone(80).bytes()[..]).expect("written");
    }
    let second = media(&office.library().load(&plan).expect("a plan").plan);
    assert!(second.iter().all(|media| media.length() == Some(Duration::from_millis(10))), "{second:?}");
    office.has("b.mp3", tone(16_000).bytes());
    let third = media(&office.library().load(&plan).expect("a plan").plan);
    assert_eq!(third[1].length(), Some(Duration::from_secs(2)), "a changed file is another one, whatever its ending");
}

#[test]
fn a_text_is_said_once_in_the_plan_s_language() {
    let office = Office::new();
    let plan = office.plays("[{say: Hello; touch /tmp/x}, {say: \"Hello; touch /tmp/x\"}, {say: Goodbye.}]");
    for _ in 0..2 {
        let plan = office.library().load(&plan).expect("a plan").plan;
        assert_eq!(Media::length_of(&media(&plan)), Some(Duration::from_secs(3)));
    }
    assert_eq!(office.said(), "nb Hello; touch /tmp/x\nnb Goodbye.\n");
    check(&plan).expect("a plan");
    assert_eq!(office.said().lines().count(), 2, "a check says nothing");
}

#[test]
fn a_text_may_be_an_argument_and_is_never_an_option() {
    let mut office = Office::new();
    let script = format!("#!/bin/sh\necho \"[$1][$2]\" >>{0}/said\ncat {0}/head\n", office.folder.path().display());
    office.has("say", script.as_bytes());
    office.say.push("{text}".into());
    let plan = office.plays("[{say: \"-w {language} x\"}]");
    office.library().load(&plan).expect("a plan");
    assert_eq!(office.said(), "[nb][ -w {language} x]\n");
}

#[test]
fn espeak_says_a_text() {
    let office = Office::new();
    let say = SAY.split(' ').map(str::to_owned).collect();
    let library = Library::new(Options { say, ..office.options() });
    let plan = library.load(&office.plays("{say: \"Velkommen til Nordlys.\"}")).expect("espeak-ng is installed").plan;
    let length = media(&plan)[0].length().expect("a length");
    assert!(length > Duration::from_millis(800) && length < Duration::from_secs(6), "{length:?}");
}

#[test]
fn a_text_that_cannot_be_said_is_told_at_its_place() {
    let mut office = Office::new();
    office.has("say", b"#!/bin/sh\necho no such voice >&2\nexit 1\n");
    let told = office.fault("{say: Hello.}");
    assert!(told.contains("plan.yaml:4:25: `Hello.` cannot be said: ") && told.contains("(no such voice)"), "{told}");
    office.say = vec!["no-such-program".into()];
    let told = office.fault("{say: Hello.}");
    assert!(told.contains("there is no program `no-such-program`; install"), "{told}");
    office.has("say", b"#!/bin/sh\necho this is no sound\n");
    office.say = vec![office.path("say").display().to_string()];
    let told = office.fault("{say: Hello.}");
    assert!(told.contains("`Hello.` is no sound that can be played"), "{told}");
}

#[test]
fn what_is_no_prompt_is_told_at_its_place() {
    let office = Office::new();
    let outside = tempfile::tempdir().expect("a folder");
    fs::write(outside.path().join("x.wav"), &tone(80).bytes()[..]).expect("a file");
    symlink(outside.path().join("x.wav"), office.path("link.wav")).expect("a link");
    symlink(outside.path(), office.path("links")).expect("a link");
    fs::create_dir(office.path("folder.wav")).expect("a folder");
    office.has("empty.wav", b"");
    office.has("text.wav", b"not a sound at all");
    office.has("list.mp3", b"#EXTM3U\n|touch /tmp/x\n");
    office.has("half.wav", &tone(800).bytes()[..44]);
    assert!(Command::new("mkfifo").arg(office.path("pipe.wav")).status().expect("mkfifo").success());
    for (name, why) in [
        ("missing.wav", "`missing.wav` is not there; put the file into"),
        ("text.wav/x.wav", "is not there"),
        ("link.wav", "is a link that leads out of the plan's folder"),
        ("links/x.wav", "is a link that leads out of the plan's folder"),
        ("folder.wav", "is a folder and no sound"),
        ("pipe.wav", "is no plain file"),
        ("empty.wav", "is empty"),
        ("text.wav", "is no sound that can be played ("),
        ("list.mp3", "is no sound that can be played"),
        ("half.wav", "sound"),
    ] {
        let told = office.fault(&format!("[sound:beep, {name}]"));
        assert!(told.contains(why) && told.contains("plan.yaml:4:32: "), "{name}: {told}");
        let checked = check(&office.path("plan.yaml")).map(|_| ()).expect_err(name).to_string();
        assert_eq!(checked, told, "a check tells the same");
    }
    // A link inside the folder is as good as the file.
    office.has("deep/a.wav", tone(80).bytes());
    symlink("deep/a.wav", office.path("inside.wav")).expect("a link");
    office.library().load(&office.plays("[inside.wav, deep/a.wav]")).expect("a plan");
}

#[test]
fn what_lasts_too_long_is_told() {
    let office = Office::new();
    office.has("long.wav", Wav::of_samples(&vec![1; 601 * 16_000]).bytes());
    assert!(office.fault("long.wav").contains("`long.wav` lasts longer than 10 minutes"));
    sox(&["long.wav", "long.gsm"], office.folder.path());
    assert!(office.fault("long.gsm").contains("`long.gsm` lasts longer than 10 minutes"));
}

#[test]
fn in_a_shared_folder_prompts_are_files_and_asterisk_chooses_the_ending() {
    let office = Office::new();
    office.has("welcome.wav", tone(800).bytes());
    let shared = office.path("sounds/sentral");
    let library = Library::new(Options { way: Way::Folder(shared.clone()), ..office.options() });
    let plan = library.load(&office.plays("welcome.wav")).expect("a plan").plan;
    let uri = media(&plan)[0].to_string();
    let file = PathBuf::from(format!("{}.wav", uri.strip_prefix("sound:").expect("a sound")));
    assert!(file.starts_with(&shared), "{uri}");
    assert_eq!(fs::read(&file).expect("a file"), tone(800).bytes()[..]);
    assert_eq!(file.metadata().expect("a file").permissions().mode() & 0o777, 0o644, "Asterisk is another user");
    fs::write(&file, "half").expect("written");
    library.load(&office.plays("welcome.wav")).expect("a plan");
    assert_eq!(fs::read(&file).expect("a file"), tone(800).bytes()[..], "half a file is written anew");
}

#[test]
fn that_nobody_said_where_prompts_are_fetched_is_told_once_and_only_where_there_are_prompts() {
    let office = Office::new();
    office.has("a.wav", tone(80).bytes());
    let way = Way::Unknown { why: "nobody can fetch it".into(), remedy: "set `prompts.url`".into() };
    let library = Library::new(Options { way, ..office.options() });
    let told =
        library.load(&office.plays("[sound:beep, a.wav, {say: Hello.}, a.wav]")).map(|_| ()).expect_err("unknown");
    assert_eq!(
        (told.len(), told.to_string().contains(":4:32: nobody can fetch it; set `prompts.url`")),
        (1, true),
        "{told}"
    );
    library.load(&office.plays("sound:beep")).expect("a plan without prompts");
}

#[test]
fn what_a_refused_plan_had_made_is_let_go() {
    let office = Office::new();
    office.has("a.wav", tone(80).bytes());
    let library = office.library();
    library.load(&office.plays("[a.wav, missing.wav]")).expect_err("a file is missing");
    let plan = library.load(&office.plays("sound:beep")).expect("a plan");
    assert_eq!(library.shelf().find(&tone(80).name()), None);
    drop(plan);
    assert!(library.files().is_empty());
}

/// What is played in each language of a plan that speaks these.
fn heard_in(plan: &Plan, languages: usize) -> Vec<String> {
    let Act::Play(it) = &plan.steps[0].act else { panic!("{plan:?}") };
    let name = |media: &Media| match media {
        Media::Sound(name) => name.to_string(),
        Media::Prompt(prompt) => prompt.name.to_string(),
    };
    let fixed = (0..languages).map(|place| it.fixed(place).expect("the same for every call"));
    fixed.map(|media| media.iter().map(name).collect::<Vec<_>>().join("+")).collect()
}

#[test]
fn a_file_is_taken_in_the_language_of_the_caller_then_in_the_first_then_for_all() {
    let office = Office::new();
    let load = |languages: &str| {
        let text = format!(
            "exchange: a\nlanguages: [{languages}]\nnumbers: {{101: {{flow: a}}}}\n\
             flows: {{a: [{{play: hi.wav}}, {{language: \"{{{{ caller.name }}}}\"}}]}}\n"
        );
        office.has("plan.yaml", text.as_bytes());
        let checked = office.library().load(&office.path("plan.yaml"));
        checked.map(|it| (heard_in(&it.plan, 3), it.warnings.to_string())).map_err(|faults| faults.to_string())
    };
    let told = load("en, nb, de").expect_err("nothing is there");
    assert!(told.contains("`hi.wav` is not there") && told.contains("`hi.en.wav`, `hi.nb.wav`, `hi.de.wav`"), "{told}");
    office.has("hi.nb.wav", tone(80).bytes());
    let (heard, warned) = load("en, nb, de").expect("a plan");
    assert_eq!(heard, ["hi.nb.wav", "hi.nb.wav", "hi.nb.wav"]);
    assert!(warned.contains("`hi.wav` is missing in `en`, `de`: callers hear `hi.nb.wav`"), "{warned}");
    office.has("hi.wav", tone(160).bytes());
    assert_eq!(load("en, nb, de").expect("a plan").0, ["hi.wav", "hi.nb.wav", "hi.wav"]);
    office.has("hi.en.wav", tone(240).bytes());
    let (heard, warned) = load("en, nb, de").expect("a plan");
    assert_eq!(heard, ["hi.en.wav", "hi.nb.wav", "hi.en.wav"]);
    assert!(warned.contains("missing in `de`: callers hear `hi.en.wav`; put `hi.de.wav` beside it"), "{warned}");
    office.has("hi.de.wav", tone(320).bytes());
    let (heard, warned) = load("en, nb, de").expect("a plan");
    assert_eq!((heard.join(" "), warned.as_str()), ("hi.en.wav hi.nb.wav hi.de.wav".into(), ""));
    assert_eq!(load("nb").expect("a plan").0, ["hi.wav"; 3], "of one language the file is what it is called");
}

#[test]
fn a_variant_that_comes_makes_the_plan_another_one() {
    let office = Office::new();
    office.has("hi.wav", tone(80).bytes());
    let text = "exchange: a\nlanguages: [en, nb]\nnumbers: {101: {flow: a}}\nflows: {a: {play: hi.wav}}\n";
    office.has("plan.yaml", text.as_bytes());
    let library = office.library();
    library.load(&office.path("plan.yaml")).expect("a plan");
    assert_eq!(library.files(), ["hi.en.wav", "hi.nb.wav", "hi.wav"].map(|name| office.path(name)));
}

#[test]
fn the_words_for_values_are_said_when_the_plan_is_read_each_once() {
    let office = Office::new();
    let plan =
        office.plays("[{say: {time: \"09:30\"}}, {say: \"Klokka er {{ call.seconds }}\"}, {say: {time: \"10:00\"}}]");
    let checked = office.library().load(&plan).expect("a plan");
    let said = office.said();
    assert!(
        said.contains("nb klokka ni\n") && said.contains("nb tjueen\n") && said.contains("nb Klokka er\n"),
        "{said}"
    );
    let mut lines: Vec<&str> = said.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), said.lines().count(), "each once");
    // A second each: of a number the most phrases that it may take, and of each time too.
    assert!(checked.plan.longest_prompt() > Duration::from_secs(20));
    office.library().load(&plan).expect("a plan");
    assert_eq!(office.said(), said, "the next time they are there");
}

#[test]
fn a_tone_is_made_without_any_program_and_lasts_as_long_as_the_plan_says() {
    let office = Office::new();
    let library = Library::new(Options { say: vec!["no-such-program".into()], ..office.options() });
    let plan = office.plays("[{tone: busy, for: 3s}, {tone: 425/500, for: 1s}, {tone: busy, for: 3s}]");
    let checked = library.load(&plan).expect("a plan");
    let Act::Play(it) = &checked.plan.steps[0].act else { panic!("{:?}", checked.plan) };
    let lengths: Vec<Option<Duration>> =
        it.fixed(0).expect("the same for every call").iter().map(Media::length).collect();
    assert_eq!(lengths, [3, 1, 3].map(|seconds| Some(Duration::from_secs(seconds))));
    let served: Vec<Duration> = library
        .shelf()
        .media()
        .iter()
        .map(|media| {
            let name = media.rsplit('/').next().and_then(|name| name.strip_suffix(".wav")).expect("a name");
            Wav::read(&library.shelf().find(name).expect("served")).expect("a sound").length()
        })
        .collect();
    assert_eq!(served.len(), 2, "each once");
    assert!(served.contains(&Duration::from_secs(3)) && served.contains(&Duration::from_secs(1)), "{served:?}");
}

#[test]
fn a_language_that_nobody_speaks_is_told_by_check_once() {
    let office = Office::new();
    let text = "exchange: a\nlanguage: zz\nnumbers: {101: {flow: a}}\nflows: {a: [{say: One.}, {say: Two.}, {say: {digits: \"12\"}}]}\n";
    office.has("plan.yaml", text.as_bytes());
    let told = check_with(&office.path("plan.yaml"), None).map(|_| ()).expect_err("no language").to_string();
    assert!(told.contains("nothing can be said in `zz`") && told.contains("prompts.say"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
    // Another program may speak anything, and is not run.
    check_with(&office.path("plan.yaml"), Some(&office.say)).expect("nobody knows better");
    assert_eq!(office.said(), "");
    check(&office.path("plan.yaml")).expect("nobody is asked");
    office.has("plan.yaml", text.replace("zz", "nb").as_bytes());
    check_with(&office.path("plan.yaml"), None).expect("espeak-ng speaks it");
}

#[test]
fn it_is_known_how_many_texts_are_to_be_said_before_they_are() {
    let office = Office::new();
    let plan = office.plays("[{say: One.}, {say: Two.}, {say: One.}, {tone: busy, for: 1s}]");
    let maker = || maker::Maker::new(office.say.clone(), Some(cache::Cache::new(office.path("cache"))));
    assert_eq!(voices::unsaid(&plan, &maker()), 2);
    assert_eq!(office.said(), "", "nothing is said to know it");
    office.library().load(&plan).expect("a plan");
    assert_eq!(voices::unsaid(&plan, &maker()), 0);
}
