//! `prompts:` as meant.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use reqwest::Url;

use super::{
    Node,
    check::{Check, http_address},
    typed::{self, PromptMode},
};
use crate::prompts::{Options, SAY, Way};

const REMEDY: &str = "set `prompts.url` (SENTRAL_PROMPTS__URL) to where Asterisk reaches `listen`, as \
    http://10.0.0.1:8080, or use `prompts.mode: folder`";

impl Check<'_> {
    pub(super) fn prompts(&mut self, typed: typed::Prompts, listen: SocketAddr, nodes: &[Node]) -> Options {
        let say: Vec<String> = typed.say.split_whitespace().map(str::to_owned).collect();
        if say.is_empty() {
            self.fault("prompts.say", "is empty", &format!("name a command, as `{SAY}`"));
        }
        let url = typed.url.and_then(|url| self.prompts_url(&url));
        let folder = typed.folder.map(|folder| self.folder.join(folder));
        let way = match typed.mode.0 {
            PromptMode::Http => url.map_or_else(|| derived(listen, nodes), Way::Http),
            PromptMode::Folder => Way::Folder(self.prompts_folder(folder)),
        };
        Options { way, say, cache: typed.cache.map(|cache| self.folder.join(cache)) }
    }

    fn prompts_url(&mut self, url: &str) -> Option<String> {
        // It stands in a list of sounds, which commas part.
        let address = http_address(url).filter(|address| !address.contains(','));
        if address.is_none() {
            self.fault("prompts.url", "is no address of an HTTP server", REMEDY);
        }
        address
    }

    fn prompts_folder(&mut self, folder: Option<PathBuf>) -> PathBuf {
        let remedy = "name a folder that Asterisk sees too, as /var/lib/asterisk/sounds/sentral";
        let Some(folder) = folder else {
            self.fault("prompts.folder", "is not set, and `prompts.mode` is `folder`", remedy);
            return PathBuf::new();
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '.');
        let text = folder.to_str().unwrap_or_default();
        if !folder.is_absolute() || !text.chars().all(plain) {
            let what = format!("{} is no path that Asterisk can be told", folder.display());
            self.fault("prompts.folder", what, "an absolute path of letters a-z, digits and / _ - .");
        }
        folder
    }
}

/// Where Asterisk reaches us when nobody says.
fn derived(listen: SocketAddr, nodes: &[Node]) -> Way {
    let unknown = |why: String| Way::Unknown { why, remedy: REMEDY.into() };
    if listen.ip().is_unspecified() || listen.port() == 0 {
        return unknown(format!("this is a prompt, and `listen: {listen}` does not say where Asterisk can fetch it"));
    }
    let away = nodes.iter().find(|node| listen.ip().is_loopback() && !is_here(&node.url));
    match away {
        Some(node) => {
            let why = format!("this is a prompt, and node {} cannot fetch it from `listen: {listen}`", node.name);
            unknown(why)
        }
        None => Way::Http(format!("http://{listen}")),
    }
}

/// Whether an Asterisk is on this machine.
fn is_here(url: &str) -> bool {
    let host = Url::parse(url).ok().and_then(|url| Some(url.host_str()?.trim_matches(['[', ']']).to_owned()));
    host.is_some_and(|host| host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Name;

    fn node(url: &str) -> Node {
        Node {
            name: Name::new("pbx"),
            url: url.into(),
            user: "sentral".into(),
            password: "x".into(),
            app: "sentral".into(),
            lanes: 8,
        }
    }

    #[test]
    fn where_asterisk_fetches_is_derived_only_where_it_can_be_known() {
        let derived = |listen: &str, url: &str| derived(listen.parse().expect("an address"), &[node(url)]);
        let known = [
            ("127.0.0.1:8080", "http://127.0.0.1:8088/ari"),
            ("[::1]:8080", "http://localhost:8088/ari"),
            ("10.0.0.1:80", "http://pbx:8088/ari"),
        ];
        for (listen, url) in known {
            assert_eq!(derived(listen, url), Way::Http(format!("http://{listen}")));
        }
        for (listen, url, why) in [
            ("0.0.0.0:8080", "http://pbx:8088/ari", "`listen: 0.0.0.0:8080` does not say where"),
            ("[::]:8080", "http://pbx:8088/ari", "does not say where"),
            ("127.0.0.1:0", "http://127.0.0.1:8088/ari", "does not say where"),
            ("127.0.0.1:8080", "http://10.0.0.2:8088/ari", "node pbx cannot fetch it"),
        ] {
            let Way::Unknown { why: told, remedy } = derived(listen, url) else { panic!("{listen} is known") };
            assert!(told.contains(why) && remedy.contains("prompts.url"), "{told}");
        }
    }
}
