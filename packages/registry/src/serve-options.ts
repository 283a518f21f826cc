// SPDX-License-Identifier: Apache-2.0
import { type Flags, usageError } from '@lading/command-line';
import type { LogFormat } from './access-log.ts';

/** Everything that `serve` was told, checked. */
export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly root: string | undefined;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly htpasswd: string | undefined;
  readonly readOnly: boolean;
  readonly proxy: ProxyFlags | undefined;
  readonly cors: '*' | readonly string[] | undefined;
  readonly metrics: boolean;
  readonly accessLog: boolean;
  readonly logFormat: LogFormat;
  readonly graceMs: number;
  /** Undefined: garbage is not collected. */
  readonly gcIntervalMs: number | undefined;
}

/** The cache that `--proxy` asks for. */
export interface ProxyFlags {
  /** `host[:port]` */
  readonly upstream: string;
  readonly plainHttp: boolean;
  readonly ttlMs: number;
  readonly namespaces: readonly string[];
  readonly credentialsFile: string | undefined;
}

const texts = ['root', 'tls-cert', 'tls-key', 'htpasswd', 'proxy', 'proxy-credentials'];

/** @throws InvalidArgument (`USAGE`) for values that are not valid and combinations that make no sense */
export function readServeOptions(flags: Flags): ServeOptions {
  for (const name of texts) if (flags.string(name) === '') throw usageError(`--${name} must not be empty`);
  const cert = flags.string('tls-cert');
  const key = flags.string('tls-key');
  if ((cert === undefined) !== (key === undefined)) throw usageError('--tls-cert and --tls-key go together');
  const logFormat = flags.string('log-format') ?? 'text';
  if (logFormat !== 'text' && logFormat !== 'json') throw usageError('--log-format is text or json');
  const root = flags.string('root');
  const proxy = readProxy(flags);
  const readOnly = flags.boolean('read-only');
  if (readOnly && proxy !== undefined) {
    throw usageError('--read-only and --proxy do not go together: a cache takes no pushes anyway');
  }
  if (readOnly && root === undefined) {
    throw usageError('--read-only needs --root: in memory there would never be an image');
  }
  const gcIntervalMs = readInterval(flags);
  if (readOnly && gcIntervalMs !== undefined) {
    throw usageError('--gc-interval and --read-only do not go together: nothing becomes garbage');
  }
  const origins = flags.strings('cors-origin');
  if (origins.includes('*') && origins.length > 1) {
    throw usageError("--cors-origin '*' allows every origin, the others say nothing beside it");
  }
  return {
    ...parseAddress(flags.string('addr') ?? ''),
    root,
    tls: cert === undefined || key === undefined ? undefined : { cert, key },
    htpasswd: flags.string('htpasswd'),
    readOnly,
    proxy,
    cors: origins.length === 0 ? undefined : origins[0] === '*' ? '*' : origins,
    metrics: flags.boolean('metrics'),
    accessLog: flags.boolean('access-log'),
    logFormat,
    graceMs: duration(flags, 'grace-period'),
    gcIntervalMs,
  };
}

function readProxy(flags: Flags): ProxyFlags | undefined {
  const text = flags.string('proxy');
  if (text === undefined) {
    for (const name of ['proxy-ttl', 'proxy-ns', 'proxy-credentials']) {
      if (flags.given(name)) throw usageError(`--${name} needs --proxy`);
    }
    return undefined;
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.host === '') {
    throw usageError('--proxy: write the URL of a registry, as in https://registry.example.com');
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError(
      '--proxy: a password in a command line is for everybody to see; use --proxy-credentials or the environment',
    );
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw usageError('--proxy: a registry is a host and a port, without a path');
  }
  return {
    upstream: url.host,
    plainHttp: url.protocol === 'http:',
    ttlMs: duration(flags, 'proxy-ttl'),
    namespaces: flags.strings('proxy-ns'),
    credentialsFile: flags.string('proxy-credentials'),
  };
}

/** A timer of Node takes no more than some 24 days. */
const longestIntervalMs = 500 * 3_600_000;

function readInterval(flags: Flags): number | undefined {
  if (!flags.given('gc-interval')) return undefined;
  const ms = duration(flags, 'gc-interval');
  if (ms >= 1000 && ms <= longestIntervalMs) return ms;
  throw usageError('--gc-interval is between 1s and 500h');
}

/** A flag that is a time, not negative. */
export function duration(flags: Flags, name: string): number {
  const ms = flags.durationMs(name) ?? 0;
  if (ms < 0) throw usageError(`--${name} must not be negative`);
  return Math.round(ms);
}

/** `HOST:PORT`, `[::1]:PORT`, or `:PORT` for every address of the machine. */
function parseAddress(text: string): { host: string; port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535)
    throw usageError(`--addr ${text}: write HOST:PORT, as in 127.0.0.1:5000`);
  return { host: bracketed ?? (plain === '' || plain === undefined ? '::' : plain), port };
}
