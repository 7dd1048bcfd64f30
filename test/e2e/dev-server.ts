// Pages over fake services, to work on them: `node test/e2e/dev-server.ts full|empty|broken [port]`.
import { createPageServer } from "./fixtures/server.ts";
import type { Scenario } from "./fixtures/services.ts";

const [scenario = "full", port = "0"] = process.argv.slice(2);
const app = createPageServer(scenario as Scenario); // a developer's own argument
const address = await app.listen({ host: "127.0.0.1", port: Number(port) });
console.log(`${address}  log in with admin / secret`);
