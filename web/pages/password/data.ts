import type { PageRequest } from "../../page.ts";

export interface PasswordData {
  name: string;
}

/** Whose password is changed. */
export async function passwordData(request: PageRequest): Promise<PasswordData> {
  return { name: request.user.name };
}
