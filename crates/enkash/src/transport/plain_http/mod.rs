//! Which hosts credentials may go to over plain http: this machine, and hosts that the user named. A name counts as
//! this machine only while it resolves to loopback, and DNS may say something else a moment later; so the check stands
//! where the HTTP client resolves a name to connect to it, and what it lets through is what is connected to.

use std::{
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    sync::Arc,
};

use enkash_api::origin::{PlainHttpRefused, refuse_plain_http};
use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

/// The rule of one client. Made of its base URLs: requests go nowhere else.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlainHttpPolicy {
    opted_in: Vec<String>,
    /// Names that the HTTP client connects to on this machine only.
    bound: Arc<[String]>,
}

/// A name that plain http is used with turned out not to be this machine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "credentials are not sent to {host} over plain http: it resolves to {address}, which is not loopback; use https, \
     or allow this host by name"
)]
pub(crate) struct NotLoopback {
    host: String,
    address: IpAddr,
}

impl PlainHttpPolicy {
    pub(crate) fn new(bases: &[Url], opted_in: Vec<String>) -> Self {
        let mut rule = Self {
            opted_in,
            bound: Arc::default(),
        };
        let local = bases.iter().filter(|base| rule.must_stay_local(base));
        rule.bound = local.filter_map(Url::domain).map(str::to_owned).collect();
        rule
    }

    /// Whether requests to this URL may only go to this machine.
    pub(crate) fn must_stay_local(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        url.scheme() == "http" && !self.opted_in.iter().any(|name| name.eq_ignore_ascii_case(host))
    }

    /// Refuses what is known before anything is resolved; a name is checked again when it is connected to.
    pub(crate) fn check(&self, url: &Url) -> Result<(), PlainHttpRefused> {
        if url.domain().is_some_and(|host| is_in(&self.bound, host)) {
            return Ok(());
        }
        refuse_plain_http(url, &self.opted_in)
    }

    /// What the HTTP client must resolve names with, where it makes a difference.
    pub(crate) fn resolver(&self) -> Option<LoopbackResolver> {
        (!self.bound.is_empty()).then(|| self.resolver_over(Arc::new(System)))
    }

    fn resolver_over(&self, names: Arc<dyn Resolve>) -> LoopbackResolver {
        LoopbackResolver {
            bound: Arc::clone(&self.bound),
            names,
        }
    }
}

fn is_in(hosts: &[String], host: &str) -> bool {
    hosts.iter().any(|name| name.eq_ignore_ascii_case(host))
}

/// Resolves the bound names to loopback or not at all. One address elsewhere is enough to refuse: which of several is
/// connected to is left to the client.
pub(crate) struct LoopbackResolver {
    bound: Arc<[String]>,
    names: Arc<dyn Resolve>,
}

impl Resolve for LoopbackResolver {
    fn resolve(&self, name: Name) -> Resolving {
        if !is_in(&self.bound, name.as_str()) {
            return self.names.resolve(name);
        }
        let host = name.as_str().to_owned();
        let resolving = self.names.resolve(name);
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = resolving.await?.collect();
            let elsewhere = addresses.iter().map(|address| address.ip().to_canonical());
            if let Some(address) = elsewhere.into_iter().find(|address| !address.is_loopback()) {
                return Err(NotLoopback { host, address }.into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// The operating system's resolver, as reqwest uses it by itself.
struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::task::spawn_blocking(move || (name.as_str(), 0).to_socket_addrs()).await??;
            Ok(Box::new(found) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests;
