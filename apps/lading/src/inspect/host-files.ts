// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerInfo, Engine } from '@lading/engine';
import { Code, hasCode, LadingError } from '@lading/errors';
import { parseSpec, type Spec } from '@lading/oci-spec';

/** Where the files of a container are on the host; those that its first start makes are '' before that. */
export interface HostFiles {
  readonly config: string;
  readonly resolvConf: string;
  readonly hostname: string;
  readonly hosts: string;
  readonly pid: string;
  readonly monitorPid: string;
  /** Below the root of each hierarchy. */
  readonly cgroup: string;
}

/** From the bundle of the last start, which names what was mounted: a pod's files for one that shares them. */
export async function hostFilesOf(
  { store }: Engine,
  { id, bundle, options }: ContainerInfo,
): Promise<HostFiles> {
  const folder = store.containers.runDirectory(id);
  const config = join(bundle, 'config.json');
  const spec = await specAt(config);
  const sourceOf = (target: string): string =>
    spec?.mounts?.findLast(({ destination }) => destination === target)?.source ?? '';
  return {
    config: spec === undefined ? '' : config,
    resolvConf: sourceOf('/etc/resolv.conf'),
    hostname: sourceOf('/etc/hostname'),
    hosts: sourceOf('/etc/hosts'),
    pid: options.pidFile ?? join(folder, 'pidfile'),
    monitorPid: options.monitorPidFile ?? join(folder, 'conmon.pid'),
    cgroup: spec?.linux?.cgroupsPath ?? '',
  };
}

async function specAt(file: string): Promise<Spec | undefined> {
  try {
    return parseSpec(await readFile(file));
  } catch (reason) {
    const error = LadingError.from(reason);
    // A start may be writing it at this moment.
    if (hasCode(error, Code.NotFound) || hasCode(error, Code.InvalidArgument)) return undefined;
    throw error;
  }
}
