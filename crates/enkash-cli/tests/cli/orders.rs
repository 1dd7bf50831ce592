//! Orders as they are read back: vouchers that keep their codes, and lists that are paged to their end.

use enkash::{
    ClientReference, Credentials, Enkash, Hosts,
    redemption::{Redemption, VoucherOrder},
};
use enkash_sandbox::{
    Fault, FaultRule, Operation, Sandbox, When,
    faults::{Mutation, Mutations},
};
use serde_json::Value;

use crate::support::{CommandResult, enkash, settings, settings_of_user};

/// The redemption of the person with a card.
fn redemption(sandbox: &Sandbox) -> Redemption {
    let (c, person) = (sandbox.credentials(), sandbox.credentials_of("9000000901").unwrap());
    let credentials = |username: &str, password: &str| {
        Credentials::new(c.client_id.as_str(), c.client_secret.as_str(), username, password)
    };
    let enkash = Enkash::builder(Hosts::new(c.url.as_str()))
        .credentials(credentials(&c.username, &c.password))
        .partner_id(c.partner_id.as_str())
        .build()
        .unwrap();
    enkash
        .redemption(credentials(&person.username, &person.password))
        .unwrap()
}

async fn order(redemption: &Redemption, reference: &str) {
    let reference: ClientReference = reference.parse().unwrap();
    let order = VoucherOrder::new("PC0SANDBOXBOOKS1", 100, 2, reference).unwrap();
    assert_eq!(redemption.order(order).await.as_str(), "done");
}

fn live(sandbox: &Sandbox, arguments: &[&str]) -> CommandResult {
    let mut command = enkash(arguments);
    command.envs(settings(sandbox.credentials()));
    command.output().unwrap().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_and_pins_are_shown_on_request_only() {
    let sandbox = Sandbox::start().await.unwrap();
    let redemption = redemption(&sandbox);
    order(&redemption, "ORDER1").await;
    let known = redemption.order_info("ORDER1").await.unwrap().into_value();
    let id = known.id.unwrap().to_string();
    let secrets: Vec<_> = known
        .vouchers
        .iter()
        .flat_map(|voucher| [voucher.code.clone().unwrap(), voucher.pin.clone().unwrap()])
        .map(|secret| secret.expose().to_owned())
        .collect();
    assert_eq!(secrets.len(), 4);

    for form in [
        &["order", "show", "ORDER1"][..],
        &["-vv", "order", "show", "ORDER1", "--json"],
        &["order", "show", id.as_str(), "--by-post"],
        &["order", "list", "--json"],
    ] {
        let hidden = live(&sandbox, form);
        assert_eq!(hidden.code, Some(0), "{hidden:?}");
        // A pin is a short number, so it is looked for as a whole word.
        let said = format!("{} {}", hidden.stdout, hidden.stderr);
        let words: Vec<_> = said.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        assert!(
            !secrets.iter().any(|secret| words.contains(&secret.as_str())),
            "{form:?}: {hidden:?}"
        );
    }
    let shown = live(&sandbox, &["order", "show", "ORDER1"]);
    assert_eq!(
        (
            shown.value("order"),
            shown.value("total"),
            shown.value("paid"),
            shown.value("vouchers")
        ),
        (id.as_str(), "200.00", "196.00", "2")
    );
    assert_eq!(shown.stdout.matches("--reveal shows it").count(), 4);
    let json = live(&sandbox, &["order", "show", "ORDER1", "--json"]);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(
        (
            &json["finished"],
            &json["vouchers"][0]["code"],
            &json["vouchers"][0]["pin"]
        ),
        (&true.into(), &Value::Null, &Value::Null)
    );

    let table = live(&sandbox, &["order", "show", "ORDER1", "--reveal"]);
    let json = live(&sandbox, &["order", "show", "ORDER1", "--reveal", "--json"]);
    for revealed in [&table, &json] {
        assert!(
            secrets.iter().all(|secret| revealed.stdout.contains(secret)),
            "{revealed:?}"
        );
    }
    assert_eq!(live(&sandbox, &["order", "show", "ORDER2"]).code, Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_has_pages_and_all_of_them_stream() {
    let sandbox = Sandbox::start().await.unwrap();
    let redemption = redemption(&sandbox);
    for number in 0..7 {
        order(&redemption, &format!("ORDER{number}")).await;
    }
    let lines = |ended: &CommandResult| -> Vec<Value> {
        assert_eq!(ended.code, Some(0), "{ended:?}");
        ended
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let page = live(&sandbox, &["order", "list", "--limit", "3", "--offset", "3", "--json"]);
    assert!(
        page.stderr.contains("3 of 7 orders; --all shows every page"),
        "{page:?}"
    );
    let page = lines(&page);
    assert_eq!((page.len(), &page[0]["type"]), (4, &"order".into()));
    assert_eq!(
        (&page[0]["total"], &page[0]["paid"]),
        (&"200.00".into(), &"196.00".into())
    );
    assert_eq!(
        (&page[3]["type"], &page[3]["records_count"]),
        (&"summary".into(), &7.into())
    );

    let before = sandbox.calls(Operation::SearchOrders);
    let all = lines(&live(
        &sandbox,
        &["order", "list", "--page-size", "3", "--all", "--json"],
    ));
    let mut references: Vec<_> = all[..7].iter().map(|row| row["reference"].as_str().unwrap()).collect();
    references.sort_unstable();
    assert_eq!(
        references,
        (0..7).map(|number| format!("ORDER{number}")).collect::<Vec<_>>()
    );
    assert_eq!((all.len(), &all[7]["orders"]), (8, &7.into()));
    assert_eq!(sandbox.calls(Operation::SearchOrders) - before, 3);
    assert_eq!(
        (&all[7]["is_counted"], &all[7]["is_limited"]),
        (&true.into(), &false.into())
    );

    // No more pages than the limit needs.
    let before = sandbox.calls(Operation::SearchOrders);
    let some = live(
        &sandbox,
        &["order", "list", "--all", "--page-size", "2", "--limit", "4", "--json"],
    );
    assert!(some.stderr.contains("4 orders, as --limit says"), "{some:?}");
    let some = lines(&some);
    assert_eq!((some.len(), &some[4]["is_limited"]), (5, &true.into()));
    assert_eq!(sandbox.calls(Operation::SearchOrders) - before, 2);
    let page = lines(&live(
        &sandbox,
        &["order", "list", "--page-size", "5", "--limit", "2", "--json"],
    ));
    assert_eq!((page.len(), &page[2]["is_limited"]), (3, &true.into()));

    // A list that nobody counted may be cut, and says so.
    let uncounted = Mutations::new([Mutation::drop("payload.recordsCount")]).unwrap();
    sandbox.add_fault(FaultRule::on(
        Operation::SearchOrders,
        Fault::MutatedResponse(uncounted, When::After),
    ));
    let open = live(&sandbox, &["order", "list", "--all", "--json"]);
    assert!(open.stderr.contains("nothing shows that these are all"), "{open:?}");
    assert_eq!(lines(&open).last().unwrap()["is_counted"], false);
    let page = live(&sandbox, &["order", "list", "--limit", "7"]);
    assert!(
        page.stderr.contains("the page is full and nothing counts the orders"),
        "{page:?}"
    );
    sandbox.clear_faults();

    // Nothing of an id is cut, however wide it is.
    let long = "LONG-REFERENCE-OF-AN-ORDER-0123456789";
    order(&redemption, long).await;
    let table = live(&sandbox, &["order", "list", "--all"]);
    let line = table.stdout.lines().find(|line| line.starts_with(long)).unwrap();
    let id = redemption.order_info(long).await.unwrap().value().id.clone().unwrap();
    for cell in [id.as_str(), "200.00", "196.00", "Paper Moon Books"] {
        assert!(line.contains(cell), "{cell} in {line}");
    }

    let csv = live(&sandbox, &["order", "list", "--all", "--output", "csv"]);
    let csv: Vec<_> = csv.stdout.lines().collect();
    assert_eq!(csv.len(), 9);
    assert_eq!(
        csv[0],
        "order,reference,status,payment_status,quantity,total,paid,product,brand,at"
    );
    assert!(
        csv[1].contains(",SUCCESS,SUCCESS,2,200.00,196.00,PC0SANDBOXBOOKS1,Paper Moon Books,"),
        "{}",
        csv[1]
    );

    let none = lines(&live(
        &sandbox,
        &["order", "list", "--brand", "Two Leaves Tea", "--json"],
    ));
    assert_eq!((none.len(), &none[0]["orders"]), (1, &0.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_as_it_came_is_shown_only_by_both_flags() {
    let sandbox = Sandbox::start().await.unwrap();
    order(&redemption(&sandbox), "ORDER1").await;
    let before = sandbox.log().len();
    let refused = live(&sandbox, &["order", "list", "--json", "--raw"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert_eq!(sandbox.log().len(), before);
    let plain = live(&sandbox, &["order", "list", "--json"]);
    assert!(!plain.stdout.contains("partnerOrderReferenceId"), "{}", plain.stdout);
    let raw = live(&sandbox, &["order", "list", "--json", "--raw", "--reveal"]);
    assert!(
        raw.stdout.contains(r#""partnerOrderReferenceId":"ORDER1""#),
        "{}",
        raw.stdout
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_can_look_with_a_log_in_of_their_own() {
    let sandbox = Sandbox::start().await.unwrap();
    order(&redemption(&sandbox), "ORDER1").await;
    for arguments in [
        &["order", "show", "ORDER1", "--as-user"][..],
        &["order", "list", "--as-user"],
        &["product", "PC0SANDBOXBOOKS1", "--as-user"],
    ] {
        let mut command = enkash(arguments);
        let ended = CommandResult::from(command.envs(settings_of_user(&sandbox)).output().unwrap());
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_whose_reference_could_not_be_looked_up_is_not_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    for reference in [".", "..", r"a\b"] {
        let reference = format!("--reference={reference}");
        let product = [
            "--product",
            "PC0SANDBOXBOOKS1",
            "--denomination",
            "100",
            "--quantity",
            "1",
        ];
        let ended = live(
            &sandbox,
            &[&["order", "create"][..], &product, &["--yes", &reference]].concat(),
        );
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains("cannot stand in a path"), "{ended:?}");
        let shown = live(&sandbox, &["order", "show", &reference["--reference=".len()..]]);
        assert_eq!(shown.code, Some(2), "{shown:?}");
        assert!(shown.stderr.contains("cannot stand in a path"), "{shown:?}");
    }
    assert_eq!(sandbox.calls(Operation::CreateOrder), 0);
}
