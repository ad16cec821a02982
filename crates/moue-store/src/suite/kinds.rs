//! The kinds of searches that are compared with a scan.

use moue::gallery::{Filter, NewPicture, SearchOptions, Variety};

/// A name for messages, and what is searched with.
pub(super) type Kind = (&'static str, SearchOptions);

/// All kinds; the negatives are faces of the gallery.
pub(super) fn all(pictures: &[NewPicture]) -> Vec<Kind> {
    let mut kinds = vec![
        ("nearest", nearest()),
        ("the nearest", SearchOptions::nearest(1)),
        ("within a distance", within(0.6, nearest())),
        ("centered", centered()),
    ];
    kinds.extend(tagged_kinds());
    kinds.extend(worded_kinds());
    kinds.extend(judged_kinds(pictures));
    kinds.extend(varied_kinds());
    kinds.extend(separated_kinds());
    kinds
}

fn nearest() -> SearchOptions {
    SearchOptions::nearest(10)
}

fn within(distance: f32, options: SearchOptions) -> SearchOptions {
    SearchOptions {
        max_distance: Some(distance),
        ..options
    }
}

fn filtered(filter: Filter, options: SearchOptions) -> SearchOptions {
    SearchOptions { filter, ..options }
}

fn tag(tag: &str) -> Filter {
    Filter {
        tags: vec![tag.into()],
        ..Filter::default()
    }
}

fn words(text: &str) -> Filter {
    Filter {
        text: Some(text.into()),
        ..Filter::default()
    }
}

/// Scores that are not distances from the query, without variety.
fn centered() -> SearchOptions {
    SearchOptions {
        variety: None,
        limit: 10,
        ..SearchOptions::varied()
    }
}

/// Filters that leave half of the pictures, down to none.
fn tagged_kinds() -> Vec<Kind> {
    let of_source = Filter {
        source: Some("zip".into()),
        since: Some(1_700_000_100),
        until: Some(1_700_001_000),
        ..Filter::default()
    };
    vec![
        ("tag of half", filtered(tag("half"), nearest())),
        ("tag of a tenth", filtered(tag("tenth"), nearest())),
        ("rare tag", filtered(tag("rare"), nearest())),
        ("tag of none", filtered(tag("nothing"), nearest())),
        ("source and time", filtered(of_source, nearest())),
    ]
}

/// Words in other case than they are stored, and characters that SQL's LIKE has a meaning for.
fn worded_kinds() -> Vec<Kind> {
    vec![
        ("words", filtered(words("über"), nearest())),
        ("caption", filtered(words("fist"), nearest())),
        ("written words", filtered(words("friday"), nearest())),
        ("wildcards", filtered(words("100% _A"), nearest())),
        ("wildcard that is none", filtered(words("s_ile"), nearest())),
    ]
}

/// Searches that examine expressions.
fn judged_kinds(pictures: &[NewPicture]) -> Vec<Kind> {
    let negatives = pictures.iter().step_by(300).map(|p| p.faces[0].expression);
    let avoiding = SearchOptions {
        negatives: negatives.collect(),
        ..nearest()
    };
    let happy = SearchOptions {
        emotions: vec!["happiness".parse().expect("an emotion")],
        ..nearest()
    };
    vec![("negatives", avoiding), ("emotions", happy)]
}

/// Searches whose answers differ.
fn varied_kinds() -> Vec<Kind> {
    let few = SearchOptions {
        limit: 5,
        ..SearchOptions::varied()
    };
    let wide = SearchOptions {
        variety: Some(Variety {
            slack: 0.4,
            ..Variety::default()
        }),
        ..SearchOptions::varied()
    };
    vec![
        ("varied", SearchOptions::varied()),
        ("varied with a tag", filtered(tag("tenth"), few)),
        ("varied within a distance", within(0.9, wide)),
    ]
}

/// Searches whose answers are a given distance apart.
fn separated_kinds() -> Vec<Kind> {
    let separated = |separation, limit, options| SearchOptions {
        min_separation: Some(separation),
        limit,
        ..options
    };
    let plain = separated(0.9, 8, SearchOptions::nearest(8));
    let with_ties = separated(0.35, 6, SearchOptions::varied());
    vec![("separated", plain), ("separated, with ties", with_ties)]
}
