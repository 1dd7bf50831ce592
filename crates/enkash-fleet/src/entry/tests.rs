//! Processes with any keys at one database: whoever is let in sees all that was written. The database is a map here.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{LazyLock, Mutex, MutexGuard},
};

use async_trait::async_trait;
use enkash::{
    Credentials,
    token::{LoginIdentity, TokenSource},
};

use super::*;
use crate::{database::Decide, keys::tests::key};

type Rows = HashMap<Name, (Vec<u8>, Option<Timestamp>)>;

#[derive(Debug, Default)]
struct Map(Mutex<(Rows, Timestamp)>);

impl Map {
    fn state(&self) -> MutexGuard<'_, (Rows, Timestamp)> {
        self.0.lock().unwrap()
    }

    fn snapshot(&self, names: &[Name]) -> Snapshot {
        let state = self.state();
        let (rows, now) = &*state;
        let lives = |expires_at: &Option<Timestamp>| expires_at.is_none_or(|time| time > *now);
        let value = |name| rows.get(name).filter(|(_, expires_at)| lives(expires_at));
        Snapshot {
            values: names.iter().map(|name| value(name).map(|row| row.0.clone())).collect(),
            now: *now,
        }
    }
}

#[async_trait]
impl Database for Map {
    fn place(&self) -> &'static str {
        "here"
    }

    async fn read(&self, names: &[Name]) -> Result<Snapshot, Error> {
        Ok(self.snapshot(names))
    }

    async fn change(&self, names: &[Name], decide: &mut Decide<'_>) -> Result<(), Error> {
        for write in decide(&self.snapshot(names))? {
            let row = (write.value, write.expires_at);
            self.state().0.insert(names[write.index].clone(), row);
        }
        Ok(())
    }

    async fn weakness(&self) -> Result<Option<String>, Error> {
        Ok(None)
    }
}

/// A key file: the numbers of its keys.
type File = &'static [u8];

const KEYS: [u8; 3] = [1, 2, 3];
/// Every file of three keys.
const FILES: [File; 9] = [&[1], &[2], &[3], &[1, 2], &[2, 1], &[1, 3], &[3, 1], &[2, 3], &[3, 2]];
const DAY: SignedDuration = SignedDuration::from_hours(24);

fn keys(file: File) -> FleetKeys {
    static KEYS: LazyLock<HashMap<File, FleetKeys>> = LazyLock::new(|| {
        let lines = |file: File| file.iter().map(|number| key(*number)).collect::<Vec<_>>().join("\n");
        FILES.map(|file| (file, FleetKeys::parse(&lines(file)).unwrap())).into()
    });
    KEYS[file].clone()
}

fn account(user: &str) -> LoginIdentity {
    let source = TokenSource::builder("https://token.example")
        .credentials(Credentials::new("client", "secret", user, "password"))
        .build()
        .unwrap();
    source.identity().clone()
}

/// A database with the accounts `x` and `y`.
struct Fleet {
    database: Arc<Map>,
    accounts: HashMap<&'static str, LoginIdentity>,
}

impl Fleet {
    fn new() -> Self {
        Self {
            database: Arc::default(),
            accounts: ["x", "y"].map(|user| (user, account(user))).into(),
        }
    }

    /// Counts one more, and returns how many there are then.
    async fn count(&self, file: File, user: &str, lasts: Option<SignedDuration>) -> Result<u32, Error> {
        let entries = Entries::new(self.database.clone(), keys(file));
        let mut count = 0;
        let decide = |current: Current| {
            let number =
                |text: Option<Vec<u8>>| text.map_or(0, |text| String::from_utf8(text).unwrap().parse().unwrap());
            let (newest, earlier): (u32, u32) = (number(current.newest), number(current.earlier));
            count = newest + earlier + 1;
            Ok(Some(Next {
                text: count.to_string().into(),
                fence: Fence::default(),
                lasts,
            }))
        };
        let change = entries.change(Kind::Strikes, |key| self.accounts[user].account(key), decide);
        change.await.map(|()| count)
    }

    fn name(&self, number: u8, user: &str) -> Name {
        let keys = keys(FILES[usize::from(number) - 1]);
        format!(
            "strikes/{}",
            self.accounts[user].account(&*keys.pairs()[0].naming).as_str()
        )
    }

    fn row(&self, number: u8, user: &str) -> Option<Opened> {
        let (keys, name) = (keys(FILES[usize::from(number) - 1]), self.name(number, user));
        let snapshot = self.database.snapshot(std::slice::from_ref(&name));
        Some(keys.pairs()[0].open(&name, snapshot.values[0].as_ref()?).unwrap())
    }

    /// Which key the guard has, and what lies under each key of `x`: of a count, whether it is the whole one.
    fn shape(&self, whole: u32) -> Vec<Option<Vec<u8>>> {
        let guard = self.database.snapshot(&[GUARD.to_owned()]).values[0].clone();
        let of_guard = |number: &u8| keys(FILES[usize::from(*number) - 1]).pairs()[0].open(GUARD, guard.as_deref()?);
        let guard = KEYS.into_iter().find(|number| of_guard(number).is_some());
        let shape = |opened: Opened| match str::from_utf8(&opened.text).map(str::parse::<u32>) {
            Ok(Ok(count)) => (count == whole).to_string().into(),
            _ => opened.text,
        };
        let rows = KEYS.map(|number| self.row(number, "x").map(shape));
        std::iter::once(guard.map(|number| vec![number])).chain(rows).collect()
    }
}

/// Every order in which processes with files of three keys can come, until nothing new comes of it: they use `x`, or an account that
/// nobody used before, which changes the guard. The one exception is that a file was given before the account was used with the file
/// before it, which nothing in the database shows.
#[tokio::test]
async fn whoever_is_let_in_sees_all_that_was_counted() {
    let fleet = Fleet::new();
    let mut known = HashSet::new();
    let mut next = VecDeque::from([(Rows::new(), 0, String::new())]);
    while let Some((rows, before, story)) = next.pop_front() {
        for (file, user) in FILES.into_iter().flat_map(|file| [(file, "x"), (file, "y")]) {
            fleet.database.state().0 = rows.clone();
            let is_unknown = before > 0 && file.iter().all(|number| fleet.row(*number, user).is_none());
            let Ok(count) = fleet.count(file, user, None).await else {
                continue;
            };
            let story = format!("{story} {file:?} {user},");
            let mut whole = before;
            if user == "x" {
                if is_unknown {
                    continue;
                }
                whole += 1;
                assert_eq!(count, whole, "{story}");
            }
            let state = &fleet.database;
            state
                .state()
                .0
                .retain(|name, _| KEYS.iter().all(|number| *name != fleet.name(*number, "y")));
            if known.insert(fleet.shape(whole)) {
                next.push_back((state.state().0.clone(), whole, story));
            }
        }
    }
    assert!(known.len() > 20, "{} states", known.len());
}

#[tokio::test]
async fn a_mark_lasts_as_long_as_the_entry_that_it_speaks_of() {
    let fleet = Fleet::new();
    fleet.count(&[1, 2], "x", Some(90 * DAY)).await.unwrap();
    fleet.count(&[1, 2], "x", None).await.unwrap();
    fleet.database.state().1 += 91 * DAY;
    fleet.count(&[2, 1], "y", None).await.unwrap();
    let error = fleet.count(&[2], "x", None).await.unwrap_err();
    assert!(error.is_other_key(), "{error}");
    assert_eq!(fleet.count(&[2, 1], "x", None).await.unwrap(), 3);
}

/// The key was changed back, and the entry ended under the key of before. Its mark goes on to stand under the other one.
#[tokio::test]
async fn a_mark_that_outlives_its_entry_keeps_nobody_out_who_knows_the_key() {
    let fleet = Fleet::new();
    fleet.count(&[1, 2], "x", None).await.unwrap();
    fleet.count(&[1], "x", Some(DAY)).await.unwrap();
    fleet.database.state().1 += 2 * DAY;
    assert_eq!(fleet.count(&[1, 2], "x", None).await.unwrap(), 1);
}

/// Also where the key of long ago comes back.
#[tokio::test]
async fn a_key_is_changed_in_three_steps_that_keep_nobody_out() {
    let fleet = Fleet::new();
    let files: [File; 11] = [
        &[1],
        &[1, 2],
        &[2, 1],
        &[2],
        &[2, 3],
        &[3, 2],
        &[3],
        &[3, 1],
        &[1, 3],
        &[1],
        &[1],
    ];
    let mut count = 0;
    // Each is rolled out while processes with the one before still run; the last step begins when all have the file before it.
    for pair in files.windows(2) {
        let all = [pair[0], pair[1], pair[0]];
        for file in if pair[1].len() == 1 { &all[..2] } else { &all } {
            for user in ["x", "y"] {
                match fleet.count(file, user, None).await {
                    Ok(seen) if user == "x" => {
                        count += 1;
                        assert_eq!(seen, count, "{pair:?}");
                    }
                    Ok(_) => {}
                    // Who knows the old key alone, once somebody seals with the new one.
                    Err(error) => assert!(
                        error.is_other_key() && *file == pair[0] && file.len() == 1,
                        "{pair:?}: {error}"
                    ),
                }
            }
        }
    }
}
