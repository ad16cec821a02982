// The package's module in node, with the files beside it.

import { readFileSync } from 'node:fs';
import init, { Engine } from '../../npm/dist/wasm/moue_wasm.js';

export { drawing, Gallery, Picture, Tracker } from '../../npm/dist/wasm/moue_wasm.js';

/** A file of the package's folder `assets`. */
export const asset = (name) => readFileSync(new URL(`../../npm/assets/${name}`, import.meta.url));

await init({ module_or_path: asset('moue_wasm_bg.wasm') });

/** An engine with the package's networks, or with another file of the expression network. */
export const engineWith = (expression = asset('expression.tflite')) =>
  new Engine(asset('face.tflite'), asset('refine.tflite'), expression);
