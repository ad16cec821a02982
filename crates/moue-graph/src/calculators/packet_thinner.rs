//! Passes a part of a stream's packets.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::options::Options;
use crate::packet::{Packet, Timestamp};

/// Passes at most one packet of its untagged input in each `period`, as MediaPipe's calculator of
/// this name does. The side packet `PERIOD`, in microseconds, takes the place of the option.
///
/// - `ASYNC` passes a packet and then none for a period.
/// - `SYNC` divides the time from `start_time` on into intervals of a period, centered at
///   `start_time + i * period`, and passes the packet of each that is nearest to the center, the
///   later of two equally near. It is written at the center if `sync_output_timestamps` is set, and
///   when the interval is over: readers wait for the first packet after it.
///
/// Packets before `start_time`, and at `end_time` or later, are dropped.
///
/// Unlike MediaPipe's it has no side packet `OPTIONS`, and `update_frame_rate` has no effect, since
/// streams have no headers. The packet that waits at `end_time` is written then.
#[derive(Default)]
pub(super) struct PacketThinnerCalculator {
    is_sync: bool,
    /// Whether `SYNC` writes at the centers of intervals.
    centers_timestamps: bool,
    /// This and the times are in microseconds.
    period: i64,
    start_time: i64,
    end_time: i64,
    /// `ASYNC`: the lowest timestamp at which a packet passes.
    next: i64,
    /// `SYNC`: the nearest packet to the center of its interval so far.
    nearest: Option<Candidate>,
}

/// A packet that is written unless a nearer one arrives.
struct Candidate {
    /// The packet, at the timestamp at which it is to be written.
    packet: Packet,
    /// The center of its interval in microseconds, and the packet's distance from it.
    center: i64,
    distance: i64,
}

impl Calculator for PacketThinnerCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        contract.inputs.any("");
        contract.input_side_packets.optional::<i64>("PERIOD");
        contract.outputs.any("");
        contract.same_types = true;
        // SYNC writes a packet in the call for a later one. ASYNC writes at once, and its outputs
        // can follow the bounds of its inputs.
        contract.sets_bounds = is_sync(&node.options);
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let options = cx.options();
        self.is_sync = is_sync(options);
        self.centers_timestamps = options.get_or("sync_output_timestamps", true);
        self.period = match cx.side_packet::<i64>("PERIOD") {
            Some(period) => *period,
            None => options.get_or("period", 1),
        };
        // MediaPipe's default for ASYNC is the lowest timestamp, which is 0 here.
        self.start_time = options.get_or("start_time", 0);
        self.end_time = options.get_or("end_time", i64::MAX);
        self.next = self.start_time;
        self.check()
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some(packet) = cx.input_packet("", 0).cloned() else {
            return Ok(Flow::Continue);
        };
        let now = packet.timestamp().micros();
        if now >= self.end_time {
            cx.count_drop();
            self.end(cx);
        } else if now < self.start_time {
            cx.count_drop();
        } else if self.is_sync {
            self.compare(cx, packet)?;
        } else {
            self.pass(cx, packet);
        }
        Ok(Flow::Continue)
    }

    fn close(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        self.release(cx);
        Ok(())
    }
}

impl PacketThinnerCalculator {
    fn check(&self) -> Result<(), CalculatorError> {
        let Self {
            period,
            start_time: start,
            end_time: end,
            ..
        } = self;
        if *period < 1 {
            return Err(format!("the period is at least 1 µs, not {period}").into());
        }
        if start >= end {
            return Err(format!("start_time is before end_time, not {start} and {end}").into());
        }
        // The center of the first interval can be the timestamp of a packet, and those start at 0.
        if self.is_sync && *start < 0 {
            return Err(format!("start_time is at least 0 with SYNC, not {start}").into());
        }
        Ok(())
    }

    /// `ASYNC`: writes the packet if the period after the one before is over.
    fn pass(&mut self, cx: &mut Context<'_>, packet: Packet) {
        let now = packet.timestamp().micros();
        if now < self.next {
            return cx.count_drop();
        }
        self.next = now.saturating_add(self.period);
        cx.output("", packet);
    }

    /// `SYNC`: keeps the packet if it is the nearest of its interval so far, and writes that of the
    /// interval before.
    fn compare(&mut self, cx: &mut Context<'_>, packet: Packet) -> Result<(), CalculatorError> {
        let now = packet.timestamp().micros();
        let center = self.center(now);
        let distance = (now - center).abs();
        if let Some(nearest) = self.nearest.take_if(|n| n.center == center) {
            cx.count_drop();
            if nearest.distance < distance {
                self.nearest = Some(nearest);
                return Ok(());
            }
        }
        self.release(cx);
        let at = if self.centers_timestamps {
            Timestamp::new(center)
                .ok_or_else(|| format!("the interval's center, {center} µs, is no timestamp"))?
        } else {
            packet.timestamp()
        };
        // What this interval still writes is at `at` or later. Before 0 there is nothing to settle.
        if let Some(before) = Timestamp::new(at.micros() - 1) {
            cx.advance("", 0, before);
        }
        self.nearest = Some(Candidate {
            packet: packet.at(at),
            center,
            distance,
        });
        Ok(())
    }

    /// The center of the interval of `now`, which is `start_time` or later. A timestamp halfway
    /// between two centers belongs to the later one.
    // No overflow: timestamps end at 2⁵³, and half a period is below 2⁶².
    fn center(&self, now: i64) -> i64 {
        let interval = (now - self.start_time + self.period / 2) / self.period;
        self.start_time + interval * self.period
    }

    /// Writes the packet that waits for the end of its interval, if there is one.
    fn release(&mut self, cx: &mut Context<'_>) {
        if let Some(nearest) = self.nearest.take() {
            cx.output_packet("", 0, nearest.packet);
        }
    }

    /// Settles the output for all time, so that no reader waits for packets that are all dropped.
    fn end(&mut self, cx: &mut Context<'_>) {
        self.release(cx);
        cx.advance("", 0, Timestamp::MAX);
    }
}

fn is_sync(options: &Options) -> bool {
    options.get_enum("thinner_type").as_deref() == Some("SYNC")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calculators::testing::{run_graph, run_node, start};
    use crate::config::GraphConfig;
    use crate::run::RunError;

    fn at(micros: i64) -> Packet {
        Packet::new(micros).at(Timestamp::new(micros).unwrap())
    }

    /// Timestamps and values of what is written for packets whose values are their timestamps.
    fn thin(options: &str, timestamps: &[i64]) -> Result<Vec<(i64, i64)>, RunError> {
        let node = NodeConfig::new("PacketThinnerCalculator")
            .input("in")
            .output("out")
            .options("mediapipe.PacketThinnerCalculatorOptions", options)
            .unwrap();
        let packets: Vec<_> = timestamps.iter().map(|t| ("in", at(*t))).collect();
        Ok(pairs(&run_node(node, &packets)?))
    }

    fn pairs(packets: &[Packet]) -> Vec<(i64, i64)> {
        let pair = |p: &Packet| (p.timestamp().micros(), *p.get::<i64>().unwrap());
        packets.iter().map(pair).collect()
    }

    fn same(timestamps: &[i64]) -> Vec<(i64, i64)> {
        timestamps.iter().map(|t| (*t, *t)).collect()
    }

    #[test]
    fn async_passes_none_for_a_period_after_a_packet() {
        let written = thin("period: 10", &[3, 4, 12, 13, 14, 40, 49, 50]).unwrap();
        assert_eq!(written, same(&[3, 13, 40, 50]));
        let all = thin("", &[0, 1, 2]).unwrap();
        assert_eq!(all, same(&[0, 1, 2]), "the default is one microsecond");
        let first = thin(&format!("period: {}", i64::MAX), &[5, 1 << 53]).unwrap();
        assert_eq!(first, same(&[5]));
    }

    #[test]
    fn sync_passes_the_packet_nearest_to_each_center() {
        let timestamps = [2, 4, 7, 8, 12, 14, 15, 46];
        let written = thin("thinner_type: SYNC period: 10", &timestamps).unwrap();
        let later_of_two = (10, 12);
        assert_eq!(written, [(0, 2), later_of_two, (20, 15), (50, 46)]);
        let own = "thinner_type: SYNC period: 10 sync_output_timestamps: false";
        assert_eq!(thin(own, &timestamps).unwrap(), same(&[2, 12, 15, 46]));
    }

    #[test]
    fn packets_before_the_start_and_from_the_end_on_are_dropped() {
        let limits = "period: 10 start_time: 103 end_time: 120";
        let timestamps = [95, 102, 103, 105, 113, 119, 120, 150];
        assert_eq!(thin(limits, &timestamps).unwrap(), same(&[103, 113]));
        let sync = format!("thinner_type: SYNC {limits}");
        let written = thin(&sync, &timestamps).unwrap();
        assert_eq!(written, [(103, 103), (113, 113), (123, 119)]);
        let early = thin("period: 10 start_time: -5", &[0, 4, 10]).unwrap();
        assert_eq!(early, same(&[0, 10]));
    }

    #[test]
    fn the_frame_rate_option_of_existing_graphs_has_no_effect() {
        let written = thin("period: 2 update_frame_rate: true", &[0, 1, 2]).unwrap();
        assert_eq!(written, same(&[0, 2]));
    }

    #[test]
    fn options_that_contradict_each_other_are_errors() {
        for (options, expected) in [
            ("period: 0", "the period is at least 1 µs, not 0"),
            (
                "start_time: 5 end_time: 5",
                "start_time is before end_time, not 5 and 5",
            ),
            (
                "thinner_type: SYNC start_time: -1",
                "start_time is at least 0 with SYNC, not -1",
            ),
        ] {
            let error = thin(options, &[]).unwrap_err().to_string();
            assert!(error.ends_with(expected), "{error}");
        }
    }

    #[test]
    fn a_center_after_the_last_timestamp_is_an_error() {
        let error = thin("thinner_type: SYNC period: 100", &[1 << 53]).unwrap_err();
        assert!(error.to_string().ends_with("µs, is no timestamp"));
    }

    /// One frame in each period, whose length the caller chooses, for a slow viewer.
    const PREVIEW: &str = r#"
        input_stream: "frames"
        input_side_packet: "period"
        output_stream: "out"
        node {
          calculator: "PacketThinnerCalculator"
          input_stream: "frames"
          input_side_packet: "PERIOD:period"
          output_stream: "out"
          options {
            [mediapipe.PacketThinnerCalculatorOptions.ext] { thinner_type: SYNC period: 3 }
          }
        }
    "#;

    #[test]
    fn a_side_packet_can_give_the_period() {
        let config = GraphConfig::parse(PREVIEW).unwrap();
        let frames: Vec<_> = (0..30).map(|t| ("frames", at(t))).collect();
        let period = ("period", Packet::new(10i64));
        let written = run_graph(&config, &[period], &frames).unwrap();
        assert_eq!(pairs(&written), [(0, 0), (10, 10), (20, 20), (30, 29)]);
    }

    /// All frames, each written once it is known whether the thinner has one at its timestamp.
    const JOIN: &str = r#"
        input_stream: "frames"
        output_stream: "out"
        node {
          calculator: "PacketThinnerCalculator"
          input_stream: "frames"
          output_stream: "some"
          node_options {
            [type.googleapis.com/mediapipe.PacketThinnerCalculatorOptions] {
              thinner_type: SYNC
              period: 10
              end_time: 18
            }
          }
        }
        node {
          calculator: "PassThroughCalculator"
          input_stream: "frames"
          input_stream: "some"
          output_stream: "out"
        }
    "#;

    #[test]
    fn a_reader_waits_only_for_the_end_of_an_interval() {
        let (mut run, written) = start(&GraphConfig::parse(JOIN).unwrap(), &[]).unwrap();
        let mut joined = |micros| {
            run.send("frames", at(micros)).unwrap();
            run.wait_until_idle();
            written.try_iter().count()
        };
        // The packet at 5 ends the first interval, that at 15 the second, and after 18 nothing
        // keeps a reader waiting.
        let timestamps = [0, 4, 5, 9, 10, 14, 15, 18, 19, 20, 100];
        let counts = timestamps.map(&mut joined);
        assert_eq!(counts, [0, 0, 3, 1, 0, 0, 3, 1, 1, 1, 1]);
        run.finish().unwrap();
    }
}
