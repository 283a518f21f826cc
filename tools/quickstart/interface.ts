// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Deletes a network interface. The quickstart needs no iproute2: busybox, which it needs anyway, can do it. */
export async function deleteInterface(name: string): Promise<void> {
  await promisify(execFile)('busybox', ['ip', 'link', 'delete', name]);
}
