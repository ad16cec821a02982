// Our networks in WebAssembly with 128-bit vectors, on one thread of Node: moue-nn beside
// onnxruntime-web, in turns.
//
//     .ci/cross && cargo xtask bench && npm install --prefix target/peers/web onnxruntime-web@1.23.2
//     node bench/wasm.mjs
//
// `.ci/cross` builds the module, `cargo xtask bench` leaves the networks as ONNX in
// target/peers/bench. If CARGO_TARGET_DIR is set, all of them are there instead of in target.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { targetDirectory } from "./target.mjs";

const target = targetDirectory();
const ort = createRequire(`${target}/peers/web/`)("onnxruntime-web");
// moue-nn's WebAssembly has one thread, and the comparison is of kernels.
ort.env.wasm.numThreads = 1;
const module = `${target}/cross/wasm32-unknown-unknown/release/examples/every_isa.wasm`;
const { instance } = await WebAssembly.instantiate(readFileSync(module), {});

// In the order of the example's own table, from which `repeat` takes them by number.
const NETWORKS = [
    { name: "face", shape: [1, 128, 128, 3] },
    { name: "refine", shape: [1, 96, 96, 3] },
    { name: "expression", shape: [1, 64, 64, 1] },
];
// Rounds take turns, so that what else the machine does falls on both alike; a round repeats a
// network until it is far above the clock's resolution.
const ROUNDS = 15;
const RUNS = 20;

// CPU milliseconds of a run.
async function timed(work) {
    const start = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1e3 / RUNS;
}

const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];
const cell = (times) => `${Math.min(...times).toFixed(3)} (${median(times).toFixed(3)})`;

// What runs a network `RUNS` times in onnxruntime-web.
async function theirWork({ name, shape }) {
    const options = { executionProviders: ["wasm"] };
    const model = readFileSync(`${target}/peers/bench/${name}.onnx`);
    const session = await ort.InferenceSession.create(model, options);
    const input = session.inputNames[0];
    const values = new Float32Array(shape.reduce((a, b) => a * b)).fill(0.1);
    return async () => {
        for (let i = 0; i < RUNS; i++) {
            await session.run({ [input]: new ort.Tensor("float32", values, shape) });
        }
    };
}

// What runs it as often in moue-nn.
function ourWork(number, { name }) {
    return async () => {
        if (instance.exports.repeat(number, RUNS) === 0) throw new Error(`no output of ${name}`);
    };
}

async function row(number, network) {
    const works = { theirs: await theirWork(network), ours: ourWork(number, network) };
    const times = { theirs: [], ours: [] };
    await works.theirs();
    await works.ours();
    for (let round = 0; round < ROUNDS; round++) {
        times.theirs.push(await timed(works.theirs));
        times.ours.push(await timed(works.ours));
    }
    const ratio = (Math.min(...times.ours) / Math.min(...times.theirs)).toFixed(2);
    return `| ${network.name} | ${cell(times.theirs)} | ${cell(times.ours)} | ${ratio} |`;
}

console.log("| network | onnxruntime-web, CPU ms | moue-nn | ratio |\n|---|---|---|---|");
for (const [number, network] of NETWORKS.entries()) {
    console.log(await row(number, network));
}
