/** Accounts, sessions and keys, as docs/reference/api.md describes them. */

/** What a key may be used for. */
export type Scope = 'read' | 'chat' | 'learn' | 'admin';

export interface Account {
  id: string;
  name: string;
  role: 'administrator' | 'user';
  disabled: boolean;
  created_at: string;
}

export interface OwnAccount extends Account {
  scopes: Scope[];
  /** Came in with name and password; else nobody has to sign in here. */
  signed_in: boolean;
}

/** A browser that signed in. */
export interface SignedIn {
  id: string;
  created_at: string;
  expires_at: string;
  current: boolean;
}

/** A key, by its last letters. */
export interface Key {
  id: string;
  name: string;
  ending: string;
  scopes: Scope[];
  /** What other programs say with it is kept and learned. */
  teaches: boolean;
  created_at: string;
  expires_at: string | null;
}

export interface NewKey {
  name: string;
  scopes: Scope[];
  teaches: boolean;
  expires_at: string | null;
}

/** A key as it is told once. */
export interface MadeKey {
  secret: string;
  key: Key;
}
