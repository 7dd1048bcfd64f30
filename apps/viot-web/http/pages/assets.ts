import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { AppError } from "#pkg/errors/errors.ts";
import type { Server } from "../server.ts";
import type { AssetFiles } from "./asset-files.ts";

type Encoding = "br" | "gzip" | "identity";

const compress = {
  br: (content: Buffer) =>
    promisify(brotliCompress)(content, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
    }),
  gzip: promisify(gzip),
  identity: async (content: Buffer) => content,
};

/** `/assets/<hash>/<name>`: for ever fresh, since the address changes with the content. Each is compressed once, when first asked for. */
export function assetRoutes(app: Server, files: AssetFiles): void {
  const sent = new Map<string, Promise<{ content: Buffer; type: string }>>();
  app.get<{ Params: { hash: string; "*": string } }>(
    "/assets/:hash/*",
    { config: { access: "public" }, schema: { hide: true } },
    async (request, reply) => {
      const encoding = preferred(request.headers["accept-encoding"] ?? "");
      const name = request.params["*"];
      const current = request.params.hash === files.hash;
      const key = `${encoding} ${name}`;
      let file = sent.get(key);
      if (file === undefined) {
        file = encode(files, name, encoding);
        file.then(
          () => sent.set(key, file as NonNullable<typeof file>),
          () => undefined,
        ); // a name that is not there is not remembered
      }
      const { content, type } = await file;
      if (encoding !== "identity") reply.header("content-encoding", encoding);
      return reply
        .header("vary", "accept-encoding")
        .header("cache-control", current ? "public, max-age=31536000, immutable" : "no-cache")
        .type(type)
        .send(content);
    },
  );
}

async function encode(files: AssetFiles, name: string, encoding: Encoding): Promise<{ content: Buffer; type: string }> {
  const file = files.read(name);
  if (file === undefined) throw new AppError("not_found", { at: name, message: "there is no such file" });
  return { content: await compress[encoding](file.content), type: file.type };
}

function preferred(accepted: string): Encoding {
  if (/\bbr\b/.test(accepted)) return "br";
  return /\bgzip\b/.test(accepted) ? "gzip" : "identity";
}
