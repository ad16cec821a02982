//! How packets travel: loops, gates, limits, failures, and both executors alike.

use moue_graph::{
    Calculator, CalculatorError, Context, Contract, Executor, Flow, Graph, GraphConfig, Library,
    NodeConfig, Packet, Registry, RunBuilder, RunError, Timestamp,
};
use proptest::prelude::*;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Mixes all its inputs; each output leaves out some of the sums.
#[derive(Default)]
struct Sum;

impl Calculator for Sum {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.inputs.many::<u64>("");
        contract.outputs.many::<u64>("");
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let inputs = (0..cx.node().inputs.len())
            .filter_map(|i| cx.input_packet("", i)?.get::<u64>().copied());
        let sum = inputs.fold(1u64, |a, b| a.wrapping_mul(31).wrapping_add(b));
        for output in 0..cx.node().outputs.len() {
            if sum % 5 != output as u64 {
                cx.output_packet("", output, Packet::new(sum).at(cx.timestamp()));
            }
        }
        Ok(Flow::Continue)
    }
}

/// Takes its time, then passes on.
#[derive(Default)]
struct Slow;

impl Calculator for Slow {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.inputs.one::<Instant>("");
        contract.outputs.one::<Instant>("");
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        std::thread::sleep(Duration::from_millis(40));
        if let Some(packet) = cx.input_packet("", 0) {
            cx.output("", packet.clone());
        }
        Ok(Flow::Continue)
    }
}

/// Counts to five by itself.
#[derive(Default)]
struct Count(i64);

impl Calculator for Count {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.outputs.one::<u64>("");
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        self.0 += 1;
        cx.output_packet(
            "",
            0,
            Packet::new(self.0 as u64).at(Timestamp::new(self.0).ok_or("too far")?),
        );
        Ok(if self.0 == 5 {
            Flow::Stop
        } else {
            Flow::Continue
        })
    }
}

/// Fails, panics, stops or writes too late, depending on the number.
#[derive(Default)]
struct Fail;

impl Calculator for Fail {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.inputs.one::<u64>("");
        contract.outputs.one::<u64>("");
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        match cx.input::<u64>("") {
            Some(7) => Err("seven is not for me".into()),
            Some(8) => panic!("eight"),
            Some(9) => Ok(Flow::Stop),
            Some(10) => {
                cx.output_packet("", 0, Packet::new(0u64));
                Ok(Flow::Continue)
            }
            _ => Ok(Flow::Continue),
        }
    }
}

fn registry() -> Registry {
    let mut registry = Registry::standard();
    registry.register::<Sum>("SumCalculator");
    registry.register::<Slow>("SlowCalculator");
    registry.register::<Count>("CountCalculator");
    registry.register::<Fail>("FailCalculator");
    registry
}

fn build(config: &GraphConfig) -> Arc<Graph> {
    Arc::new(Graph::new(config, &Library::default(), &registry()).unwrap())
}

fn parse(text: &str) -> Arc<Graph> {
    build(&GraphConfig::parse(text).unwrap())
}

type Log = Arc<Mutex<Vec<(i64, u64)>>>;

fn log(builder: RunBuilder, stream: &str) -> (RunBuilder, Log) {
    let log = Log::default();
    let into = log.clone();
    let write = move |p: &Packet| {
        into.lock()
            .unwrap()
            .push((p.timestamp().micros(), *p.get::<u64>().unwrap()))
    };
    (builder.observe(stream, write).unwrap(), log)
}

fn at(micros: i64, value: u64) -> Packet {
    Packet::new(value).at(Timestamp::new(micros).unwrap())
}

const EXECUTORS: [Executor; 2] = [Executor::Inline, Executor::Threads(3)];

#[test]
fn nodes_that_write_nothing_do_not_block_their_readers() {
    // The left way drops some packets; the join must continue without them.
    let graph = parse(
        "input_stream: 'a' node { calculator: 'SumCalculator' input_stream: 'a' output_stream: 'b' }
         node { calculator: 'SumCalculator' input_stream: 'b' input_stream: 'a' output_stream: 'c' output_stream: 'd' }",
    );
    for executor in EXECUTORS {
        let (builder, sums) = log(RunBuilder::new(graph.clone()).executor(executor), "d");
        let mut run = builder.start().unwrap();
        for i in 0..50 {
            run.send("a", at(i * 10, i as u64)).unwrap();
            run.wait_until_idle();
            let seen = sums.lock().unwrap().last().map_or(-1, |l| l.0);
            let next = 10 * (i - 2);
            assert!(
                seen >= next,
                "{seen} at {i}: the newest packets are worked off at once"
            );
        }
        run.finish().unwrap();
    }
}

#[test]
fn sources_run_to_their_end() {
    let graph = parse(
        "max_queue_size: 1 node { calculator: 'CountCalculator' output_stream: 'n' }
         node { calculator: 'SumCalculator' input_stream: 'n' output_stream: 'm' output_stream: 'o' }",
    );
    for executor in EXECUTORS {
        let (builder, seen) = log(RunBuilder::new(graph.clone()).executor(executor), "n");
        let stats = builder.start().unwrap().finish().unwrap();
        assert_eq!(
            *seen.lock().unwrap(),
            [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]
        );
        assert_eq!(stats[1].calls, 6, "five packets and the closing");
    }
}

#[test]
fn a_loop_brings_the_answer_of_the_frame_before() {
    let graph = parse(
        "input_stream: 'main'
         node { calculator: 'PreviousLoopbackCalculator' input_stream: 'MAIN:main' input_stream: 'LOOP:sum'
                input_stream_info { tag_index: 'LOOP' back_edge: true } output_stream: 'PREV_LOOP:before' }
         node { calculator: 'SumCalculator' input_stream: 'main' input_stream: 'before' output_stream: 'x' output_stream: 'sum' }",
    );
    let mut logs = Vec::new();
    for executor in EXECUTORS {
        let (builder, sums) = log(RunBuilder::new(graph.clone()).executor(executor), "sum");
        let (builder, before) = log(builder, "before");
        let mut run = builder.start().unwrap();
        (0..40).for_each(|i| run.send("main", at(i, 3)).unwrap());
        run.finish().unwrap();
        let sums = sums.lock().unwrap().clone();
        let before = before.lock().unwrap().clone();
        for (at, value) in &before {
            assert!(
                sums.contains(&(at - 1, *value)),
                "the answer is the sum at the timestamp before"
            );
        }
        assert!(before.len() > 20);
        logs.push((sums, before));
    }
    assert_eq!(logs[0], logs[1]);
}

#[test]
fn gates_open_and_close() {
    let graph = parse(
        "input_stream: 'a' input_stream: 'go'
         node { calculator: 'GateCalculator' input_stream: 'a' input_stream: 'ALLOW:go' output_stream: 'b' }",
    );
    let (builder, passed) = log(RunBuilder::new(graph), "b");
    let mut run = builder.start().unwrap();
    for (i, open) in [(0, false), (1, true), (2, false), (3, true)] {
        run.send("go", Packet::new(open).at(Timestamp::new(i).unwrap()))
            .unwrap();
        run.send("a", at(i, i as u64)).unwrap();
    }
    run.finish().unwrap();
    assert_eq!(*passed.lock().unwrap(), [(1, 1), (3, 3)]);
}

#[test]
fn a_slow_node_drops_frames_instead_of_queueing_them() {
    let graph = parse(
        "input_stream: 'frame'
         node { calculator: 'FlowLimiterCalculator' input_stream: 'frame' input_stream: 'FINISHED:done'
                input_stream_info { tag_index: 'FINISHED' back_edge: true } output_stream: 'some' }
         node { calculator: 'SlowCalculator' input_stream: 'some' output_stream: 'done' }",
    );
    let latencies = Arc::new(Mutex::new(Vec::new()));
    let into = latencies.clone();
    let measure = move |p: &Packet| {
        into.lock()
            .unwrap()
            .push(p.get::<Instant>().unwrap().elapsed())
    };
    let builder = RunBuilder::new(graph)
        .executor(Executor::Threads(2))
        .observe("done", measure)
        .unwrap();
    let mut run = builder.start().unwrap();
    let frames = 150;
    for i in 0..frames {
        run.send(
            "frame",
            Packet::new(Instant::now()).at(Timestamp::new(i * 3_333).unwrap()),
        )
        .unwrap();
        std::thread::sleep(Duration::from_micros(3_333));
    }
    let stats = run.finish().unwrap();
    let latencies = latencies.lock().unwrap();
    assert_eq!(
        latencies.len() + stats[0].drops,
        frames as usize,
        "every frame came through or was dropped"
    );
    assert!(
        latencies.len() >= 3 && stats[0].drops > frames as usize / 2,
        "{} came through",
        latencies.len()
    );
    // Two steps of 40 ms, and as much again for a busy machine.
    let mut sorted = latencies.clone();
    sorted.sort();
    assert!(
        sorted[sorted.len() / 2] < Duration::from_millis(160),
        "{sorted:?}"
    );
    assert!(stats.iter().all(|s| s.longest_queue <= 5), "{stats:?}");
}

#[test]
fn failures_end_the_run_and_name_the_node() {
    let graph = parse(
        "input_stream: 'a' node { calculator: 'FailCalculator' name: 'fussy' input_stream: 'a' output_stream: 'b' }",
    );
    for executor in EXECUTORS {
        for (value, expected) in [
            (7, "node fussy (line 1): seven is not for me"),
            (8, "node fussy (line 1) panicked: eight"),
            (
                10,
                "node fussy (line 1), stream b: a packet at 0 µs comes after the stream was at",
            ),
        ] {
            let mut run = RunBuilder::new(graph.clone())
                .executor(executor)
                .start()
                .unwrap();
            run.send("a", at(5, 1)).unwrap();
            run.wait_until_idle();
            run.send("a", at(6, value)).unwrap();
            let error = run.finish().unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
        let mut run = RunBuilder::new(graph.clone())
            .executor(executor)
            .start()
            .unwrap();
        run.send("a", at(5, 9)).unwrap();
        run.wait_until_idle();
        assert!(run.has_ended(), "a calculator may end the run");
        run.finish().unwrap();
        let mut run = RunBuilder::new(graph.clone())
            .executor(executor)
            .start()
            .unwrap();
        run.send("a", at(5, 1)).unwrap();
        run.cancel();
        assert!(matches!(run.finish(), Err(RunError::Cancelled)));
    }
}

#[test]
fn waiting_in_vain_is_an_error() {
    // The sum waits for both inputs, one of which comes from itself.
    let graph = parse(
        "input_stream: 'a' node { calculator: 'SumCalculator' input_stream: 'a' input_stream: 'b'
         input_stream_info { tag_index: ':1' back_edge: true } output_stream: 'b' }",
    );
    for executor in EXECUTORS {
        let mut run = RunBuilder::new(graph.clone())
            .executor(executor)
            .start()
            .unwrap();
        run.send("a", at(5, 9)).unwrap();
        let error = run.finish().unwrap_err().to_string();
        assert_eq!(
            error,
            "node SumCalculator (line 1) waits for the stream b, which will bring nothing"
        );
    }
}

#[test]
fn twenty_thousand_frames_leave_nothing_behind() {
    let config = GraphConfig::parse(
        "input_stream: 'frame'
         node { calculator: 'FlowLimiterCalculator' input_stream: 'frame' input_stream: 'FINISHED:c'
                input_stream_info { tag_index: 'FINISHED' back_edge: true } output_stream: 'some' }
         node { calculator: 'SumCalculator' input_stream: 'some' output_stream: 'b' output_stream: 'c' }",
    );
    let (builder, _) = log(
        RunBuilder::new(build(&config.unwrap())).executor(Executor::Threads(2)),
        "some",
    );
    let mut run = builder.start().unwrap();
    (0..20_000).for_each(|i| run.send("frame", at(i, i as u64)).unwrap());
    let stats = run.finish().unwrap();
    assert_eq!(stats[1].calls - 1 + stats[0].drops, 20_000);
    assert!(stats.iter().all(|s| s.longest_queue <= 101), "{stats:?}");
}

/// A random graph without loops: each node reads streams of nodes before it.
fn random_graph() -> impl Strategy<Value = (GraphConfig, Vec<i64>)> {
    let node = (
        prop::collection::vec(any::<prop::sample::Index>(), 1..4),
        1usize..4,
    );
    (
        prop::collection::vec(node, 1..9),
        prop::collection::vec(1i64..50, 1..40),
    )
        .prop_map(|(nodes, steps)| {
            let mut graph = GraphConfig::default().input("a").input("b");
            let mut streams = vec!["a".to_owned(), "b".to_owned()];
            for (number, (inputs, outputs)) in nodes.iter().enumerate() {
                let mut node = NodeConfig::new("SumCalculator");
                for input in inputs {
                    node = node.input(&streams[input.index(streams.len())]);
                }
                let own: Vec<String> = (0..*outputs).map(|o| format!("n{number}_{o}")).collect();
                for output in &own {
                    node = node.output(output);
                }
                streams.extend(own);
                graph = graph.node(node);
            }
            (graph, steps)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn both_executors_carry_the_same_packets((config, steps) in random_graph()) {
        let graph = build(&config);
        let streams: Vec<String> = config.nodes.iter().flat_map(|n| n.outputs.iter().map(|p| p.name.clone())).collect();
        let mut runs = Vec::new();
        for executor in [Executor::Inline, Executor::Threads(1), Executor::Threads(4)] {
            let mut builder = RunBuilder::new(graph.clone()).executor(executor);
            let mut logs = Vec::new();
            for stream in &streams {
                let (next, seen) = log(builder, stream);
                builder = next;
                logs.push(seen);
            }
            let mut run = builder.start().unwrap();
            let mut now = [0i64; 2];
            for (i, step) in steps.iter().enumerate() {
                let which = usize::from(*step % 3 == 0);
                now[which] += step;
                run.send(["a", "b"][which], at(now[which], i as u64)).unwrap();
            }
            let stats = run.finish().unwrap();
            prop_assert_eq!(stats.len(), config.nodes.len());
            runs.push(logs.iter().map(|l| l.lock().unwrap().clone()).collect::<Vec<_>>());
        }
        prop_assert_eq!(&runs[0], &runs[1]);
        prop_assert_eq!(&runs[0], &runs[2]);
    }
}
