//! Rules about schemas.

use crate::*;

#[test]
fn a_number_without_money() {
    edited(REWARDS, "          format: money\n", "").stops_codegen(&[
        "spec/rewards.yaml:225: type: components.schemas.AllocateRequest.properties.amount \
         is a number without format: money, so it would not be exact",
    ]);
}

#[test]
fn a_number_of_format_double() {
    edited(REWARDS, "          format: money\n", "          format: double\n").stops_codegen(&[
        "spec/rewards.yaml:226: format: double in \
         components.schemas.AllocateRequest.properties.amount is not exact, a number has \
         format: money",
    ]);
}

#[test]
fn money_with_a_minimum() {
    edited(
        REWARDS,
        "          format: money\n",
        "          format: money
          minimum: 0
",
    )
    .stops_codegen(&["spec/rewards.yaml:227: minimum: beside format money in \
         components.schemas.AllocateRequest.properties.amount the amount stops being exact, \
         remove it"]);
}

#[test]
fn money_that_is_a_text() {
    edited(REWARDS, "          type: number\n", "          type: string\n")
        .stops_codegen(&["spec/rewards.yaml:226: format: money in \
         components.schemas.AllocateRequest.properties.amount belongs to type: number"]);
}

#[test]
fn personal_with_a_pattern() {
    edited(
        REWARDS,
        "          format: personal\n",
        "          format: personal
          pattern: '[0-9]{10}'
",
    )
    .stops_codegen(&["spec/rewards.yaml:223: pattern: beside format personal in \
         components.schemas.AllocateRequest.properties.mobile the text is no longer \
         redacted, remove it"]);
}

#[test]
fn a_format_without_a_type_here() {
    edited(
        REWARDS,
        "          format: int64\n          description: How many.",
        "          format: uint8\n          description: How many.",
    )
    .stops_codegen(&["spec/rewards.yaml:262: format: uint8 in \
         components.schemas.CartRow.properties.quantity has no type here for integer, \
         describe it in words"]);
}

#[test]
fn personal_data_as_a_plain_text() {
    edited(REWARDS, "          format: personal\n", "").is_found_by_lint(&[
        "spec/rewards.yaml:220: mobile: looks like something that must not be printed, write \
         format: personal",
    ]);
}

#[test]
fn a_token_as_a_plain_text() {
    edited(REWARDS, "        cardId:\n", "        accessToken:\n").is_found_by_lint(&[
        "spec/rewards.yaml:250: accessToken: looks like something that must not be printed, \
         write format: password",
    ]);
}

#[test]
fn an_inline_enum() {
    edited(
        REWARDS,
        "          description: The caller's reference.\n    AllocateResponse",
        "          description: The caller's reference.
          enum: [A, B]
    AllocateResponse",
    )
    .stops_codegen(&["spec/rewards.yaml:233: enum: \
         components.schemas.AllocateRequest.properties.reference is inline, make it a \
         component and point at it by $ref"]);
}

#[test]
fn an_enum_of_numbers() {
    edited(REWARDS, "enum: [CR, DR]", "enum: [1, 2]").stops_codegen(&[
        "spec/rewards.yaml:214: enum: components.schemas.Direction is not of type: string \
         with texts only",
    ]);
}

#[test]
fn two_words_equal_in_rust() {
    edited(REWARDS, "enum: [CR, DR]", "enum: [on-hold, ON_HOLD]")
        .stops_codegen(&["spec/rewards.yaml:214: enum: 'on-hold' and 'ON_HOLD' of \
         components.schemas.Direction are both OnHold in Rust"]);
}

#[test]
fn any_of() {
    edited(
        REWARDS,
        "      allOf:\n        - $ref: '#/components/schemas/Envelope'",
        "      anyOf:\n        - $ref: '#/components/schemas/Envelope'",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:235: anyOf: in components.schemas.AllocateResponse cannot be \
         generated, use a form of spec/README.md",
    ]);
}

#[test]
fn one_of_in_another_form() {
    edited(
        REWARDS,
        "        - $ref: '#/components/schemas/Card'\n        - type: string",
        "        - type: string\n        - $ref: '#/components/schemas/Card'",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:243: oneOf: components.schemas.AllocatePayload is neither \
         ResultCode (a whole number or a string) nor a payload component ([a $ref or a \
         list of $ref, {type: string}])",
    ]);
}

#[test]
fn a_payload_that_is_a_list_of_something_without_a_name() {
    edited(
        REWARDS,
        "        - $ref: '#/components/schemas/Card'\n        - type: string",
        "        - {type: array, items: {type: object}}\n        - type: string",
    )
    .and(POLICY, "echoed-as: payload.referenceNumber", "echoed-as: null")
    .stops_codegen(&[
        "spec/rewards.yaml:243: oneOf: components.schemas.AllocatePayload is neither \
         ResultCode (a whole number or a string) nor a payload component ([a $ref or a \
         list of $ref, {type: string}])",
    ]);
}

#[test]
fn a_default_in_a_patch_body() {
    edited(
        REWARDS,
        "          description: How many.",
        "          description: How many.\n          default: 1",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:264: default: in components.schemas.CartRow.properties.quantity \
         is always sent, the PATCH updateCart would change what its caller left alone; say \
         it in the description",
    ]);
}

#[test]
fn a_default_in_another_body() {
    edited(
        REWARDS,
        "          description: Points to give.\n        direction:",
        "          description: Points to give.
        kind:
          type: string
          description: Kind.
          default: x
        direction:",
    )
    .stops_codegen(&["spec/rewards.yaml:231: default: in \
         components.schemas.AllocateRequest.properties.kind is always sent, in a PATCH it \
         would change what the caller left alone; say it in the description"]);
}

#[test]
fn a_pattern_in_a_body() {
    edited(
        REWARDS,
        "          description: Id of the card.",
        "          description: Id of the card.\n          pattern: EKC.*",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:253: pattern: in components.schemas.Card.properties.cardId fails \
         a whole answer, say it in the description",
    ]);
}

#[test]
fn a_closed_object() {
    edited(
        REWARDS,
        "    Card:
      type: object
",
        "    Card:
      type: object
      additionalProperties: false
",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:248: additionalProperties: false in components.schemas.Card fails \
         on any new field, remove it",
    ]);
}

#[test]
fn a_list_of_nothing() {
    edited(
        REWARDS,
        "          items:
            type: string
",
        "",
    )
    .stops_codegen(&["spec/rewards.yaml:264: items: missing in \
         components.schemas.CartRow.properties.tags, a list says what it holds"]);
}

#[test]
fn a_required_property_that_is_none() {
    edited(REWARDS, "required: [mobile, amount]", "required: [mobile, amuont]")
        .stops_codegen(&["spec/rewards.yaml:218: required: amuont is not a property of \
         components.schemas.AllocateRequest, did you mean amount?"]);
}

#[test]
fn a_required_property_in_an_answer() {
    edited(
        REWARDS,
        "    Card:
      type: object
",
        "    Card:
      type: object
      required: [cardId]
",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:248: required: in components.schemas.Card, which is part of an \
         answer, where every property is optional",
    ]);
}

#[test]
fn a_component_in_lower_case() {
    edited(
        REWARDS,
        "#/components/schemas/Direction",
        "#/components/schemas/direction",
    )
    .and(REWARDS, "    Direction:", "    direction:")
    .stops_codegen(&["spec/rewards.yaml:211: direction: is not PascalCase, write Direction"]);
}

#[test]
fn two_properties_equal_in_rust() {
    edited(REWARDS, "        referenceNumber:", "        card_id:")
        .and(POLICY, "payload.referenceNumber", "payload.cardId")
        .stops_codegen(&["spec/rewards.yaml:253: card_id: is card_id in Rust like cardId, in components.schemas.Card"]);
}

#[test]
fn a_property_without_a_description() {
    edited(REWARDS, "          description: How many.\n", "")
        .is_found_by_lint(&["spec/rewards.yaml:260: description: missing in \
         components.schemas.CartRow.properties.quantity"]);
}

#[test]
fn a_type_without_a_description() {
    edited(REWARDS, "      description: Card, synthetic.\n", "")
        .is_found_by_lint(&["spec/rewards.yaml:246: description: missing in components.schemas.Card"]);
}

#[test]
fn an_object_in_a_list_without_a_description() {
    let tags = "          items:\n            type: string\n";
    let object = "          items: {type: object, properties: {word: {type: string, description: A word.}}}\n";
    edited(REWARDS, tags, object).is_found_by_lint(&[
        "spec/rewards.yaml:267: description: missing in components.schemas.CartRow.properties.tags.items",
    ]);
}

const LONELY: &str = "    Lonely:
      type: object
      description: Nobody's.
      properties:
        inner: {$ref: '#/components/schemas/Inner'}
    Inner: {type: object, description: Nobody's either.}
    Card:
";

#[test]
fn schemas_that_no_operation_leads_to() {
    let remedy = "no operation leads to it, remove it, or name it in the x-enkash of the operation that it belongs to";
    edited(REWARDS, "    Card:\n", LONELY).is_found_by_lint(&[
        &format!("spec/rewards.yaml:246: Lonely: {remedy}"),
        &format!("spec/rewards.yaml:251: Inner: {remedy}"),
    ]);
}

#[test]
fn a_schema_that_the_evidence_names_is_used() {
    edited(REWARDS, "    Card:\n", LONELY)
        .and(REWARDS, "note: ", "note: Lonely may be it. ")
        .is_fine();
}

#[test]
fn what_an_overlay_leaves_alone_is_forgiven_and_what_it_adds_is_not() {
    base()
        .with_overlay("mine.yaml", "  - target: $.paths['/api/v0/cart']\n    remove: true\n")
        .is_fine();
    base()
        .with_overlay(
            "mine.yaml",
            "  - target: $.components.schemas\n    update: {Mine: {description: Mine.}}\n",
        )
        .is_found_by_lint(&[
            "mine.yaml:5: Mine: no operation leads to it, remove it, or name it in the x-enkash of the operation that it belongs to",
        ]);
}

#[test]
fn a_parameter_without_a_description() {
    edited(REWARDS, "      description: Id of the partner.\n", "")
        .is_found_by_lint(&["spec/rewards.yaml:171: description: missing in parameter partnerId"]);
}

#[test]
fn a_summary_of_two_lines() {
    edited(
        REWARDS,
        "      summary: Read the cart\n",
        "      summary: |-
        Read
        the cart
",
    )
    .is_found_by_lint(&["spec/rewards.yaml:58: summary: of getCart is more than one line"]);
}
