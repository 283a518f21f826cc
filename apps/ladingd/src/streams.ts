// SPDX-License-Identifier: Apache-2.0
import { type StreamingServer, startStreamingServer } from '@lading/cri-streaming';
import { Code, LadingError } from '@lading/errors';
import type { Settings } from './config/settings.ts';

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const longestTimerMs = 2 ** 31 - 1;

/**
 * The server of exec, attach and port-forward, as the settings want it.
 *
 * @throws LadingError `invalid_argument` for a port or a time that is none, and for TLS without its files
 */
export async function startStreams(settings: Settings): Promise<StreamingServer> {
  const { streamAddress, streamPort = '0', streamTls, streamCert, streamKey, streamIdleTimeout } = settings;
  if (!/^\d{1,5}$/.test(streamPort) || Number(streamPort) > 65_535)
    throw new LadingError(Code.InvalidArgument, `stream_port ${JSON.stringify(streamPort)} is no port`);
  if (streamTls && (streamCert === undefined || streamKey === undefined))
    throw new LadingError(
      Code.InvalidArgument,
      'stream_enable_tls needs the files stream_tls_cert and stream_tls_key',
    );
  return await startStreamingServer({
    host: streamAddress,
    port: Number(streamPort),
    tls:
      streamTls && streamCert !== undefined && streamKey !== undefined
        ? { certFile: streamCert, keyFile: streamKey }
        : undefined,
    idleTimeoutMs: streamIdleTimeout === undefined ? undefined : durationMs(streamIdleTimeout),
  });
}

/** Reads a duration as Go writes it: `1h30m`. Nothing, and zero, stand for the default. */
function durationMs(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const total = parts.reduce(
    (sum, [, count = '', unit = '']) => sum + Number(count) * (unitMs[unit] ?? 0),
    0,
  );
  if (text !== '0' && parts.map(([part]) => part).join('') !== text)
    throw new LadingError(
      Code.InvalidArgument,
      `stream_idle_timeout ${JSON.stringify(text)} is no duration; write it as 4h or 90s`,
    );
  return total === 0 ? undefined : Math.min(total, longestTimerMs);
}
