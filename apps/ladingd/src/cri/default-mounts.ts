// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { ContainerMount, ContainerOptions } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';

/**
 * Options with the mounts of `default_mounts_file`: each line `/host:/inside`, for reading. What the host does not have is
 * left out, as is a place where the request mounts.
 *
 * @throws LadingError `failed_precondition` naming the line that is wrong
 */
export async function withDefaultMounts(
  options: ContainerOptions,
  file: string | undefined,
): Promise<ContainerOptions> {
  if (file === undefined) return options;
  const taken = new Set((options.mounts ?? []).map(({ target }) => target));
  const more = (await readMountsFile(file)).filter(
    ({ source, target }) => existsSync(source) && !taken.has(target),
  );
  return more.length === 0 ? options : { ...options, mounts: [...more, ...(options.mounts ?? [])] };
}

type BindMount = Extract<ContainerMount, { readonly type: 'bind' }>;

async function readMountsFile(file: string): Promise<readonly BindMount[]> {
  const refuse = (why: string, cause?: unknown): LadingError =>
    new LadingError(Code.FailedPrecondition, `default_mounts_file ${file}: ${why}`, { cause });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw refuse(`it cannot be read: ${LadingError.from(error).message}`, error);
  }
  return text.split('\n').flatMap((line, index) => {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    const [source = '', target = source, ...rest] = trimmed.split(':');
    if (!source.startsWith('/') || !target.startsWith('/') || rest.length > 0) {
      throw refuse(`line ${index + 1}: ${JSON.stringify(trimmed)} is not of the form /host:/inside`);
    }
    return [{ type: 'bind', source, target, readOnly: true, options: ['rprivate'] }];
  });
}

/**
 * A missing source of a mount is made, as kubelets expect; but not one of `absent_mount_sources_to_reject`, where a file
 * system is to be mounted first: a folder in its place would be in its way.
 *
 * @throws LadingError `failed_precondition`
 */
export function checkNeededSources(options: ContainerOptions, needed: readonly string[] = []): void {
  for (const mount of options.mounts ?? []) {
    if (mount.type !== 'bind' || !needed.includes(mount.source) || existsSync(mount.source)) continue;
    throw new LadingError(
      Code.FailedPrecondition,
      `the mount at ${mount.target} needs ${mount.source}, which is not there, and the configuration has it not made`,
    );
  }
}
