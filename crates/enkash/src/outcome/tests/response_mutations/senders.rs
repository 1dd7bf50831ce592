//! Two senders in place of the HTTP client: one keeps each response of a real server, one gives a canned response without a
//! socket.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use reqwest::{Request, Response};

use crate::transport::sender::{HttpSender, ReqwestSender, SendError};

/// A response as it stands on the wire: status and body.
pub(super) type RawResponse = (u16, Bytes);

fn to_reqwest((status, body): RawResponse) -> Response {
    http::Response::builder().status(status).body(body).unwrap().into()
}

/// Sends, and keeps the last response.
#[derive(Clone, Default)]
pub(super) struct RecordingSender(Arc<Mutex<Option<RawResponse>>>);

impl RecordingSender {
    pub(super) fn take(&self) -> RawResponse {
        self.0.lock().unwrap().take().unwrap()
    }
}

impl HttpSender for RecordingSender {
    async fn send(&self, http: &reqwest::Client, request: Request) -> Result<Response, SendError> {
        let response = ReqwestSender.send(http, request).await?;
        let raw = (response.status().as_u16(), response.bytes().await?);
        *self.0.lock().unwrap() = Some(raw.clone());
        Ok(to_reqwest(raw))
    }
}

/// Sends nothing, and gives the response that was set.
#[derive(Clone, Default)]
pub(super) struct CannedSender(Arc<Mutex<RawResponse>>);

impl CannedSender {
    pub(super) fn set(&self, status: u16, body: Vec<u8>) {
        *self.0.lock().unwrap() = (status, body.into());
    }
}

impl HttpSender for CannedSender {
    async fn send(&self, _: &reqwest::Client, _: Request) -> Result<Response, SendError> {
        Ok(to_reqwest(self.0.lock().unwrap().clone()))
    }
}
