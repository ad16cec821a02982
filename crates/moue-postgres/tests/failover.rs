//! A leader is killed while pictures are put: `.ci/cluster postgres` runs it.

use moue_postgres::PostgresStore;
use moue_store::Address;
use moue_store::suite::failover::{self, Failover};

#[test]
#[ignore = "it needs a cluster: .ci/cluster postgres"]
fn nothing_acknowledged_is_lost_with_the_leader() {
    let address = std::env::var("MOUE_CLUSTER").expect(".ci/cluster sets it");
    let kill = std::env::var("MOUE_KILL").expect(".ci/cluster sets it");
    let address = Address::parse(&address).unwrap();
    failover::run(
        &|| Box::new(PostgresStore::create(&address).unwrap()),
        &Failover {
            before: 2_000,
            all: 5_000,
            batch: 10,
            kill: &kill,
        },
    );
}
