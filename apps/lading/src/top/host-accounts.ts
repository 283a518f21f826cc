// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import type { Accounts } from '@lading/engine';

/** What the host calls users and groups. */
export async function hostAccounts(): Promise<Accounts> {
  const [users, groups] = await Promise.all(['/etc/passwd', '/etc/group'].map(namesIn));
  return { users: users ?? new Map(), groups: groups ?? new Map() };
}

async function namesIn(file: string): Promise<ReadonlyMap<number, string>> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const names = new Map<number, string>();
  for (const line of text.split('\n').toReversed()) {
    const [name = '', , id = ''] = line.split(':');
    if (/^\d+$/.test(id)) names.set(Number(id), name);
  }
  return names;
}
