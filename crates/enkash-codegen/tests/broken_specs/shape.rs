//! Keys and words that do not exist, things that are missing, references that lead nowhere.

use crate::*;

#[test]
fn a_mistyped_key_of_an_operation() {
    edited(REWARDS, "operationId: addToCart", "operationID: addToCart").stops_codegen(&[
        "spec/rewards.yaml:76: operationID: unknown key in POST /api/v0/cart, did you mean \
         operationId?",
    ]);
}

#[test]
fn a_mistyped_key_of_a_schema() {
    edited(
        REWARDS,
        "      required: [mobile, amount]",
        "      requried: [mobile, amount]",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:218: requried: unknown key in components.schemas.AllocateRequest, \
         did you mean required?",
    ]);
}

#[test]
fn a_mistyped_key_that_is_required() {
    edited(
        REWARDS,
        "          description: The card.\n",
        "          descripton: The card.\n",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:33: descripton: unknown key in responses.200 of POST \
         /api/v0/create-allocate-points, did you mean description?",
    ]);
}

#[test]
fn a_key_that_is_nowhere_near() {
    edited(
        REWARDS,
        "      scheme: bearer\n",
        "      scheme: bearer
      colour: red
",
    )
    .stops_codegen(&["spec/rewards.yaml:169: colour: unknown key in \
         components.securitySchemes.bearerAuth; the keys known here are type, description, \
         scheme, bearerFormat, name, in, flows, openIdConnectUrl"]);
}

#[test]
fn a_mistyped_method() {
    edited(REWARDS, "    patch:\n", "    pach:\n")
        .stops_codegen(&["spec/rewards.yaml:106: pach: unknown key in path /api/v0/cart, did you mean patch?"]);
}

#[test]
fn a_mistyped_type() {
    edited(REWARDS, "          type: number", "          type: numbr").stops_codegen(&[
        "spec/rewards.yaml:225: type: 'numbr' in \
         components.schemas.AllocateRequest.properties.amount is none of string, number, \
         integer, boolean, array, object, did you mean number?",
    ]);
}

#[test]
fn a_text_where_a_list_belongs() {
    edited(REWARDS, "tags: [Reward Allocation]", "tags: Reward Allocation")
        .stops_codegen(&["spec/rewards.yaml:17: tags: a list is expected in POST \
         /api/v0/create-allocate-points, not a text"]);
}

#[test]
fn something_that_is_missing() {
    edited(REWARDS, "          description: There is no such row.\n", "")
        .stops_codegen(&["spec/rewards.yaml:127: description: missing in responses.404 of PATCH /api/v0/cart"]);
}

#[test]
fn a_path_without_a_slash() {
    edited(
        REWARDS,
        "  /api/v0/create-allocate-points:",
        "  api/v0/create-allocate-points:",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:14: api/v0/create-allocate-points: a path begins with a slash, \
         write /api/v0/create-allocate-points",
    ]);
}

#[test]
fn a_status_that_is_none() {
    edited(REWARDS, "        '404':", "        '40':")
        .stops_codegen(&["spec/rewards.yaml:127: 40: a response is named by its status, such as '200' or '4XX'"]);
}

#[test]
fn a_mistyped_reference() {
    edited(
        REWARDS,
        "          $ref: '#/components/schemas/Direction'",
        "          ref: '#/components/schemas/Direction'",
    )
    .stops_codegen(&["spec/rewards.yaml:229: ref: unknown key in \
         components.schemas.AllocateRequest.properties.direction, did you mean $ref?"]);
}

#[test]
fn a_key_beside_a_reference() {
    edited(
        REWARDS,
        "        - $ref: '#/components/parameters/PartnerId'\n",
        "        - $ref: '#/components/parameters/PartnerId'
          required: false
",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:22: required: has no effect beside the $ref of parameters.0 of \
         POST /api/v0/create-allocate-points, remove it",
    ]);
}

#[test]
fn evidence_outside_of_an_operation() {
    edited(
        REWARDS,
        "  schemas:\n    ResultCode:",
        "  x-enkash: {}
  schemas:
    ResultCode:",
    )
    .stops_codegen(&["spec/rewards.yaml:187: x-enkash: belongs into an operation, not into components"]);
}

#[test]
fn a_style_that_the_library_does_not_know() {
    edited(
        REWARDS,
        "      in: header\n",
        "      in: header
      style: smple
",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:171: components.parameters.PartnerId: unknown variant `smple`, \
         expected `simple`",
    ]);
}

#[test]
fn a_parameter_without_a_schema() {
    edited(
        REWARDS,
        "      schema:
        type: string

  responses",
        "\n  responses",
    )
    .stops_codegen(&["spec/rewards.yaml:171: schema: missing in components.parameters.PartnerId"]);
}

#[test]
fn what_openapi_says_but_the_library_drops() {
    edited(
        REWARDS,
        "      in: header\n",
        "      in: header
      allowReserved: true
",
    )
    .stops_codegen(&["spec/rewards.yaml:174: allowReserved: was not understood in \
         components.parameters.PartnerId"]);
}

#[test]
fn a_reference_to_nothing() {
    edited(
        REWARDS,
        "$ref: '#/components/schemas/AllocateResponse'",
        "$ref: '#/components/schemas/AlocateResponse'",
    )
    .stops_codegen(
        &["spec/rewards.yaml:37: $ref '#/components/schemas/AlocateResponse' of \
         createAllocatePoints does not exist, did you mean AllocateResponse?"],
    );
}

#[test]
fn a_reference_to_nothing_in_a_component() {
    edited(
        REWARDS,
        "$ref: '#/components/schemas/Card'",
        "$ref: '#/components/schemas/Crad'",
    )
    .stops_codegen(&["spec/rewards.yaml:244: $ref '#/components/schemas/Crad' of \
         components.schemas.AllocatePayload.oneOf.0 does not exist, did you mean Card?"]);
}

#[test]
fn a_reference_into_another_section() {
    edited(
        REWARDS,
        "$ref: '#/components/responses/BadRequest'",
        "$ref: '#/components/schemas/Card'",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:39: $ref '#/components/schemas/Card' of createAllocatePoints \
         leads into schemas, but responses are expected here",
    ]);
}

#[test]
fn a_reference_into_another_file() {
    edited(
        REWARDS,
        "$ref: '#/components/schemas/Direction'",
        "$ref: 'other.yaml#/Direction'",
    )
    .stops_codegen(&["spec/rewards.yaml:229: $ref 'other.yaml#/Direction' of \
         components.schemas.AllocateRequest.properties.direction is not of the form \
         '#/components/schemas/Name'"]);
}

#[test]
fn a_component_made_of_itself() {
    edited(
        REWARDS,
        "    CartRow:
      type: object
",
        "    Loop:
      allOf:
        - $ref: '#/components/schemas/Loop'
    CartRow:
      type: object
",
    )
    .stops_codegen(&["spec/rewards.yaml:256: components.schemas.Loop is made of itself"]);
}
