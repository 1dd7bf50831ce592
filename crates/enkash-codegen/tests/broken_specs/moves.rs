//! Overlays that let an id stand for another call, or a call lose its id: an error by name, and fine with leave for the
//! operation. A read may move to a path that no operation has.

use crate::*;

const GET_CART: &str = "$.paths['/api/v0/cart'].get";
const ADD_TO_CART: &str = "$.paths['/api/v0/cart'].post";
const ALLOCATE: &str = "$.paths['/api/v0/create-allocate-points'].post";

fn renaming(target: &str, id: &str) -> String {
    format!("  - target: {target}\n    update: {{operationId: {id}}}\n")
}

fn removal(target: &str) -> String {
    format!("  - target: {target}\n    remove: true\n")
}

fn addition(path: &str, method: &str, id: &str) -> String {
    format!(
        "  - target: $.paths
    update:
      {path}:
        {method}:
          operationId: {id}
          tags: [Redemption]
          summary: Mine
          description: Mine.
          responses:
            '200':
              description: Mine.
              content:
                application/json:
                  schema:
                    $ref: '#/components/schemas/UnseenBody'
          x-enkash:
            pages: [{{id: null, title: Mine, section: Mine}}]
            evidence:
              path: {{level: inferred, note: Mine.}}
              request: {{level: inferred, note: Mine.}}
              response: {{level: unknown, note: Mine.}}
              errors: {{level: unknown, note: Mine.}}
"
    )
}

/// The base spec with an operation moved away, and something in its place if that is said.
fn moved(target: &str, path: &str, method: &str, id: &str) -> Repository {
    let actions = removal(target) + &addition(path, method, id);
    base().with_overlay("mine.yaml", &actions)
}

fn needs_leave(repository: Repository, operation: &str, expected: &str) {
    repository.stops_codegen(&[expected]);
    // Leave for this one, and for no other.
    let repository = repository.allowing(operation);
    assert!(repository.load().is_ok(), "{:?}", repository.load().err());
}

#[test]
fn a_read_moves_to_a_path_that_no_operation_has() {
    let fetch = "$.paths['/-unknown-/fetchOrderInfo']";
    for (target, method, id) in [(GET_CART, "get", "getCart"), (fetch, "post", "fetchOrderInfo")] {
        for path in ["/api/v1/mine", "/api/v0/cart-of-mine", "/cart"] {
            moved(target, path, method, id).is_fine();
        }
    }
}

#[test]
fn a_read_on_the_path_of_another_operation() {
    for path in [
        "/api/v0/create-allocate-points",
        "/API/v0/Create-Allocate-Points",
        "/api/v0/create-allocate-points/",
        "/api/v0/%63reate-allocate-points",
        "/gateway/api/v0/create-allocate-points",
        "/api/v0/create-allocate-points;v=1",
    ] {
        let expected = format!(
            "mine.yaml:10: path: GET /api/v0/cart → PUT {path} loosens getCart: that is the path of createAllocatePoints, \
             which would be called by the policy of getCart; to allow it, add --allow-loosening getCart"
        );
        let found = moved(GET_CART, path, "put", "getCart").load().err();
        let found: Vec<_> = found.iter().flatten().map(ToString::to_string).collect();
        assert!(found.contains(&expected), "{path}: {found:#?}");
    }
    let found = moved(GET_CART, "/api/v0/{page}", "put", "getCart").load().err();
    let start = "mine.yaml:10: path: GET /api/v0/cart → PUT /api/v0/{page} loosens getCart: that is the path of ";
    let mut found = found.iter().flatten().map(ToString::to_string);
    assert!(found.any(|found| found.starts_with(start)));

    let expected = "mine.yaml:10: path: POST /-unknown-/fetchOrderInfo → PUT /api/v0/cart loosens fetchOrderInfo: that is the \
                    path of getCart, which would be called by the policy of fetchOrderInfo; to allow it, add \
                    --allow-loosening fetchOrderInfo";
    needs_leave(
        moved(
            "$.paths['/-unknown-/fetchOrderInfo']",
            "/api/v0/cart",
            "put",
            "fetchOrderInfo",
        ),
        "fetchOrderInfo",
        expected,
    );
}

/// It was there before the overlay, and a server still has it.
#[test]
fn a_read_on_the_path_of_an_operation_that_the_overlay_took_away() {
    let actions =
        removal(ALLOCATE) + &removal(GET_CART) + &addition("/api/v0/create-allocate-points", "post", "getCart");
    let repository = base().with_overlay("mine.yaml", &actions);
    repository.stops_codegen(&[
        "mine.yaml:12: operationId: createAllocatePoints → getCart loosens createAllocatePoints: POST \
         /api/v0/create-allocate-points would be called without the policy that stands under this id; to allow it, add \
         --allow-loosening createAllocatePoints",
        "mine.yaml:12: path: GET /api/v0/cart → POST /api/v0/create-allocate-points loosens getCart: that is the path of \
         createAllocatePoints, which would be called by the policy of getCart; to allow it, add --allow-loosening getCart",
    ]);
    assert!(
        repository
            .allowing("getCart")
            .allowing("createAllocatePoints")
            .load()
            .is_ok()
    );
}

#[test]
fn anything_but_a_read_that_moves() {
    needs_leave(
        moved(ADD_TO_CART, "/api/v1/mine", "post", "addToCart"),
        "addToCart",
        "mine.yaml:10: path: POST /api/v0/cart → POST /api/v1/mine loosens addToCart: another call would be sent, judged and \
         settled by the policy that stands under this id; to allow it, add --allow-loosening addToCart",
    );
}

#[test]
fn anything_but_a_read_that_gets_another_method_or_spelling() {
    for (path, method) in [
        ("/api/v0/create-allocate-points", "put"),
        ("/api/v0/Create-allocate-points", "post"),
    ] {
        let expected = format!(
            "mine.yaml:10: path: POST /api/v0/create-allocate-points → {} {path} loosens createAllocatePoints: ",
            method.to_uppercase()
        );
        let found = moved(ALLOCATE, path, method, "createAllocatePoints").load().err();
        let found: Vec<_> = found.iter().flatten().map(ToString::to_string).collect();
        assert!(found.iter().any(|found| found.starts_with(&expected)), "{found:#?}");
    }
}

#[test]
fn a_read_whose_policy_was_tightened_is_none() {
    let tightened =
        "  - target: $.operations.getCart\n    update: {effect: changes-state, repeat: never, after-401: unknown}\n";
    let repository = moved(GET_CART, "/api/v1/mine", "get", "getCart").with_policy_overlay("policy.yaml", tightened);
    needs_leave(
        repository,
        "getCart",
        "mine.yaml:10: path: GET /api/v0/cart → GET /api/v1/mine loosens getCart: another call would be sent, judged and \
         settled by the policy that stands under this id; to allow it, add --allow-loosening getCart",
    );
}

#[test]
fn an_id_that_is_renamed() {
    for (target, id, call) in [
        (ADD_TO_CART, "addToCart", "POST /api/v0/cart"),
        (GET_CART, "getCart", "GET /api/v0/cart"),
    ] {
        needs_leave(
            base().with_overlay("mine.yaml", &renaming(target, "mine")),
            id,
            &format!(
                "mine.yaml:5: operationId: {id} → mine loosens {id}: {call} would be called without the policy that stands \
                 under this id; to allow it, add --allow-loosening {id}"
            ),
        );
    }
}

#[test]
fn an_id_that_is_removed_and_added_again_under_another() {
    needs_leave(
        moved(ADD_TO_CART, "/api/v0/cart", "post", "mine"),
        "addToCart",
        "mine.yaml:10: operationId: addToCart → mine loosens addToCart: POST /api/v0/cart would be called without the policy \
         that stands under this id; to allow it, add --allow-loosening addToCart",
    );
}

#[test]
fn ids_that_are_swapped() {
    let swapped = || {
        let actions = renaming(GET_CART, "updateCart") + &renaming("$.paths['/api/v0/cart'].patch", "getCart");
        base().with_overlay("mine.yaml", &actions)
    };
    let expected = [
        "mine.yaml:5: path: PATCH /api/v0/cart → GET /api/v0/cart loosens updateCart: that is the path of getCart, which \
         would be called by the policy of updateCart; to allow it, add --allow-loosening updateCart",
        "mine.yaml:7: path: GET /api/v0/cart → PATCH /api/v0/cart loosens getCart: that is the path of updateCart, which would \
         be called by the policy of getCart; to allow it, add --allow-loosening getCart",
    ];
    swapped().stops_codegen(&expected);
    swapped().allowing("getCart").stops_codegen(&expected[..1]);
    swapped().allowing("updateCart").stops_codegen(&expected[1..]);
    assert!(swapped().allowing("getCart").allowing("updateCart").load().is_ok());
}

#[test]
fn a_new_operation_where_a_read_was() {
    let actions =
        removal(GET_CART) + &addition("/api/v1/mine", "get", "getCart") + &addition("/api/v0/cart", "get", "mine");
    needs_leave(
        base().with_overlay("mine.yaml", &actions),
        "getCart",
        "mine.yaml:32: operationId: getCart → mine loosens getCart: GET /api/v0/cart would be called without the policy that \
         stands under this id; to allow it, add --allow-loosening getCart",
    );
}

/// Of what is no read: a read at its own path stays a read.
#[test]
fn a_tag_decides_the_host() {
    let tagged = |target: &str| {
        let tag = "[Reward Allocation]";
        let actions =
            format!("  - target: {target}.tags\n    remove: true\n  - target: {target}\n    update: {{tags: {tag}}}\n");
        base().with_overlay("mine.yaml", &actions)
    };
    tagged(GET_CART).is_fine();
    needs_leave(
        tagged(ADD_TO_CART),
        "addToCart",
        "mine.yaml:7: tags: Redemption → Reward Allocation loosens addToCart: the tag decides the host, so another host would \
         get the call; to allow it, add --allow-loosening addToCart",
    );
}

#[test]
fn what_is_only_removed_or_described_otherwise_needs_no_leave() {
    base().with_overlay("mine.yaml", &removal(ALLOCATE)).is_fine();
    let described = format!("  - target: {ALLOCATE}\n    update: {{summary: Mine, description: Mine.}}\n");
    base().with_overlay("mine.yaml", &described).is_fine();
}

#[test]
fn leave_to_move_that_nothing_needs() {
    let described = format!("  - target: {ALLOCATE}\n    update: {{summary: Mine}}\n");
    base()
        .with_overlay("mine.yaml", &described)
        .allowing("createAllocatePoints")
        .stops_codegen(&[
            "spec/policy.yaml:2: --allow-loosening createAllocatePoints: no overlay loosens it, so leave the \
                          flag out",
        ]);
}
