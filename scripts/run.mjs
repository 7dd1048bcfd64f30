// `npm run X`: brings what is missing like a start does, then runs scripts/X.ts under the right Node.
import { bootstrap } from "./bootstrap.mjs";

const [name, ...args] = process.argv.slice(2);
await bootstrap(`scripts/${name}.ts`, args);
