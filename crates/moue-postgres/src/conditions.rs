//! Filters and selections as SQL.

use moue::gallery::Filter;
use moue_store::{Selection, Selector};
use postgres::types::{ToSql, Type};

/// A parameter and its type, which saves asking the server for it.
type Parameter = (Box<dyn ToSql + Sync + Send>, Type);

/// The conditions of a statement, all of which must hold.
#[derive(Default)]
pub(crate) struct Conditions {
    clauses: Vec<String>,
    parameters: Vec<Parameter>,
}

impl Conditions {
    /// Those of a filter.
    pub(crate) fn of(filter: &Filter) -> Self {
        let mut conditions = Self::default();
        conditions.add_tags(&filter.tags);
        conditions.add_text(filter.text.as_deref());
        if let Some(source) = &filter.source {
            let source = conditions.bind(storable(source), Type::TEXT);
            conditions.add(format!("source = {source}"));
        }
        if let Some(since) = filter.since {
            let since = conditions.bind(signed(since), Type::INT8);
            conditions.add(format!("added >= {since}"));
        }
        if let Some(until) = filter.until {
            let until = conditions.bind(signed(until), Type::INT8);
            conditions.add(format!("added < {until}"));
        }
        conditions
    }

    fn add_tags(&mut self, tags: &[String]) {
        if tags.is_empty() {
            return;
        }
        let tags: Vec<String> = tags.iter().map(|tag| storable(tag)).collect();
        let tags = self.bind(tags, Type::TEXT_ARRAY);
        self.add(format!("tags @> {tags}"));
    }

    fn add_text(&mut self, text: Option<&str>) {
        let Some(text) = text else {
            return;
        };
        // The server's `lower` depends on its locale; ours is what a file's filter has.
        let text = self.bind(storable(&text.to_lowercase()), Type::TEXT);
        self.add(format!(
            "exists (select from unnest(words) word where strpos(word, {text}) > 0)"
        ));
    }

    /// Those of a selection, in the table `faces`.
    pub(crate) fn of_selection(selection: &Selection, faces: &str) -> Self {
        let mut conditions = Self::of(&selection.filter);
        if selection.any_of.is_empty() {
            return conditions;
        }
        let [mut hashes, mut paths, mut ids] = [Vec::new(), Vec::new(), Vec::new()];
        for selector in &selection.any_of {
            match selector {
                Selector::Content(hash) => hashes.push(conditions.bind(hash.to_vec(), Type::BYTEA)),
                Selector::Path(path) => paths.push(conditions.bind(storable(path), Type::TEXT)),
                // Beyond the largest number there is no face.
                Selector::Face(id) => ids.push(conditions.bind(signed(*id), Type::INT8)),
            }
        }
        let mut any = Vec::new();
        any.extend(hashes.iter().map(|hash| format!("hash = {hash}")));
        let is_path = |path: &String| format!("(md5(path) = md5({path}) and path = {path})");
        any.extend(paths.iter().map(is_path));
        let of_face =
            |id: &String| format!("picture in (select picture from {faces} where id = {id})");
        any.extend(ids.iter().map(of_face));
        conditions.add(format!("({})", any.join(" or ")));
        conditions
    }

    pub(crate) fn add(&mut self, clause: String) {
        self.clauses.push(clause);
    }

    /// Adds a parameter and returns its place in the statement.
    pub(crate) fn bind(&mut self, value: impl ToSql + Sync + Send + 'static, ty: Type) -> String {
        self.parameters.push((Box::new(value), ty));
        format!("${}", self.parameters.len())
    }

    /// The clauses behind `where`.
    pub(crate) fn sql(&self) -> String {
        if self.clauses.is_empty() {
            return "true".into();
        }
        self.clauses.join(" and ")
    }

    pub(crate) fn parameters(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        let parameters = self.parameters.iter();
        parameters
            .map(|(value, ty)| (&**value as &(dyn ToSql + Sync), ty.clone()))
            .collect()
    }
}

/// Text of the server cannot have the character 0, which no path has but a caption may.
pub(crate) fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// A number as the server has them; none is that large.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
