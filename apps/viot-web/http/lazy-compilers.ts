import { createRequire } from "node:module";
import type { FastifyServerOptions } from "fastify";

type Factory = NonNullable<NonNullable<FastifyServerOptions["schemaController"]>["compilersFactory"]>;

/** A function that Fastify calls with data; validators leave what is wrong in `errors`. */
interface Compiled {
  (data: unknown): unknown;
  errors?: unknown;
}
type Compile = (route: unknown) => Compiled;
type Build = (schemas: unknown, options: unknown) => Compile;

/** Fastify's own compilers come with it, so they are looked up from where it lies. */
const requireBeside = createRequire(createRequire(import.meta.url).resolve("fastify"));

/**
 * Fastify's own compilers of schemas, but a schema is compiled (and the compilers are loaded) when the first request
 * needs it: compiling all of them takes a quarter of a second at start and memory that an idle node never uses.
 */
export const lazyCompilers = {
  buildValidator: lazy(() => (requireBeside("@fastify/ajv-compiler") as () => Build)()),
  buildSerializer: lazy(() => {
    const { SerializerSelector } = requireBeside("@fastify/fast-json-stringify-compiler") as {
      SerializerSelector: () => Build;
    };
    return SerializerSelector();
  }),
  // Fastify's types say what the libraries return; all it does with that is to call it and to read `errors`.
} as unknown as Factory;

function lazy(load: () => Build): Build {
  return (schemas, options) => {
    let compile: Compile | undefined;
    return (route) => {
      let compiled: Compiled | undefined;
      const call: Compiled = (data) => {
        compile ??= load()(schemas, options);
        compiled ??= compile(route);
        const answer = compiled(data);
        call.errors = compiled.errors;
        return answer;
      };
      return call;
    };
  };
}
