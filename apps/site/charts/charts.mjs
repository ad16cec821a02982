// The charts of the site, each made of one file of bench/results.

import { bars } from './bars.mjs';
import { lines } from './lines.mjs';

const NAMES = {
  mobilenetv2_140: 'MobileNetV2, 140 pixels',
  face: 'face network, floats',
  expression: 'expression network, floats, face and mirror image',
  face_int8: 'face network, 8 bits',
  expression_int8: 'expression network, 8 bits, face and mirror image',
};
const ENGINES = { litert: 'LiteRT', onnxruntime: 'onnxruntime' };

const own = (name) => name.startsWith('moue');
const byValue = (rows, key) => [...rows].sort((a, b) => b[key] - a[key]);

export const CHARTS = {
  pipeline: {
    result: 'pipeline',
    title: 'A camera frame to its three matches',
    says: 'CPU ms a frame; shorter is better. MediaPipe runs the graph of the tutorial of 2020, which has no search.',
    draw: (rows, title) =>
      bars({
        title,
        groups: rows.map((row) => ({
          name: row.setup,
          rows: [
            { label: 'moue', value: row.moue_ms_min, ours: true, note: `(${row.ratio} of it)` },
            { label: 'MediaPipe', value: row.mediapipe_ms_min },
          ],
        })),
      }),
  },
  networks: {
    result: 'networks',
    title: 'Networks beside LiteRT and onnxruntime',
    says: 'CPU ms a run on one thread; shorter is better. All with AVX-512; onnxruntime has no row where it runs other files.',
    draw: (rows, title) =>
      bars({
        title,
        groups: Object.entries(NAMES).map(([work, name]) => ({
          name,
          rows: rows
            .filter((row) => row.work === work && row.isa !== 'avx2')
            .map((row) => ({ label: ENGINES[row.engine] ?? row.engine, value: row.cpu_ms_min, ours: own(row.engine) })),
        })),
      }),
  },
  browser: {
    result: 'browser',
    title: 'In the browser',
    says: 'CPU ms a camera frame in one page of Chromium, median; shorter is better.',
    draw: (rows, title) =>
      bars({ title, digits: 1, groups: [{ rows: compared(rows).map((row) => ({ label: row.contender, value: row.cpu_ms_median, ours: own(row.contender) })) }] }),
  },
  download: {
    result: 'browser',
    title: 'What a first visit loads',
    says: 'MB after gzip, with networks; shorter is better.',
    draw: (rows, title) =>
      bars({ title, groups: [{ rows: compared(rows).map((row) => ({ label: row.contender, value: row.gzip_mb, ours: own(row.contender) })) }] }),
  },
  search: {
    result: 'search',
    title: 'The nearest three of a gallery',
    says: (rows) => {
      const built = (engine) => rows.find((row) => row.engine === engine && row.faces === 1_000_000);
      const one = (engine) => `${engine} found ${built(engine).recall} of the right answers after ${built(engine).build_cpu_s} s of building`;
      return `CPU ms a query on one thread; lower is better. moue and faiss flat are exact. Graphs answer sooner: among a million faces ${one('faiss HNSW 32')}, ${one('hnswlib')}.`;
    },
    draw: (rows, title) =>
      lines({
        title,
        series: ['moue', 'faiss flat', 'faiss HNSW 32', 'hnswlib'].map((engine) => ({
          name: engine,
          ours: own(engine),
          points: rows.filter((row) => row.engine === engine).map((row) => [row.faces, row.ms]),
        })),
        xs: [400, 10_000, 1_000_000, 10_000_000],
        ys: [0.01, 0.1, 1, 10, 100, 1000],
        xName: 'faces',
        yName: 'CPU ms',
      }),
  },
  detection: {
    result: 'detection',
    title: 'Faces that are found',
    says: 'Share of 200 marked faces in photos and memes, in parentheses the precision; longer is better.',
    draw: (rows, title) =>
      bars({
        title,
        most: 1,
        digits: 3,
        groups: [{ rows: rows.map((row) => ({ label: row.detector, value: row.recall, ours: own(row.detector), note: `(${row.precision.toFixed(3)})` })) }],
      }),
  },
  expression: {
    result: 'expression',
    title: 'Alike for people, alike for the network',
    says: 'Share of FER+ test triplets that are in the order of the votes; longer is better. The best possible is about that of half of the annotators.',
    draw: (rows, title) =>
      bars({
        title,
        most: 1,
        digits: 3,
        groups: [{ rows: byValue(rows, 'mean').map((row) => ({ label: embedding(row.embedding), value: row.mean, ours: own(row.embedding), note: `±${row.interval}` })) }],
      }),
  },
  folders: {
    result: 'folders',
    title: 'A folder into a gallery',
    says: 'Pictures a second of processor time; longer is better. MediaPipe only detects faces; moue also embeds and stores them. The aim, twice its rate, is missed.',
    draw: (rows, title) =>
      bars({ title, digits: 0, groups: [{ rows: rows.map((row) => ({ label: row.engine, value: row.pictures_a_second, ours: own(row.engine) })) }] }),
  },
  python: {
    result: 'python',
    title: 'In Python',
    says: 'CPU ms a JPEG of 640 pixels, in parentheses how many of 1,000 had a face; shorter is better.',
    draw: (rows, title) =>
      bars({ title, digits: 1, groups: [{ rows: rows.map((row) => ({ label: row.engine, value: row.cpu_ms, ours: own(row.engine), note: `(${row.faces})` })) }] }),
  },
  stores: {
    result: 'stores',
    title: 'A file, and PostgreSQL',
    says: "CPU ms a search among 100,000 faces, the client's and the server's; shorter is better.",
    draw: (rows, title) =>
      bars({
        title,
        digits: 1,
        groups: rows.filter((row) => row.faces === 100_000).map((row) => ({
          name: row.what === 'ms a search' ? 'without a filter' : row.what,
          rows: [
            { label: '.moue file, exact', value: row.file_ms, ours: true },
            { label: 'PostgreSQL, exact', value: sum(row.postgres_exact_ms) },
            { label: 'PostgreSQL, HNSW', value: sum(row.postgres_hnsw_ms) },
          ],
        })),
      }),
  },
};

/** A name of the table without its marks of code. */
const embedding = (name) => (name === 'before' ? 'the network of moue before' : name.replace(/`/g, ''));

/** The rows of whole programs, not of their parts. */
const compared = (rows) => rows.filter((row) => row.gzip_mb !== undefined);

const sum = (values) => values.reduce((a, b) => a + b, 0);
