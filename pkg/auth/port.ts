/** Roles of people, mightiest last; `ingest` is for machines and may only write samples. */
export const userRoles = ["viewer", "operator", "engineer", "admin"] as const;
export type UserRole = (typeof userRoles)[number];
export type Role = UserRole | "ingest";

export interface Principal {
  /** Who: the user's name, or `token:<name>`. */
  name: string;
  role: Role;
  kind: "session" | "token";
  /** CSRF token of the session; null for tokens. */
  csrf: string | null;
}

export interface Session {
  /** The cookie's value; only its hash is stored. */
  id: string;
  principal: Principal;
  expiresAt: number;
  /** The password was made by us and must be changed soon. */
  mustChangePassword: boolean;
}

/** A person who may log in; names are lower case. */
export interface User {
  name: string;
  role: UserRole;
  mustChangePassword: boolean;
  createdAt: number;
}

/** Users, sessions and API tokens. Passwords by Argon2id; ids and tokens are random and stored hashed. */
export interface AuthProvider {
  /** Undefined when name or password is wrong; throws `AppError("too_many")` when throttled (by name and by address). */
  login(name: string, password: string, remoteAddress: string): Promise<Session | undefined>;
  /**
   * Undefined when unknown, ended or idle for too long. Extends the idle time. One that was ended, and a user who was
   * removed, are out at once on this node, on others within 5 s.
   */
  session(id: string): Promise<Session | undefined>;
  logout(id: string): Promise<void>;
  /**
   * Ends all sessions of the user but `keepSession`. Throws `AppError("bad_request")` when the old password is wrong or
   * the new one too weak, `AppError("too_many")` when throttled.
   */
  changePassword(name: string, oldPassword: string, newPassword: string, keepSession?: string): Promise<void>;
  /** `token` is shown once. `by` is for the audit log. */
  createToken(options: {
    name: string;
    role: Role;
    expiresAt: number | null;
    by?: string;
  }): Promise<{ id: string; token: string }>;
  /** Undefined when unknown or expired. */
  token(value: string): Promise<Principal | undefined>;
  listTokens(): Promise<
    readonly {
      id: string;
      name: string;
      role: Role;
      createdAt: number;
      expiresAt: number | null;
      lastUsedAt: number | null;
    }[]
  >;
  /** False when there is none. Out at once on this node, on others within 5 s. */
  revokeToken(id: string, by?: string): Promise<boolean>;
  listUsers(): Promise<readonly User[]>;
  /** The password is made here, to be changed at the first log-in. Throws `AppError("conflict")` when the name is taken. */
  createUser(user: { name: string; role: UserRole }, by: string): Promise<{ password: string }>;
  /** Ends the user's sessions. False when there is none. Throws `AppError("conflict")` for the last administrator. */
  removeUser(name: string, by: string): Promise<boolean>;
  /** Makes the first administrator when there is no user; returns the password when it was made here. */
  ensureFirstAdmin(givenPassword: string | undefined): Promise<{ created: boolean; password: string | undefined }>;
}
