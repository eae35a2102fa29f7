// Runs Redocly's program once for each folder, in one process: `many.mjs index.js folders.json diff old.json ...`.
// Starting Node and reading the program takes longer than a comparison.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [program, folders, ...given] = process.argv.slice(2);
for (const [place, folder] of JSON.parse(readFileSync(folders, "utf8")).entries()) {
  process.chdir(folder);
  process.argv = [process.execPath, program, ...given];
  const code = await new Promise((resolve, reject) => {
    process.exit = resolve;
    import(`${pathToFileURL(program)}?${place}`).catch(reject);
  });
  if (code) {
    throw new Error(`${folder}: exit ${code}`);
  }
}
process.reallyExit(0);
