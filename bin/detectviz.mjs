#!/usr/bin/env node
// Plain JavaScript that any Node can read: brings the packages and the right Node, then hands over.
import { bootstrap } from "../scripts/bootstrap.mjs";

await bootstrap("apps/viot-web/main.ts", process.argv.slice(2));
