//! What may lie where a file of ours should be: each is refused with a reason and a remedy, waited for by nobody, and left alone.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::Command,
};

use super::*;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("enkash-files-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        permit(&path, 0o700);
        Self(path)
    }

    fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn permit(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Puts something at the first path. The second is what a link may lead to.
type Make = fn(&Path, &Path);

fn make_fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn file(path: impl Into<PathBuf>) -> PrivateFile {
    PrivateFile::new(path.into(), "enkash test", 2)
}

async fn write(file: &PrivateFile, text: &str) -> Result<(), PrivateFileError> {
    let text = text.to_owned();
    file.locked(move |held| held.write(&text)).await
}

async fn read(file: &PrivateFile) -> Result<Option<String>, PrivateFileError> {
    file.locked(|held| held.read()).await
}

/// What reading, writing and checking say of it, which is the same.
async fn refusal(file: &PrivateFile) -> String {
    let read = read(file).await.unwrap_err().to_string();
    assert_eq!(file.check::<String>().unwrap_err().to_string(), read);
    read
}

#[tokio::test]
async fn a_folder_that_is_missing_is_made_for_its_owner_alone_whatever_lies_above() {
    let folder = Folder::new("made");
    permit(&folder.0, 0o777);
    let ours = file(folder.join("a/b/file.json"));
    assert!(ours.read::<String>().unwrap().is_none());
    ours.check::<String>().unwrap();
    assert!(!folder.join("a").exists(), "looking makes nothing");
    write(&ours, "one").await.unwrap();
    assert_eq!((mode(&folder.join("a")), mode(&folder.join("a/b"))), (0o700, 0o700));
    write(&ours, "two").await.unwrap();
    assert_eq!(ours.read::<String>().unwrap().unwrap(), "two");
    for name in ["file.json", "file.json.lock"] {
        assert_eq!(mode(&folder.join("a/b").join(name)), 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_folder_that_others_can_change_is_refused_with_what_to_do() {
    let folder = Folder::new("open");
    let ours = file(folder.join("file.json"));
    write(&ours, "one").await.unwrap();
    for open in [0o777, 0o1777, 0o770, 0o720, 0o702] {
        permit(&folder.0, open);
        let error = refusal(&ours).await;
        let remedy = format!(
            "run `chmod go-w {}`, or name a new folder inside of it",
            folder.0.display()
        );
        assert!(error.contains(&remedy), "{open:o}: {error}");
        assert!(write(&ours, "two").await.is_err());
    }
    for closed in [0o700, 0o755, 0o750] {
        permit(&folder.0, closed);
        assert_eq!(read(&ours).await.unwrap().unwrap(), "one", "{closed:o}");
    }
}

#[tokio::test]
async fn a_folder_or_a_file_of_another_user_is_refused() {
    let folder = Folder::new("others");
    let ours = file(folder.join("inside/file.json"));
    write(&ours, "one").await.unwrap();
    // Only root can give a file away; for all others the root folder is somebody else's.
    if std::os::unix::fs::chown(folder.join("inside/file.json"), Some(12_345), None).is_err() {
        let error = refusal(&file("/file.json")).await;
        assert!(error.starts_with("/ belongs to another user (0;"), "{error}");
        return;
    }
    let error = refusal(&ours).await;
    assert!(error.contains("file.json belongs to another user"), "{error}");
    std::os::unix::fs::chown(folder.join("inside"), Some(12_345), None).unwrap();
    let error = refusal(&ours).await;
    assert!(
        error
            .contains("inside belongs to another user (12345; this program runs as 0): name a new folder inside of it"),
        "{error}"
    );
}

#[tokio::test]
async fn what_is_no_regular_file_is_refused_at_once_and_no_link_is_followed() {
    let folder = Folder::new("irregular");
    let bait = folder.join("bait");
    fs::write(&bait, "bait").unwrap();
    permit(&bait, 0o600);
    let kinds: [(&str, Make); 4] = [
        ("fifo", |path, _| make_fifo(path)),
        ("link", |path, bait| symlink(bait, path).unwrap()),
        ("folder", |path, _| fs::create_dir(path).unwrap()),
        ("socket", |path, _| {
            drop(std::os::unix::net::UnixListener::bind(path).unwrap())
        }),
    ];
    for (kind, make) in kinds {
        // In place of the file, and of its lock.
        for suffix in ["", ".lock"] {
            let ours = file(folder.join(&format!("{kind}-as{suffix}")));
            let path = folder.join(&format!("{kind}-as{suffix}{suffix}"));
            make(&path, &bait);
            let error = read(&ours).await.unwrap_err().to_string();
            let reason = format!("{} is not a regular file, and no link is followed", path.display());
            assert!(error.starts_with(&reason), "{error}");
            assert!(ours.check::<String>().unwrap_err().to_string().starts_with(&reason));
            if kind == "folder" {
                fs::remove_dir(&path).unwrap();
            } else {
                fs::remove_file(&path).unwrap();
            }
        }
        // In place of what is being written: it is put aside, and not written to.
        if kind != "folder" {
            make(&folder.join(&format!("{kind}.new")), &bait);
            let ours = file(folder.join(kind));
            write(&ours, "ours").await.unwrap();
            assert_eq!(ours.read::<String>().unwrap().unwrap(), "ours");
        }
    }
    // A link at the lock's place that leads nowhere makes no file there.
    symlink(folder.join("nowhere"), folder.join("file.lock")).unwrap();
    assert!(write(&file(folder.join("file")), "ours").await.is_err());
    assert!(!folder.join("nowhere").exists());
    assert_eq!(fs::read_to_string(&bait).unwrap(), "bait");
}

#[tokio::test]
async fn a_file_has_an_upper_limit_both_ways() {
    let folder = Folder::new("limit");
    let ours = file(folder.join("file.json"));
    let limit = usize::try_from(MAX_BYTES).unwrap();
    let error = write(&ours, &"x".repeat(limit)).await.unwrap_err().to_string();
    assert!(error.contains("is larger than 8388608 bytes"), "{error}");
    write(&ours, &"x".repeat(limit - 100)).await.unwrap();
    assert!(read(&ours).await.unwrap().is_some());
    // A file of zeros that takes no room on the disk.
    File::options()
        .write(true)
        .open(folder.join("file.json"))
        .unwrap()
        .set_len(1 << 40)
        .unwrap();
    let error = refusal(&ours).await;
    assert!(error.contains("is larger than 8388608 bytes"), "{error}");
}

#[tokio::test]
async fn earlier_formats_are_read_and_later_ones_are_named() {
    let folder = Folder::new("formats");
    let path = folder.join("file.json");
    let of_version = |version: u32| {
        let text = format!(r#"{{"kind":"enkash test","version":{version},"content":"kept"}}"#);
        fs::write(&path, text).unwrap();
        permit(&path, 0o600);
        file(path.clone())
    };
    for version in [1, 2] {
        assert_eq!(read(&of_version(version)).await.unwrap().unwrap(), "kept");
    }
    let error = refusal(&of_version(3)).await;
    assert!(
        error.contains("was written by a later version of this program (format 3)"),
        "{error}"
    );
    assert!(refusal(&of_version(0)).await.contains("is not a file of this program"));
    for nameless in ["/", "..", "folder/.."] {
        assert!(
            refusal(&file(nameless))
                .await
                .contains("does not end in the name of a file"),
            "{nameless}"
        );
    }
}
