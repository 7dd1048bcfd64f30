import { AppError } from "#pkg/errors/errors.ts";

const minLength = 12;
const maxLength = 256;
const minDifferent = 5;

/** Refuses passwords that are guessed soon: short, monotonous, or the name again. Throws `AppError("bad_request")`. */
export function checkNewPassword(name: string, password: string): void {
  const fault = faultOf(name, password);
  if (fault === undefined) return;
  throw new AppError("bad_request", {
    message: `the new password ${fault}`,
    mend: `use at least ${minLength} characters; a few words do well`,
    fields: [{ pointer: "/new_password", detail: fault }],
  });
}

function faultOf(name: string, password: string): string | undefined {
  if (password.length < minLength) return `has fewer than ${minLength} characters`;
  if (password.length > maxLength) return `has more than ${maxLength} characters`;
  if (new Set(password).size < minDifferent) return `has fewer than ${minDifferent} different characters`;
  if (name.length > 3 && password.toLowerCase().includes(name.toLowerCase())) return "holds the name";
  return undefined;
}
