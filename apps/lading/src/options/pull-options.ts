// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, type Flags, usageError } from '@lading/command-line';
import type { PullOptions, PullPolicy } from '@lading/engine';
import { quote } from '@lading/go-template';
import type { Platform } from '@lading/image-spec';
import { textOf } from './has-flag.ts';

const policies: Readonly<Record<string, PullPolicy>> = {
  always: 'always',
  true: 'always',
  missing: 'missing',
  ifmissing: 'missing',
  never: 'never',
  false: 'never',
  newer: 'newer',
  ifnewer: 'newer',
};

/** The value of `--policy` or `--pull`. */
export function parsePullPolicy(text: string): PullPolicy {
  const policy = Object.hasOwn(policies, text.toLowerCase()) ? policies[text.toLowerCase()] : undefined;
  if (policy === undefined) throw usageError(`unsupported pull policy ${quote(text)}`);
  return policy;
}

/** `--tls-verify`, `--authfile`, `--creds`, `--platform`, `--arch`, `--os`. */
export async function readPullOptions(call: CommandCall): Promise<PullOptions> {
  const { flags, environment } = call;
  const authFile = flags.string('authfile') || undefined;
  const platform = await readPlatform(flags);
  const credentials = parseCredentials(textOf(call, 'creds') ?? '');
  return {
    signal: environment.signal,
    ...(flags.given('tls-verify') ? { tlsVerify: flags.boolean('tls-verify') } : {}),
    ...(authFile === undefined ? {} : { authFile: resolve(environment.cwd, authFile) }),
    ...(platform === undefined ? {} : { platform }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}

async function readPlatform(flags: Flags): Promise<Platform | undefined> {
  const text = flags.string('platform') || undefined;
  const architecture = flags.string('arch') || undefined;
  const os = flags.string('os') || undefined;
  if (text === undefined && architecture === undefined && os === undefined) return undefined;
  if (text !== undefined && (architecture !== undefined || os !== undefined)) {
    throw usageError('--platform option can not be specified with --arch or --os');
  }
  const { normalizeArchitecture, parsePlatform } = await import('@lading/image-spec');
  if (text !== undefined) return parsePlatform(text);
  return parsePlatform(`${os ?? 'linux'}/${architecture ?? normalizeArchitecture(process.arch)}`);
}

function parseCredentials(text: string): { username: string; password: string } | undefined {
  if (text === '') return undefined;
  const colon = text.indexOf(':');
  if (colon <= 0) throw usageError('--creds must be USERNAME:PASSWORD');
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
