//! What a server keeps in its folder, as bytes: a test looks there for what must not be stored. Both servers' modules call it.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// How much all files of a folder may hold. A new PostgreSQL holds 40 MB, and each database 7 MB more.
const MAX_BYTES: u64 = 1 << 30;
/// How many files and folders may be there. A new PostgreSQL has 1,000 files, and 300 more for each database.
const MAX_ENTRIES: usize = 100_000;

/// A file of a server, as it was when it was read.
#[derive(Clone, Debug)]
pub struct StoredFile {
    /// Where it is, from the server's data folder on.
    pub path: PathBuf,
    /// All that it holds.
    pub content: Vec<u8>,
}

impl StoredFile {
    /// Whether these bytes are anywhere in the file.
    #[must_use]
    pub fn contains(&self, bytes: &[u8]) -> bool {
        self.content.windows(bytes.len().max(1)).any(|window| window == bytes)
    }
}

/// All files of a folder and the folders in it, one after the other. A running server may remove one meanwhile, which is then
/// left out. Sockets and links are no files.
///
/// # Panics
///
/// There is more than the bounds of this module, or something that cannot be read.
pub(crate) fn stored_files(folder: &Path) -> impl Iterator<Item = StoredFile> + use<> {
    let mut paths = Vec::new();
    list(folder, &mut paths).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let folder = folder.to_owned();
    let mut bytes_left = MAX_BYTES;
    paths.into_iter().filter_map(move |path| {
        let content = if_there(read(&path, bytes_left));
        let content = content.unwrap_or_else(|error| panic!("{}: {error}", path.display()))?;
        bytes_left -= content.len() as u64;
        let path = path.strip_prefix(&folder).unwrap_or(&path).to_owned();
        Some(StoredFile { path, content })
    })
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut folders = vec![folder.to_owned()];
    let mut entries = 0;
    while let Some(folder) = folders.pop() {
        let Some(listing) = if_there(fs::read_dir(&folder))? else {
            continue;
        };
        for entry in listing {
            let entry = entry?;
            entries += 1;
            if entries > MAX_ENTRIES {
                return Err(io::Error::other(format!("more than {MAX_ENTRIES} files and folders")));
            }
            let Some(kind) = if_there(entry.file_type())? else {
                continue;
            };
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    Ok(())
}

fn read(path: &Path, bytes_left: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?.take(bytes_left + 1).read_to_end(&mut content)?;
    if content.len() as u64 > bytes_left {
        return Err(io::Error::other(format!(
            "the folder holds more than {MAX_BYTES} bytes"
        )));
    }
    Ok(content)
}

fn if_there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_all_depths_are_read_whole() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/b")).unwrap();
        for (path, content) in [("top", "one"), ("a/middle", "two"), ("a/b/deep", "")] {
            fs::write(folder.path().join(path), content).unwrap();
        }
        let mut files: Vec<_> = stored_files(folder.path())
            .map(|file| (file.path, file.content))
            .collect();
        files.sort();
        let expected = [("a/b/deep", ""), ("a/middle", "two"), ("top", "one")];
        assert_eq!(files, expected.map(|(path, content)| (path.into(), content.into())));
    }

    #[test]
    fn a_file_that_is_gone_meanwhile_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("gone"), "").unwrap();
        let files = stored_files(folder.path());
        fs::remove_file(folder.path().join("gone")).unwrap();
        assert_eq!(files.count(), 0);
    }

    #[test]
    fn no_more_than_the_bound_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "four").unwrap();
        assert_eq!(read(&path, 4).unwrap(), b"four");
        read(&path, 3).unwrap_err();
    }

    #[test]
    fn bytes_are_found_at_the_beginning_and_at_the_end() {
        let file = StoredFile {
            path: PathBuf::new(),
            content: b"secret".to_vec(),
        };
        assert!(file.contains(b"sec") && file.contains(b"ret") && file.contains(b"secret"));
        assert!(!file.contains(b"secrets") && !file.contains(b"rets"));
    }
}
