// Our networks in WebAssembly with 128-bit vectors, on one thread of Node: moue-nn beside onnxruntime-web, in turns.
//
//     .ci/cross && cargo xtask bench && npm install --prefix target/peers/web onnxruntime-web@1.23.2
//     node bench/wasm.mjs
//
// `.ci/cross` builds the module, `cargo xtask bench` leaves the networks as ONNX in target/peers/bench.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const root = new URL("..", import.meta.url).pathname;
const ort = createRequire(`${root}target/peers/web/`)("onnxruntime-web");
ort.env.wasm.numThreads = 1;
const bytes = readFileSync(`${root}target/cross/wasm32-unknown-unknown/release/examples/every_isa.wasm`);
const { instance } = await WebAssembly.instantiate(bytes, {});

const NETWORKS = ["face", "refine", "expression"];
const ROUNDS = 15, RUNS = 20;

// CPU milliseconds of a run.
const timed = async (work) => {
    const start = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1e3 / RUNS;
};
const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];

console.log("| network | onnxruntime-web, CPU ms | moue-nn | ratio |\n|---|---|---|---|");
for (const [number, name] of NETWORKS.entries()) {
    const session = await ort.InferenceSession.create(readFileSync(`${root}target/peers/bench/${name}.onnx`), {
        executionProviders: ["wasm"],
    });
    const input = session.inputNames[0];
    const shape = { face: [1, 128, 128, 3], refine: [1, 96, 96, 3], expression: [1, 64, 64, 1] }[name];
    const values = new Float32Array(shape.reduce((a, b) => a * b)).fill(0.1);
    const theirs = async () => {
        for (let i = 0; i < RUNS; i++) await session.run({ [input]: new ort.Tensor("float32", values, shape) });
    };
    const ours = async () => {
        if (instance.exports.repeat(number, RUNS) === 0) throw new Error(`no output of ${name}`);
    };
    const times = { theirs: [], ours: [] };
    await theirs();
    await ours();
    for (let round = 0; round < ROUNDS; round++) {
        times.theirs.push(await timed(theirs));
        times.ours.push(await timed(ours));
    }
    const least = { theirs: Math.min(...times.theirs), ours: Math.min(...times.ours) };
    const cell = (which) => `${least[which].toFixed(3)} (${median(times[which]).toFixed(3)})`;
    console.log(`| ${name} | ${cell("theirs")} | ${cell("ours")} | ${(least.ours / least.theirs).toFixed(2)} |`);
}
