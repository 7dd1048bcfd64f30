/**
 * What grants rights is cached in this process only (`LocalAuthDeps.cache`), so all of it is what we put there: whoever
 * could write to a shared cache could make himself an administrator.
 */
export function isOurs<T>(value: unknown): value is T {
  return value !== undefined;
}
