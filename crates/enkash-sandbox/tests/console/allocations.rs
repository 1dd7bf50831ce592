//! The console's part on allocations, as a browser without a script gets it: the chart and the states, what happened to each,
//! and the links between an allocation, its requests and their operation. In a browser: `.ci/test-console`.

use enkash_sandbox::{Fault, FaultRule, Operation, Preset, Sandbox, When};
use reqwest::Method;
use serde_json::json;

use crate::browser::{page, part};
use crate::client::{ALLOCATE, BULK, Client, TRANSACTIONS, assert_sound};

/// The row with this id.
fn row<'a>(page: &'a str, id: &str) -> &'a str {
    let start = page.find(&format!("<tr role=\"row\" id=\"{id}\"")).unwrap();
    let end = page[start..].find("</tr>").unwrap();
    &page[start..start + end]
}

/// A sandbox in which the response to allocation A was lost, and that to B was not.
async fn world() -> (Sandbox, Client) {
    let rule = FaultRule::on(Operation::CreateAllocatePoints, Fault::Reset(When::After)).nth(1);
    let sandbox = Sandbox::builder().fault(rule).start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let lost = client.request(Method::POST, ALLOCATE);
    let body = client.credit("9000001234", &json!(5), "A");
    assert!(lost.json(&body).send().await.is_err());
    client.give("9000001234", 7.0, "B").await;
    (sandbox, client)
}

async fn look_up(client: &Client, reference: &str) {
    let mut body = client.account();
    body["pgReferenceNumber"] = json!(reference);
    client.post(TRANSACTIONS, &body).await;
}

#[tokio::test]
async fn an_unknown_is_seen_and_then_its_settlement() {
    let (sandbox, client) = world().await;
    let before = page(&client, "/").await;
    assert!(part(&before, "allocations").contains("At the end: 1 done, 1 unknown."));
    let unknown = row(&before, "allocation-0");
    assert!(
        unknown.contains("response lost") && !unknown.contains("looked up"),
        "{unknown}"
    );
    look_up(&client, "A").await;
    let after = page(&client, "/").await;
    assert!(part(&after, "allocations").contains("At the end: 1 done, 1 settled."));
    let settled = row(&after, "allocation-0");
    for shown in ["response lost", ">looked up ", "<strong>found</strong>", ">settled<"] {
        assert!(settled.contains(shown), "{shown} is not in {settled}");
    }
    assert_sound(&sandbox);
}

#[tokio::test]
async fn links_lead_from_an_allocation_to_its_requests_and_back() {
    let (_sandbox, client) = world().await;
    look_up(&client, "A").await;
    // Calls: 1 the login, 2 and 3 the allocations, 4 the search.
    let all = page(&client, "/").await;
    let allocation = row(&all, "allocation-0");
    assert!(
        allocation.contains("href=\"#call-2\"") && allocation.contains("href=\"#call-4\""),
        "{allocation}"
    );
    for call in ["call-2", "call-4"] {
        assert!(
            row(&all, call).contains("href=\"#allocation-0\""),
            "{}",
            row(&all, call)
        );
    }
    assert!(row(&all, "call-4").contains("href=\"/docs#searchTransactions\""));
    // What the page does not show is no link.
    let allocations = page(&client, "/?operation=createAllocatePoints").await;
    assert!(!allocations.contains("id=\"call-4\"") && !allocations.contains("href=\"#call-4\""));
    assert!(row(&allocations, "allocation-0").contains("looked up "));
    let done = page(&client, "/?state=done").await;
    assert!(!done.contains("id=\"allocation-0\"") && !done.contains("href=\"#allocation-0\""));
    assert!(row(&done, "call-3").contains("href=\"#allocation-1\""));
    let reference = page(&client, "/docs").await;
    assert!(reference.contains("<a href=\"/?operation=createAllocatePoints#log\">2 requests so far</a>"));
    assert!(reference.contains("<a href=\"/?operation=searchTransactions#log\">1 request so far</a>"));
}

#[tokio::test]
async fn the_allocations_of_one_state_are_shown_alone_and_nonsense_is_passed_over() {
    let (_sandbox, client) = world().await;
    let unknown = page(&client, "/?state=unknown").await;
    assert!(unknown.contains("id=\"allocation-0\"") && !unknown.contains("id=\"allocation-1\""));
    let none = page(&client, "/?state=refused").await;
    assert!(part(&none, "allocations").contains("None is."));
    let all = page(&client, "/?state=%3Cscript%3E&operation=no&person=").await;
    assert!(all.contains("id=\"allocation-0\"") && all.contains("id=\"allocation-1\""));
    assert!(!all.contains("<script>"));
}

#[tokio::test]
async fn thousands_of_allocations_make_no_larger_page() {
    let sandbox = Sandbox::builder().max_calls(200).start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let (company, account) = (&client.to.company_id, &client.to.card_account_id);
    let path = format!(
        "{}?companyId={company}&cardAccountId={account}&isPointsAllocation=true",
        BULK
    );
    for request in 0..8 {
        let rows: Vec<_> = (0..1_000)
            .map(|row| {
                json!({
                    "title": "Mr", "name": "Asha", "email": "asha@example.com", "mobile": "9000000002", "loadAmount": 1,
                    "uniqueReferenceNumber": format!("R{request}-{row}"),
                })
            })
            .collect();
        assert_eq!(client.post(&path, &json!(rows)).await.0, 200);
    }
    let live = page(&client, "/_sandbox/console/live").await;
    assert!(part(&live, "allocations").contains("newest 100 of 8000"));
    assert!(
        part(&live, "allocations").len() < 96 * 1024,
        "{} bytes",
        part(&live, "allocations").len()
    );
    assert!(row(&live, "call-9").contains(" +999"));
}

#[tokio::test]
async fn a_preset_is_applied_with_a_click_and_a_pending_transaction_is_seen() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let apply = async |name: &str| {
        let url = format!("{}/_sandbox/console/presets/apply", client.to.url);
        let request = client.http.post(url).form(&[("name", name)]);
        request.header("origin", &client.to.url).send().await.unwrap()
    };
    assert_eq!(apply("pending-all-day").await.status(), 303);
    assert_eq!(sandbox.switches(), Preset::PendingAllDay.switches());
    let refused = apply("a-bad-day").await;
    assert_eq!(refused.status(), 422);
    assert!(refused.text().await.unwrap().contains("the presets are"));
    client.give("9000001234", 7.0, "A").await;
    let page = page(&client, "/").await;
    assert!(part(&page, "presets").contains("<span class=\"count\">pending-all-day</span>"));
    for preset in Preset::ALL {
        assert!(part(&page, "presets").contains(&format!("id=\"preset-{}\"", preset.name())));
    }
    let allocation = row(&page, "allocation-0");
    assert!(
        allocation.contains("its transaction is") && allocation.contains(">pending<"),
        "{allocation}"
    );
    assert!(allocation.contains(">7.00<"), "{allocation}");
    assert!(part(&page, "transactions").contains(">pending<") && part(&page, "transactions").contains("+7.00"));
    assert_sound(&sandbox);
}
