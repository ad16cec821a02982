// Where cargo builds to: `target`, unless CARGO_TARGET_DIR or a configuration file sets another.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

// The folder that holds `release`, `cross` and `peers`.
export function targetDirectory() {
    const args = ["metadata", "--no-deps", "--offline", "--format-version=1"];
    const answer = execFileSync("cargo", args, { cwd: root, maxBuffer: 1 << 24 });
    return JSON.parse(answer).target_directory;
}
