//! The files of the runs: each row has a reference of its own, and no person the same amount twice.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

/// One row.
pub(crate) struct FileRow {
    pub(crate) mobile: String,
    pub(crate) email: String,
    pub(crate) amount: String,
    pub(crate) reference: String,
}

/// Rows that no run had before. So many people as there are rows.
pub(crate) struct Rows {
    file: u32,
    pub(crate) count: u64,
}

impl Rows {
    pub(crate) fn new(count: u64) -> Self {
        static FILES: AtomicU32 = AtomicU32::new(0);
        let file = FILES.fetch_add(1, Ordering::Relaxed);
        Self { file, count }
    }

    /// Its own in this process.
    pub(crate) const fn number(&self) -> u32 {
        self.file
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = FileRow> {
        let file = self.file;
        (0..self.count).map(move |number| FileRow {
            mobile: format!("{}", 9_000_000_000 + number),
            email: format!("person.{number}@example.com"),
            // No other file of the same process has it, so that nobody gets it twice within seven days.
            amount: format!("{}.{:02}", 1 + file / 100, file % 100),
            reference: format!("RUN-{file}-{number:07}"),
        })
    }

    /// In the form of `enkash allocate --file`.
    pub(crate) fn write(&self, folder: &Path) -> PathBuf {
        let path = folder.join(format!("rows-{}.csv", self.file));
        let mut file = BufWriter::new(File::create(&path).unwrap());
        writeln!(file, "title,name,email,mobile,gender,amount,reference").unwrap();
        for row in self.iter() {
            let FileRow {
                mobile,
                email,
                amount,
                reference,
            } = row;
            writeln!(file, "Ms,Ashwini Rao,{email},{mobile},F,{amount},{reference}").unwrap();
        }
        file.flush().unwrap();
        path
    }
}
