export type ResponseHeaders = Readonly<Record<string, string | number>>;

export interface TextResponse {
  readonly type: 'text';
  readonly status: number;
  /** Includes Content-Type and Content-Length. */
  readonly headers: ResponseHeaders;
  readonly body: string;
}

/** Its head is sent at once; `start` then writes the body. */
export interface StreamResponse {
  readonly type: 'stream';
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** It waits for others to do something, so it ends with the sending side of its client. */
  readonly waits: boolean;
  readonly start: (sink: Sink) => void;
  /** Called once, however the stream ends; also when the client was gone before it began. */
  readonly onEnd: () => void;
}

export type ApiResponse = TextResponse | StreamResponse;

export interface Sink {
  write(content: string | Uint8Array): void;
  /** Calls back when the send buffer has room; never, once the client is gone. */
  onRoom(callback: () => void): void;
  /** Idempotent. */
  end(): void;
  /** The rest cannot be sent: the connection breaks, so that the client notices. */
  abort(): void;
}

export const jsonType = 'application/json';
export const textType = 'text/plain; charset=utf-8';

export function textResponse(
  status: number,
  contentType: string,
  body: string,
  more: ResponseHeaders,
): TextResponse {
  const headers = {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    ...more,
  };
  return { type: 'text', status, headers, body };
}

export function plainHead(status: number, headers: ResponseHeaders): TextResponse {
  return { type: 'text', status, headers: { 'Content-Length': 0, ...headers }, body: '' };
}

/** Like Go's http.Error and http.NotFound, which clients of etcd know. */
export function plainError(
  status: number,
  message: string,
  headers: ResponseHeaders,
): TextResponse {
  return textResponse(status, textType, `${message}\n`, {
    ...headers,
    'X-Content-Type-Options': 'nosniff',
  });
}

export const notFound: TextResponse = plainError(404, '404 page not found', {});

export function methodNotAllowed(allow: readonly string[]): TextResponse {
  return plainError(405, 'Method Not Allowed', { Allow: allow.join(',') });
}

/** Also sent to pages of other origins: without CORS headers it permits nothing. */
export const optionsReply: TextResponse = plainHead(200, {});
