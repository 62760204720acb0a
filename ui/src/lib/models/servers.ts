/** Servers of other models, as docs/reference/api.md describes them. */

/** A server of other models; they are called `<name>/<model>`. */
export interface Provider {
  name: string;
  kind: 'ollama' | 'openai';
  url: string;
  /** Where its key lies: `none`, `keyring`, or the name of an environment variable. */
  key: string;
  window: number | null;
  fixed: boolean;
}

export interface NewProvider {
  name: string;
  kind: Provider['kind'];
  url: string;
  key?: string;
  key_variable?: string;
  window?: number;
}

export interface RemoteModel {
  name: string;
  family: string | null;
  parameters: string | number | null;
  size_bytes: number | null;
  window: number | null;
}

/** What a server of models answered when it was asked. */
export interface ProviderCheck {
  ok: boolean;
  message: string;
  models: RemoteModel[];
}
