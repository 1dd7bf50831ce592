use super::*;

fn diagnostics(text: &str) -> Vec<String> {
    let file = ProfilesFile::parse(Path::new("/etc/enkash/config.toml"), text);
    let of_profiles = file.profiles.iter().flat_map(|profile| &profile.diagnostics);
    file.diagnostics
        .iter()
        .chain(of_profiles)
        .map(|diagnostic| format!("{}: {}", diagnostic.line, diagnostic.text))
        .collect()
}

#[test]
fn a_whole_profile_is_read() {
    let file = ProfilesFile::parse(
        Path::new("/etc/enkash/config.toml"),
        r#"
[profile.hrms]
base_url = "https://pay.example"
client_id = "CEK1"
password_file = "hrms.password"
allow_plain_http = ["stub.internal"]
encryption = "requests"
policy_overlay = "policy.yaml"
allow_loosening = ["createOrder"]

[profile.hrms.hosts]
"Redemption" = "https://shop.example"

[profile.hrms.paths]
searchCatalog = "POST /api/v0/search"

[profile.hrms.response_limits]
list = 33_554_432
other = 0x1000
"#,
    );
    let profile = &file.profiles[0];
    assert_eq!((&file.diagnostics, &profile.diagnostics), (&vec![], &vec![]));
    assert_eq!(profile.values[&SettingKey::ClientId].line, 4);
    assert_eq!(
        profile.secret_files[&SettingKey::Password].value,
        Path::new("/etc/enkash/hrms.password")
    );
    assert_eq!(profile.hosts["Redemption"].value, "https://shop.example");
    assert!(profile.paths.contains_key(&OperationId::SearchCatalog));
    assert_eq!(profile.plain_http_hosts, ["stub.internal"]);
    let overlay = profile.policy.overlay.as_ref().unwrap();
    assert_eq!(
        (overlay.line, overlay.value.as_path()),
        (8, Path::new("/etc/enkash/policy.yaml"))
    );
    assert_eq!(profile.policy.allow_loosening, [OperationId::CreateOrder]);
    assert_eq!(
        super::super::response_limits(&profile.response_limits),
        enkash::config::ResponseLimits::default().list(33_554_432).other(4096)
    );
}

#[test]
fn a_response_limit_that_cannot_be_one_is_named() {
    for (limit, diagnostic) in [
        (
            "lists = 1",
            "there is no response limit \"lists\"; there are bulk_row, list, money, other",
        ),
        ("list = 0", "list must be a number of bytes, such as 33554432"),
        ("list = -1", "list must be a number of bytes, such as 33554432"),
        ("money = \"1 MiB\"", "money must be a number of bytes, such as 33554432"),
        (
            "other = 99999999999999999999",
            "other must be a number of bytes, such as 33554432",
        ),
    ] {
        let text = format!("[profile.hrms.response_limits]\n{limit}\n");
        assert_eq!(diagnostics(&text), [format!("2: {diagnostic}")], "{limit}");
    }
}

/// Nobody reads on after a hundred diagnostics; how many there are is said.
#[test]
fn of_many_mistakes_the_first_are_named_and_the_rest_counted() {
    let text = (0..150).map(|number| format!("x{number} = 1\n"));
    for start in ["", "[profile.hrms]\n"] {
        let found = diagnostics(&(start.to_owned() + &text.clone().collect::<String>()));
        assert_eq!(found.len(), 101);
        assert!(found[100].ends_with("here, or below, stand 50 more"), "{found:?}");
    }
}

#[test]
fn every_mistake_is_named_by_its_line_and_what_was_meant() {
    let diagnostics = diagnostics(
        r#"default = "hrms"
[profile.hrms]
base_ulr = "https://pay.example"
token_url = "https://me:hidden@pay.example"
client_id = 7
username = ""
encryption = "some"
[profile.hrms.hosts]
Redemtion = "https://shop.example"
[profile.hrms.paths]
serchCatalog = "POST /x"
searchCatalog = "/x"
getProductDetails = "GET https://elsewhere.example/"
"#,
    );
    let expected = [
        "1: default stands outside of a profile: begin one with [profile.NAME]",
        "3: there is no setting \"base_ulr\"; did you mean base_url?",
        "4: token_url must be a URL with a host and without a user name",
        "5: client_id must be a text, in quotes",
        "6: username is empty",
        "7: encryption is one of off, requests, both",
        "9: there is no tag \"Redemtion\"; did you mean Redemption?",
        "11: there is no operation \"serchCatalog\"; did you mean searchCatalog?",
        "12: searchCatalog must be a method and a path, such as \"POST /api/v0/…\"",
    ];
    assert_eq!(diagnostics[..expected.len()], expected);
    assert!(
        diagnostics[expected.len()].starts_with("13: getProductDetails: "),
        "{diagnostics:?}"
    );
}

#[test]
fn a_secret_in_the_file_is_refused_by_its_key_and_not_repeated() {
    for (key, remedy) in [("password", "password_file"), ("client_secret", "client_secret_file")] {
        let diagnostics = diagnostics(&format!("[profile.a]\n{key} = \"canary\"\n"));
        assert!(
            diagnostics[0].starts_with(&format!("2: {key} stands here in plain text"))
                && diagnostics[0].contains(remedy),
            "{diagnostics:?}"
        );
        assert!(!diagnostics[0].contains("canary"), "{diagnostics:?}");
    }
    // Nor does what the parser says of a broken file.
    let broken = diagnostics("[profile.a]\npassword = canary\n");
    assert!(
        broken[0].starts_with("2: ") && !broken.concat().contains("canary"),
        "{broken:?}"
    );
}
