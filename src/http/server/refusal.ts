import { STATUS_CODES } from 'node:http';
import { jsonType, type ResponseHeaders, type TextResponse, textResponse } from './api-response.js';

/** A request that is refused for its HTTP, before anybody looks at what it asks for. */
export interface Refusal {
  readonly status: RefusalStatus;
  readonly cause: string;
}

export type RefusalStatus = keyof typeof refusalCodes;

/** The error codes, which etcd does not have, by their status. */
export const refusalCodes = {
  400: 220,
  403: 221,
  405: 222,
  408: 223,
  413: 224,
  417: 225,
  431: 226,
} as const;

/** In the form of all errors. As in etcd's of a malformed request, the index is zero. */
export function refusalReply({ status, cause }: Refusal, headers: ResponseHeaders): TextResponse {
  const message = STATUS_CODES[status];
  const body = { errorCode: refusalCodes[status], message, cause, index: 0 };
  return textResponse(status, jsonType, `${JSON.stringify(body)}\n`, {
    'X-Etcd-Index': 0,
    ...headers,
  });
}

/** The same where Node has no response for it: as the bytes to be sent. */
export function refusalBytes(refusal: Refusal): string {
  const { status, headers, body } = refusalReply(refusal, { Connection: 'close' });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`;
}
