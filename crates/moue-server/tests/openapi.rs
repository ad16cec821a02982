//! The description of the API in the repository is that of the code.

/// To write it anew: `UPDATE_OPENAPI=1 cargo test --release -p moue-server --test openapi`.
#[test]
fn the_committed_description_is_that_of_the_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let now = moue_server::openapi();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(path, &now).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == now,
        "openapi.json is old: UPDATE_OPENAPI=1 cargo test --release -p moue-server --test openapi"
    );
}

#[test]
fn it_is_openapi_3_1_and_every_answer_has_its_problem() {
    let api: serde_json::Value = serde_json::from_str(&moue_server::openapi()).unwrap();
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1."));
    let paths = api["paths"].as_object().unwrap();
    assert!(paths.len() >= 12, "{:?}", paths.keys());
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            let never_fails = path == "/healthz";
            let default = &operation["responses"]["default"];
            assert!(never_fails || !default.is_null(), "{method} {path}");
        }
    }
}
