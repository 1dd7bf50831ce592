use super::*;
use enkash_policy::OperationPolicy;

const READ: OperationId = OperationId::GetRewardAccount;
const CHANGE: OperationId = OperationId::AddToCart;
const MONEY: OperationId = OperationId::CreateOrderLowerCase;

fn template(method: &str, path: &str) -> PathTemplate {
    PathTemplate::new(method.parse().unwrap(), path).unwrap()
}

fn guard(given: &[(OperationId, PathTemplate)]) -> PathGuard {
    PathGuard::new(given, Policies::shipped())
}

fn policy(operation: OperationId) -> OperationPolicy {
    Policies::shipped().of(operation).clone()
}

fn base(url: &str) -> Url {
    url.parse().unwrap()
}

fn given(operation: OperationId, method: &str, path: &str) -> Result<(), Misdirected> {
    guard(&[]).check_template(operation, &base("https://h.test"), &template(method, path))
}

#[test]
fn a_read_goes_to_no_path_of_what_moves_value_or_is_never_repeated() {
    let mut guarded = 0;
    for other in OPERATIONS
        .iter()
        .filter(|other| policy(other.id).repeat == Repeat::Never)
    {
        guarded += 1;
        let moves_value = policy(other.id).effect == Effect::MovesValue;
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            // `GET /api/v0/cart` is a read's, beside those that change the cart.
            let is_of_a_read = OPERATIONS
                .iter()
                .any(|read| (read.method, read.path) == (method, other.path) && policy(read.id).repeat == Repeat::Safe);
            // What a placeholder could become is another test's.
            if other.path.contains('{') {
                continue;
            }
            let given = [(READ, template(method, other.path))];
            let guard = guard(&given);
            let is_refused = guard
                .check_template(READ, &base("https://h.test"), &given[0].1)
                .is_err();
            assert_eq!(is_refused, moves_value || !is_of_a_read, "{method} {}", other.path);
        }
    }
    assert!(guarded > 8, "{guarded}");
}

#[test]
fn what_changes_something_goes_to_no_path_of_what_moves_value() {
    assert!(given(CHANGE, "POST", "/api/v0/partner/create-order").is_err());
    assert!(
        given(
            OperationId::CreateCoinEvent,
            "POST",
            "/api/v0/enkash-coins/allocate-coin"
        )
        .is_err()
    );
    // Neither is ever repeated.
    assert!(given(CHANGE, "POST", "/api/v0/enkash-coins/create-coins-config").is_ok());
    // Its outcome is judged wherever it goes.
    assert!(given(MONEY, "POST", "/api/v0/partner/create-order").is_ok());
}

#[test]
fn another_spelling_of_the_path_is_the_path() {
    for path in [
        "/api/v0/partner/create-order",
        "/API/v0/Partner/Create-Order",
        "/gateway/api/v0/partner/create-order",
        "/api/v0/partner/create-order;v=1",
        "/api;x/v0/partner/create-order.json",
        "/api/v0/partner/{name}",
        "/api/{a}/{b}/{c}",
        "/{a}/{b}/{c}/{d}",
        "/{a}/{b}/{c}/{d}/{e}",
    ] {
        assert!(given(READ, "POST", path).is_err(), "{path}");
    }
    for path in [
        "/api/v0/partner/search-order2",
        "/api/v0/partner/products/{id}",
        "/create-order",
        "/{a}",
    ] {
        assert!(given(READ, "POST", path).is_ok(), "{path}");
    }
}

#[test]
fn a_base_url_with_a_path_hides_nothing() {
    let guard = guard(&[]);
    let path = template("POST", "/v0/partner/create-order");
    assert!(guard.check_template(READ, &base("https://h.test/api/"), &path).is_err());
    assert!(guard.check_template(READ, &base("https://h.test/other"), &path).is_ok());
}

#[test]
fn a_path_that_the_user_gives_for_what_moves_value_is_guarded_too() {
    let guard = guard(&[(MONEY, template("POST", "/my/orders"))]);
    for (operation, is_refused) in [(READ, true), (CHANGE, true), (MONEY, false)] {
        let checked = guard.check_template(operation, &base("https://h.test"), &template("POST", "/My/orders"));
        assert_eq!(checked.is_err(), is_refused, "{operation}");
    }
}

#[test]
fn the_own_path_of_the_description_is_no_other() {
    for operation in OPERATIONS {
        let path = template(operation.method, operation.path);
        let checked = guard(&[]).check_template(operation.id, &base("https://h.test"), &path);
        assert_eq!(checked, Ok(()), "{}", operation.name);
    }
}

#[test]
fn a_value_makes_no_other_path() {
    let guard = guard(&[]);
    let post = Method::POST;
    for url in [
        "https://h.test/api/v0/partner/create-order",
        "https://h.test/api/v0/partner/%63reate-order",
        "https://h.test/api/v0/partner/%2563reate-order",
        "https://h.test/api/v0%2Fpartner%2Fcreate-order",
        "https://h.test/api/v0/partner/x%2F..%2Fcreate-order",
        "https://h.test/api/v0/partner//create-order/",
        "https://h.test/api/v0/partner/create-order%20",
        "https://h.test/api/v0/partner%5Ccreate-order",
    ] {
        assert!(guard.check_url(READ, &post, &base(url)).is_err(), "{url}");
    }
    assert!(
        guard
            .check_url(READ, &post, &base("https://h.test/api/v0/partner/PC1"))
            .is_ok()
    );
}
