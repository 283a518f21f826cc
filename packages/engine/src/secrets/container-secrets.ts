// SPDX-License-Identifier: Apache-2.0
import { chmod, chown, mkdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { writeSmallFile } from '@lading/linux';
import type { Context } from '../core/context.ts';
import { mergeEnv } from '../spec/process.ts';
import type { ContainerMount } from '../types/container-options.ts';
import type { ContainerRecord } from '../types/containers.ts';
import type { ContainerSecret } from '../types/secrets.ts';
import { onHost } from '../volumes/host-ids.ts';
import { dataOf, readSecret } from './secrets.ts';

const folder = '/run/secrets';

/** Those that were asked for, which must be there. @throws NotFound with reason SECRET_UNKNOWN */
export async function findSecrets(
  context: Context,
  wanted: readonly ContainerSecret[],
): Promise<readonly ContainerSecret[]> {
  return Promise.all(
    wanted.map(async (one) => {
      const { id, name } = await readSecret(context.secrets, one.secret);
      if (one.type === 'env' && /[=\0]/.test(one.target ?? name)) {
        throw new LadingError(
          Code.InvalidArgument,
          `${JSON.stringify(one.target)} is no name for a variable of secret ${name}`,
        );
      }
      return { ...one, secret: name, id };
    }),
  );
}

/** The container's own copies of what is mounted: a secret that is replaced or removed later is another one. */
export async function copySecrets(
  context: Context,
  { bundle, options, idMaps }: Pick<ContainerRecord, 'bundle' | 'options' | 'idMaps'>,
): Promise<void> {
  for (const [index, secret] of (options.secrets ?? []).entries()) {
    if (secret.type !== 'mount') continue;
    const data = dataOf(await readSecret(context.secrets, secret.id ?? secret.secret));
    const path = copyPath(bundle, index);
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
    writeSmallFile(path, data, { mode: 0o600, flag: 'wx' });
    const { uid, gid } = onHost({ uid: secret.uid ?? 0, gid: secret.gid ?? 0 }, idMaps);
    await chown(path, uid, gid);
    await chmod(path, secret.mode ?? 0o444);
  }
}

/** The container with its secrets among its mounts and variables. They are never part of a record on disk. */
export async function withSecrets(context: Context, record: ContainerRecord): Promise<ContainerRecord> {
  const { bundle, options, process } = record;
  const files: ContainerMount[] = [];
  const env: Record<string, string> = {};
  for (const [index, secret] of (options.secrets ?? []).entries()) {
    const { target = secret.secret } = secret;
    if (secret.type === 'mount') {
      files.push({ type: 'bind', source: copyPath(bundle, index), target: posix.resolve(folder, target) });
    } else {
      const data = dataOf(await readSecret(context.secrets, secret.id ?? secret.secret));
      env[target] = Buffer.from(data).toString();
      if (env[target].includes('\0')) {
        throw new LadingError(
          Code.InvalidArgument,
          `secret ${secret.secret} has a NUL byte, which no variable can hold: use type=mount`,
        );
      }
    }
  }
  const memory: ContainerMount = { type: 'tmpfs', target: folder, mode: 0o755, options: ['noexec'] };
  const inMemory = files.some(({ target }) => target.startsWith(`${folder}/`));
  const mounts = [...(options.mounts ?? []), ...(inMemory ? [memory] : []), ...files];
  return {
    ...record,
    options: { ...options, mounts },
    process: { ...process, env: mergeEnv({}, process.env, env) },
  };
}

function copyPath(bundle: string, index: number): string {
  return join(bundle, 'secrets', String(index));
}
