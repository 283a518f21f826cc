// SPDX-License-Identifier: Apache-2.0
import { singleLine } from '@lading/command-line';
import type { RequestRecord } from './observe.ts';

/** How a line of the log is written. */
export type LogFormat = 'text' | 'json';

/** A served request as a line: Apache's combined format and the time that it took, or JSON. */
export function accessLine(record: RequestRecord, format: LogFormat): string {
  const { startedAt, durationMs, method, url, status, sentBytes, remoteAddress, user, userAgent } = record;
  const time = new Date(startedAt).toISOString();
  const ms = Math.round(durationMs * 1000) / 1000;
  if (format === 'json') {
    return `${JSON.stringify({ time, level: 'info', msg: 'request', ...record, startedAt: undefined, durationMs: ms })}\n`;
  }
  const request = quoted(`${method} ${url} HTTP/1.1`);
  return `${remoteAddress || '-'} - ${word(user)} [${time}] ${request} ${status} ${sentBytes} "-" ${quoted(userAgent)} ${ms}ms\n`;
}

/** A failure of the registry itself as a line. */
export function errorLine(error: unknown, format: LogFormat): string {
  const message = singleLine(error instanceof Error ? error.message : String(error));
  if (format === 'text') return `Error: ${message}\n`;
  return `${JSON.stringify({ time: new Date().toISOString(), level: 'error', msg: message })}\n`;
}

/** Clients choose names and agents: neither a quote nor a line end of theirs may end the field. */
function quoted(text: string | undefined): string {
  return `"${singleLine(text ?? '-').replaceAll(/["\\]/g, '\\$&')}"`;
}

function word(text: string | undefined): string {
  return text === undefined ? '-' : singleLine(text).replaceAll(/\s/g, '_');
}
