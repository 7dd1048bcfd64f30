import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { AppError } from "#pkg/errors/errors.ts";
import { print, runCommand } from "./output.ts";

const checkout = resolve(import.meta.dirname, "../../..");
const templates = join(checkout, "conf/provisioning/templates/init");

/** `detectviz init DIR`: a commented configuration, the rule pack and a systemd unit. Never overwrites a configuration. */
export async function init(folder: string, options: { json: boolean }): Promise<void> {
  await runCommand(options.json, async () => {
    const target = resolve(folder);
    refuseIfTaken(target);
    mkdirSync(join(target, "data"), { recursive: true, mode: 0o700 });
    cpSync(join(checkout, "conf/rules.d"), join(target, "rules.d"), { recursive: true });
    for (const file of readdirSync(templates)) {
      writeFileSync(join(target, file), fill(readFileSync(join(templates, file), "utf8"), target));
    }
    print(options.json, { folder: target, configuration: join(target, "detectviz.conf") }, nextSteps(target));
  });
}

function refuseIfTaken(target: string): void {
  const file = join(target, "detectviz.conf");
  if (!existsSync(file)) return;
  throw new AppError("conflict", {
    at: file,
    message: "there is a configuration already",
    mend: "name another folder",
  });
}

function fill(text: string, target: string): string {
  return text.replaceAll("@CHECKOUT@", checkout).replaceAll("@NODE@", process.execPath).replaceAll("@DIR@", target);
}

function nextSteps(target: string): string {
  return `Configuration is in ${target}. Next:
  1. Say which addresses may be asked: [scan] allow and [[scan.ranges]] in ${join(target, "detectviz.conf")}
  2. npx detectviz start --config ${join(target, "detectviz.conf")} --data ${join(target, "data")}
  3. Open http://127.0.0.1:8680, log in, start the scan under "Find" and accept what was found.
For a service: cp ${join(target, "detectviz.service")} /etc/systemd/system/ && systemctl enable --now detectviz`;
}
