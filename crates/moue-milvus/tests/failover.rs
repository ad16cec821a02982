//! A query node is killed while pictures are put and searched: `.ci/cluster milvus` runs it.

use moue_milvus::MilvusStore;
use moue_store::Address;
use moue_store::suite::failover::{self, Failover};

#[test]
#[ignore = "it needs a cluster: .ci/cluster milvus"]
fn nothing_acknowledged_is_lost_with_a_query_node() {
    let address = std::env::var("MOUE_CLUSTER").expect(".ci/cluster sets it");
    let kill = std::env::var("MOUE_KILL").expect(".ci/cluster sets it");
    let address = Address::parse(&address).unwrap();
    failover::run(
        &|| Box::new(MilvusStore::create(&address).unwrap()),
        &Failover {
            before: 10_000,
            all: 30_000,
            batch: 250,
            kill: &kill,
        },
    );
}
