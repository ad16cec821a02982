// moue in a browser beside what others have for faces there: CPU time a frame, the first answer,
// sizes and memory, all in Chromium.
//
//     cargo xtask web
//     node bench/browser.mjs [--rounds 15] [--picture docs/sample.png] [--json FILE]
//
// Fetches the peers into target/peers/browser. Linux only: CPU time and memory of the renderer are
// read from /proc. CHROMIUM names the program, /usr/bin/chromium unless set.

import { readFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { serve } from "../apps/web/tests/serve.mjs";
import { fetchPeers } from "./browser/peers.mjs";
import { targetDirectory } from "./target.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { chromium } = createRequire(join(root, "apps/web/"))("playwright-core");
const { values: options } = parseArgs({
    options: {
        rounds: { type: "string", default: "15" },
        picture: { type: "string", default: join(root, "docs/sample.png") },
        json: { type: "string" },
    },
});

const CONTENDERS = ["moue", "FaceLandmarker", "human"];
// Measured in the same turns, by their frames alone.
const PARTS = ["moue, head in quick motion", "expression in int8", "expression in floats"];
const ALL = [...CONTENDERS, ...PARTS];
const BASE = "FaceLandmarker";
// Frames of a turn: far above the cost of asking for one.
const BATCH = 20;
// Fresh browsers for each cold start.
const STARTS = 3;
const FLAGS = [
    ...["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    ...["--disable-component-update", "--disable-sync", "--no-first-run"],
];

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const peers = join(targetDirectory(), "peers/browser");
fetchPeers(peers);

// One folder for the server: all else is where it was built.
const site = mkdtempSync(join(tmpdir(), "moue-bench-"));
const places = {
    page: join(root, "bench/browser"),
    moue: join(root, "apps/npm"),
    weights: join(root, "crates/moue/models"),
    npm: join(peers, "node_modules"),
    model: join(peers, "model"),
    "index.html": join(root, "bench/browser/index.html"),
    picture: resolve(options.picture),
};
for (const [name, path] of Object.entries(places)) symlinkSync(path, join(site, name));
const server = await serve(site);

// A page in a browser of its own, with its frames drawn.
async function open() {
    const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        args: FLAGS,
    });
    const page = await browser.newPage();
    page.on("pageerror", (error) => console.error("page error:", String(error)));
    await page.goto(server.url);
    await page.waitForFunction(() => globalThis.prepare);
    await page.evaluate(() => globalThis.prepare("/picture"));
    const cdp = await browser.newBrowserCDPSession();
    const { processInfo } = await cdp.send("SystemInfo.getProcessInfo");
    const renderers = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
    return { page, renderers, close: () => browser.close() };
}

// CPU milliseconds of processes so far. The kernel's ticks of 10 ms are the only clock that still
// counts a thread that has ended, as those of V8's compiler do.
const TICK_MS = 10;
function cpu(processes) {
    const ticks = processes.map((id) => {
        const text = readFileSync(`/proc/${id}/stat`, "utf8");
        const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
        return Number(fields[11]) + Number(fields[12]);
    });
    return Math.max(...ticks) * TICK_MS;
}

// MiB that a renderer has for itself alone; `performance.memory` does not see what wasm has.
function memory(processes) {
    const own = processes.map((id) => {
        const text = readFileSync(`/proc/${id}/smaps_rollup`, "utf8");
        const kib = ["Private_Dirty", "Private_Clean"].map((key) => Number(text.match(`${key}: +(\\d+)`)[1]));
        return kib[0] + kib[1];
    });
    return Math.max(...own) / 1024;
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// One contender from nothing: its first answer, then its memory after a batch.
async function cold(name) {
    server.asked.clear();
    const { page, renderers, close } = await open();
    try {
        const before = cpu(renderers);
        const first = name && (await page.evaluate((n) => globalThis.first(n), name));
        const used = cpu(renderers) - before;
        if (name) await page.evaluate(([n, count]) => globalThis.batch(n, count), [name, BATCH]);
        // Memory that garbage held a moment ago is no need of the library's.
        await (await page.context().newCDPSession(page)).send("HeapProfiler.collectGarbage");
        await pause(1000);
        const files = [...server.asked].filter((file) => /\/(moue|npm|model|weights)\//.test(file));
        return { first: first?.ms, firstCpu: used, answer: first?.answer, memory: memory(renderers), files };
    } finally {
        await close();
    }
}

function gzipped(files) {
    return files.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);
}

// All contenders in one page, in turns, so that what else the machine does falls on all alike.
async function frames(rounds) {
    const { page, renderers, close } = await open();
    const times = Object.fromEntries(ALL.map((name) => [name, { cpu: [], wall: [] }]));
    const turn = (name) => page.evaluate(([n, count]) => globalThis.batch(n, count), [name, BATCH]);
    try {
        for (const name of ALL) {
            await page.evaluate((n) => globalThis.first(n), name);
            await turn(name);
        }
        for (let round = 0; round < rounds; round++) {
            for (const name of ALL) {
                const before = cpu(renderers);
                times[name].wall.push(...(await turn(name)));
                times[name].cpu.push((cpu(renderers) - before) / BATCH);
            }
        }
        return times;
    } finally {
        await close();
    }
}

async function measure() {
    const empty = [];
    const starts = Object.fromEntries(CONTENDERS.map((name) => [name, []]));
    for (let i = 0; i < STARTS; i++) {
        empty.push((await cold()).memory);
        for (const name of CONTENDERS) starts[name].push(await cold(name));
    }
    const times = await frames(Number(options.rounds));
    const base = median(times[BASE].cpu);
    const frame = (name) => {
        const { cpu: cpuMs, wall } = times[name];
        const ratio = median(cpuMs) / base;
        return { name, cpuMs: median(cpuMs), cpuMinMs: Math.min(...cpuMs), ratio, wallMs: median(wall) };
    };
    const whole = CONTENDERS.map((name) => {
        const of = (key) => median(starts[name].map((start) => start[key]));
        const { files, answer } = starts[name][0];
        return {
            ...frame(name),
            firstMs: of("first"),
            firstCpuMs: of("firstCpu"),
            gzipBytes: gzipped(files),
            memoryMiB: of("memory") - median(empty),
            answer,
            files: files.map((file) => basename(file)),
        };
    });
    return [...whole, ...PARTS.map(frame)];
}

// Cells of what was measured once a browser; parts have none.
function startCells(row) {
    if (row.firstMs === undefined) return ["", "", ""];
    return [
        `${row.firstMs.toFixed(0)} / ${row.firstCpuMs.toFixed(0)}`,
        `${(row.gzipBytes / 1e6).toFixed(2)} MB`,
        `${row.memoryMiB.toFixed(0)} MiB`,
    ];
}

function table(rows) {
    const lines = rows.map((row) => {
        const cells = [
            row.name,
            `${row.cpuMs.toFixed(1)} (${row.cpuMinMs.toFixed(1)})`,
            row.ratio.toFixed(2),
            row.wallMs.toFixed(1),
            ...startCells(row),
        ];
        return `| ${cells.join(" | ")} |`;
    });
    const head = [
        ...["contender", "CPU ms a frame, median (least)", `of ${BASE}'s`, "wall ms, median"],
        ...["first answer, cold, wall / CPU ms", "gzip", "memory above an empty page"],
    ];
    return [`| ${head.join(" | ")} |`, `|${"---|".repeat(head.length)}`, ...lines].join("\n");
}

try {
    const rows = await measure();
    console.log(table(rows));
    if (options.json) writeFileSync(options.json, `${JSON.stringify(rows, null, 2)}\n`);
} finally {
    await server.stop();
    rmSync(site, { recursive: true, force: true });
}
