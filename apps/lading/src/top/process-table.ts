// SPDX-License-Identifier: Apache-2.0
import type { Engine } from '@lading/engine';
import type { Descriptor } from './descriptors.ts';
import { hostAccounts } from './host-accounts.ts';
import { readProcess } from './process.ts';

/** The processes of containers, in the order of their numbers inside. */
export async function processTable(
  { containers }: Engine,
  ids: readonly string[],
  columns: readonly Descriptor[],
): Promise<readonly (readonly string[])[]> {
  const outside = await hostAccounts();
  const tables = await Promise.all(
    ids.map(async (id) => {
      const inside = await containers.accounts(id);
      const processes = await Promise.all((await containers.processes(id)).map(readProcess));
      const number = (pid: string | undefined): number => Number(pid ?? 0);
      return processes
        .filter((process) => process !== undefined)
        .toSorted((a, b) => number(a.status('NSpid').at(-1)) - number(b.status('NSpid').at(-1)))
        .map((process) => columns.map((column) => column.of({ process, inside, outside })));
    }),
  );
  return tables.flat();
}
