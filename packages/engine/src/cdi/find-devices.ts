// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { type CdiSpec, type ContainerEdits, parseCdiSpec } from './cdi-spec.ts';

/**
 * The edits of devices by their full names, `vendor.com/class=name`; those of their file come first, once. A later
 * folder wins over an earlier one.
 *
 * @throws LadingError `not_found` with reason `CDI_DEVICE_UNKNOWN`; `failed_precondition` with reason
 * `CDI_DEVICE_CONFLICT` for one that two files of a folder have
 */
export async function findCdiDevices(
  names: readonly string[],
  folders: readonly string[],
): Promise<readonly ContainerEdits[]> {
  if (names.length === 0) return [];
  const faults: string[] = [];
  const known = new Map<string, Found>();
  for (const folder of folders) {
    const here = new Map<string, Found>();
    for (const file of await filesOf(folder)) {
      const spec = await readSpec(file, faults);
      for (const device of spec?.devices ?? []) {
        const name = `${spec?.kind}=${device.name}`;
        const twin = here.get(name);
        here.set(name, { file, spec, edits: device.containerEdits, ...(twin && { twin: twin.file }) });
      }
    }
    for (const [name, found] of here) known.set(name, found);
  }
  const edits: ContainerEdits[] = [];
  const ofFiles = new Set<CdiSpec | undefined>();
  for (const name of new Set(names)) {
    const found = known.get(name);
    if (found === undefined) throw unknown(name, folders, faults);
    if (found.twin !== undefined) throw conflict(name, found.file, found.twin);
    if (found.spec?.containerEdits && !ofFiles.has(found.spec)) edits.push(found.spec.containerEdits);
    ofFiles.add(found.spec);
    if (found.edits) edits.push(found.edits);
  }
  return edits;
}

interface Found {
  readonly file: string;
  readonly spec: CdiSpec | undefined;
  readonly edits: ContainerEdits | undefined;
  /** Another file of the folder with a device of the name. */
  readonly twin?: string;
}

async function filesOf(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => ['.json', '.yaml', '.yml'].includes(extname(name)))
      .toSorted()
      .map((name) => join(folder, name));
  } catch (error) {
    const failure = LadingError.from(error);
    if (failure.code === Code.NotFound) return [];
    throw failure;
  }
}

/** A broken file hides its own devices only. */
async function readSpec(file: string, faults: string[]): Promise<CdiSpec | undefined> {
  try {
    return parseCdiSpec(await readFile(file, 'utf8'), extname(file) !== '.json');
  } catch (error) {
    faults.push(`${file}: ${LadingError.from(error).message}`);
    return undefined;
  }
}

function unknown(name: string, folders: readonly string[], faults: readonly string[]): LadingError {
  const broken = faults.length === 0 ? '' : ` (not read: ${faults.join('; ')})`;
  return new LadingError(
    Code.NotFound,
    `no CDI device ${JSON.stringify(name.slice(0, 200))} in ${folders.join(', ')}; a name is vendor.com/class=device${broken}`,
    { reason: 'CDI_DEVICE_UNKNOWN' },
  );
}

function conflict(name: string, file: string, twin: string): LadingError {
  return new LadingError(
    Code.FailedPrecondition,
    `the CDI device ${name} is both in ${twin} and in ${file}; remove one of them`,
    { reason: 'CDI_DEVICE_CONFLICT' },
  );
}
