//! Logs and metrics. Neither has pictures, vectors, keys, or anything else that a client wrote: of a
//! request only its route's pattern.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;

/// Upper bounds of the buckets of answer times, in seconds: from a cached thumbnail to the deadline.
const SECONDS: [f64; 10] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 20.0];

/// The recorder of the process; there can be only one.
pub(crate) fn recorder() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    let handle = HANDLE.get_or_init(|| {
        let matcher = Matcher::Full("moue_request_seconds".into());
        // It fails without buckets alone.
        let builder = PrometheusBuilder::new();
        let recorder = match builder.set_buckets_for_metric(matcher, &SECONDS) {
            Ok(builder) => builder.build_recorder(),
            Err(_) => PrometheusBuilder::new().build_recorder(),
        };
        let handle = recorder.handle();
        // A program around us may have its own; then ours stays empty.
        let _ = metrics::set_global_recorder(recorder);
        describe();
        handle
    });
    handle.clone()
}

fn describe() {
    metrics::describe_counter!(
        "moue_requests_total",
        "Requests by route, method and status"
    );
    metrics::describe_histogram!(
        "moue_request_seconds",
        "Seconds from request to answer, by route"
    );
    metrics::describe_counter!("moue_problems_total", "Problems by kind");
    metrics::describe_counter!(
        "moue_jobs_refused_total",
        "Requests that found the queue full"
    );
    metrics::describe_counter!(
        "moue_jobs_skipped_total",
        "Requests whose client had gone or whose time was over before they were begun"
    );
    metrics::describe_gauge!("moue_connections", "Open connections");
}

/// From now on this process logs to standard error, one JSON object a line.
///
/// A program that has a subscriber of its own, from the crate `tracing`, needs no call.
pub fn log_json() {
    // Fails only where there is a subscriber already.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_max_level(tracing::Level::INFO)
        .with_writer(std::io::stderr)
        .try_init();
}
