import { sql as text } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openMysql } from "#pkg/sql/adapters/mysql.ts";
import { type Certificates, makeCertificates } from "#test/fixtures/certificates.ts";
import { testDeps, testLimits } from "#test/fixtures/database.ts";
import { hasMariaDb, type MariaDb, type MariaDbPlace, openMariaDb, withMariaDb } from "#test/fixtures/mariadb.ts";

describe.skipIf(!hasMariaDb)(withMariaDb("sql: encrypted connections"), { timeout: 120_000 }, () => {
  let certificates: Certificates;
  let mariadb: MariaDb;
  let place: MariaDbPlace;
  beforeAll(async () => {
    certificates = makeCertificates();
    const { cert, key, ca } = certificates.files;
    mariadb = await openMariaDb([`--ssl-cert=${cert}`, `--ssl-key=${key}`, `--ssl-ca=${ca}`]);
    place = await mariadb.makeDatabase("tls");
    await mariadb.sql("alter user 'tls'@'127.0.0.1' require ssl");
  });
  afterAll(async () => {
    await mariadb?.close();
    certificates?.dispose();
  });
  const open = (change: object) => openMysql({ ...place, ...testLimits, ...change }, testDeps);

  it("are used with the authority of the server, on every connection", async () => {
    const client = await open({ tls: { ca: certificates.ca } });
    try {
      const ciphers = await Promise.all(
        [1, 2, 3].map(
          async () => (await text<{ Value: string }>`show status like 'Ssl_cipher'`.execute(client.db())).rows,
        ),
      );
      for (const [row] of ciphers) expect(row?.Value).toMatch(/TLS|AES/);
      await client.transaction(async (tx) => void (await text`select 1`.execute(tx.db())));
    } finally {
      await client.close();
    }
  });

  it("are refused when the certificate is of another host", async () => {
    const away = open({ host: "127.0.0.2", tls: { ca: certificates.ca } });
    await expect(away).rejects.toThrow(/its certificate is not trusted|no server answers/);
    await expect(open({ host: "localhost", tls: { ca: certificates.ca } })).rejects.toThrow(
      /localhost:\d+: its certificate is not trusted/,
    );
  });

  it("are refused when the authority is another", async () => {
    const others = makeCertificates();
    try {
      await expect(open({ tls: { ca: others.ca } })).rejects.toThrow(
        /127\.0\.0\.1:\d+: its certificate is not trusted.*mend \[storage\.sql\.tls\] ca, or host/,
      );
    } finally {
      others.dispose();
    }
  });

  it("are missed by us when the server has none", async () => {
    const plain = await openMariaDb(["--skip-ssl"]);
    try {
      const bare = await plain.makeDatabase("bare");
      await expect(openMysql({ ...bare, ...testLimits, tls: { ca: certificates.ca } }, testDeps)).rejects.toThrow(
        /the server does not encrypt.*take \[storage\.sql\.tls\] out/,
      );
    } finally {
      await plain.close();
    }
  });

  it("are missed by a server that takes no others, and the mend is told", async () => {
    await expect(open({})).rejects.toThrow(/refuses the user "tls".*encrypted needs \[storage\.sql\] tls/);
    await mariadb.sql("alter user 'tls'@'127.0.0.1' require none");
    // Nobody can take it back without encryption: the server ends with this suite. MariaDB says it as a wrong password.
    await mariadb.sql("set global require_secure_transport = on");
    await expect(open({})).rejects.toThrow(/encrypted needs \[storage\.sql\] tls/);
    await (await open({ tls: { ca: certificates.ca } })).close();
  });
});
