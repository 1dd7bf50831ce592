//! The hosts behind the recorder, and the HTTP client that calls them: TLS as the client's own, no redirects, no retries. Which
//! host a request goes to is decided by the operation that it is, as in the client.

use std::{collections::BTreeMap, time::Duration};

use enkash::reqwest::{self, Client, Url, redirect, retry};
use enkash_api::origin::refuse_plain_http;
use enkash_recording::{Document, OperationMatch};

use crate::{
    exit::CliError,
    settings::{SettingKey, Settings},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longer than the client's own, so that the client's decides.
const TIMEOUT: Duration = Duration::from_secs(120);
/// As the client's own: an idle connection that the server is about to close is not used.
const POOL_IDLE: Duration = Duration::from_secs(4);

/// Where requests go.
pub(crate) struct Upstream {
    pub(super) http: Client,
    token_url: Url,
    base: Url,
    tags: BTreeMap<String, Url>,
    document: Document,
}

impl Upstream {
    /// By the settings of live calls. No credentials are needed: a client brings its own.
    pub(crate) fn from_settings(settings: &Settings) -> Result<Self, CliError> {
        let mut problems = settings.mistakes().to_vec();
        let base = settings.get(SettingKey::BaseUrl);
        if base.is_none() {
            problems.push("ENKASH_BASE_URL is missing: set it, or name a profile with --profile".to_owned());
        }
        let profile = settings.profile.as_ref().map(|(_, profile)| profile);
        let plain_http = profile
            .map(|profile| profile.plain_http_hosts.as_slice())
            .unwrap_or_default();
        let mut url = |text: &str| match host(text, plain_http) {
            Ok(url) => Some(url),
            Err(problem) => {
                problems.push(problem);
                None
            }
        };
        let base = base.and_then(&mut url);
        let token_url = settings.get(SettingKey::TokenUrl).and_then(&mut url);
        let tags = settings.profile_hosts();
        let tags = tags
            .filter_map(|(tag, host)| Some((tag.to_owned(), url(&host.value)?)))
            .collect();
        let Some(base) = base.filter(|_| problems.is_empty()) else {
            return Err(CliError::bad_input(problems.join("\n")));
        };
        let mut document = Document::bundled().map_err(|error| CliError::runtime(error.to_string()))?;
        for (operation, path) in profile.into_iter().flat_map(|profile| &profile.paths) {
            let template = &path.value.template;
            // The query of a path that the user gives says nothing of which operation it is.
            let path = template.template().split('?').next().unwrap_or_default();
            let added = document.with_path(operation.operation().name, template.method().as_str(), path);
            document = added.map_err(|error| CliError::bad_input(error.to_string()))?;
        }
        let http = client(&base).map_err(|error| CliError::runtime(format!("no HTTP client: {error}")))?;
        Ok(Self {
            http,
            token_url: token_url.unwrap_or_else(|| base.clone()),
            base,
            tags,
            document,
        })
    }

    /// Where logins go.
    pub(crate) fn token_url(&self) -> &Url {
        &self.token_url
    }

    /// What the requests are told apart by, with the paths that the profile gives.
    pub(crate) fn document(&self) -> &Document {
        &self.document
    }

    /// The hosts, each once.
    pub(crate) fn hosts(&self) -> Vec<String> {
        let mut hosts: Vec<_> = [&self.base, &self.token_url]
            .into_iter()
            .chain(self.tags.values())
            .map(|url| url.origin().ascii_serialization())
            .collect();
        hosts.sort_unstable();
        hosts.dedup();
        hosts
    }

    /// Where this request goes. The path was checked: nothing in it leads elsewhere.
    pub(super) fn target(&self, method: &str, path: &str, query: Option<&str>) -> Url {
        let found = self.document.find(method, path);
        let tag = match found {
            OperationMatch::Known(operation) => operation.tag(),
            OperationMatch::Unknown => None,
        };
        let base = tag.and_then(|tag| self.tags.get(tag)).unwrap_or(&self.base);
        join(base, path, query)
    }
}

/// A path below a base URL.
fn join(base: &Url, path: &str, query: Option<&str>) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url.set_query(query);
    url
}

fn host(text: &str, plain_http: &[String]) -> Result<Url, String> {
    let url: Url = text
        .parse()
        .map_err(|_| "a base URL of the settings is no URL".to_owned())?;
    if url.host_str().is_none() || !url.username().is_empty() || url.password().is_some() {
        return Err("a base URL of the settings has no host, or a login in it".to_owned());
    }
    refuse_plain_http(&url, plain_http).map_err(|error| error.to_string())?;
    Ok(url)
}

fn client(base: &Url) -> Result<Client, reqwest::Error> {
    let mut client = enkash_api::http_client_builder()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
        .pool_idle_timeout(POOL_IDLE)
        .connection_verbose(false);
    // A proxy would carry plain http elsewhere.
    if base.scheme() == "http" {
        client = client.no_proxy();
    }
    client.build()
}
