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

function toError(answer: { status: number; body: unknown }): AppError {
  const problem = (answer.body ?? {}) as { code?: string; detail?: string };
  const code: ErrorCode =
    problem.code !== undefined && problem.code in errorCodes ? (problem.code as ErrorCode) : "internal";
  return new AppError(code, { message: problem.detail ?? `the node answered ${answer.status}` });
}
