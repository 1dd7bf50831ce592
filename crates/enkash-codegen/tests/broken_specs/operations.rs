//! Rules about operations, their answers and their bodies.

use crate::*;

#[test]
fn an_operation_id_used_twice() {
    edited(REWARDS, "operationId: updateCart", "operationId: addToCart")
        .and(
            POLICY,
            "  updateCart:
    effect: changes-state
    repeat: never
    after-401: unknown
",
            "",
        )
        .without_surface("updateCart")
        .stops_codegen(&["spec/rewards.yaml:107: operationId: addToCart is used twice (first at line 76)"]);
}

#[test]
fn two_ids_equal_in_rust() {
    edited(REWARDS, "operationId: updateCart", "operationId: addTOCart")
        .and(POLICY, "  updateCart:", "  addTOCart:")
        .and(SURFACE, "  updateCart:", "  addTOCart:")
        .stops_codegen(&[
            "spec/rewards.yaml:107: operationId: addTOCart and addToCart (line 76) are both \
         add_to_cart in Rust",
        ]);
}

#[test]
fn an_id_that_is_not_camel_case() {
    edited(REWARDS, "operationId: updateCart", "operationId: update_cart")
        .and(POLICY, "  updateCart:", "  update_cart:")
        .and(SURFACE, "  updateCart:", "  update_cart:")
        .stops_codegen(&["spec/rewards.yaml:107: operationId: 'update_cart' is not camelCase, write updateCart"]);
}

#[test]
fn no_operation_id() {
    edited(REWARDS, "      operationId: getCart\n", "")
        .and(
            POLICY,
            "  getCart:
    effect: reads
    repeat: safe
    after-401: replay
",
            "",
        )
        .without_surface("getCart")
        .stops_codegen(&["spec/rewards.yaml:55: operationId: missing in GET /api/v0/cart"]);
}

#[test]
fn two_tags() {
    edited(
        REWARDS,
        "tags: [Reward Allocation]",
        "tags: [Reward Allocation, Redemption]",
    )
    .stops_codegen(&["spec/rewards.yaml:17: tags: createAllocatePoints has 2 tags, write exactly one"]);
}

#[test]
fn a_tag_that_is_not_declared() {
    edited(REWARDS, "tags: [Reward Allocation]", "tags: [Reward Alocation]").stops_codegen(&[
        "spec/rewards.yaml:17: tags: 'Reward Alocation' of createAllocatePoints is not \
         declared under tags, did you mean Reward Allocation?",
    ]);
}

#[test]
fn an_unknown_path_under_a_real_one() {
    edited(REWARDS, "  /-unknown-/fetchOrderInfo:", "  /api/v0/catalog:").stops_codegen(&[
        "spec/rewards.yaml:143: the path of fetchOrderInfo is unknown, so it stands under \
         /-unknown-/fetchOrderInfo, not /api/v0/catalog",
    ]);
}

#[test]
fn a_known_path_under_an_artificial_one() {
    edited(
        REWARDS,
        "          path: {level: unknown, note: The",
        "          path: {level: inferred, note: The",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:143: fetchOrderInfo stands under /-unknown-/fetchOrderInfo, but its \
         path is inferred: write that path",
    ]);
}

#[test]
fn a_path_parameter_that_is_not_described() {
    edited(
        REWARDS,
        "  /api/v0/create-allocate-points:",
        "  /api/v0/{account}/points:",
    )
    .stops_codegen(&["spec/rewards.yaml:15: {account} in the path of createAllocatePoints has no parameter"]);
}

#[test]
fn a_path_parameter_that_is_not_in_the_path() {
    edited(REWARDS, "      in: header\n", "      in: path\n").stops_codegen(&[
        "spec/rewards.yaml:171: parameter partnerId of createAllocatePoints is not in its \
         path /api/v0/create-allocate-points",
    ]);
}

#[test]
fn credentials_as_a_parameter() {
    edited(REWARDS, "      name: partnerId", "      name: Authorization")
        .stops_codegen(&["spec/rewards.yaml:172: name: Authorization is never a parameter: it is a security scheme, write security: [bearerAuth: []]"]);
}

#[test]
fn a_cookie() {
    edited(REWARDS, "      in: header\n", "      in: cookie\n").stops_codegen(&[
        "spec/rewards.yaml:173: in: parameter partnerId is a cookie, which the generator \
         does not know",
    ]);
}

#[test]
fn an_unknown_security_scheme() {
    edited(REWARDS, "  - bearerAuth: []", "  - bearerAut: []")
        .stops_codegen(&["spec/rewards.yaml:6: security: there is no scheme bearerAut, did you mean bearerAuth?"]);
}

#[test]
fn a_security_scheme_of_another_kind() {
    edited(REWARDS, "      scheme: bearer", "      scheme: digest").stops_codegen(&[
        "spec/rewards.yaml:166: bearerAuth: only basicAuth (scheme basic) and bearerAuth \
         (scheme bearer) are known",
    ]);
}

#[test]
fn a_version_that_is_no_header() {
    edited(REWARDS, "  version: '1.0'", "  version: '1.0 β'")
        .stops_codegen(&["spec/rewards.yaml:4: version: in info must be ASCII without spaces, it becomes a header"]);
}

#[test]
fn openapi_3_1() {
    edited(REWARDS, "openapi: 3.0.3", "openapi: 3.1.0")
        .stops_codegen(&["spec/rewards.yaml:1: openapi: 3.1.0 cannot be generated from, write 3.0.3"]);
}

#[test]
fn two_error_schemas() {
    edited(
        REWARDS,
        "                $ref: '#/components/schemas/ErrorBody'\n      x-enkash",
        "                $ref: '#/components/schemas/Card'\n      x-enkash",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:132: responses.404 of PATCH /api/v0/cart answers with Card, but \
         every error status answers with ErrorBody",
    ]);
}

#[test]
fn an_error_without_content() {
    edited(
        REWARDS,
        "      description: Invalid parameters.
      content:
        application/json:
          schema:
            $ref: '#/components/schemas/ErrorBody'
",
        "      description: Invalid parameters.\n",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:180: components.responses.BadRequest has no application/json \
         content, but every error status answers with ErrorBody",
    ]);
}

#[test]
fn a_default_response() {
    edited(REWARDS, "        '404':", "        default:").stops_codegen(&[
        "spec/rewards.yaml:127: default: updateCart has a default response, name the \
         statuses instead",
    ]);
}

#[test]
fn two_success_statuses() {
    edited(REWARDS, "        '404':", "        '204':").stops_codegen(&[
        "spec/rewards.yaml:120: responses: updateCart has 2 success statuses (200, 204), the \
         generator knows one",
    ]);
}

#[test]
fn a_success_without_content() {
    edited(
        REWARDS,
        "        '200':
          description: The card.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/AllocateResponse'
",
        "        '200':
          description: The card.
",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:32: 200 of createAllocatePoints has no application/json content \
         with a schema; for an answer that nobody saw, point at UnseenBody",
    ]);
}

#[test]
fn an_inline_body() {
    edited(
        REWARDS,
        "            schema:
              $ref: '#/components/schemas/AllocateRequest'
",
        "            schema:
              type: object
",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:26: schema: of requestBody of POST /api/v0/create-allocate-points \
         is inline, make it a component and point at it by $ref",
    ]);
}

#[test]
fn an_unseen_answer_with_an_invented_type() {
    edited(
        REWARDS,
        "          response: {level: inferred, page: api-2",
        "          response: {level: unknown, page: api-2",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:36: the response of createAllocatePoints is unknown, so its \
         schema is UnseenBody",
    ]);
}

#[test]
fn a_documented_answer_without_a_type() {
    edited(
        REWARDS,
        "          path: {level: documented, page: api-3}
          request: {level: inferred, page: api-4}
          response: {level: unknown",
        "          path: {level: documented, page: api-3}
          request: {level: inferred, page: api-4}
          response: {level: inferred",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:125: the response of updateCart is inferred, but its schema is \
         UnseenBody",
    ]);
}

#[test]
fn a_request_body_without_examples() {
    edited(
        REWARDS,
        "            examples:
              person:
                value: {mobile: '9000000001', amount: 11, reference: R1}
",
        "",
    )
    .is_found_by_lint(&["spec/rewards.yaml:25: examples: missing in the request body of createAllocatePoints"]);
}

#[test]
fn a_payload_without_an_envelope() {
    edited(
        REWARDS,
        "        - $ref: '#/components/schemas/Envelope'
        - type: object
",
        "        - type: object\n",
    )
    .is_found_by_lint(&[
        "spec/rewards.yaml:233: components.schemas.AllocateResponse has a payload without an \
         envelope, write allOf: [Envelope, …]",
    ]);
}
