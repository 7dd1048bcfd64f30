import { afterAll, beforeAll, describe } from "vitest";
import { hasMariaDb, withMariaDb } from "#test/fixtures/mariadb.ts";

/** Suites that run on SQLite by themselves, and here once more on one MariaDB. */
const suites = {
  audit: () => import("#pkg/audit/audit.test.ts"),
  auth: () => import("#pkg/auth/local-auth.test.ts"),
  secrets: () => import("./secret.test.ts"),
  inventory: () => import("#internal/inventory/inventory.test.ts"),
  "sealed devices": () => import("#internal/inventory/sealed.test.ts"),
  scans: () => import("#internal/autodeploy/scan/scans.test.ts"),
  holds: () => import("#internal/autodeploy/rollout/holds.test.ts"),
  silences: () => import("#internal/alert/silences.test.ts"),
  "data sources": () => import("./datasource.test.ts"),
  contacts: () => import("#internal/contacts/contacts.test.ts"),
  notifier: () => import("#internal/notifier/notifier.test.ts"),
  "notifier, silences": () => import("#internal/notifier/silenced.test.ts"),
  "notifier, test messages": () => import("#internal/notifier/test-message.test.ts"),
  "delivery records": () => import("#internal/notifier/retention.test.ts"),
};

const variable = "DETECTVIZ_TEST_SQL";

describe.skipIf(!hasMariaDb)(withMariaDb("on MariaDB:"), { timeout: 120_000 }, () => {
  const before = process.env[variable];
  // `openTestDatabase` looks at it with each test.
  beforeAll(() => {
    process.env[variable] = "mysql";
  });
  afterAll(() => {
    if (before === undefined) delete process.env[variable];
    else process.env[variable] = before;
  });
  for (const [name, load] of Object.entries(suites)) describe(name, async () => void (await load()));
});
