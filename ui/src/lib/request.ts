/**
 * Requests to the server, and what can go wrong with one.
 *
 * Two things can, and they are told apart, because the page answers them differently: the server
 * said no (`ApiError`: show its words), or it could not be reached (`Unreachable`: keep what was
 * typed and try again).
 */

/** The server refused; `message` is in its words and fit to be shown. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
    readonly field: string | null = null,
    readonly retryAfterS: number | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** The server could not be reached, or what answered was not the server. */
export class Unreachable extends Error {
  constructor(cause?: unknown) {
    super('The server does not answer.', { cause });
    this.name = 'Unreachable';
  }
}

type Json = Record<string, unknown>;
export type Query = Record<string, string | number | boolean | null | undefined>;

/** Sends a file and tells how much of it is there, from 0 to 1. */
export type Upload = (
  url: string,
  file: Blob,
  sent: (part: number) => void,
  signal: AbortSignal,
) => Promise<Response>;

/** How long an ordinary request may take before the server counts as unreachable. */
const patienceMs = 15_000;

/** Sends requests, and says after each whether the server was there. */
export class Requests {
  /** Called after every request: true when the server answered, false when nobody did. */
  heard: (reached: boolean) => void = () => {};
  /** Called after every answer: false when the server does not know who asks. */
  admitted: (known: boolean) => void = () => {};

  constructor(
    private readonly fetch: typeof globalThis.fetch = (...call) => globalThis.fetch(...call),
    private readonly upload: Upload = uploadByBrowser,
  ) {}

  protected async get<T>(url: string, of: Query = {}): Promise<T> {
    const response = await this.request(url + query(of), {
      signal: AbortSignal.timeout(patienceMs),
    });
    return (await this.body(response)) as T;
  }

  protected async send<T>(
    method: string,
    url: string,
    body?: object,
    headers: Record<string, string> = {},
    patience = patienceMs,
  ): Promise<T> {
    const response = await this.request(url, {
      method,
      signal: AbortSignal.timeout(patience),
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    return (response.status === 204 ? null : await this.body(response)) as T;
  }

  /** Puts a file where `url` says; it takes as long as it takes. */
  protected async put<T>(
    url: string,
    file: Blob,
    sent: (part: number) => void,
    signal: AbortSignal,
  ): Promise<T> {
    const response = await this.answered(this.upload(url, file, sent, signal));
    return (await this.body(response)) as T;
  }

  /** Posts a file where `url` says; it takes as long as it takes. */
  protected async sendFile<T>(url: string, file: Blob): Promise<T> {
    const headers = { 'content-type': 'application/octet-stream' };
    const response = await this.request(url, { method: 'POST', headers, body: file });
    return (await this.body(response)) as T;
  }

  protected request(url: string, init: RequestInit): Promise<Response> {
    return this.answered(this.fetch(url, init));
  }

  private async answered(asked: Promise<Response>): Promise<Response> {
    let response: Response;
    try {
      response = await asked;
    } catch (error) {
      if (isAbort(error)) throw error;
      this.heard(false);
      throw new Unreachable(error);
    }
    if (response.ok) {
      this.heard(true);
      this.admitted(true);
      return response;
    }
    const refusal = await readRefusal(response);
    this.heard(refusal instanceof ApiError);
    if (refusal instanceof ApiError) this.admitted(refusal.status !== 401);
    throw refusal;
  }

  private async body(response: Response): Promise<unknown> {
    try {
      return await response.json();
    } catch (error) {
      this.heard(false);
      throw new Unreachable(error);
    }
  }
}

/** The address of a thing of the application's own interface. */
export function path(...parts: string[]): string {
  return `/app/v1/${parts.map(encodeURIComponent).join('/')}`;
}

/** The end of an address; what is null or undefined is left out. */
export function query(of: Query): string {
  const given = Object.entries(of).filter(([, value]) => value !== null && value !== undefined);
  return given.length
    ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`
    : '';
}

/** 128 random bits. Not `randomUUID`, which browsers withhold from plain HTTP on other hosts. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

/** A timeout is the server's silence; an abort is the page's own wish. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** The server's refusal, or `Unreachable` when a proxy in between answered for it. */
async function readRefusal(response: Response): Promise<ApiError | Unreachable> {
  try {
    const { error } = (await response.json()) as { error: Json };
    const wait = Number(response.headers.get('retry-after') ?? NaN);
    return new ApiError(
      response.status,
      String(error.type),
      String(error.message),
      typeof error.field === 'string' ? error.field : null,
      Number.isFinite(wait) ? wait : null,
    );
  } catch (error) {
    return new Unreachable(error);
  }
}

/** `fetch` does not say how much of a body was sent; the older interface does. */
function uploadByBrowser(
  url: string,
  file: Blob,
  sent: (part: number) => void,
  signal: AbortSignal,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', url);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.onprogress = ({ loaded, total }) => sent(total ? loaded / total : 1);
    request.onload = () => resolve(new Response(request.responseText, { status: request.status }));
    request.onerror = () => reject(new TypeError('The upload broke off.'));
    request.onabort = () => reject(new DOMException('The upload was stopped.', 'AbortError'));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}
