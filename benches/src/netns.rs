//! Machines of their own on a network of their own: network namespaces on a bridge.
//!
//! All of it belongs to this process and is gone once it is, however it ends: the bridge is in a
//! network namespace that only this process is in, the names of the others are mounted in a mount
//! namespace that only this process is in, and the kernel kills what runs on them when this
//! process dies.

mod wire;

use std::{fs, net::Ipv4Addr, path::Path, process::Command};

use anyhow::{Context, Result, bail, ensure};
use nix::{
    mount::{MsFlags, mount},
    sched::{CloneFlags, unshare},
    unistd::geteuid,
};

pub(crate) use self::wire::Line;
use self::wire::Wire;

/// Where `ip netns` keeps the names of namespaces.
const NAMES: &str = "/var/run/netns";
/// How fast a peer's machine sends; what it receives is not slowed.
const UPLINK: &str = "20mbit";
/// 50 ms of the uplink: a modest queue.
const QUEUE: &str = "128kb";
/// Two packets, so that what the kernel hands over as one is queued packet by packet.
const BURST: &str = "3200";

/// Leaves the machine's network and mounts for ones of this process alone. To be called first, and
/// by the thread that starts whatever is to run there.
pub(crate) fn enter() -> Result<()> {
    ensure!(
        geteuid().is_root(),
        "this makes network namespaces, for which one must be root"
    );
    unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWNET)?;
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(None::<&str>, "/", None::<&str>, private, None::<&str>)?;
    fs::create_dir_all(NAMES)?;
    mount_memory(Path::new(NAMES), "size=1m")
}

/// Mounts a file system in memory, for this process and those it starts.
pub(crate) fn mount_memory(at: &Path, options: &str) -> Result<()> {
    mount(
        Some("tmpfs"),
        at,
        Some("tmpfs"),
        MsFlags::empty(),
        Some(options),
    )
    .with_context(|| format!("nothing can be mounted at {}", at.display()))
}

/// A bridge, and machines on it.
#[derive(Debug)]
pub(crate) struct Network {
    /// The last byte of the next machine's address.
    next: u8,
}

impl Network {
    pub(crate) fn new() -> Result<Self> {
        run("ip link add hub type bridge")?;
        run("ip link set hub up")?;
        Ok(Self { next: 1 })
    }

    /// Adds a machine that sends as fast as it can.
    pub(crate) fn add(&mut self, name: &str) -> Result<Machine> {
        let machine = Machine::new(name, self.next)?;
        self.next += 1;
        run(&format!("ip link set {} master hub", machine.port()))?;
        Ok(machine)
    }

    /// Adds a machine with a slow uplink.
    pub(crate) fn add_peer(&mut self, name: &str) -> Result<Machine> {
        let machine = self.add(name)?;
        machine.slow_down()?;
        Ok(machine)
    }

    /// Adds a machine with a slow uplink at the end of a bad line.
    pub(crate) fn add_peer_behind(&mut self, line: Line, name: &str) -> Result<Machine> {
        let mut machine = self.add_peer(name)?;
        let (near, far) = (format!("{name}-n"), format!("{name}-f"));
        run(&format!("ip link set {} nomaster", machine.port()))?;
        run(&format!("ip link add {near} type veth peer name {far}"))?;
        run(&format!("ip link set {far} master hub up"))?;
        run(&format!("ip link set {near} up"))?;
        machine.wire = Some(Wire::between(machine.port(), &near, line)?);
        Ok(machine)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        run("ip link del hub").ok();
    }
}

/// A machine, gone when dropped.
#[derive(Debug)]
pub(crate) struct Machine {
    name: String,
    namespace: String,
    address: Ipv4Addr,
    /// What carries its packets, if that is not the bridge itself.
    wire: Option<Wire>,
}

impl Machine {
    fn new(name: &str, number: u8) -> Result<Self> {
        let machine = Self {
            name: name.to_owned(),
            namespace: format!("snug-bench-{}-{name}", std::process::id()),
            address: Ipv4Addr::new(10, 213, 0, number),
            wire: None,
        };
        let Self {
            namespace, address, ..
        } = &machine;
        run(&format!("ip netns add {namespace}"))?;
        run(&format!(
            "ip link add {} type veth peer name e0 netns {namespace}",
            machine.port()
        ))?;
        run(&format!("ip link set {} up", machine.port()))?;
        machine.tune("link set lo up")?;
        // One address is what a change of it is about.
        machine.tune("link set e0 addrgenmode none")?;
        machine.tune(&format!("addr add {address}/24 dev e0"))?;
        machine.tune("link set e0 up")?;
        // A cable has packets, whole and with checksums, and so are they to be counted and lost.
        run(&format!(
            "ip netns exec {namespace} ethtool -K e0 tx off tso off gso off gro off"
        ))?;
        Ok(machine)
    }

    pub(crate) fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// A command that runs a program here, and ends with this process.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", &self.namespace])
            .args(["setpriv", "--pdeathsig", "KILL"])
            .arg(program.as_ref());
        command
    }

    /// Bytes sent so far, with all headers.
    pub(crate) fn sent_bytes(&self) -> Result<u64> {
        let counter = "/sys/class/net/e0/statistics/tx_bytes";
        let output = self.command("cat").arg(counter).output()?;
        Ok(String::from_utf8(output.stdout)?.trim().parse()?)
    }

    /// Pulls the cable.
    pub(crate) fn unplug(&self) -> Result<()> {
        run(&format!("ip link set {} down", self.port()))
    }

    /// Puts it back.
    pub(crate) fn plug(&self) -> Result<()> {
        run(&format!("ip link set {} up", self.port()))
    }

    /// Gives it another address on the same network instead of the one it has.
    pub(crate) fn change_address(&mut self) -> Result<()> {
        let [a, b, c, d] = self.address.octets();
        let other = Ipv4Addr::new(a, b, c, d + 100);
        self.tune(&format!("addr del {}/24 dev e0", self.address))?;
        self.tune(&format!("addr add {other}/24 dev e0"))?;
        self.address = other;
        Ok(())
    }

    fn slow_down(&self) -> Result<()> {
        run(&format!(
            "tc -n {} qdisc add dev e0 root tbf rate {UPLINK} burst {BURST} limit {QUEUE}",
            self.namespace
        ))
    }

    /// The other end of its cable.
    fn port(&self) -> &str {
        &self.name
    }

    fn tune(&self, what: &str) -> Result<()> {
        run(&format!("ip -n {} {what}", self.namespace))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.wire = None;
        run(&format!("ip netns del {}", self.namespace)).ok();
        run(&format!("ip link del {}", self.port())).ok();
        run(&format!("ip link del {}-n", self.name)).ok();
    }
}

/// Runs a command whose words have no spaces in them.
fn run(line: &str) -> Result<()> {
    let mut words = line.split(' ');
    let output = Command::new(words.next().context("a command")?)
        .args(words)
        .output()
        .with_context(|| line.to_owned())?;
    if !output.status.success() {
        bail!("{line}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}
