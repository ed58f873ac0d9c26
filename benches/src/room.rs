//! A file or a folder from disk to disk through a room.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{
    cost::{Cost, Meter},
    member::Member,
    same::ensure_same,
    server::Server,
    usage::children_seconds,
};

/// Sends `path` from one process to another in a room of their own, and takes what arrived away
/// again. Timed from the offer, which is accepted at once, until the last file is there.
pub(crate) fn send(path: &Path) -> Result<Cost> {
    let folder = path.with_file_name("received");
    fs::create_dir(&folder)?;
    let server = Server::start(path.parent().context("a folder")?)?;
    let before = children_seconds();
    let sender = Member::start(&server, ["send".as_ref(), path.as_os_str()])?;
    let code = sender.code()?;
    sender.wait_for("ready")?;
    let save = [
        "receive".as_ref(),
        code.as_ref(),
        "--save".as_ref(),
        folder.as_os_str(),
    ];
    let receiver = Member::start(&server, save)?;
    let meter = Meter::watch(before, sender.id(), receiver.id());
    let (start, _) = receiver.wait_for("offered")?;
    let end = receiver.wait_for_last("received")?;
    receiver.wait_for_end()?;
    sender.wait_for_end()?;
    let cost = meter.total(end.duration_since(start).as_secs_f64());
    ensure_same(&folder.join(path.file_name().context("a name")?), path)?;
    fs::remove_dir_all(&folder)?;
    Ok(cost)
}
