//! Overlays that do not fit.

use crate::*;

#[test]
fn a_target_that_matches_nothing() {
    edited(SANDBOX, "$.components.responses", "$.components.respones")
        .stops_codegen(&["spec/sandbox.overlay.yaml:6: target: '$.components.respones' matches nothing"]);
}

#[test]
fn a_target_that_is_no_jsonpath() {
    edited(SANDBOX, "$.components.responses", "$.components[").stops_codegen(&[
        "spec/sandbox.overlay.yaml:6: target: '$.components[' is not a JSONPath: parser error at character 13",
    ]);
}

#[test]
fn an_overlay_without_actions() {
    replaced(
        SANDBOX,
        "overlay: 1.0.0
info: {title: Empty, version: '1'}
actions: []
",
    )
    .stops_codegen(&["spec/sandbox.overlay.yaml:3: actions: an overlay needs at least one action"]);
}

#[test]
fn a_mistyped_key_of_an_overlay() {
    edited(
        SANDBOX,
        "    update:\n      Unauthorized",
        "    udpate:\n      Unauthorized",
    )
    .stops_codegen(&["spec/sandbox.overlay.yaml:7: udpate: unknown key in actions.0, did you mean update?"]);
}

#[test]
fn an_overlay_of_another_version() {
    edited(SANDBOX, "overlay: 1.0.0", "overlay: 2.0.0")
        .stops_codegen(&["spec/sandbox.overlay.yaml:1: overlay: version 2.0.0 is not supported, write 1.0.0"]);
}

#[test]
fn a_change_and_a_removal_in_one_action() {
    edited(
        SANDBOX,
        "    update:\n      Unauthorized",
        "    remove: true
    update:
      Unauthorized",
    )
    .stops_codegen(&["spec/sandbox.overlay.yaml:8: update: has no effect beside remove: true"]);
}

#[test]
fn a_target_that_is_a_text() {
    edited(SANDBOX, "$.components.responses", "$.info.title").stops_codegen(&[
        "spec/sandbox.overlay.yaml:6: target: '$.info.title' selects info.title, which is a \
         text: select the mapping that holds it",
    ]);
}

#[test]
fn a_text_in_place_of_a_mapping() {
    edited(
        SANDBOX,
        "      Unauthorized:\n",
        "      BadRequest: gone
      Unauthorized:
",
    )
    .stops_codegen(&[
        "spec/sandbox.overlay.yaml:8: update: components.responses.BadRequest is a mapping, \
         which cannot be merged with a text",
    ]);
}

#[test]
fn a_mistake_in_what_an_overlay_adds() {
    edited(
        SANDBOX,
        "        description: The token is not known. Sandbox only.",
        "        descripton: The token is not known. Sandbox only.",
    )
    .stops_codegen(&["spec/sandbox.overlay.yaml:9: descripton: unknown key in \
         components.responses.Unauthorized, did you mean description?"]);
}

#[test]
fn a_users_overlay_is_blamed_for_its_own_lines() {
    base()
        .with_overlay(
            "mine.yaml",
            "  - target: $.components.schemas.Card.properties\n    update:\n      pin: {type: strng}\n",
        )
        .stops_codegen(&[
            "mine.yaml:6: type: 'strng' in components.schemas.Card.properties.pin is none of \
         string, number, integer, boolean, array, object, did you mean string?",
        ]);
}

#[test]
fn a_users_overlay_that_fits_nothing() {
    base()
        .with_overlay("mine.yaml", "  - target: $.paths['/api/v1/cart']\n    remove: true\n")
        .stops_codegen(&["mine.yaml:4: target: '$.paths['/api/v1/cart']' matches nothing"]);
}

#[test]
fn an_update_merges_mappings_appends_to_lists_and_replaces_the_rest() {
    let spec = base()
        .with_overlay(
            "mine.yaml",
            "  - target: $.components.schemas.Direction
    update: {description: Mine, enum: [XX]}
  - target: $.tags
    update: {name: Mine, description: Added.}
",
        )
        .is_fine();
    let direction = &spec.document["components"]["schemas"]["Direction"];
    assert_eq!(direction["description"], "Mine");
    assert_eq!(direction["type"], "string");
    assert_eq!(direction["enum"], serde_json::json!(["CR", "DR", "XX"]));
    assert_eq!(spec.document["tags"][2]["name"], "Mine");
    assert_eq!(spec.sandbox_document["tags"][2]["name"], "Mine");
}

#[test]
fn actions_build_on_each_other() {
    let spec = base()
        .with_overlay(
            "mine.yaml",
            "  - target: $.components.schemas
    update:
      Extra: {type: object, description: E., properties: {a: {type: string, description: A.}}}
  - target: $.components.schemas.Card.properties
    update: {extra: {$ref: '#/components/schemas/Extra'}}
  - target: $.components.schemas.Extra.properties
    update:
      b: {type: string, description: B.}
",
        )
        .is_fine();
    assert_eq!(
        spec.document["components"]["schemas"]["Extra"]["properties"]["b"]["description"],
        "B."
    );
}

#[test]
fn several_entries_of_one_list_can_be_removed_and_the_others_keep_their_lines() {
    edited(
        REWARDS,
        "        - $ref: '#/components/parameters/PartnerId'\n",
        "        - {name: a, in: query, description: A., schema: {type: string}}
        - {name: b, in: query, description: B., schema: {type: string}}
        - {name: c, in: query, description: C., schema: {type: strng}}
",
    )
    .with_overlay(
        "mine.yaml",
        "  - target: $.paths['/api/v0/create-allocate-points'].post.parameters[?@.name == 'a' || @.name == 'b']
    remove: true
",
    )
    .stops_codegen(&["spec/rewards.yaml:23: type: 'strng' in parameters.0.schema of POST \
         /api/v0/create-allocate-points is none of string, number, integer, boolean, array, \
         object, did you mean string?"]);
}

#[test]
fn an_operation_can_be_removed_with_its_policy_and_its_sandbox_answers_left_behind() {
    let spec = base()
        .with_overlay(
            "mine.yaml",
            "  - target: $.paths['/api/v0/create-allocate-points']\n    remove: true\n",
        )
        .is_fine();
    assert!(
        spec.operations
            .iter()
            .all(|operation| operation.id != "createAllocatePoints")
    );
}

#[test]
fn an_operation_that_settles_another_cannot_be_removed_alone() {
    let removed = || {
        base().with_overlay(
            "mine.yaml",
            "  - target: $.paths['/-unknown-/fetchOrderInfo']\n    remove: true\n",
        )
    };
    removed().stops_codegen(&[
        "spec/policy.yaml:12: operation: an overlay removed fetchOrderInfo, so a policy \
         overlay must remove the step",
    ]);
    removed()
        .with_policy_overlay(
            "my-policy.yaml",
            "  - target: $.operations.createAllocatePoints.settlement\n    remove: true\n",
        )
        .is_fine();
}

#[test]
fn an_operation_that_an_overlay_adds_gets_the_strictest_policy() {
    let spec = base()
        .with_overlay(
            "mine.yaml",
            "  - target: $.paths
    update:
      /api/v0/mine:
        get:
          operationId: getMine
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
            pages: [{id: null, title: Mine, section: Mine}]
            evidence:
              path: {level: inferred, note: Mine.}
              request: {level: inferred, note: Mine.}
              response: {level: unknown, note: Mine.}
              errors: {level: unknown, note: Mine.}
",
        )
        .is_fine();
    let mine = spec.operations.last().unwrap();
    assert_eq!(mine.id, "getMine");
    assert_eq!(mine.policy, enkash_policy::OperationPolicy::strictest());
}

#[test]
fn the_whole_document_cannot_be_removed() {
    base()
        .with_overlay("mine.yaml", "  - {target: $, remove: true}\n")
        .stops_codegen(&["mine.yaml:4: target: '$' is the whole document, which cannot be removed"]);
}

#[test]
fn an_action_that_does_nothing() {
    base()
        .with_overlay("mine.yaml", "  - {target: $.info}\n")
        .stops_codegen(&["mine.yaml:4: target: nothing to do with '$.info': write update or remove: true"]);
}

#[test]
fn the_sandbox_has_answers_that_the_client_has_not() {
    let spec = base().is_fine();
    let responses = "/paths/~1api~1v0~1create-allocate-points/post/responses/401";
    assert!(spec.document.pointer(responses).is_none());
    assert!(spec.sandbox_document.pointer(responses).is_some());
}
