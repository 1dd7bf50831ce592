//! What a browser without a script sends and gets.

use reqwest::RequestBuilder;

use crate::client::Client;

pub(crate) fn url(client: &Client, path: &str) -> String {
    format!("{}{path}", client.to.url)
}

pub(crate) async fn page(client: &Client, path: &str) -> String {
    let answer = client.http.get(url(client, path)).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

/// A form as the page itself sends it.
pub(crate) fn form(client: &Client, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
    let request = client.http.post(url(client, &format!("/_sandbox/console/{path}")));
    request.form(fields).header("origin", &client.to.url)
}

pub(crate) async fn act(client: &Client, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let answer = form(client, path, fields).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// The part of the page with this id.
pub(crate) fn part<'a>(page: &'a str, id: &str) -> &'a str {
    let start = page.find(&format!("id=\"{id}\"")).unwrap();
    let end = page[start..].find("</section>").unwrap();
    &page[start..start + end]
}
