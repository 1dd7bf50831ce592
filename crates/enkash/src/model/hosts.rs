//! Where requests go. The API's products live on different hosts, and no production host of the API
//! was ever seen: a client is told each host, and presets exist only for those that were seen.

use std::collections::BTreeMap;

/// The base URLs of a client: one for the token, one for everything else, and one for a tag that differs.
///
/// ```
/// use enkash::Hosts;
///
/// let hosts = Hosts::new("https://pay-en-uat.enkash.in")
///     .token("https://token.example")
///     .tag("Redemption", Hosts::UAT_MARKETPLACE);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts {
    base: String,
    token: Option<String>,
    tags: BTreeMap<String, String>,
}

impl Hosts {
    /// UAT host of `/api/v0/partner/enKashCard/…`, seen on the Petty Cash pages that share these paths and in
    /// public integrations; no reward page shows it.
    pub const UAT_REWARDS: &'static str = "https://pay-en-uat.enkash.in";
    /// UAT host of Redemption, seen on the page Fetch Order Info by Partner order Reference id.
    pub const UAT_MARKETPLACE: &'static str = "https://marketplace-uat.enkash.in";

    /// One host for everything.
    #[must_use]
    pub fn new(base: impl Into<String>) -> Self {
        Self {
            base: base.into(),
            token: None,
            tags: BTreeMap::new(),
        }
    }

    /// The host that issues tokens, where it is another one.
    #[must_use]
    pub fn token(mut self, base: impl Into<String>) -> Self {
        self.token = Some(base.into());
        self
    }

    /// The host of one tag of the spec, such as `Redemption` or `Point Management`.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>, base: impl Into<String>) -> Self {
        self.tags.insert(tag.into(), base.into());
        self
    }

    pub(crate) fn token_base_url(&self) -> &str {
        self.token.as_deref().unwrap_or(&self.base)
    }

    pub(crate) fn base_url_for(&self, tag: &str) -> &str {
        self.tags.get(tag).unwrap_or(&self.base)
    }

    pub(crate) fn tags(&self) -> impl Iterator<Item = &str> {
        self.tags.keys().map(String::as_str)
    }
}
