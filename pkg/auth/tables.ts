import type { Role, UserRole } from "./port.ts";

/** Times are UTC ms. */
export interface AuthTables {
  auth_user: {
    /** Lower case. */
    name: string;
    role: UserRole;
    /** PHC text of Argon2id. */
    password_hash: string;
    must_change_password: 0 | 1;
    created_at: number;
    updated_at: number;
  };
  auth_session: {
    /** SHA-256 of the cookie's value. */
    id_hash: string;
    user_name: string;
    created_at: number;
    last_seen_at: number;
  };
  auth_token: {
    id: string;
    name: string;
    role: Role;
    /** SHA-256 of the token. */
    token_hash: string;
    created_at: number;
    expires_at: number | null;
    last_used_at: number | null;
  };
}
