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

/// The operation of an id, with its path.
fn operations(api: &serde_json::Value) -> std::collections::BTreeMap<String, serde_json::Value> {
    let paths = api["paths"].as_object().unwrap();
    let all = paths
        .values()
        .flat_map(|item| item.as_object().unwrap().values());
    let mut operations = std::collections::BTreeMap::new();
    for operation in all {
        let id = operation["operationId"].as_str().unwrap().to_owned();
        let before = operations.insert(id.clone(), operation.clone());
        assert!(before.is_none(), "two operations are called {id}");
    }
    operations
}

#[test]
fn links_lead_to_operations_that_have_the_parameter() {
    let api: serde_json::Value = serde_json::from_str(&moue_server::openapi()).unwrap();
    let operations = operations(&api);
    let mut followed = std::collections::BTreeSet::new();
    for (id, operation) in &operations {
        for response in operation["responses"].as_object().unwrap().values() {
            for link in response["links"].as_object().into_iter().flatten() {
                let target = link.1["operationId"].as_str().unwrap();
                let parameters = operations[target]["parameters"].as_array().unwrap();
                for name in link.1["parameters"].as_object().unwrap().keys() {
                    let has = parameters.iter().any(|p| p["name"] == name.as_str());
                    assert!(has, "{id} → {target}: no parameter {name}");
                }
                followed.insert(format!("{id} → {target}"));
            }
        }
    }
    for of in ["get", "change", "remove"] {
        assert!(followed.contains(&format!("add → {of}")), "{followed:?}");
    }
    assert!(followed.len() >= 25, "{followed:?}");
}
