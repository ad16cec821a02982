// In the page: each contender from its files to an answer for a frame. `browser.mjs` drives it.

const WIDTH = 640;
const HEIGHT = 480;
// A face that stands still is no camera: this one, 230 pixels wide, moves on a circle by 1.6 pixels
// a frame, as a head that looks into a phone does, and every frame has other pixels.
const FRAMES = 48;
const SWAY = 12;
// A head in quick motion: by 4.7 pixels a frame, two thirds of its width a second.
const QUICK = 3;
// Milliseconds between two frames of a camera.
const STEP = 33;

const frames = [];

// Frames of a face, as a camera's canvas has them: opaque.
async function drawFrames(picture) {
    const image = new Image();
    image.src = picture;
    await image.decode();
    const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
    const pen = canvas.getContext("2d", { willReadFrequently: true, alpha: false });
    const scale = Math.min(WIDTH / image.width, HEIGHT / image.height);
    const [width, height] = [image.width * scale, image.height * scale];
    for (let i = 0; i < FRAMES; i++) {
        const turn = (2 * Math.PI * i) / FRAMES;
        const x = (WIDTH - width) / 2 + SWAY * Math.sin(turn);
        const y = (HEIGHT - height) / 2 + SWAY * Math.cos(turn);
        pen.clearRect(0, 0, WIDTH, HEIGHT);
        pen.drawImage(image, x, y, width, height);
        frames.push(pen.getImageData(0, 0, WIDTH, HEIGHT));
    }
}

// The package as it is installed: networks in its worker.
async function moue(use, files = {}) {
    const { Moue } = await import("/moue/dist/index.js");
    const names = ["moue_wasm_bg.wasm", "face.tflite", "refine.tflite", "expression.tflite", "builtin.moue"];
    const assets = Object.fromEntries(names.map((name) => [name, `/moue/assets/${name}`]));
    return use(await Moue.create({ assets: { ...assets, ...files } }));
}

// What the camera's view does: faces, followed, and the search in the built-in gallery.
function track(loaded) {
    let time = 0;
    return async (frame) => {
        const faces = await loaded.track(frame, (time += STEP));
        return { faces: faces.length, answer: faces[0]?.matches[0]?.label };
    };
}

// The expression network alone, on the whole frame.
function embed(loaded) {
    return async (frame) => {
        const faces = await loaded.embed(frame, { cropped: true });
        return { faces: faces.length, answer: faces[0]?.expression?.[0] };
    };
}

// Points, mesh and 52 blendshapes, following the face from frame to frame.
async function faceLandmarker() {
    const folder = "/npm/@mediapipe/tasks-vision";
    const { FaceLandmarker, FilesetResolver } = await import(`${folder}/vision_bundle.mjs`);
    const files = await FilesetResolver.forVisionTasks(`${folder}/wasm`);
    const landmarker = await FaceLandmarker.createFromOptions(files, {
        baseOptions: { modelAssetPath: "/model/face_landmarker.task", delegate: "CPU" },
        outputFaceBlendshapes: true,
        runningMode: "VIDEO",
        numFaces: 1,
    });
    let time = 0;
    return (frame) => {
        const { faceBlendshapes } = landmarker.detectForVideo(frame, (time += STEP));
        const shapes = faceBlendshapes[0]?.categories ?? [];
        const first = [...shapes].sort((a, b) => b.score - a.score)[0];
        return { faces: faceBlendshapes.length, answer: first?.categoryName };
    };
}

// Its detector and its emotion network alone: the mesh would cost more and answers nothing here.
async function human() {
    const { Human } = await import("/npm/@vladmandic/human/dist/human.esm.js");
    const off = { enabled: false };
    const loaded = new Human({
        backend: "wasm",
        modelBasePath: "/npm/@vladmandic/human/models/",
        wasmPath: "/npm/@tensorflow/tfjs-backend-wasm/dist/",
        // Every frame is computed: skipped ones are no work.
        cacheSensitivity: 0,
        debug: false,
        async: false,
        warmup: "none",
        filter: { enabled: false, autoBrightness: false, return: false },
        face: {
            enabled: true,
            detector: { rotation: false, maxDetected: 1 },
            emotion: { enabled: true, minConfidence: 0.01 },
            mesh: off,
            iris: off,
            attention: off,
            description: off,
            antispoof: off,
            liveness: off,
        },
        gesture: off,
        body: off,
        hand: off,
        object: off,
        segmentation: off,
    });
    await loaded.load();
    return async (frame) => {
        const { face, error } = await loaded.detect(frame);
        if (error) throw new Error(error);
        return { faces: face.length, answer: face[0]?.emotion?.[0]?.emotion };
    };
}

// How each is loaded, and by how many frames it goes on.
const CONTENDERS = {
    moue: { load: () => moue(track), step: 1 },
    "moue, head in quick motion": { load: () => moue(track), step: QUICK },
    "expression in int8": { load: () => moue(embed), step: 1 },
    "expression in floats": {
        load: () => moue(embed, { "expression.tflite": "/weights/expression.tflite" }),
        step: 1,
    },
    FaceLandmarker: { load: faceLandmarker, step: 1 },
    human: { load: human, step: 1 },
};
const loaded = new Map();

// Draws the frames; without any contender this is the empty page.
globalThis.prepare = drawFrames;

// Loads a contender and asks it once; returns milliseconds and the answer.
globalThis.first = async (name) => {
    const begun = performance.now();
    const work = await CONTENDERS[name].load();
    const answer = await work(frames[0]);
    loaded.set(name, work);
    return { ms: performance.now() - begun, ...answer };
};

// Milliseconds of each of a number of frames.
globalThis.batch = async (name, count) => {
    const work = loaded.get(name);
    const times = [];
    for (let i = 0; i < count; i++) {
        const begun = performance.now();
        const { faces } = await work(frames[(i * CONTENDERS[name].step) % FRAMES]);
        times.push(performance.now() - begun);
        if (faces !== 1) throw new Error(`${name} found ${faces} faces`);
    }
    return times;
};
