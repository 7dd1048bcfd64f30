import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where the system's Chromium is, or undefined. */
export const chromiumPath = process.env["CHROMIUM_BIN"] ?? paths.find((path) => existsSync(path));

/** The system's Chromium without a window. Throws, with the mend, when there is none. */
export async function openBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error("no Chromium here: apt-get install chromium, or set CHROMIUM_BIN");
  return await chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox", "--force-color-profile=srgb"] });
}
