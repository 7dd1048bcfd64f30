import { openDirectory } from "#pkg/filestore/adapters/directory.ts";

/** Writes one file again and again, each time full of another letter, until somebody kills it. */
const files = await openDirectory(process.argv[2] ?? "");
for (let round = 0; ; round++) {
  await files.write("a", String.fromCharCode(97 + (round % 26)).repeat(300_000));
  process.stdout.write("written\n");
}
