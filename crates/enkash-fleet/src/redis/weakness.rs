//! Why a Redis may forget what it was told, as far as it says so. What it does not say is called unknown, never fine.

use super::failure::Failure;

/// What is known of a server's settings.
#[derive(Debug, Default)]
pub(super) struct Settings {
    /// The reply to `INFO`.
    pub(super) info: Option<String>,
    /// The value of `appendfsync`.
    pub(super) append_fsync: Option<String>,
}

/// It is said of each Redis, because a replica acknowledges nothing before the primary does.
const FAILOVER: &str = "a failover to a replica may lose the last writes";

impl Settings {
    /// Whether it is a replica, which refuses writes.
    pub(super) fn is_replica(&self) -> bool {
        self.info("role").is_some_and(|role| role != "master")
    }

    pub(super) fn weakness(&self) -> String {
        let reasons = [self.log(), self.eviction()];
        let mut text = String::new();
        for reason in reasons.iter().flatten() {
            text.push_str(reason);
            text.push_str("; ");
        }
        text + FAILOVER
    }

    /// Whether a write is on the disk when it is acknowledged.
    fn log(&self) -> Option<String> {
        match self.info("aof_enabled") {
            Some("0") => return Some("appendonly is off: what was written is lost when the server ends".to_owned()),
            Some("1") => {}
            _ => return Some("it is unknown whether writes are kept (appendonly)".to_owned()),
        }
        match self.append_fsync.as_deref() {
            Some("always") => None,
            Some("everysec" | "no") => {
                Some("appendfsync is not always: what was written last is lost with the power".to_owned())
            }
            _ => Some("it is unknown whether writes wait for the disk (appendfsync)".to_owned()),
        }
    }

    /// Whether entries go away when the memory is full.
    fn eviction(&self) -> Option<String> {
        match (self.info("maxmemory"), self.info("maxmemory_policy")) {
            (_, Some("noeviction")) | (Some("0"), Some(_)) => None,
            (Some(_), Some(policy)) if policy.starts_with("volatile-") => {
                Some("maxmemory-policy drops tokens when the memory is full".to_owned())
            }
            (Some(_), Some(_)) => Some("maxmemory-policy drops any entry when the memory is full".to_owned()),
            _ => {
                Some("it is unknown whether entries are dropped when the memory is full (maxmemory-policy)".to_owned())
            }
        }
    }

    fn info(&self, name: &str) -> Option<&str> {
        let values = self.info.as_deref()?.lines().filter_map(|line| line.split_once(':'));
        let mut found = values.filter(|(known, _)| *known == name);
        found.next().map(|(_, value)| value.trim())
    }
}

/// The reply to a question that a user may have no right to. `None` where the server refuses it.
pub(super) fn permitted<T>(reply: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match reply {
        Ok(reply) => Ok(Some(reply)),
        Err(Failure::Refused(_)) => Ok(None),
        Err(failure) => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(info: &str, append_fsync: Option<&str>) -> Settings {
        Settings {
            info: Some(info.replace(' ', "\r\n")),
            append_fsync: append_fsync.map(str::to_owned),
        }
    }

    #[test]
    fn what_is_not_known_to_be_safe_is_said() {
        let safe = "aof_enabled:1 maxmemory:100 maxmemory_policy:noeviction role:master";
        assert_eq!(settings(safe, Some("always")).weakness(), FAILOVER);
        let unlimited = "aof_enabled:1 maxmemory:0 maxmemory_policy:allkeys-lru";
        assert_eq!(settings(unlimited, Some("always")).weakness(), FAILOVER);

        for (info, append_fsync, said) in [
            (safe, Some("everysec"), "appendfsync is not always"),
            (safe, Some("sometimes"), "unknown whether writes wait"),
            (safe, None, "unknown whether writes wait"),
            (
                "aof_enabled:0 maxmemory_policy:noeviction",
                Some("always"),
                "appendonly is off",
            ),
            (
                "maxmemory_policy:noeviction",
                Some("always"),
                "unknown whether writes are kept",
            ),
            (
                "aof_enabled:1 maxmemory:1 maxmemory_policy:allkeys-lfu",
                Some("always"),
                "drops any entry",
            ),
            (
                "aof_enabled:1 maxmemory:1 maxmemory_policy:new",
                Some("always"),
                "drops any entry",
            ),
            (
                "aof_enabled:1 maxmemory:1 maxmemory_policy:volatile-ttl",
                Some("always"),
                "drops tokens",
            ),
            (
                "aof_enabled:1 maxmemory:1",
                Some("always"),
                "unknown whether entries are dropped",
            ),
            ("aof_enabled:1", Some("always"), "unknown whether entries are dropped"),
        ] {
            let weakness = settings(info, append_fsync).weakness();
            assert!(
                weakness.contains(said) && weakness.ends_with(FAILOVER),
                "{info}: {weakness}"
            );
        }
        let nothing = Settings::default().weakness();
        assert_eq!(nothing.matches("unknown").count(), 2, "{nothing}");
    }

    #[test]
    fn a_replica_is_known_by_its_role() {
        assert!(settings("role:slave", None).is_replica());
        assert!(!settings("role:master", None).is_replica());
        assert!(!Settings::default().is_replica());
    }
}
