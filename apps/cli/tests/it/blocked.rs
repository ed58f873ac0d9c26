//! Members on machines of their own, with a network between them that somebody filters.
//!
//! Each machine is a network namespace on a bridge that the test makes and removes. This takes
//! root, so these tests are run by `scripts/test` only where it can.

use std::{net::IpAddr, process::Command};

use serde_json::json;

use crate::{member::Member, server::TestServer};

#[tokio::test]
#[ignore = "makes network namespaces, for which it must be root"]
async fn two_of_three_without_udp_talk_by_the_server_and_then_directly() {
    let net = Net::new(["a", "b", "c"]);
    let server = TestServer::start_at(net.host()).await;
    net.block_udp("a", "b");
    let mut ann = net.start("a", &server.url, &["create"]);
    let code = ann.until("room").await["code"].as_str().unwrap().to_owned();
    let mut bob = net.start("b", &server.url, &["join", &code]);
    let mut cy = net.start("c", &server.url, &["join", &code]);
    for member in [&mut ann, &mut bob, &mut cy] {
        member.until_connected(2).await;
    }
    let relayed = |it: &&serde_json::Value| it["event"] == "link" && it["path"] == "relay";
    assert!(ann.told.iter().any(|it| relayed(&it)), "{:#?}", ann.told);
    assert!(!cy.told.iter().any(|it| relayed(&it)), "{:#?}", cy.told);

    ann.says("hello").await;
    for member in [&mut bob, &mut cy] {
        assert_eq!(member.until("message").await["text"], "hello");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    let words = (0..10 << 17_u64).map(|n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let bytes: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
    std::fs::write(&file, &bytes).unwrap();
    ann.does(json!({"do": "send", "path": file})).await;
    let transfer = bob.until("offered").await["transfer"].clone();
    let save = folder.path().join("bob");
    std::fs::create_dir(&save).unwrap();
    bob.does(json!({"do": "accept", "transfer": transfer, "save": save}))
        .await;
    let place = bob.until("received").await["place"].clone();
    assert!(std::fs::read(place.as_str().unwrap()).unwrap() == bytes);

    net.unblock_udp("a", "b");
    ann.until_that(|it| it["event"] == "link" && it["path"] == "direct" && it["peer"] == bob.id)
        .await;
    bob.until_that(|it| it["event"] == "link" && it["path"] == "direct" && it["peer"] == ann.id)
        .await;
    bob.says("and now directly").await;
    for member in [&mut ann, &mut bob, &mut cy] {
        assert_eq!(member.until("message").await["text"], "and now directly");
    }
    for member in [&ann, &bob, &cy] {
        let heard = member.told.iter().filter(|it| it["event"] == "message");
        assert_eq!(heard.count(), 2, "{:#?}", member.told);
    }
}

/// Machines on a bridge, whose own end is the host's.
struct Net {
    tag: String,
    subnet: u8,
    machines: Vec<&'static str>,
}

impl Net {
    fn new<const N: usize>(machines: [&'static str; N]) -> Self {
        let pid = std::process::id();
        let net = Self {
            tag: format!("sn{}", pid % 100_000),
            subnet: u8::try_from(pid % 250).unwrap(),
            machines: machines.into(),
        };
        let Self { tag, .. } = &net;
        ip(&format!("link add {tag} type bridge"));
        ip(&format!("addr add {}/24 dev {tag}", net.host()));
        ip(&format!("link set {tag} up"));
        for name in machines {
            let machine = net.machine(name);
            ip(&format!("netns add {machine}"));
            ip(&format!("-n {machine} link set lo up"));
            ip(&format!(
                "link add {machine} type veth peer name e0 netns {machine}"
            ));
            ip(&format!("link set {machine} master {tag} up"));
            ip(&format!(
                "-n {machine} addr add {}/24 dev e0",
                net.address(name)
            ));
            ip(&format!("-n {machine} link set e0 up"));
            // Rules that forbid must come before the one that delivers.
            ip(&format!("-n {machine} rule add pref 10 lookup local"));
            ip(&format!("-n {machine} rule del pref 0"));
        }
        net
    }

    /// The host's address on the bridge.
    fn host(&self) -> IpAddr {
        IpAddr::from([10, 213, self.subnet, 1])
    }

    fn address(&self, name: &str) -> IpAddr {
        let at = self.machines.iter().position(|it| *it == name).unwrap();
        IpAddr::from([10, 213, self.subnet, 2 + u8::try_from(at).unwrap()])
    }

    fn machine(&self, name: &str) -> String {
        format!("{}{name}", self.tag)
    }

    fn start(&self, name: &str, server: &str, args: &[&str]) -> Member {
        Member::start_within(&["ip", "netns", "exec", &self.machine(name)], server, args)
    }

    /// Drops what comes from one to the other over UDP, silently, as a firewall does.
    fn block_udp(&self, a: &str, b: &str) {
        for (at, from) in [(a, b), (b, a)] {
            let (machine, from) = (self.machine(at), self.address(from));
            ip(&format!(
                "-n {machine} rule add pref 1 from {from} ipproto udp blackhole"
            ));
        }
    }

    fn unblock_udp(&self, a: &str, b: &str) {
        for at in [a, b] {
            ip(&format!("-n {} rule del pref 1", self.machine(at)));
        }
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        for name in &self.machines {
            let _ = Command::new("ip")
                .args(["netns", "del", &self.machine(name)])
                .status();
        }
        let _ = Command::new("ip").args(["link", "del", &self.tag]).status();
    }
}

fn ip(args: &str) {
    let done = Command::new("ip").args(args.split(' ')).status();
    assert!(done.is_ok_and(|done| done.success()), "ip {args}");
}
