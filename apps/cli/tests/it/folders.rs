//! Folders, and many files in one offer.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    time::{Duration, SystemTime},
};

use serde_json::json;

use crate::{
    exchange::{Folder, receiving, sending, text},
    member::{Member, run},
    server::TestServer,
};

/// When the files below were last changed.
const LONG_AGO: Duration = Duration::from_secs(1_000_000_000);

#[tokio::test]
async fn a_folder_arrives_as_it_was() {
    let server = TestServer::start().await;
    let (from, to) = (Folder::new(), Folder::new());
    let trip = trip(&from);
    let notes = from.file("notes.txt", 5000);
    let (mut ann, code) = sending(&server, &[trip.clone(), notes.clone()], &[]).await;
    let offering = ann.told.iter().find(|it| it["event"] == "offering");
    let offering = offering.unwrap();
    assert_eq!(
        (&offering["files"], &offering["leftOut"]),
        (&json!(5), &json!(1))
    );
    let (exit, stdout, stderr) = receiving(&server, &code, &to).await;
    assert_eq!(exit, 0, "{stdout}{stderr}");
    assert_eq!(ann.end().await, 0);
    to.has_all(&[notes]);
    let came = to.path().join("trip");
    assert_same(&trip, &came, "day 1/a.jpg");
    assert_same(&trip, &came, "day 1/B.JPG");
    assert_same(&trip, &came, "run.sh");
    assert_same(&trip, &came, "nothing");
    assert!(came.join("empty/inner").is_dir());
    assert!(!came.join("link").exists(), "nobody is led elsewhere");
    let mode = |name: &str| fs::metadata(came.join(name)).unwrap().permissions().mode();
    assert_eq!(
        (mode("run.sh") & 0o100, mode("day 1/a.jpg") & 0o100),
        (0o100, 0)
    );
    assert_eq!(to.names().len(), 2, "{:?}", to.names());
}

#[tokio::test]
async fn some_of_many_are_taken() {
    let server = TestServer::start().await;
    let from = Folder::new();
    let (mut ann, code) = sending(&server, &[trip(&from)], &["--receivers", "2"]).await;
    let to = Folder::new();
    let save = text(to.path());
    let some = ["receive", &code, "--only", "*.jpg", "--into", &save];
    let (exit, _, stderr) = run(&[&some[..], &["--server", &server.url]].concat(), "").await;
    assert_eq!(exit, 0, "{stderr}");
    assert_eq!(
        names_below(to.path()),
        ["trip", "trip/day 1", "trip/day 1/B.JPG", "trip/day 1/a.jpg"]
    );
    let mut bob = server.join(&code);
    let offered = bob.until("offered").await;
    let items = offered["items"].as_array().unwrap();
    let number = items
        .iter()
        .position(|item| item["path"] == "trip/run.sh")
        .unwrap()
        + 1;
    let script = &items[number - 1];
    assert_eq!(
        (&script["size"], &script["executable"]),
        (&json!(10), &json!(true))
    );
    assert_eq!(script["modified"], json!(LONG_AGO.as_secs()));
    let bobs = Folder::new();
    let accept = json!({
        "do": "accept", "transfer": offered["transfer"], "items": [number], "save": text(bobs.path()),
    });
    bob.does(accept).await;
    bob.until("received").await;
    assert_eq!(names_below(bobs.path()), ["trip", "trip/run.sh"]);
    // Both have all that they wanted.
    assert_eq!(ann.end().await, 0);
}

#[tokio::test]
async fn looking_takes_nothing() {
    let server = TestServer::start().await;
    let (from, to) = (Folder::new(), Folder::new());
    let (mut ann, code) = sending(&server, &[trip(&from)], &[]).await;
    let list = [
        "receive",
        &code,
        "--list",
        "--idle",
        "0.2",
        "--server",
        &server.url,
    ];
    let (exit, stdout, stderr) = run(&list, "").await;
    assert_eq!(exit, 0, "{stderr}");
    for line in [
        "(4 files, ",
        "trip/day 1/a.jpg  2.0 kB",
        "trip/empty/inner/",
        "trip/nothing  0 B",
    ] {
        assert!(stdout.contains(line), "{stdout}");
    }
    let only = [
        "receive",
        &code,
        "--only",
        "*.mp4",
        "--idle",
        "0.2",
        "--server",
        &server.url,
    ];
    let (exit, ..) = run(&only, "").await;
    assert_eq!(exit, 5, "nothing is called that");
    assert_eq!(ann.end().await, 5, "it was refused");
    assert_eq!(to.names(), [""; 0]);
}

#[tokio::test]
async fn odd_names_are_harmless() {
    let server = TestServer::start().await;
    let (from, to) = (Folder::new(), Folder::new());
    let odd = from.path().join("odd");
    fs::create_dir(&odd).unwrap();
    let names = [
        "a\x1b[2Jb",
        "two\nlines",
        "\u{202e}gpj.exe",
        "con",
        ".ssh",
        "dot.",
        "README",
        "readme",
    ];
    for name in names {
        fs::write(odd.join(name), name).unwrap();
    }
    let (mut ann, code) = sending(&server, &[odd], &[]).await;
    let (exit, stdout, stderr) = receiving(&server, &code, &to).await;
    assert_eq!(exit, 0, "{stdout}{stderr}");
    assert_eq!(ann.end().await, 0);
    let shown = format!("{stdout}{stderr}");
    assert!(!shown.contains(['\x1b', '\u{202e}']), "{shown:?}");
    let came = to.path().join("odd");
    let came: Vec<_> = fs::read_dir(came).unwrap().map(Result::unwrap).collect();
    assert_eq!(came.len(), names.len());
    for file in came {
        let name = file.file_name().into_string().unwrap();
        assert!(
            !name.starts_with('.') && !name.contains(char::is_control),
            "{name:?}"
        );
        let content = fs::read_to_string(file.path()).unwrap();
        assert!(names.contains(&content.as_str()), "{content:?}");
    }
}

#[tokio::test]
async fn many_small_files_are_one_offer() {
    let server = TestServer::start().await;
    let (from, to) = (Folder::new(), Folder::new());
    let many = from.path().join("many");
    fs::create_dir(&many).unwrap();
    for number in 0..1000 {
        fs::write(many.join(number.to_string()), number.to_string()).unwrap();
    }
    let (mut ann, code) = sending(&server, &[many], &[]).await;
    let mut bob = Member::start(&server.url, &["receive", &code, "--into", &text(to.path())]);
    let offered = bob.until("offered").await;
    assert_eq!(offered["files"], 1000);
    assert_eq!((bob.end().await, ann.end().await), (0, 0));
    for number in 0..1000 {
        let number = number.to_string();
        let came = fs::read_to_string(to.path().join("many").join(&number));
        assert_eq!(came.unwrap(), number);
    }
}

#[tokio::test]
async fn what_is_discarded_is_verified_all_the_same() {
    let server = TestServer::start().await;
    let from = Folder::new();
    let (mut ann, code) = sending(&server, &[trip(&from)], &[]).await;
    let mut bob = Member::start(&server.url, &["receive", &code, "--discard"]);
    assert!(bob.until("received").await["place"].is_null());
    assert_eq!((bob.end().await, ann.end().await), (0, 0));
}

/// A folder with all that a folder may have in it.
fn trip(from: &Folder) -> std::path::PathBuf {
    let trip = from.path().join("trip");
    for folder in ["day 1", "empty/inner"] {
        fs::create_dir_all(trip.join(folder)).unwrap();
    }
    for (name, bytes) in [
        ("day 1/a.jpg", 2000),
        ("day 1/B.JPG", 3000),
        ("run.sh", 10),
        ("nothing", 0),
    ] {
        let path = trip.join(name);
        fs::write(&path, vec![b'x'; bytes]).unwrap();
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + LONG_AGO)
            .unwrap();
    }
    let runs = fs::Permissions::from_mode(0o755);
    fs::set_permissions(trip.join("run.sh"), runs).unwrap();
    symlink("/etc/passwd", trip.join("link")).unwrap();
    trip
}

/// Checks the bytes of a file, and when it was changed.
fn assert_same(sent: &Path, came: &Path, name: &str) {
    let (sent, came) = (sent.join(name), came.join(name));
    assert_eq!(fs::read(&sent).unwrap(), fs::read(&came).unwrap(), "{name}");
    let modified = fs::metadata(&came).unwrap().modified().unwrap();
    assert_eq!(modified, SystemTime::UNIX_EPOCH + LONG_AGO, "{name}");
}

/// Everything below a folder, in order.
fn names_below(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap();
            names.push(name.to_str().unwrap().to_owned());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    names.sort();
    names
}
