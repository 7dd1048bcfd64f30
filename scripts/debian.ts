import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** What tests need beside npm packages: the program they start, and the Debian package that has it. */
const needed: Readonly<Record<string, string>> = {
  chromium: "chromium",
  mariadbd: "mariadb-server",
  "redis-server": "redis-server",
  influxd: "influxdb",
  "victoria-metrics": "victoria-metrics",
  prometheus: "prometheus",
};

/** Installs what is missing with `CI=true` and root; elsewhere says which command brings it. */
export async function bringDebianPackages(): Promise<void> {
  const missing = Object.entries(needed).filter(([program]) => !isOnPath(program));
  if (missing.length === 0) return;
  const packages = missing.map(([, name]) => name).join(" ");
  if (process.env["CI"] !== "true" || process.getuid?.() !== 0) {
    console.log(`tests that need ${packages} are skipped; to have them: sudo apt-get install ${packages}`);
    return;
  }
  // A daemon that comes with a package must not start by itself: policy-rc.d answers 101, "forbidden by policy".
  const script = `
    [ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d; }
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ${packages} fonts-noto-cjk`;
  const done = spawnSync("sh", ["-c", script], { stdio: ["ignore", "inherit", "inherit"] });
  if (done.status !== 0) throw new Error(`apt-get could not install ${packages}`);
}

function isOnPath(program: string): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"];
  return folders.some((folder) => existsSync(join(folder, program)));
}
