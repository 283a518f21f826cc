// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

/** Takes a bridge of ours away; where there is no `ip`, it stays without harm. */
export async function deleteLink(name: string): Promise<void> {
  if (!existsSync(`/sys/class/net/${name}/bridge`)) return;
  await promisify(execFile)('ip', ['link', 'delete', name]).catch(() => undefined);
}
