// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, type Flags, usageError } from '@lading/command-line';
import type { PullOptions, PullPolicy } from '@lading/engine';
import { quote } from '@lading/go-template';
import type { Platform } from '@lading/image-spec';
import { readRetry } from './retry.ts';
import { withSharedFlags } from './shared-flags.ts';

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

/** What the flags say of the registry, of the platform and of trust. */
export async function readPullOptions(call: CommandCall): Promise<PullOptions> {
  const { flags, environment } = withSharedFlags(call);
  const path = (name: string): string | undefined => {
    const given = flags.string(name) || undefined;
    return given === undefined ? undefined : resolve(environment.cwd, given);
  };
  const [authFile, certDir, policyFile] = ['authfile', 'cert-dir', 'signature-policy'].map(path);
  const platform = await readPlatform(flags);
  const decryptionKeys = flags
    .strings('decryption-key')
    .map((text) => (text.startsWith('provider:') ? text : resolve(environment.cwd, text)));
  const retry = readRetry(call);
  const credentials = parseCredentials(flags.string('creds') ?? '');
  return {
    signal: environment.signal,
    ...(flags.given('tls-verify') ? { tlsVerify: flags.boolean('tls-verify') } : {}),
    ...(authFile === undefined ? {} : { authFile }),
    ...(certDir === undefined ? {} : { certDir }),
    ...(policyFile === undefined ? {} : { policyFile }),
    ...(decryptionKeys.length === 0 ? {} : { decryptionKeys }),
    ...(retry === undefined ? {} : { retry }),
    ...(platform === undefined ? {} : { platform }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}

async function readPlatform(flags: Flags): Promise<Platform | undefined> {
  const [text, architecture, os, variant] = ['platform', 'arch', 'os', 'variant'].map(
    (name) => flags.string(name) || undefined,
  );
  if ([text, architecture, os, variant].every((part) => part === undefined)) return undefined;
  if (text !== undefined && (architecture !== undefined || os !== undefined)) {
    throw usageError('--platform option can not be specified with --arch or --os');
  }
  const { normalizeArchitecture, parsePlatform } = await import('@lading/image-spec');
  const whole = text ?? `${os ?? 'linux'}/${architecture ?? normalizeArchitecture(process.arch)}`;
  const local = { os: 'linux', architecture: normalizeArchitecture(process.arch) };
  const platform = parsePlatform(whole, local);
  return variant === undefined
    ? platform
    : parsePlatform(`${platform.os}/${platform.architecture}/${variant}`);
}

function parseCredentials(text: string): { username: string; password: string } | undefined {
  if (text === '') return undefined;
  const colon = text.indexOf(':');
  if (colon <= 0) throw usageError('--creds must be USERNAME:PASSWORD');
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
