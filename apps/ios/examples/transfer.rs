//! How much memory a transfer takes through the library: `scripts/bench ios [MiB]`.
//!
//! Two processes, each with a session of the library, move one file from folder to folder through
//! a server in a third, on loopback. Each says how large it has been at most.

#![allow(clippy::print_stdout, reason = "it is what this program is for")]

use std::{
    env,
    error::Error,
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
    time::Instant,
};

use snug_ios::{Entry, Event, LinkStatus, Secrecy, Session, SessionConfig, Way};
use snug_server::{Config, Server};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Outcome {
    let args: Vec<String> = env::args().skip(1).collect();
    let runtime = tokio::runtime::Runtime::new()?;
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["send", server, path] => runtime.block_on(send(server, path)),
        ["receive", server, code, folder] => runtime.block_on(receive(server, code, folder)),
        [] => runtime.block_on(measure(1024)),
        [mib] => runtime.block_on(measure(mib.parse()?)),
        _ => Err("usage: transfer [MiB]".into()),
    }
}

async fn measure(mib: u64) -> Outcome {
    let server = Server::bind(Config::for_tests()).await?;
    let address = server.local_addr().to_string();
    let serve = tokio::spawn(server.serve(std::future::pending()));
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("film.bin");
    fill(&path, mib)?;
    let into = folder.path().join("into");
    fs::create_dir(&into)?;
    tokio::task::spawn_blocking(move || compare(&address, &path, &into)).await??;
    serve.abort();
    Ok(())
}

/// Runs both sides, and looks at what has arrived.
fn compare(address: &str, path: &Path, into: &Path) -> Outcome {
    let (mut sender, mut said) = start(&["send", address, &path.display().to_string()])?;
    let code = said.next().ok_or("the sender says no code")??;
    let (mut receiver, received) =
        start(&["receive", address, &code, &into.display().to_string()])?;
    for line in received {
        println!("receiver: {}", line?);
    }
    for line in said {
        println!("sender:   {}", line?);
    }
    if !(sender.wait()?.success() && receiver.wait()?.success()) {
        return Err("one side failed".into());
    }
    let sum = |path: &Path| {
        Ok::<_, std::io::Error>(
            blake3::Hasher::new()
                .update_reader(File::open(path)?)?
                .finalize(),
        )
    };
    if sum(path)? != sum(&into.join("film.bin"))? {
        return Err("what has arrived is something else".into());
    }
    Ok(())
}

type Lines = std::io::Lines<BufReader<ChildStdout>>;

fn start(args: &[&str]) -> Outcome<(Child, Lines)> {
    let mut command = Command::new(env::current_exe()?);
    let mut child = command.args(args).stdout(Stdio::piped()).spawn()?;
    let stdout = child.stdout.take().ok_or("no output")?;
    Ok((child, BufReader::new(stdout).lines()))
}

async fn send(server: &str, path: &str) -> Outcome {
    let (secrecy, capacity) = (Secrecy::Words, None);
    let session = enter(server, Entry::Create { secrecy, capacity })?;
    let Event::Room { code, .. } =
        until(&session, |event| matches!(event, Event::Room { .. })).await?
    else {
        return Err("there is no room".into());
    };
    println!("{code}");
    session.offer(vec![path.into()])?.offered().await?;
    until(&session, |event| matches!(event, Event::Delivered { .. })).await?;
    tell(&session).await
}

async fn receive(server: &str, code: &str, folder: &str) -> Outcome {
    let session = enter(server, Entry::Join { code: code.into() })?;
    until(&session, is_connected).await?;
    let offered = |event: &Event| matches!(event, Event::Offered { .. });
    let Event::Offered { offer } = until(&session, offered).await? else {
        return Err("nothing is offered".into());
    };
    let start = Instant::now();
    session
        .accept(offer.transfer, None, Some(folder.into()))
        .await?;
    until(&session, |event| matches!(event, Event::Received { .. })).await?;
    let (mib, seconds) = (offer.size >> 20, start.elapsed().as_secs_f64());
    println!("{mib} MiB in {seconds:.1} s");
    tell(&session).await
}

/// Says how large this process has been, and leaves.
async fn tell(session: &Session) -> Outcome {
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find(|line| line.starts_with("VmHWM"));
    println!(
        "{}",
        peak.ok_or("the system does not say how large this is")?
    );
    session.leave().await;
    Ok(())
}

fn enter(server: &str, entry: Entry) -> Outcome<Arc<Session>> {
    let address = server.to_owned();
    Ok(Session::new(SessionConfig {
        way: Way::Server { address },
        entry,
        nickname: String::new(),
        relay_only: false,
        shares: true,
        memory_cap: None,
    })?)
}

async fn until(session: &Session, wanted: impl Fn(&Event) -> bool) -> Outcome<Event> {
    while let Some(event) = session.next_event().await {
        if wanted(&event) {
            return Ok(event);
        }
        if let Event::Ended { message, .. } | Event::TransferFailed { message, .. } = event {
            return Err(message.into());
        }
    }
    Err("the room was left".into())
}

fn is_connected(event: &Event) -> bool {
    let Event::Link { status, .. } = event else {
        return false;
    };
    matches!(status, LinkStatus::Connected { .. })
}

/// Writes a file that nothing can make smaller.
fn fill(path: &PathBuf, mib: u64) -> Outcome {
    let mut file = File::create(path)?;
    let mut noise = blake3::Hasher::new().finalize_xof();
    let mut buffer = vec![0; 1 << 20];
    for _ in 0..mib {
        noise.fill(&mut buffer);
        file.write_all(&buffer)?;
    }
    Ok(())
}
