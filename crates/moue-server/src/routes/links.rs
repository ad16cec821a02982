//! Links of the description: which answers have what other requests need.
//!
//! Clients and test programs follow them; they are the "stateful" part of the description.

use utoipa::openapi::link::LinkBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{OpenApi, PathItem, RefOr};

/// Requests that the number of a picture leads to, by their operation ids.
const OF_A_PICTURE: [&str; 5] = ["get", "change", "remove", "content", "thumbnail"];

/// Those that change nothing, for numbers of pictures that others may need.
const LOOKS: [&str; 3] = ["get", "content", "thumbnail"];

/// An answer that has something for other requests.
struct Source {
    path: &'static str,
    operation: fn(&mut PathItem) -> Option<&mut Operation>,
    status: &'static str,
    /// Ids of the operations that it leads to.
    targets: &'static [&'static str],
    /// Their parameter, and where the answer has it.
    parameter: [&'static str; 2],
}

fn get(item: &mut PathItem) -> Option<&mut Operation> {
    item.get.as_mut()
}

fn post(item: &mut PathItem) -> Option<&mut Operation> {
    item.post.as_mut()
}

fn patch(item: &mut PathItem) -> Option<&mut Operation> {
    item.patch.as_mut()
}

fn delete(item: &mut PathItem) -> Option<&mut Operation> {
    item.delete.as_mut()
}

const OWN_ID: [&str; 2] = ["id", "$response.body#/id"];

const SOURCES: [Source; 10] = [
    Source {
        path: "/v1/pictures",
        operation: post,
        status: "201",
        targets: &OF_A_PICTURE,
        parameter: OWN_ID,
    },
    Source {
        path: "/v1/pictures",
        operation: post,
        status: "200",
        targets: &LOOKS,
        parameter: OWN_ID,
    },
    Source {
        path: "/v1/pictures",
        operation: get,
        status: "200",
        targets: &OF_A_PICTURE,
        parameter: ["id", "$response.body#/pictures/0/id"],
    },
    Source {
        path: "/v1/pictures",
        operation: get,
        status: "200",
        targets: &["list"],
        parameter: ["cursor", "$response.body#/next"],
    },
    Source {
        path: "/v1/pictures/{id}",
        operation: get,
        status: "200",
        targets: &["change", "remove", "content", "thumbnail"],
        parameter: OWN_ID,
    },
    Source {
        path: "/v1/pictures/{id}",
        operation: patch,
        status: "200",
        targets: &["get", "remove"],
        parameter: OWN_ID,
    },
    // What is removed is gone: these answer 404.
    Source {
        path: "/v1/pictures/{id}",
        operation: delete,
        status: "204",
        targets: &OF_A_PICTURE,
        parameter: ["id", "$request.path.id"],
    },
    Source {
        path: "/v1/find",
        operation: post,
        status: "200",
        targets: &LOOKS,
        parameter: ["id", "$response.body#/faces/0/matches/0/id"],
    },
    Source {
        path: "/v1/search",
        operation: post,
        status: "200",
        targets: &LOOKS,
        parameter: ["id", "$response.body#/matches/0/id"],
    },
    Source {
        path: "/v2/search",
        operation: get,
        status: "200",
        targets: &["search_words"],
        parameter: ["pos", "$response.body#/next"],
    },
];

/// Adds the links to a description that has all operations.
pub(super) fn add(api: &mut OpenApi) {
    for source in SOURCES {
        let item = api.paths.paths.get_mut(source.path);
        let operation = item.and_then(source.operation);
        let responses = operation.map(|operation| &mut operation.responses.responses);
        let response = responses.and_then(|responses| responses.get_mut(source.status));
        let Some(RefOr::T(response)) = response else {
            continue;
        };
        let [parameter, place] = source.parameter;
        for target in source.targets {
            let link = LinkBuilder::new()
                .operation_id(*target)
                .parameter(parameter, place)
                .build();
            let name = (*target).to_owned();
            response.links.insert(name, RefOr::T(link));
        }
    }
}
