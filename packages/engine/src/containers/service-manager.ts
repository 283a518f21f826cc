// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sendDatagram } from '@lading/linux';
import { type Spec, withMounts, withProcess } from '@lading/oci-spec';
import type { ContainerRecord, ContainerRun } from '../types/containers.ts';

const place = '/run/notify';

/**
 * Gives a container a socket of its own in which to say that it is ready. That of the service manager would take anything
 * from it, such as which process to watch; the monitor passes on that one word.
 */
export async function withNotifySocket(spec: Spec, { bundle }: ContainerRecord): Promise<Spec> {
  const source = join(bundle, 'notify');
  await mkdir(source, { recursive: true, mode: 0o755 });
  const env = spec.process?.env ?? [];
  return withMounts(withProcess(spec, { env: [...env, `NOTIFY_SOCKET=${place}/notify.sock`] }), [
    { destination: place, type: 'bind', source, options: ['bind', 'rprivate', 'ro'] },
  ]);
}

/** Tells the service manager which process lives as long as a container that has just started. */
export function tellServiceManager(
  { by, socket }: NonNullable<ContainerRecord['options']['notify']>,
  { monitorPid, pid }: ContainerRun,
): void {
  const lines = [`MAINPID=${monitorPid ?? pid}`, ...(by === 'monitor' ? ['READY=1'] : [])];
  sendDatagram(socket, Buffer.from(lines.join('\n')));
}
