import { existsSync } from "node:fs";
import { request } from "node:http";
import { AppError, type ErrorCode, errorCodes } from "#pkg/errors/errors.ts";
import { socketFile } from "../http/local-socket.ts";

/** Calls the node that runs over `dataFolder`; undefined when none listens there. */
export async function callNode(
  dataFolder: string,
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown } | undefined> {
  const socketPath = socketFile(dataFolder);
  if (!existsSync(socketPath)) return undefined;
  try {
    const answer = await send(socketPath, method, path, body);
    if (answer.status >= 400) throw toError(answer);
    return answer;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ECONNREFUSED" || code === "ENOENT") return undefined; // left by a node that was killed
    throw error;
  }
}

function send(
  socketPath: string,
  method: string,
  path: string,
  body: unknown,
): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const call = request({ socketPath, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, body: text === "" ? undefined : JSON.parse(text) });
      });
    });
    call.on("error", reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

interface Problem {
  code?: string;
  detail?: string;
  at?: string;
  mend?: string;
}

/** The node's refusal as it was thrown there; its `detail` holds place and mend too. */
function toError(answer: { status: number; body: unknown }): AppError {
  const { code = "internal", detail, at, mend } = (answer.body ?? {}) as Problem; // RFC 9457, from our own node
  const message = (detail ?? `the node answered ${answer.status}`)
    .slice(at !== undefined && detail?.startsWith(`${at}: `) ? at.length + 2 : 0)
    .replace(mend === undefined ? "" : new RegExp(`: ${RegExp.escape(mend)}$`), "");
  return new AppError(code in errorCodes ? (code as ErrorCode) : "internal", { message, at, mend });
}
