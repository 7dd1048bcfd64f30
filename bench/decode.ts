import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createDecoder } from "#pkg/lineprotocol/decoder.ts";

/** `node bench/decode.ts FOLDER [ROUNDS]`: decodes the bodies of gen_site10k.js in memory; one JSON line per round. */
const [folder = "", rounds = "8"] = process.argv.slice(2);
const bodies = readdirSync(folder)
  .filter((file) => file.endsWith(".lp"))
  .map((file) => readFileSync(join(folder, file)));
const ids = new Map<string, number>();
const decoder = createDecoder({
  intern(...series) {
    const key = JSON.stringify(series);
    const id = ids.get(key) ?? ids.size;
    ids.set(key, id);
    return id;
  },
  nowMs: Date.now,
});

for (let round = 0; round < Number(rounds); round++) {
  let values = 0;
  let bytes = 0;
  const startedAt = performance.now();
  for (const body of bodies) {
    bytes += body.length;
    for (const { batch } of decoder.parts(body, { precision: "ns", oldestMs: 0, newestMs: Date.now() })) {
      values += batch.floats.length + batch.ints.length;
    }
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const figures = { values, series: ids.size, values_per_s: Math.round(values / seconds) };
  console.log(JSON.stringify({ bench: "decode", ...figures, mb_per_s: Math.round(bytes / seconds / 1e6) }));
}
