use super::*;

fn run(source: &str, line: &str) -> Vec<String> {
    let expression = Expression::parse(source).unwrap_or_else(|problem| panic!("{source}: {problem}"));
    let mut said = Vec::new();
    let mut say = |reply: &Reply| {
        said.push(match reply {
            Reply::Text(text) => text.clone(),
            Reply::Json(json) => format!("json {json}"),
            Reply::Failed(problem) => format!("failed: {problem}"),
            Reply::End => "end".to_owned(),
            Reply::Ready => "ready".to_owned(),
        });
        Ok(())
    };
    expression.run(line, &mut say).unwrap();
    said
}

fn problem(source: &str) -> String {
    match Expression::parse(source) {
        Ok(_) => panic!("{source} is understood"),
        Err(problem) => problem,
    }
}

#[test]
fn numbers_keep_their_decimals() {
    let line = r#"{"a":0.10,"b":1234567890123.45,"c":12345678901234567890123,"d":"0.10"}"#;
    assert_eq!(run(".", line)[0], format!("json {line}"));
    assert_eq!(run("[.a, (.d | tonumber)]", line)[0], "json [0.10,0.10]");
    assert_eq!(run(".b | tostring", line)[0], "1234567890123.45");
    assert_eq!(
        run("[.a, .b, .c, .d, 2] | sum_money", line)[0],
        "12345678902469135780248.65"
    );
    assert_eq!(run("[] | sum_money", line)[0], "0.00");
    assert_eq!(run("2 * 3, 10 / 2", line)[..2], ["json 6", "json 5.0"]);
}

#[test]
fn the_usual_filters_are_there() {
    let line = r#"{"b":[3,1,2],"a":"x,y"}"#;
    for (source, result) in [
        ("keys", r#"["a","b"]"#),
        ("to_entries | map(.key)", r#"["b","a"]"#),
        ("pick(.a)", r#"{"a":"x,y"}"#),
        ("[paths]", r#"[["b"],["b",0],["b",1],["b",2],["a"]]"#),
        ("[first(.b[]), last(.b[]), limit(1; .b[]), skip(2; .b[])]", "[3,2,3,2]"),
        ("[range(0; 3)]", "[0,1,2]"),
        (".b | sort, length | tojson | fromjson", "[1,2,3]"),
        (
            "[(.b | contains([1])), has(\"a\"), (.a | index(\",\")), (.b | sort | bsearch(2))]",
            "[true,true,1,1]",
        ),
        ("[.b | min, max, (group_by(.) | length), (reverse | .[0])]", "[1,3,3,2]"),
        (
            "[.a | split(\",\")[], ascii_upcase, startswith(\"x\"), (explode | implode)]",
            r#"["x","y","X,Y",true,"x,y"]"#,
        ),
        (
            "[.a | ltrimstr(\"x\"), rtrimstr(\"y\"), trim, ltrim, rtrim, utf8bytelength]",
            r#"[",y","x,","x,y","x,y","x,y",3]"#,
        ),
    ] {
        assert_eq!(run(source, line)[0], format!("json {result}"), "{source}");
    }
    assert_eq!(run(".a | @sh", line)[0], "'x,y'");
}

#[test]
fn what_would_be_rounded_is_refused() {
    let line = r#"{"a":0.1,"b":"0.2"}"#;
    for source in [".a + (.b | tonumber)", "[{x: (.a * 3)}]", "nan", "1e300 * 10"] {
        let said = run(source, line);
        assert!(said[0].contains("`sum_money` adds"), "{source}: {said:?}");
    }
    // 1.15 * 100 is less than 115 in binary fractions.
    for source in ["1.15 * 100 | floor", "1.15 * 100 | round", "1.15 * 100 | ceil"] {
        assert!(problem(source).contains("there is no filter "), "{source}");
    }
    for source in [
        r#"["x"] | sum_money"#,
        "[null] | sum_money",
        ". | sum_money",
        "[79228162514264337593543950335, 1] | sum_money",
    ] {
        let said = run(source, line);
        assert!(
            said[0].starts_with("failed: the expression failed: sum_money "),
            "{source}: {said:?}"
        );
    }
}

#[test]
fn what_is_no_json_is_refused() {
    let line = r#"{"b":[3,1,2]}"#;
    for source in [
        "{(.b[0] | tostring): 1} | {(0): .}",
        "[{a: {(null): 1}}]",
        "pick(.b[1])",
    ] {
        assert_eq!(run(source, line)[0], format!("failed: {NO_JSON}"), "{source}");
    }
    assert!(problem("tobytes").contains("there is no filter tobytes"));
}

#[test]
fn a_mistake_has_its_place() {
    assert_eq!(problem(".a |"), "the end: expected term");
    assert_eq!(problem(".a | [.b"), "character 6, at \"[\": expected closing bracket");
    assert_eq!(problem(r#""é" | .a ] x"#), "character 10, at \"] x\": expected token");
    assert!(problem(".a | foo(1)").starts_with("character 6, at \"foo\": there is no filter foo "));
    assert_eq!(problem("[$x]"), "character 2, at \"$x\": there is no variable $x");
}

#[test]
fn nothing_outside_of_the_json_is_reached() {
    for source in [
        "env",
        "$ENV",
        "now",
        "input",
        "inputs",
        "halt",
        "debug",
        "stderr",
        "input_filename",
        "getpath(1;2)",
        "test(\"a\")",
    ] {
        assert!(problem(source).contains("there is no "), "{source}");
    }
    assert!(problem("include \"a\"; .").ends_with("modules are not read"));
}

/// Errors are for standard error, which is kept; what the JSON says may be about a person.
#[test]
fn an_error_does_not_say_what_the_json_says() {
    let line = r#"{"name":"Meera Iyer","mobile":9000000004,"list":["Meera Iyer"]}"#;
    for (source, said) in [
        (".name.x", "a text cannot be indexed by a text"),
        (".mobile[0]", "a number cannot be indexed by a number"),
        (".list - 1", "it cannot calculate with an array and what it meets there"),
        (". | ascii_downcase", "an object cannot be used as string"),
        (
            "error(.name)",
            "the expression failed; why is not shown, because it may hold what the JSON says",
        ),
        ("error(\"no card\")", "the expression failed: no card"),
        (
            ".name | tonumber",
            "the expression failed; why is not shown, because it may hold what the JSON says",
        ),
    ] {
        let shown = run(source, line);
        assert_eq!(shown, [format!("failed: {said}")], "{source}");
    }
}

#[test]
fn rows_become_lines_of_cells() {
    let line = r#"{"a":"x\ty","b":null,"c":1.50,"d":"say \"hi\""}"#;
    assert_eq!(run("[.a, .b, .c, .d] | @tsv", line)[0], "x\\ty\t\t1.50\tsay \"hi\"");
    assert_eq!(run("[.b, .c, .d] | @csv", line)[0], ",1.50,\"say \"\"hi\"\"\"");
}
