// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { replaceFile } from '../atomic-file.ts';
import { type Mountpoint, mountpointFormat } from '../mountpoints.ts';
import { checkMounts } from './check-records.ts';
import type { Fault } from './fault.ts';
import type { Survey } from './survey.ts';

/** Makes the counts of mounts say what is mounted. The caller holds all locks exclusively. */
export async function mendMounts(
  survey: Survey,
  isAsked: (fault: Fault) => boolean,
): Promise<readonly string[]> {
  const faults = [...checkMounts(survey)].filter(isAsked);
  if (faults.length === 0) return [];
  const points = new Map<string, Mountpoint>(survey.mountpoints);
  const mended = faults.map(({ kind, id = '', path = '' }) => {
    points.delete(id);
    if (kind === 'mount-uncounted') points.set(id, { id, path, count: 1 });
    return `${path}: ${kind === 'mount-uncounted' ? 'counted as mounted once' : 'no longer counted as mounted'}`;
  });
  const text = JSON.stringify([...points.values()].map(mountpointFormat.encode));
  await replaceFile(join(survey.paths.runLayers, 'mountpoints.json'), text, { durable: false });
  return mended;
}
