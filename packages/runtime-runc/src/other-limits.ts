// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LadingError } from '@lading/errors';
import { cgroupV1Files, cgroupV2Files, type LinuxResources } from '@lading/oci-spec';
import { readCgroupFolders } from './kept-state.ts';

/**
 * Sets the limits that runc's own update takes no notice of: how soon memory is swapped, and the weights and rates of
 * devices. Other runtimes, which do not tell of their groups as runc does, are left to their own.
 */
export async function setOtherLimits(root: string, id: string, resources: LinuxResources): Promise<void> {
  const { swappiness } = resources.memory ?? {};
  const { weight: _runc, ...blockIO } = resources.blockIO ?? {};
  if (swappiness === undefined && Object.keys(blockIO).length === 0) return;
  const folders = readCgroupFolders(root, id);
  // Where both versions are mounted, that of version 2 has no controllers.
  const unified = folders.size === 1 ? folders.get('') : undefined;
  if (unified !== undefined) {
    const bfq = existsSync(join(unified, 'io.bfq.weight'));
    // How soon memory is swapped is not for a group of version 2 to say.
    for (const [name, lines] of Object.entries(cgroupV2Files({ blockIO }, { bfq })))
      await writeLines([join(unified, name)], lines);
    return;
  }
  const files = cgroupV1Files({ blockIO, ...(swappiness !== undefined && { memory: { swappiness } }) });
  for (const [place, lines] of Object.entries(files)) {
    const [controller = '', name = ''] = place.split('/');
    const folder = folders.get(controller);
    const names = [name, name.replace(/^blkio\.weight/, 'blkio.bfq.weight')];
    if (folder !== undefined)
      await writeLines(
        names.map((one) => join(folder, one)),
        lines,
      );
  }
}

/** To the first file that is there: kernels have two names for some. */
async function writeLines(files: readonly string[], lines: string): Promise<void> {
  const file = files.find((path) => existsSync(path)) ?? files[0] ?? '';
  for (const line of lines.split('\n')) {
    await writeFile(file, line, { flag: 'r+' }).catch((cause: unknown) => {
      const { code, message } = LadingError.from(cause);
      throw new LadingError(code, `the limit ${line} was refused by ${file}: ${message}`, { cause });
    });
  }
}
