//! The nearest faces: by comparing all that meet a filter, or through the index.

use crate::conditions::{Conditions, signed};
use crate::connect::Pool;
use crate::rows::{COLUMNS, Face};
use crate::schema::Tables;
use moue::gallery::{Filter, Shortlisted};
use moue_store::{Asked, Nearby, StoreError};
use postgres::types::Type;

/// The server's own limit of the faces that a search of the index keeps in sight.
pub(crate) const MAX_EF: u16 = 1000;

/// Tuples that a scan of the index looks at unless told otherwise.
const USUAL_SCAN: u64 = 20_000;

/// A scan may look at this many times as many tuples as it needs where the faces that meet the filter
/// are spread evenly: they lie together, as poses do, and elsewhere than the query.
const SPREAD: u64 = 8;

/// How the faces of one search are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// All that meet the filter.
    All,
    Index(Depth),
}

/// How far the index is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Depth {
    /// Faces that are kept in sight.
    pub(crate) ef: u16,
    /// Faces that meet the filter and are compared at least, however few are asked for: where a filter
    /// leaves out all that is near the query, the order in which the index finds the others is a poor one.
    pub(crate) compared: usize,
    /// Of so many faces, at least one meets the filter.
    pub(crate) one_of: u64,
}

impl Depth {
    /// The settings of a search for so many faces.
    fn settings(self, limit: usize) -> String {
        let needed = (limit.max(self.compared) as u64).saturating_mul(self.one_of);
        let scanned = needed.saturating_mul(SPREAD).max(USUAL_SCAN);
        // The server counts in 32 bits.
        let scanned = scanned.min(i32::MAX as u64);
        // The memory of a scan is bounded too, by a multiple of 4 MB unless the server has another size.
        let memory = (scanned / USUAL_SCAN).saturating_mul(2).min(1000);
        // In relaxed order a scan that goes on returns also what it meets late; the order is ours.
        format!(
            "set local hnsw.iterative_scan = relaxed_order; set local hnsw.ef_search = {}; \
             set local hnsw.max_scan_tuples = {scanned}; set local hnsw.scan_mem_multiplier = {memory};",
            self.ef
        )
    }
}

/// One search.
pub(crate) struct Searching<'a> {
    pub(crate) pool: &'a Pool,
    pub(crate) tables: &'a Tables,
    pub(crate) way: Way,
}

impl Searching<'_> {
    /// By what the nearest faces are sorted.
    fn order(&self, asked: &Asked<'_>, distance: String, conditions: &mut Conditions) -> String {
        if self.way != Way::All {
            // A limit of the distance would have the index look for more faces where there are none.
            return distance;
        }
        if asked.within.is_finite() {
            let within = conditions.bind(f64::from(asked.within), Type::FLOAT8);
            conditions.add(format!("{distance} <= {within}"));
        }
        // A sum is not what the index is of.
        format!("({distance}) + 0")
    }

    /// The rows of the nearest faces among those that meet the conditions.
    fn statement(&self, asked: &Asked<'_>, conditions: &mut Conditions) -> String {
        let point = conditions.bind(asked.point.to_vec(), Type::FLOAT4_ARRAY);
        let distance = format!("expression <-> {point}::vector(64)");
        let order = self.order(asked, distance, conditions);
        let compared = match self.way {
            Way::All => asked.limit,
            Way::Index(depth) => asked.limit.max(depth.compared),
        };
        let compared = conditions.bind(signed(compared as u64), Type::INT8);
        let limit = conditions.bind(signed(asked.limit as u64), Type::INT8);
        // The server believes that the index returns rows in their order, which relaxed scans do not, and sorts
        // them only by something else.
        // Only the id and the distance are sorted: with the other columns, which the server would read
        // of every row, a scan takes three times as long.
        format!(
            "select {COLUMNS} from (select * from (select id, {order} as far from {faces} where {} \
             order by {order} limit {compared}) c order by far + 0 limit {limit}) n \
             join {faces} f on f.id = n.id order by n.far + 0",
            conditions.sql(),
            faces = self.tables.faces,
        )
    }

    /// Settings of one transaction, and so the same through a pooler that gives each transaction
    /// another connection.
    fn settings(&self, limit: usize) -> String {
        // Our statements differ from search to search, so compiling them would cost more than it gains.
        let mut settings = "set local jit = off;".to_owned();
        if let Way::Index(depth) = self.way {
            settings.push_str(&depth.settings(limit));
        }
        settings
    }
}

impl Nearby for Searching<'_> {
    fn nearest(&self, asked: &Asked<'_>) -> Result<Vec<Shortlisted>, StoreError> {
        let mut conditions = shown(asked.filter);
        let statement = self.statement(asked, &mut conditions);
        let settings = self.settings(asked.limit);
        let parameters = conditions.parameters();
        let rows = self.pool.with(|client| {
            let mut reading = client.transaction()?;
            reading.batch_execute(&settings)?;
            let rows = reading.query_typed(&statement, &parameters)?;
            reading.commit()?;
            Ok(rows)
        })?;
        let faces = rows.iter().map(Face::of);
        let faces = faces.map(|face| face.map(Face::shortlisted));
        let faces: Result<_, _> = faces.collect();
        faces.map_err(|damage| StoreError::failed(self.pool.name(), damage))
    }
}

/// The conditions of what is shown.
pub(crate) fn shown(filter: &Filter) -> Conditions {
    let mut conditions = Conditions::of(filter);
    conditions.add("not hidden".into());
    conditions
}

/// Whether at most so many faces meet a filter.
pub(crate) fn has_at_most(
    pool: &Pool,
    tables: &Tables,
    filter: &Filter,
    most: u64,
) -> Result<bool, StoreError> {
    let mut conditions = shown(filter);
    let end = conditions.bind(signed(most.saturating_add(1)), Type::INT8);
    let statement = format!(
        "select count(*) from (select 1 from {} where {} limit {end}) met",
        tables.faces,
        conditions.sql()
    );
    let parameters = conditions.parameters();
    let met: i64 = pool.with(|client| {
        let rows = client.query_typed(&statement, &parameters)?;
        rows.first().map_or(Ok(0), |row| row.try_get(0))
    })?;
    Ok(met as u64 <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scans_go_as_far_as_a_rare_filter_needs() {
        let settings = |one_of, limit| {
            let depth = Depth {
                ef: 200,
                compared: 40,
                one_of,
            };
            depth.settings(limit)
        };
        let usual = settings(1, 20);
        assert!(usual.contains("ef_search = 200"), "{usual}");
        assert!(usual.contains("max_scan_tuples = 20000;"), "{usual}");
        let rare = settings(200, 80);
        assert!(rare.contains("max_scan_tuples = 128000;"), "{rare}");
        assert!(rare.contains("scan_mem_multiplier = 12;"), "{rare}");
        let all = settings(u64::MAX, usize::MAX);
        assert!(all.contains("max_scan_tuples = 2147483647;"), "{all}");
        assert!(all.contains("scan_mem_multiplier = 1000;"), "{all}");
    }
}
